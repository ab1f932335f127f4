//! What is watched of a training, epoch by epoch: rows of its tables.

use base::Result;
use engine::learn::Learner;
use network::{Network, Op};
use records::tables::{TrainingLayerRow, TrainingRow};

use super::evaluate::Seen;
use super::steps::Shown;

/// An epoch that is done; `taken` is its learning rate and what it has shown, `None` before the first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watched<'a> {
    pub(super) epoch: usize,
    pub(super) taken: Option<(f64, Shown)>,
    pub(super) seen: &'a Seen,
}

impl Watched<'_> {
    /// The epoch's row, with the classes' names.
    pub(super) fn row(&self, classes: &[String]) -> TrainingRow {
        let Self { epoch, taken, seen } = *self;
        let shown = taken.map(|(_, shown)| shown);
        let photos = shown.map_or(1, |shown| shown.photos.max(1)) as f64;
        TrainingRow {
            epoch,
            rate: taken.map(|(rate, _)| rate),
            steps: shown.map_or(0, |shown| shown.steps),
            train_loss: shown.map(|shown| shown.loss / photos),
            train_error: shown.map(|shown| 1.0 - shown.right as f64 / photos),
            val_loss: seen.loss,
            val_top1_error: 1.0 - seen.top1,
            val_top5_error: seen.top5.map(|right| 1.0 - right),
            logit_spread: seen.spread,
            favourite_class: classes[seen.favourite.0].clone(),
            favourite_share: seen.favourite.1,
            filters_held: shown.map_or(0, |shown| shown.held),
        }
    }

    /// The rows of the layers, with the learner as it is behind the epoch.
    ///
    /// # Errors
    /// [`base::Error::Compute`].
    pub(super) fn layers(&self, learner: &Learner) -> Result<Vec<TrainingLayerRow>> {
        let anatomy = learner.anatomy();
        let stages = anatomy.network().stages.iter().zip(&self.seen.dead);
        let row = |(stage, &dead_maps): (&network::Stage, &usize)| {
            let sizes = match filters_of(anatomy.network(), stage.node) {
                Some(node) => learner.filter_sizes(node)?,
                None => Vec::new(),
            };
            let sum: f64 = sizes.iter().map(|&size| f64::from(size)).sum();
            let largest = sizes.iter().copied().reduce(f32::max);
            Ok(TrainingLayerRow {
                epoch: self.epoch,
                layer: stage.name.clone(),
                maps: anatomy.shapes()[stage.node].channels,
                dead_maps,
                filter_rms_mean: (!sizes.is_empty()).then(|| sum / sizes.len() as f64),
                filter_rms_largest: largest.map(f64::from),
            })
        };
        stages.map(row).collect()
    }
}

/// The convolution whose activations a node's are.
fn filters_of(network: &Network, mut node: usize) -> Option<usize> {
    loop {
        let found = &network.nodes[node];
        match &found.op {
            Op::Conv { .. } => return Some(node),
            op if op.is_activation() || matches!(op, Op::BatchNorm { .. }) => {
                node = *found.inputs.first()?;
            }
            _ => return None,
        }
    }
}
