//! What a training did, epoch by epoch.

use serde::{Deserialize, Serialize};

table! {
    /// An epoch.
    TrainingRow in "data/training.csv" {
        /// From 1; 0 is the network before the first step, of which only validation is told.
        epoch: usize,
        /// Learning rate.
        rate: Option<f64>,
        /// Steps taken.
        steps: usize,
        /// Mean loss of the training photographs as they were shown, while the network changed.
        train_loss: Option<f64>,
        /// Share of them whose most probable class was wrong.
        train_error: Option<f64>,
        /// Mean loss of the validation photographs behind the epoch.
        val_loss: f64,
        /// Share of them whose most probable class is wrong.
        val_top1_error: f64,
        /// Share of them of which none of the five most probable classes is right; empty with fewer than five classes.
        val_top5_error: Option<f64>,
        /// Mean over the validation photographs of the standard deviation of their logits.
        logit_spread: f64,
        /// The class that is most often the most probable one.
        favourite_class: String,
        /// Share of the validation photographs that it is the most probable one of.
        favourite_share: f64,
        /// Filters that were scaled back to their bound, step after step.
        filters_held: usize,
    }
}
table! {
    /// A layer behind an epoch.
    TrainingLayerRow in "data/training_layers.csv" {
        /// As in `training.csv`.
        epoch: usize,
        /// The stage.
        layer: String,
        /// Feature maps.
        maps: usize,
        /// Maps that are zero in every validation photograph.
        dead_maps: usize,
        /// Mean of the root mean square of the filters whose stage it is; empty where it has none of its own.
        filter_rms_mean: Option<f64>,
        /// The largest one.
        filter_rms_largest: Option<f64>,
    }
}
table! {
    /// The filters of the first convolution behind an epoch, by where the power of their spectra lies (ZF §4.1, fig. 6).
    TrainingSpectrumRow in "data/training_spectrum.csv" {
        /// As in `training.csv`; empty for random filters of the same shape.
        epoch: Option<usize>,
        /// The convolution's name.
        layer: String,
        /// Its filters.
        filters: usize,
        /// Mean share of their power below an eighth of a cycle a pixel, the constant part included.
        low_share: f64,
        /// Mean share from an eighth to a quarter.
        middle_share: f64,
        /// Mean share above a quarter.
        high_share: f64,
        /// Mean share above half a cycle a stride: what the layer's stride cannot sample without aliasing.
        aliased_share: f64,
        /// Filters for which that is more than half of what they pass on of photographs, whose power falls with the square of
        /// the frequency.
        aliased_filters: usize,
    }
}
table! {
    /// What goes wrong in a training, by signs that are told in the page.
    TrainingFindingRow in "data/training_findings.csv" {
        /// `stuck`, `one_class`, `diverging`, `overfitting`, `dead_filters` or `aliasing`.
        finding: String,
        /// The epoch since which it is so.
        since_epoch: usize,
        /// The layer, where it is one's.
        layer: String,
        /// The number that it is told by.
        value: f64,
        /// The bound that it is held against.
        bound: f64,
    }
}
