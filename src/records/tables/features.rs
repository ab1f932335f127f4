//! What feature maps look for (ZF fig. 2, fig. 6).

use serde::{Deserialize, Serialize};

table! {
    /// One of the strongest activations of a map over the data set. Every map that fires has some; which ones were
    /// projected and drawn is in `maps.csv`.
    FeatureRow in "data/features.csv" {
        /// The layer.
        layer: String,
        /// The feature map.
        map: usize,
        /// From 1, the strongest first.
        rank: usize,
        /// The photo.
        image_id: String,
        /// Row of the unit; 0 for vectors.
        y: usize,
        /// Column of the unit; 0 for vectors.
        x: usize,
        /// Its value.
        activation: f32,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_x: f64,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_y: f64,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_width: f64,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_height: f64,
    }
}
table! {
    /// A map over all photos that were scanned.
    MapRow in "data/maps.csv" {
        /// The layer.
        layer: String,
        /// The feature map.
        map: usize,
        /// Mean over all cells of all photos.
        mean: f64,
        /// Standard deviation over them.
        sd: f64,
        /// The strongest activation.
        maximum: f32,
        /// Share of the photos in which any of its cells is positive.
        fires_share: f64,
        /// `1 − mean² / mean of squares` over all cells of all photos (Treves & Rolls 1991): 0 where all cells are alike, near
        /// 1 where few do all. Empty for a map that is zero everywhere.
        sparsity: Option<f64>,
        /// `dead` where no cell of any photo is positive, `saturated` where it hardly varies (sd below a fifth of the mean);
        /// else empty.
        state: String,
        /// The label that most photos of its strongest activations have; empty without labels.
        top_label: String,
        /// The share of them that has it.
        top_label_share: Option<f64>,
        /// Whether its strongest activations were projected and drawn.
        drawn: bool,
    }
}
table! {
    /// How many photos have their strongest activation of a map in an interval; intervals without one are left out.
    MapHistogramRow in "data/map_histograms.csv" {
        /// The layer.
        layer: String,
        /// The feature map.
        map: usize,
        /// From here on; empty for photos in which the map does not fire.
        low: Option<f64>,
        /// Up to here.
        high: Option<f64>,
        /// Photos.
        photos: usize,
    }
}
table! {
    /// A map over the photos of one label; of many labels those with the highest means.
    MapLabelRow in "data/map_labels.csv" {
        /// The layer.
        layer: String,
        /// The feature map.
        map: usize,
        /// The label.
        label: String,
        /// Its photos.
        photos: usize,
        /// Mean over all cells of these photos.
        mean: f64,
    }
}
table! {
    /// How much the strongest units of a map that was drawn differ: 1 less the mean cosine over all pairs, each brought to 24 rows
    /// and columns. Maps of one unit have none.
    SpreadRow in "data/map_spreads.csv" {
        /// The layer.
        layer: String,
        /// The feature map.
        map: usize,
        /// Its units.
        units: usize,
        /// Of the parts of the photos that they see, each around its mean.
        patches: f64,
        /// Of their projections.
        projections: f64,
    }
}
table! {
    /// A filter of the first convolution.
    FilterRow in "data/filters.csv" {
        /// The convolution's name.
        layer: String,
        /// The filter.
        filter: usize,
        /// Root of the sum of its squared weights.
        norm: f64,
        /// Centre of gravity of its power spectrum without the constant part, in cycles a pixel. Empty for a constant filter.
        frequency: Option<f64>,
        /// Share of its power below an eighth of a cycle a pixel, the constant part included.
        low_share: f64,
        /// Share from an eighth to a quarter.
        middle_share: f64,
        /// Share above a quarter.
        high_share: f64,
        /// Share above half a cycle a stride: what the layer's stride cannot sample without aliasing.
        aliased_share: f64,
        /// The filter most like it.
        nearest: Option<usize>,
        /// The cosine of the two.
        nearest_cosine: Option<f64>,
    }
}
table! {
    /// How much projections still are what they were when layers are given random weights, from the top down (Adebayo et al.
    /// 2018).
    RandomisationRow in "data/randomisation.csv" {
        /// `deconvnet`, `guided` or `gradient`.
        rule: String,
        /// The stage whose block was given random weights last, with all above it: the layers from it down to the next
        /// stage.
        layer: String,
        /// Layers with random weights.
        layers: usize,
        /// `ssim` of the magnitudes, or `cosine`.
        similarity: String,
        /// Mean over the photos.
        mean: f64,
        /// The least of them.
        low: f64,
        /// The greatest of them.
        high: f64,
        /// Photos.
        photos: usize,
    }
}

impl FilterRow {
    /// From this cosine on two filters say nearly the same.
    pub const REPEATED: f64 = 0.9;

    /// Whether another filter says nearly the same.
    pub fn is_repeated(&self) -> bool {
        self.nearest_cosine.is_some_and(|it| it >= Self::REPEATED)
    }
}
