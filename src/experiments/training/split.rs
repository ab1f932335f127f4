//! Which photographs are trained on and which are held back.

use std::collections::{BTreeMap, BTreeSet};

use base::digest::draw;
use base::words::{count, enumerate};
use base::{Error, Result};
use dataset::Dataset;

/// Photographs by their numbers in the data set, rising.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Trained on.
    pub training: Vec<usize>,
    /// Held back.
    pub validation: Vec<usize>,
}

impl Split {
    /// Holds back a share of each label's photographs, drawn by seed and at least one, and takes at most `most` of each for
    /// training.
    ///
    /// # Errors
    /// [`Error::Dataset`] with less than two labels, or a label with too few photographs.
    pub fn by_lot(dataset: &Dataset, share: f64, most: Option<usize>, seed: u64) -> Result<Self> {
        let mut split = Self {
            training: Vec::new(),
            validation: Vec::new(),
        };
        for (label, mut photos) in by_label(dataset)? {
            photos.sort_by_cached_key(|&photo| {
                draw(seed, &["validation", &dataset.photos[photo].path])
            });
            let held_back = ((photos.len() as f64 * share).round() as usize).max(1);
            if photos.len() <= held_back {
                return Err(Error::dataset(
                    &dataset.root,
                    format!(
                        "label '{}' has {}, of which one is trained on and one held back at least",
                        dataset.labels.names[label],
                        count(photos.len(), "photograph")
                    ),
                ));
            }
            let (validation, training) = photos.split_at(held_back);
            let most = most.unwrap_or(usize::MAX).min(training.len());
            split.validation.extend(validation);
            split.training.extend(&training[..most]);
        }
        Ok(split.in_order())
    }

    /// The photographs of folders for training and for validation, at most `most` of each label for training; `None` where
    /// folders do not tell.
    ///
    /// # Errors
    /// [`Error::Dataset`] with less than two labels, or a label that is missing in one of them.
    pub fn told(dataset: &Dataset, most: Option<usize>, seed: u64) -> Result<Option<Self>> {
        let Some([training, validation]) = dataset.told_splits() else {
            return Ok(None);
        };
        let mut split = Self {
            training: Vec::new(),
            validation: Vec::new(),
        };
        let labels = by_label(dataset)?;
        for (label, photos) in labels {
            let of = |part: &[usize]| -> Vec<usize> {
                let photos = photos.iter().copied();
                photos
                    .filter(|photo| part.binary_search(photo).is_ok())
                    .collect()
            };
            let (mut trained, held_back) = (of(&training), of(&validation));
            if trained.is_empty() || held_back.is_empty() {
                let part = if trained.is_empty() {
                    "training"
                } else {
                    "validation"
                };
                return Err(Error::dataset(
                    &dataset.root,
                    format!(
                        "label '{}' has no photographs for {part}; --val 0.1 draws them by lot from all folders",
                        dataset.labels.names[label]
                    ),
                ));
            }
            at_most(dataset, &mut trained, most, seed);
            split.training.extend(trained);
            split.validation.extend(held_back);
        }
        Ok(Some(split.in_order()))
    }

    /// All photographs with labels, at most `most` of each for training, and all of another data set held back.
    ///
    /// # Errors
    /// [`Error::Dataset`] with less than two labels, or where the two have not the same ones.
    pub fn of_two(
        dataset: &Dataset,
        held_back: &Dataset,
        most: Option<usize>,
        seed: u64,
    ) -> Result<Self> {
        let mut training = Vec::new();
        for mut photos in by_label(dataset)?.into_values() {
            at_most(dataset, &mut photos, most, seed);
            training.extend(photos);
        }
        let labels = |dataset: &Dataset| -> BTreeSet<String> {
            let labels = dataset.photos.iter().filter_map(|photo| photo.label);
            labels
                .map(|label| dataset.labels.names[label].clone())
                .collect()
        };
        let (known, found) = (labels(dataset), labels(held_back));
        let refused = |problem: String| Err(Error::dataset(&held_back.root, problem));
        let place = dataset.root.display();
        let missing: Vec<&String> = known.difference(&found).collect();
        if !missing.is_empty() {
            return refused(format!(
                "has no photographs of {}; it must have those of every class of {place}, in folders of the same names",
                enumerate(missing)
            ));
        }
        let more: Vec<&String> = found.difference(&known).collect();
        if !more.is_empty() {
            return refused(format!(
                "has photographs of {}, of which {place} has none to train on; take them out, or add theirs",
                enumerate(more)
            ));
        }
        let validation = 0..held_back.photos.len();
        let labelled = |photo: &usize| held_back.photos[*photo].label.is_some();
        Ok(Self {
            training,
            validation: validation.filter(labelled).collect(),
        }
        .in_order())
    }

    fn in_order(mut self) -> Self {
        self.training.sort_unstable();
        self.validation.sort_unstable();
        self
    }
}

/// Leaves at most so many of a label's photographs, drawn by seed.
fn at_most(dataset: &Dataset, photos: &mut Vec<usize>, most: Option<usize>, seed: u64) {
    photos.sort_by_cached_key(|&photo| draw(seed, &["training", &dataset.photos[photo].path]));
    photos.truncate(most.unwrap_or(usize::MAX));
}

/// The labelled photographs by their labels' numbers.
///
/// # Errors
/// [`Error::Dataset`] where there is nothing to tell apart.
fn by_label(dataset: &Dataset) -> Result<BTreeMap<usize, Vec<usize>>> {
    let mut by_label: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (photo, file) in dataset.photos.iter().enumerate() {
        if let Some(label) = file.label {
            by_label.entry(label).or_default().push(photo);
        }
    }
    let names = &dataset.labels.names;
    match by_label.len() {
        0 | 1 => Err(Error::dataset(
            &dataset.root,
            format!(
                "training needs photographs of at least two classes, found {}; put each class's into a folder of its own, or name them in a table of --labels",
                match by_label.keys().next() {
                    Some(&label) => format!("'{}' alone", names[label]),
                    None => "no labels".into(),
                }
            ),
        )),
        found if found < names.len() => {
            let without = (0..names.len()).filter(|label| !by_label.contains_key(label));
            let without: Vec<&String> = without.map(|label| &names[label]).collect();
            Err(Error::dataset(
                &dataset.root,
                format!("no photographs are left of {}; take more with --limit", enumerate(without)),
            ))
        }
        _ => Ok(by_label),
    }
}
