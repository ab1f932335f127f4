//! What a run tells of its photographs: every run has these tables.

use serde::{Deserialize, Serialize};

use super::Name;
use crate::ProjectionKind;

table! {
    /// Every photo of the data set.
    ImageRow in "data/images.csv" {
        /// Depends on the path inside the data set alone.
        image_id: String,
        /// Path inside the data set, percent-encoded where it is not UTF-8.
        path: String,
        /// The photo's label; empty without one.
        label: String,
        /// Index of the label, from 0.
        label_index: Option<usize>,
        /// Width in pixels after EXIF orientation.
        width: Option<u32>,
        /// Height in pixels after EXIF orientation.
        height: Option<u32>,
        /// `ok` or `skipped`.
        status: String,
        /// Why it was skipped.
        reason: String,
    }
}
table! {
    /// What the photos' files held.
    ContentRow in "data/contents.csv" {
        /// The photo.
        image_id: String,
        /// Path inside the data set.
        path: String,
        /// sha256 of the file; empty where it could not be read.
        sha256: String,
    }
}
table! {
    /// The first classes of a photo under a condition.
    PredictionRow in "data/predictions.csv" {
        /// The photo.
        image_id: Name,
        /// Path inside the data set.
        path: Name,
        /// `original` or a region's name.
        condition: Name,
        /// From 1.
        rank: usize,
        /// Index of the network's output, from 0.
        class_index: usize,
        /// The class's name.
        class_name: Name,
        /// Its probability.
        probability: f32,
    }
}
table! {
    /// A figure over the data set with its 95 % interval.
    MetricRow in "data/metrics.csv" {
        /// `top1_accuracy`, `masked_drop_face`, …
        metric: String,
        /// `all` or `class:<label>`.
        scope: String,
        /// The figure.
        value: f64,
        /// Lower end of the 95 % interval.
        low: Option<f64>,
        /// Upper end of the 95 % interval.
        high: Option<f64>,
        /// Photos it rests on, or maps, filters, pairs of photos where `docs/measures.md` says so.
        count: usize,
    }
}

impl MetricRow {
    /// A figure with its interval, where it has one, and what it rests on.
    pub fn new(
        metric: impl Into<String>,
        scope: impl Into<String>,
        (value, interval): (f64, Option<(f64, f64)>),
        count: usize,
    ) -> Self {
        Self {
            metric: metric.into(),
            scope: scope.into(),
            value,
            low: interval.map(|(low, _)| low),
            high: interval.map(|(_, high)| high),
            count,
        }
    }
}
table! {
    /// Photos of a label that the network took for another.
    ConfusionRow in "data/confusion.csv" {
        /// The photos' label.
        label: String,
        /// The label of the first class, or `other`.
        predicted: String,
        /// Photos.
        count: usize,
    }
}
table! {
    /// The original's first class with a region hidden.
    MaskedClassRow in "data/masked_classes.csv" {
        /// The photo.
        image_id: String,
        /// The hidden region.
        region: String,
        /// The first class of the photo as it is.
        class_index: usize,
        /// Its name.
        class_name: String,
        /// Its probability, photo as it is.
        probability_original: f32,
        /// Its probability with the region hidden.
        probability_masked: f32,
        /// Its rank, photo as it is: 1.
        rank_original: usize,
        /// Its rank with the region hidden.
        rank_masked: usize,
        /// Share of the region's area that the network could see.
        visible_share: f64,
    }
}
table! {
    /// The same with a control box hidden: of the region's visible size, elsewhere in the photo.
    ControlRow in "data/controls.csv" {
        /// The photo.
        image_id: String,
        /// The region that it is the control of.
        region: String,
        /// The box in photo pixels.
        x: f64,
        /// The box in photo pixels.
        y: f64,
        /// The box in photo pixels.
        width: f64,
        /// The box in photo pixels.
        height: f64,
        /// The first class of the photo as it is; empty without a classifier.
        class_index: Option<usize>,
        /// Its name.
        class_name: String,
        /// Its probability, photo as it is.
        probability_original: Option<f32>,
        /// Its probability with the control box hidden.
        probability_control: Option<f32>,
        /// Its rank with the control box hidden.
        rank_control: Option<usize>,
    }
}
table! {
    /// The boxes that were hidden, clipped to the photo.
    MaskRow in "data/masks.csv" {
        /// The photo.
        image_id: String,
        /// The region.
        region: String,
        /// Left edge in photo pixels.
        x: f64,
        /// Top edge.
        y: f64,
        /// Width.
        width: f64,
        /// Height.
        height: f64,
        /// Share of the region's area that the network could see.
        visible_share: f64,
    }
}
table! {
    /// A projection that was made.
    ProjectionRow in "data/projections.csv" {
        /// The photo.
        image_id: String,
        /// `original` or a region's name.
        condition: String,
        /// The stage.
        layer: String,
        /// What was projected.
        kind: ProjectionKind,
        /// Feature map of the unit.
        feature: Option<usize>,
        /// Row of the unit.
        y: Option<usize>,
        /// Column of the unit.
        x: Option<usize>,
        /// The unit's activation.
        activation: Option<f32>,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_x: Option<f64>,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_y: Option<f64>,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_width: Option<f64>,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_height: Option<f64>,
    }
}
table! {
    /// What the `layer` projection of a photo as it is shows; none where it is zero.
    GridRow in "data/grids.csv" {
        /// The photo.
        image_id: String,
        /// The stage.
        layer: String,
        /// Share of the projection's energy (sum of squares) from an eighth of a cycle a pixel on.
        fine_share: f64,
        /// Share of the input's pixels that hold nine tenths of its energy, those with most of it first.
        area: f64,
    }
}
table! {
    /// Activation and projection energy inside and outside a hidden region.
    MaskingRow in "data/masking.csv" {
        /// The photo.
        image_id: String,
        /// The hidden region.
        region: String,
        /// The stage.
        layer: String,
        /// Mean activation of the cells inside, photo as it is.
        activation_inside_original: Option<f32>,
        /// Mean activation of the cells inside, region hidden.
        activation_inside_masked: Option<f32>,
        /// Mean activation of the other cells, photo as it is.
        activation_outside_original: Option<f32>,
        /// Mean activation of the other cells, region hidden.
        activation_outside_masked: Option<f32>,
        /// Part of the `layer` projection's energy inside, photo as it is.
        share_inside_original: Option<f32>,
        /// Part of the `layer` projection's energy inside, region hidden.
        share_inside_masked: Option<f32>,
    }
}
table! {
    /// The clean photo's strongest unit under a mask.
    MaskedUnitRow in "data/masked_units.csv" {
        /// The photo.
        image_id: String,
        /// The hidden region.
        region: String,
        /// The stage.
        layer: String,
        /// Feature map.
        feature: usize,
        /// Row.
        y: usize,
        /// Column.
        x: usize,
        /// Its value on the clean photo.
        activation_original: f32,
        /// Its value with the region hidden.
        activation_masked: f32,
    }
}
