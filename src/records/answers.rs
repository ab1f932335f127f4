//! What a finished run said about each photo as it is, in the form in which runs are compared.

use std::collections::BTreeMap;

use base::{Error, Result};

use super::probabilities::Rows;
use super::tables::{ImageRow, PredictionRow};
use super::{ranked, Run, ORIGINAL};

/// The network's answer for one photo, nothing hidden by a condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Place among the photos of `predictions.csv`.
    row: usize,
    /// The first class.
    pub class_index: usize,
    /// Its name.
    pub class_name: String,
    /// Its probability.
    pub probability: f64,
    /// The photo's label; empty without one.
    pub label: String,
    /// Probability of the label: the sum over its classes, or the largest where they do not exclude each other. `None` without
    /// a label that the network knows.
    pub label_probability: Option<f64>,
    /// Whether the first class is one of the label's; `None` also where classes do not exclude each other.
    pub right: Option<bool>,
    /// Whether one of the first five is.
    pub right_in_five: Option<bool>,
}

/// The answers of a run, by `image_id`.
#[derive(Debug)]
pub struct Answers {
    /// By `image_id`; photos that were skipped have none, nor has a network without a classifier.
    pub by_id: BTreeMap<String, Answer>,
    rows: Option<Rows>,
}

impl Answers {
    /// Reads them from a run's tables and its stored probabilities, a photo at a time.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] where tables and probabilities contradict each other.
    pub fn read(run: &Run) -> Result<Self> {
        let mut answers = Self {
            by_id: BTreeMap::new(),
            rows: match run.manifest.model.classes {
                0 => None,
                _ => Rows::open(&run.root, ORIGINAL)?,
            },
        };
        let (Some(rows), Some(scores)) = (&mut answers.rows, run.manifest.model.scores()) else {
            return Ok(answers);
        };
        let images: BTreeMap<&str, &ImageRow> = run
            .rows::<ImageRow>()?
            .iter()
            .map(|image| (image.image_id.as_str(), image))
            .collect();
        let predictions = run.rows::<PredictionRow>()?.iter();
        let firsts = predictions.filter(|row| row.condition == ORIGINAL && row.rank == 1);
        for (row, first) in firsts.enumerate() {
            let image = images.get(first.image_id.as_str());
            let (Some(image), true) = (image, row < rows.len()) else {
                let problem = format!(
                    "its tables contradict each other: {} of predictions.csv",
                    first.path
                );
                return Err(Error::run_folder(&run.root, problem));
            };
            let accepted = image
                .label_index
                .and_then(|label| run.manifest.dataset.label_classes.get(label))
                .filter(|accepted| !accepted.is_empty());
            let probabilities = rows.row(row)?;
            let order = ranked(&probabilities);
            let within = |most: usize| {
                let scored = accepted.filter(|_| scores.are_exclusive());
                scored.map(|accepted| order.iter().take(most).any(|c| accepted.contains(c)))
            };
            let label_probability =
                accepted.map(|accepted| scores.of_label(&probabilities, accepted));
            answers.by_id.insert(
                first.image_id.to_string(),
                Answer {
                    row,
                    class_index: first.class_index,
                    class_name: first.class_name.to_string(),
                    probability: f64::from(first.probability),
                    label: image.label.clone(),
                    label_probability,
                    right: within(1),
                    right_in_five: within(5),
                },
            );
        }
        Ok(answers)
    }

    /// The probabilities of all classes for a photo; `None` where the run has no answer for it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn probabilities(&mut self, image_id: &str) -> Result<Option<Vec<f32>>> {
        let (Some(rows), Some(answer)) = (&mut self.rows, self.by_id.get(image_id)) else {
            return Ok(None);
        };
        rows.row(answer.row).map(Some)
    }
}
