//! How well the network's first classes fit the folder's labels.

use std::collections::BTreeMap;

use dataset::Labels;
use records::ranked;
use records::tables::{ConfusionRow, MetricRow};
use statistics::wilson;

/// The name in `confusion.csv` for classes outside the folder's labels.
const OTHER: &str = "other";

/// Counts hits photo by photo.
#[derive(Debug)]
pub struct Tally<'a> {
    labels: &'a Labels,
    /// By label: photos, first class right, one of the first five right.
    hits: Vec<[usize; 3]>,
    confusion: BTreeMap<(usize, Option<usize>), usize>,
}

impl<'a> Tally<'a> {
    /// No photo counted yet.
    pub fn new(labels: &'a Labels) -> Self {
        Self {
            labels,
            hits: vec![[0; 3]; labels.names.len()],
            confusion: BTreeMap::new(),
        }
    }

    /// Counts a photo of a label; labels without a class of the network are not scored.
    pub fn count(&mut self, label: usize, probabilities: &[f32]) {
        let classes = &self.labels.classes[label];
        if classes.is_empty() || probabilities.is_empty() {
            return;
        }
        let order = ranked(probabilities);
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

    /// Accuracies over all scored photos and by label, with Wilson's intervals; none where nothing is scored.
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
            for (metric, hits) in [("top1_accuracy", first), ("top5_accuracy", five)] {
                if let Some((low, high)) = wilson(hits, photos) {
                    rows.push(MetricRow {
                        metric: metric.into(),
                        scope: scope.clone(),
                        value: hits as f64 / photos as f64,
                        low: Some(low),
                        high: Some(high),
                        count: photos,
                    });
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
