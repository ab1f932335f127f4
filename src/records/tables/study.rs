//! What variants of a network came to, trained one like another. Errors are shares; a difference is a variant's validation error
//! less the base's, so that above 0 is worse.

use serde::{Deserialize, Serialize};

table! {
    /// A variant; the base is the first.
    StudyRow in "data/study.csv" {
        /// Its name.
        variant: String,
        /// Its network.
        network: String,
        /// Layers that were removed, by a space.
        removed: String,
        /// Layers that became others, by a semicolon.
        changed: String,
        /// Values of the recipe that are its own, by a semicolon.
        recipe: String,
        /// Trainings, each with a seed of its own.
        seeds: usize,
        /// Numbers that are learnt.
        parameters: usize,
        /// Multiplications and additions (as pairs) of one photograph's forward pass.
        multiply_adds: u64,
        /// Share of the training photographs whose most probable class was wrong, as they were shown in the last epoch; mean over the
        /// seeds, as are the next ones.
        train_error: Option<f64>,
        /// Share of the validation photographs whose most probable class is wrong.
        val_top1_error: f64,
        /// The smallest of the seeds; empty with one seed.
        val_top1_smallest: Option<f64>,
        /// The largest of the seeds.
        val_top1_largest: Option<f64>,
        /// Share of which none of the five most probable classes is right; empty with fewer than five classes.
        val_top5_error: Option<f64>,
        /// `val_top1_error` less the base's; empty for the base.
        difference: Option<f64>,
        /// Lower end of its 95 % interval: over the photographs (Newcombe) with one seed, over the seeds (Student) with several.
        low: Option<f64>,
        /// Upper end.
        high: Option<f64>,
        /// McNemar's exact test, two-sided; empty with several seeds, and where no photograph tells the two apart.
        p_value: Option<f64>,
        /// As published.
        published_train_error: Option<f64>,
        /// As published.
        published_val_top1_error: Option<f64>,
        /// As published.
        published_val_top5_error: Option<f64>,
        /// Of what the publication holds it against.
        published_base_val_top1_error: Option<f64>,
        /// Where it was published.
        published_source: String,
    }
}
table! {
    /// A training.
    StudyRunRow in "data/study_runs.csv" {
        /// The variant.
        variant: String,
        /// Seed of its weights, order, views and dropout.
        seed: u64,
        /// Its run folder inside this one.
        folder: String,
        /// Epochs.
        epochs: usize,
        /// As in `study.csv`.
        train_error: Option<f64>,
        /// As in `study.csv`.
        val_top1_error: f64,
        /// As in `study.csv`.
        val_top5_error: Option<f64>,
        /// Validation photographs that it and the base's training of the same seed have answered; the base's own for the base.
        photographs: usize,
        /// Its validation error less that of the base's training of the same seed.
        difference: Option<f64>,
        /// Lower end of its 95 % interval (Newcombe).
        low: Option<f64>,
        /// Upper end.
        high: Option<f64>,
        /// Photographs that the base alone is right about.
        base_alone: Option<usize>,
        /// Photographs that the variant alone is right about.
        variant_alone: Option<usize>,
        /// McNemar's exact test, two-sided; empty where both numbers are 0.
        p_value: Option<f64>,
    }
}
table! {
    /// An epoch of a training.
    StudyEpochRow in "data/study_epochs.csv" {
        /// The variant.
        variant: String,
        /// As in `study_runs.csv`.
        seed: u64,
        /// As in `training.csv`.
        epoch: usize,
        /// As in `training.csv`.
        train_error: Option<f64>,
        /// As in `training.csv`.
        val_top1_error: f64,
    }
}
table! {
    /// A layer at the end of a training.
    StudyLayerRow in "data/study_layers.csv" {
        /// The variant.
        variant: String,
        /// As in `study_runs.csv`.
        seed: u64,
        /// The stage.
        layer: String,
        /// Feature maps.
        maps: usize,
        /// Maps that are zero in every validation photograph.
        dead_maps: usize,
        /// As in `training_layers.csv`.
        filter_rms_mean: Option<f64>,
        /// As in `training_layers.csv`.
        filter_rms_largest: Option<f64>,
    }
}
table! {
    /// The filters of a network's first convolution at the end of a training (ZF fig. 6).
    StudyFilterRow in "data/study_filters.csv" {
        /// The variant.
        variant: String,
        /// As in `study_runs.csv`.
        seed: u64,
        /// The convolution's name.
        layer: String,
        /// Filters.
        filters: usize,
        /// Mean over the filters of the share of power that is as in `filters.csv`.
        low_share: f64,
        /// Likewise.
        middle_share: f64,
        /// Likewise.
        high_share: f64,
        /// Likewise: of frequencies that the layer's stride cannot sample.
        aliased_share: f64,
        /// The same of filters of white noise.
        aliased_share_noise: f64,
        /// Share of filters that are like another one.
        repetition: f64,
    }
}
table! {
    /// A variant whose edits are those of two others together.
    StudyTogetherRow in "data/study_together.csv" {
        /// The variant.
        variant: String,
        /// One of the two.
        first: String,
        /// The other.
        second: String,
        /// Seed of the trainings that are held against each other.
        seed: u64,
        /// Photographs.
        photographs: usize,
        /// Its difference to the base.
        difference: f64,
        /// That of the first.
        first_difference: f64,
        /// That of the second.
        second_difference: f64,
        /// Its difference less the sum of the two.
        more: f64,
        /// Lower end of its 95 % interval (bootstrap over the photographs).
        low: Option<f64>,
        /// Upper end.
        high: Option<f64>,
    }
}
