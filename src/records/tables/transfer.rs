//! How well a linear classifier tells the labels apart by each layer's features (ZF §5.2, tables 4 and 7).

use serde::{Deserialize, Serialize};

table! {
    /// A classifier that was trained on one split.
    TransferRow in "data/transfer.csv" {
        /// The stage.
        layer: String,
        /// `svm` or `softmax`.
        classifier: String,
        /// Photographs of each class that it was trained on.
        per_class: usize,
        /// From 0.
        split: usize,
        /// The penalty of errors.
        c: f64,
        /// Share of the tested photographs that it told right: the mean over the classes.
        accuracy: f64,
        /// Photographs that it was tested on.
        tested: usize,
    }
}
table! {
    /// A layer over all splits.
    TransferLayerRow in "data/transfer_layers.csv" {
        /// The stage, from the input upwards.
        layer: String,
        /// As in `transfer.csv`.
        classifier: String,
        /// As in `transfer.csv`.
        per_class: usize,
        /// Values of a photograph's features.
        values: usize,
        /// Cells a side that the layer's maps were averaged to; empty where they were taken as they are.
        grid: Option<usize>,
        /// Mean of the splits' accuracies.
        accuracy: f64,
        /// Their standard deviation; empty for a single split.
        deviation: Option<f64>,
        /// Lower end of the 95 % interval of the mean, corrected for splits that overlap.
        low: Option<f64>,
        /// Its upper end.
        high: Option<f64>,
        /// Splits.
        splits: usize,
        /// What guessing comes to.
        chance: f64,
    }
}
table! {
    /// A photograph's part in a split.
    TransferSplitRow in "data/transfer_splits.csv" {
        /// From 0.
        split: usize,
        /// Photographs of each class that are trained on: those of fewer are among those of more.
        per_class: usize,
        /// The photograph.
        image_id: String,
        /// `train` or `test`.
        part: String,
    }
}
table! {
    /// What the best layer's classifiers took for what, over all splits, where they were trained on most photographs.
    TransferConfusionRow in "data/transfer_confusion.csv" {
        /// The best layer.
        layer: String,
        /// As in `transfer.csv`.
        classifier: String,
        /// As in `transfer.csv`.
        per_class: usize,
        /// The photographs' label.
        label: String,
        /// What they were taken for.
        taken_for: String,
        /// How often; the others are not listed.
        count: usize,
    }
}
table! {
    /// How often a photograph was told right by a layer's classifiers, where they were trained on most photographs.
    TransferPhotoRow in "data/transfer_photos.csv" {
        /// The photograph.
        image_id: String,
        /// The stage.
        layer: String,
        /// As in `transfer.csv`.
        classifier: String,
        /// Splits that tested it.
        tested: usize,
        /// Of these, how many told it right.
        right: usize,
    }
}
table! {
    /// A network that was trained from random weights on what a split trains on, and tested on what it tests (ZF table 4).
    TransferScratchRow in "data/transfer_scratch.csv" {
        /// The network.
        network: String,
        /// As in `transfer.csv`.
        per_class: usize,
        /// As in `transfer.csv`.
        split: usize,
        /// Photographs that it was trained on.
        trained: usize,
        /// As in `transfer.csv`: the share told right, the mean over the classes.
        accuracy: f64,
        /// Photographs that it was tested on.
        tested: usize,
        /// The training's own run folder, inside this one's.
        run: String,
    }
}
