//! What happens while a square slides over a photograph (ZF fig. 7).

use serde::{Deserialize, Serialize};

table! {
    /// One position of the occluder.
    OcclusionRow in "data/occlusion.csv" {
        /// The photo.
        image_id: String,
        /// First row under the occluder, in pixels of the network's input.
        y: usize,
        /// First column under the occluder, likewise.
        x: usize,
        /// The class that is followed; this and the next three are empty without a classifier.
        class_index: Option<usize>,
        /// Its probability.
        probability: Option<f32>,
        /// The most probable class.
        top_class_index: Option<usize>,
        /// Its probability.
        top_probability: Option<f32>,
        /// Summed activation of the map that is followed.
        map_activation: f32,
    }
}
table! {
    /// What the positions of one photo come to.
    OcclusionPhotoRow in "data/occlusion_photos.csv" {
        /// The photo.
        image_id: String,
        /// The class that is followed; empty without a classifier.
        class_index: Option<usize>,
        /// Its name.
        class_name: String,
        /// `label` where the photo's label is one class of the network, else `predicted`; empty without a classifier.
        class_source: String,
        /// Its probability, nothing hidden.
        probability: Option<f32>,
        /// The last stage that is a map.
        layer: String,
        /// The map of it that is strongest with nothing hidden: the one that is followed.
        map: usize,
        /// Its summed activation, nothing hidden.
        map_activation: f32,
        /// Side of the occluder in pixels of the network's input.
        occluder: usize,
        /// Pixels from one position to the next.
        stride: usize,
        /// Rows of positions.
        rows: usize,
        /// Columns of positions.
        columns: usize,
        /// Row of the most harmful position: where the class (without a classifier, the map) has least left.
        worst_y: usize,
        /// Its column.
        worst_x: usize,
        /// The class's probability there.
        worst_probability: Option<f32>,
        /// The map's summed activation there.
        worst_map_activation: f32,
        /// The most probable class there.
        worst_class_index: Option<usize>,
        /// Its name.
        worst_class_name: String,
        /// Share of the positions at which another class than with nothing hidden is the most probable.
        changed_share: Option<f64>,
        /// Area under the deletion curve.
        deletion_area: Option<f64>,
        /// Area under the insertion curve.
        insertion_area: Option<f64>,
        /// `exact` or `fast`.
        mode: String,
        /// Positions computed exactly as well, under `fast`; this and the next four are empty under `exact`.
        sampled: Option<usize>,
        /// Structural similarity of the fast map of the probability to the exact one on the sample.
        probability_similarity: Option<f64>,
        /// Greatest difference of the probability on the sample.
        probability_error: Option<f64>,
        /// Structural similarity of the map activation's.
        map_similarity: Option<f64>,
        /// Greatest difference of the map activation on the sample, as a part of its range there.
        map_error: Option<f64>,
    }
}
table! {
    /// A class that is the most probable at some position.
    OcclusionClassRow in "data/occlusion_classes.csv" {
        /// The photo.
        image_id: String,
        /// Index of the network's output, from 0.
        class_index: usize,
        /// The class's name.
        class_name: String,
        /// Positions at which it is the most probable.
        positions: usize,
    }
}
table! {
    /// The most harmful position and a region of `--masks`.
    OcclusionRegionRow in "data/occlusion_regions.csv" {
        /// The photo.
        image_id: String,
        /// The region.
        region: String,
        /// Whether the occluder's centre at the most harmful position lies in it (pointing game).
        hit: bool,
        /// Part of the occluder at that position that lies in the region.
        overlap: f64,
        /// Share of all positions whose centre lies in the region: what a position drawn by lot would hit.
        chance: f64,
    }
}
table! {
    /// What a photo's class loses under the occluder inside its regions and outside; none without a classifier.
    OcclusionInsideRow in "data/occlusion_inside.csv" {
        /// The photo.
        image_id: String,
        /// The region.
        region: String,
        /// What of the class's probability is lost, on the average over the positions at which the occluder's centre lies in the
        /// region; empty where none does.
        drop_inside: Option<f64>,
        /// The same of all other positions.
        drop_outside: Option<f64>,
    }
}
table! {
    /// Whether a photo's followed map falls where the occluder covers what its projection shows; none where no projection comes from
    /// its layer.
    OcclusionProjectionRow in "data/occlusion_projections.csv" {
        /// The photo.
        image_id: String,
        /// The map.
        map: usize,
        /// Rank correlation (Spearman) over the positions of what the map's summed activation loses and the energy of its projection
        /// under the occluder.
        correlation: f64,
    }
}
table! {
    /// The class's probability while the photo is hidden (or shown) piece by piece, most harmful pieces first.
    OcclusionCurveRow in "data/occlusion_curves.csv" {
        /// The photo.
        image_id: String,
        /// `deletion` or `insertion`.
        curve: String,
        /// Share of the photo's pixels hidden (shown).
        share: f64,
        /// The class's probability.
        probability: f32,
    }
}
table! {
    /// The photos of the folder whose strongest activation of a followed map is highest.
    OcclusionExampleRow in "data/occlusion_examples.csv" {
        /// The photo whose map is followed.
        image_id: String,
        /// From 1.
        rank: usize,
        /// The other photo.
        example_id: String,
        /// Its strongest activation of the map.
        activation: f32,
        /// Left edge of that unit's receptive field, in pixels of the original file.
        field_x: f64,
        /// Upper edge.
        field_y: f64,
        /// Width.
        field_width: f64,
        /// Height.
        field_height: f64,
    }
}
