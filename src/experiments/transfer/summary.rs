//! The tables of what came of the layers.

use std::collections::BTreeMap;

use base::Result;
use network::Stage;
use records::tables::{
    MetricRow, TransferConfusionRow, TransferLayerRow, TransferPhotoRow, TransferRow,
    TransferSplitRow,
};
use serde::{Deserialize, Serialize};
use statistics::resampled;

use super::metrics::{self, BySplit};
use super::options::{Classifier, TransferOptions};
use super::problems::Solved;
use super::splits::{Photo, Split};
use crate::Context;

/// What came of a layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Layer {
    name: String,
    /// Values of a photograph's features.
    values: usize,
    /// Cells a side that its maps were averaged to.
    grid: Option<usize>,
    solved: Vec<Solved>,
}

impl Layer {
    pub(super) fn of(
        stage: &Stage,
        (values, grid): (usize, Option<usize>),
        solved: Vec<Solved>,
    ) -> Self {
        Self {
            name: stage.name.clone(),
            values,
            grid,
            solved,
        }
    }

    fn of_kind(&self, classifier: Classifier, per_class: usize) -> impl Iterator<Item = &Solved> {
        let solved = self.solved.iter();
        solved.filter(move |one| one.classifier == classifier && one.per_class == per_class)
    }
}

/// What the tables are made with.
pub(super) struct Told<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) options: &'a TransferOptions,
    pub(super) photos: &'a [Photo],
    pub(super) splits: &'a [Split],
    /// By class.
    pub(super) labels: &'a [String],
}

impl Told<'_> {
    /// Writes all tables; returns what is added to the metrics.
    ///
    /// # Errors
    /// [`base::Error::Io`].
    pub(super) fn write(&self, layers: &[Layer]) -> Result<Vec<MetricRow>> {
        let most = self.options.per_class.last().copied().unwrap_or(1);
        let summaries = self.summaries(layers);
        self.context.write(&self.rows(layers))?;
        self.context.write(&summaries)?;
        self.context.write(&self.split_rows())?;
        let (mut confusions, mut photos) = (Vec::new(), Vec::new());
        for &classifier in &self.options.classifier {
            let name = classifier.name();
            photos.extend(self.photo_rows(layers, (classifier, most)));
            let of_kind = summaries.iter();
            let of_kind = of_kind.filter(|row| row.classifier == name && row.per_class == most);
            // Of equals the lowest layer.
            let best = of_kind
                .rev()
                .max_by(|a, b| a.accuracy.total_cmp(&b.accuracy));
            let layer = best.and_then(|best| layers.iter().find(|layer| layer.name == best.layer));
            confusions.extend(
                layer
                    .into_iter()
                    .flat_map(|layer| self.confusion(layer, (classifier, most))),
            );
        }
        self.context.write(&confusions)?;
        self.context.write(&photos)?;
        let mut metrics = metrics::of_all(&summaries);
        metrics.extend(metrics::of_layers(&self.by_split(layers), self.sizes(most)));
        Ok(metrics)
    }

    /// Photographs that a split trains on and tests.
    fn sizes(&self, per_class: usize) -> (usize, usize) {
        let tested: usize = self.splits.iter().map(|split| split.tested.len()).sum();
        (
            per_class * self.labels.len(),
            tested / self.splits.len().max(1),
        )
    }

    /// The accuracies that metrics of one name are made of: those of the first classifier, trained on most photographs.
    fn by_split(&self, layers: &[Layer]) -> Vec<BySplit> {
        let first = self.options.classifier.first().copied();
        let kind = first.zip(self.options.per_class.last().copied());
        let of_layer = |layer: &Layer| {
            let solved = kind.map(|kind| layer.of_kind(kind.0, kind.1));
            BySplit {
                layer: layer.name.clone(),
                accuracies: solved
                    .into_iter()
                    .flatten()
                    .map(|one| one.accuracy)
                    .collect(),
            }
        };
        layers.iter().map(of_layer).collect()
    }

    fn rows(&self, layers: &[Layer]) -> Vec<TransferRow> {
        let row = |layer: &Layer, solved: &Solved| TransferRow {
            layer: layer.name.clone(),
            classifier: solved.classifier.name().into(),
            per_class: solved.per_class,
            split: solved.split,
            c: solved.c,
            accuracy: solved.accuracy,
            tested: solved.taken_for.len(),
        };
        let each = layers.iter();
        each.flat_map(|layer| layer.solved.iter().map(move |solved| row(layer, solved)))
            .collect()
    }

    fn summaries(&self, layers: &[Layer]) -> Vec<TransferLayerRow> {
        let mut rows = Vec::new();
        for layer in layers {
            for classifier in &self.options.classifier {
                for &per_class in &self.options.per_class {
                    let solved = layer.of_kind(*classifier, per_class);
                    let values: Vec<f64> = solved.map(|solved| solved.accuracy).collect();
                    let Some(found) = resampled(&values, self.sizes(per_class)) else {
                        continue;
                    };
                    rows.push(TransferLayerRow {
                        layer: layer.name.clone(),
                        classifier: classifier.name().into(),
                        per_class,
                        values: layer.values,
                        grid: layer.grid,
                        accuracy: found.mean,
                        deviation: found.deviation,
                        low: found.interval.map(|(low, _)| low.max(0.0)),
                        high: found.interval.map(|(_, high)| high.min(1.0)),
                        splits: values.len(),
                        chance: 1.0 / self.labels.len().max(1) as f64,
                    });
                }
            }
        }
        rows
    }

    fn split_rows(&self) -> Vec<TransferSplitRow> {
        let mut rows = Vec::new();
        for (number, split) in self.splits.iter().enumerate() {
            for &per_class in &self.options.per_class {
                let trained = split.trained(per_class).into_iter().map(|at| (at, "train"));
                let tested = split.tested.iter().map(|&at| (at, "test"));
                let mut parts: Vec<(usize, &str)> = trained.chain(tested).collect();
                parts.sort_unstable();
                rows.extend(parts.into_iter().map(|(at, part)| TransferSplitRow {
                    split: number,
                    per_class,
                    image_id: self.photos[at].id.clone(),
                    part: part.into(),
                }));
            }
        }
        rows
    }

    fn confusion(
        &self,
        layer: &Layer,
        (classifier, most): (Classifier, usize),
    ) -> Vec<TransferConfusionRow> {
        let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for solved in layer.of_kind(classifier, most) {
            let tested = self.splits[solved.split].tested.iter();
            for (&at, &class) in tested.zip(&solved.taken_for) {
                *counts.entry((self.photos[at].class, class)).or_default() += 1;
            }
        }
        let row = |((label, taken_for), count): ((usize, usize), usize)| TransferConfusionRow {
            layer: layer.name.clone(),
            classifier: classifier.name().into(),
            per_class: most,
            label: self.labels[label].clone(),
            taken_for: self.labels[taken_for].clone(),
            count,
        };
        counts.into_iter().map(row).collect()
    }

    fn photo_rows(
        &self,
        layers: &[Layer],
        (classifier, most): (Classifier, usize),
    ) -> Vec<TransferPhotoRow> {
        let mut rows = Vec::new();
        for layer in layers {
            let mut counts = vec![(0usize, 0usize); self.photos.len()];
            for solved in layer.of_kind(classifier, most) {
                let tested = self.splits[solved.split].tested.iter();
                for (&at, &class) in tested.zip(&solved.taken_for) {
                    counts[at].0 += 1;
                    counts[at].1 += usize::from(class == self.photos[at].class);
                }
            }
            let tested = self
                .photos
                .iter()
                .zip(counts)
                .filter(|(_, (tested, _))| *tested > 0);
            rows.extend(tested.map(|(photo, (tested, right))| TransferPhotoRow {
                image_id: photo.id.clone(),
                layer: layer.name.clone(),
                classifier: classifier.name().into(),
                tested,
                right,
            }));
        }
        rows
    }
}
