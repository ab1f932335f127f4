//! How well the network's first classes fit the folder's labels.

use std::collections::BTreeMap;

use dataset::Labels;
use network::Scores;
use records::ranked;
use records::tables::{ConfusionRow, MetricRow};
use statistics::wilson;

/// The name in `confusion.csv` for classes outside the folder's labels.
const OTHER: &str = "other";

/// From this probability on a class counts as found, where each stands by itself.
const FOUND: f64 = 0.5;

/// Counts hits photo by photo. Where classes do not exclude each other, a photograph's one label does not tell what else is on
/// it, so the first class may not be held against it: all that can be counted is whether the label was found.
#[derive(Debug)]
pub struct Tally<'a> {
    labels: &'a Labels,
    /// `None` without a classifier.
    scores: Option<Scores>,
    /// By label: photos, first class right or label found, one of the first five right.
    hits: Vec<[usize; 3]>,
    confusion: BTreeMap<(usize, Option<usize>), usize>,
    /// Whether five classes can be told from all.
    has_five: bool,
}

impl<'a> Tally<'a> {
    /// No photo counted yet.
    pub fn new(labels: &'a Labels, scores: Option<Scores>) -> Self {
        Self {
            labels,
            scores,
            hits: vec![[0; 3]; labels.names.len()],
            confusion: BTreeMap::new(),
            has_five: false,
        }
    }

    /// Counts a photo of a label; labels without a class of the network are not scored.
    pub fn count(&mut self, label: usize, probabilities: &[f32]) {
        let classes = &self.labels.classes[label];
        if classes.is_empty() || probabilities.is_empty() {
            return;
        }
        match self.scores {
            Some(Scores::Softmax) => self.count_first(label, probabilities),
            Some(scores @ Scores::Sigmoid) => {
                let found = scores.of_label(probabilities, classes) >= FOUND;
                let [photos, hits, _] = &mut self.hits[label];
                *photos += 1;
                *hits += usize::from(found);
            }
            Some(Scores::None) | None => {}
        }
    }

    fn count_first(&mut self, label: usize, probabilities: &[f32]) {
        let classes = &self.labels.classes[label];
        let order = ranked(probabilities);
        self.has_five = probabilities.len() >= 5;
        let [photos, first, five] = &mut self.hits[label];
        *photos += 1;
        *first += usize::from(classes.contains(&order[0]));
        *five += usize::from(order.iter().take(5).any(|class| classes.contains(class)));
        let taken_for = match classes.contains(&order[0]) {
            true => Some(label),
            false => self
                .labels
                .classes
                .iter()
                .position(|classes| classes.contains(&order[0])),
        };
        *self.confusion.entry((label, taken_for)).or_default() += 1;
    }

    /// Accuracies over all scored photos and by label (of five classes where there are as many), or how often labels were found,
    /// with Wilson's intervals; none where nothing is scored.
    pub fn metrics(&self) -> Vec<MetricRow> {
        let mut rows = Vec::new();
        let total = self.hits.iter().fold([0; 3], |sum, hits| {
            [sum[0] + hits[0], sum[1] + hits[1], sum[2] + hits[2]]
        });
        let scopes = std::iter::once(("all".to_owned(), total)).chain(
            self.labels
                .names
                .iter()
                .zip(&self.hits)
                .map(|(name, hits)| (format!("class:{name}"), *hits)),
        );
        for (scope, [photos, first, five]) in scopes {
            let figures: &[(&str, usize)] = match self.scores {
                Some(Scores::Sigmoid) => &[("label_found", first)],
                _ if self.has_five => &[("top1_accuracy", first), ("top5_accuracy", five)],
                _ => &[("top1_accuracy", first)],
            };
            for &(metric, hits) in figures {
                if let Some(interval) = wilson(hits, photos) {
                    let found = (hits as f64 / photos as f64, Some(interval));
                    rows.push(MetricRow::new(metric, &scope, found, photos));
                }
            }
        }
        rows.sort_by(|a, b| a.metric.cmp(&b.metric));
        rows
    }

    /// Which labels were taken for which.
    pub fn confusion(&self) -> Vec<ConfusionRow> {
        let name = |label: usize| self.labels.names[label].clone();
        self.confusion
            .iter()
            .map(|((label, taken_for), count)| ConfusionRow {
                label: name(*label),
                predicted: taken_for.map_or(OTHER.to_owned(), name),
                count: *count,
            })
            .collect()
    }
}
