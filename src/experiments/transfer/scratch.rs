//! The same splits by a network that knows nothing but a split's training photographs (ZF table 4's first row): which photographs
//! these are, and what comes of the trainings. They are carried out by whoever knows how to train.

use std::collections::BTreeMap;

use base::Result;
use records::tables::{self, MetricRow, TransferRow, TransferScratchRow, TransferSplitRow};

use super::metrics::{self, BySplit};
use crate::Context;

/// What a network is trained on, and tested on, by the photographs' numbers in the data set, rising.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Photographs of each class that it is trained on.
    pub per_class: usize,
    /// The split, from 0.
    pub split: usize,
    /// Trained on.
    pub trained: Vec<usize>,
    /// Tested.
    pub tested: Vec<usize>,
}

impl Part {
    /// Those of the first `splits` splits, as `data/transfer_splits.csv` has them: number a class by number a class.
    ///
    /// # Errors
    /// Those of reading the table.
    pub fn all(context: &Context<'_>, splits: usize) -> Result<Vec<Self>> {
        let photos = context.setting.dataset.photos.iter().enumerate();
        let places: BTreeMap<&str, usize> =
            photos.map(|(place, photo)| (&*photo.id, place)).collect();
        let mut parts: BTreeMap<(usize, usize), (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for row in tables::rows::<TransferSplitRow>(context.root())? {
            let row = row?;
            let Some(&place) = places.get(&*row.image_id).filter(|_| row.split < splits) else {
                continue;
            };
            let (trained, tested) = parts.entry((row.per_class, row.split)).or_default();
            match &*row.part {
                "train" => trained.push(place),
                _ => tested.push(place),
            }
        }
        let part =
            |((per_class, split), (mut trained, mut tested)): (_, (Vec<usize>, Vec<usize>))| {
                trained.sort_unstable();
                tested.sort_unstable();
                Self {
                    per_class,
                    split,
                    trained,
                    tested,
                }
            };
        Ok(parts.into_iter().map(part).collect())
    }

    /// The mean over the classes of the share of tested photographs that were told right, by their ids.
    pub fn accuracy(&self, context: &Context<'_>, right: &BTreeMap<String, bool>) -> f64 {
        let mut classes: BTreeMap<Option<usize>, (usize, usize)> = BTreeMap::new();
        for &place in &self.tested {
            let photo = &context.setting.dataset.photos[place];
            let (of, told) = classes.entry(photo.label).or_default();
            *of += 1;
            *told += usize::from(right.get(&photo.id) == Some(&true));
        }
        let shares = classes
            .values()
            .map(|&(of, right)| right as f64 / of as f64);
        shares.sum::<f64>() / classes.len().max(1) as f64
    }
}

/// Writes what came of the trainings; returns what is added to the metrics: accuracy by number a class (`transfer_scratch_30`), that
/// of the greatest number (`transfer_scratch`), and what the best layer has more on the same splits (`transfer_over_scratch`).
///
/// # Errors
/// Those of the tables.
pub fn tell(context: &Context<'_>, rows: &[TransferScratchRow]) -> Result<Vec<MetricRow>> {
    context.write(rows)?;
    let of_layers: Vec<TransferRow> = tables::read(context.root())?;
    Ok(metrics_of(rows, &of_layers))
}

fn metrics_of(rows: &[TransferScratchRow], of_layers: &[TransferRow]) -> Vec<MetricRow> {
    let mut by_number: BTreeMap<usize, Vec<&TransferScratchRow>> = BTreeMap::new();
    for row in rows {
        by_number.entry(row.per_class).or_default().push(row);
    }
    let mut told = Vec::new();
    let all = || "all".to_owned();
    for (per_class, rows) in &by_number {
        let sizes = sizes(rows);
        let values: Vec<f64> = rows.iter().map(|row| row.accuracy).collect();
        let name = format!("transfer_scratch_{per_class}");
        told.extend(metrics::metric(&name, all(), &values, (sizes, true)));
    }
    let Some((most, rows)) = by_number.last_key_value() else {
        return told;
    };
    let last = told.last().cloned();
    told.extend(last.map(|row| MetricRow {
        metric: "transfer_scratch".into(),
        ..row
    }));
    if let Some(best) = metrics::best(&layers(of_layers, *most)) {
        let more = |row: &&TransferScratchRow| Some(best.accuracies.get(row.split)? - row.accuracy);
        let more: Vec<f64> = rows.iter().filter_map(more).collect();
        let name = "transfer_over_scratch";
        told.extend(metrics::metric(name, all(), &more, (sizes(rows), false)));
    }
    told
}

/// Photographs that a split trains on and tests.
fn sizes(rows: &[&TransferScratchRow]) -> (usize, usize) {
    let tested: usize = rows.iter().map(|row| row.tested).sum();
    let trained = rows.first().map_or(0, |row| row.trained);
    (trained, tested / rows.len().max(1))
}

/// The layers' accuracies by the first classifier, trained on so many of each class.
fn layers(rows: &[TransferRow], per_class: usize) -> Vec<BySplit> {
    let mut layers: Vec<BySplit> = Vec::new();
    let first = rows.first().map(|row| &row.classifier);
    let rows = rows.iter();
    for row in rows.filter(|row| row.per_class == per_class && Some(&row.classifier) == first) {
        match layers.last_mut().filter(|layer| layer.layer == row.layer) {
            Some(layer) => layer.accuracies.push(row.accuracy),
            None => layers.push(BySplit {
                layer: row.layer.clone(),
                accuracies: vec![row.accuracy],
            }),
        }
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(per_class: usize, split: usize, accuracy: f64) -> TransferScratchRow {
        TransferScratchRow {
            network: "tiny".into(),
            per_class,
            split,
            trained: 3 * per_class,
            accuracy,
            tested: 3 * per_class,
            run: String::new(),
        }
    }

    fn layer(layer: &str, classifier: &str, split: usize, accuracy: f64) -> TransferRow {
        TransferRow {
            layer: layer.into(),
            classifier: classifier.into(),
            per_class: 4,
            split,
            c: 1.0,
            accuracy,
            tested: 12,
        }
    }

    /// Of the best layer 0.8 and 0.9 on the two splits that were trained on; the third split and softmax do not count.
    #[test]
    fn the_best_layer_is_held_against_the_same_splits() {
        let rows = [
            scratch(2, 0, 0.3),
            scratch(2, 1, 0.3),
            scratch(4, 0, 0.5),
            scratch(4, 1, 0.7),
        ];
        let layers = [
            layer("conv1", "svm", 0, 0.6),
            layer("conv1", "svm", 1, 0.7),
            layer("conv1", "svm", 2, 0.8),
            layer("conv2", "svm", 0, 0.8),
            layer("conv2", "svm", 1, 0.9),
            layer("conv2", "svm", 2, 0.5),
            layer("conv1", "softmax", 0, 1.0),
            layer("conv1", "softmax", 1, 1.0),
            layer("conv1", "softmax", 2, 1.0),
        ];
        let told = metrics_of(&rows, &layers);
        let value = |name: &str| {
            let found = told.iter().find(|row| row.metric == name).unwrap();
            ((1e9 * found.value).round() / 1e9, found.count)
        };
        assert_eq!(value("transfer_scratch_2"), (0.3, 2));
        assert_eq!(value("transfer_scratch_4"), (0.6, 2));
        assert_eq!(value("transfer_scratch"), (0.6, 2));
        assert_eq!(value("transfer_over_scratch"), (0.25, 2));
        assert_eq!(told.len(), 4);
        // 0.5 and 0.7: s² = 0.02, as many tested as trained; t(1) · √(0.02 · 1.5) is beyond a share's ends.
        let scratch = told.iter().find(|row| row.metric == "transfer_scratch");
        assert_eq!(
            scratch.map(|row| (row.low, row.high)),
            Some((Some(0.0), Some(1.0)))
        );
        assert_eq!(metrics_of(&[], &layers), []);
    }
}
