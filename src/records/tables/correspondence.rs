//! What hiding one part of several photographs changes alike.

use serde::{Deserialize, Serialize};

/// What stands for a part's name where boxes elsewhere in the photographs were hidden.
pub const RANDOM: &str = "random";

/// What follows a layer's name where the values of each of its feature maps are added up first.
pub const MAPS: &str = "_maps";

table! {
    /// How alike the changes are at a layer when a part is hidden (ZF table 1).
    CorrespondenceRow in "data/correspondence.csv" {
        /// The stage or node; with [`MAPS`] where the values of each feature map are added up first.
        layer: String,
        /// The part, or [`RANDOM`].
        part: String,
        /// Photos of which the part was hidden.
        photos: usize,
        /// Distances: one for each pair of photos, for [`RANDOM`] for each pair and place.
        pairs: usize,
        /// Their mean; empty without a pair.
        mean: Option<f64>,
        /// Their standard deviation (n − 1); empty for fewer than two.
        sd: Option<f64>,
        /// Share of the layer's values that hiding the part changed at all, mean over the photos.
        changed: Option<f64>,
        /// Mean distance with random places hidden in the same photos; empty for [`RANDOM`] itself.
        random_mean: Option<f64>,
        /// Their standard deviation.
        random_sd: Option<f64>,
        /// Share of the values that hiding a random place changed.
        random_changed: Option<f64>,
        /// Chance of a mean as low as this if the part were one more random place; empty where there is no test.
        p_value: Option<f64>,
        /// Mean agreement of the pairs beyond chance.
        agreement_mean: Option<f64>,
        /// Their standard deviation.
        agreement_sd: Option<f64>,
        /// The same mean for random places in the same photos.
        random_agreement_mean: Option<f64>,
        /// Their standard deviation.
        random_agreement_sd: Option<f64>,
        /// Chance of a mean agreement as high as this if the part were one more random place.
        agreement_p_value: Option<f64>,
        /// The least value that a p-value here could have had.
        p_least: Option<f64>,
        /// `exact` or `drawn`.
        method: String,
    }
}
table! {
    /// The distance of one pair of photos.
    CorrespondencePairRow in "data/correspondence_pairs.csv" {
        /// The stage or node.
        layer: String,
        /// The part, or [`RANDOM`].
        part: String,
        /// Number of the random place, from 1.
        place: Option<usize>,
        /// One photo.
        image_a: String,
        /// The other.
        image_b: String,
        /// Share of the layer's values whose changes differ in sign.
        distance: f64,
        /// Agreement beyond chance (Cohen's kappa): 1 the same signs, 0 no nearer than unrelated changes of as many
        /// values; empty where nothing changed in either.
        agreement: Option<f64>,
    }
}
table! {
    /// The boxes that were hidden, parts and random places.
    PartRow in "data/parts.csv" {
        /// The photo.
        image_id: String,
        /// The part, or [`RANDOM`].
        part: String,
        /// Number of the random place, from 1.
        place: Option<usize>,
        /// Left edge in photo pixels.
        x: f64,
        /// Top edge.
        y: f64,
        /// Width.
        width: f64,
        /// Height.
        height: f64,
        /// Share of the part's area that the network could see; a part of 0 was not hidden.
        visible_share: f64,
    }
}
table! {
    /// A box where a part lies in another photo, hidden in this one.
    PartPlaceRow in "data/part_places.csv" {
        /// The photo.
        image_id: String,
        /// The part.
        part: String,
        /// The photo that has the part there, drawn by seed.
        from: String,
        /// Left edge in photo pixels.
        x: f64,
        /// Top edge.
        y: f64,
        /// Width.
        width: f64,
        /// Height.
        height: f64,
        /// Share of the box's area that the network could see.
        visible_share: f64,
    }
}
table! {
    /// How much closer the changes are of a part hidden in different photos than those of something else hidden in them.
    CloserRow in "data/correspondence_closer.csv" {
        /// As in `correspondence.csv`.
        layer: String,
        /// The part; empty for the mean over all parts.
        part: String,
        /// `random` where boxes at random places are the other thing, `place` where boxes are at which other photos have the part.
        control: String,
        /// Photos of which the part was hidden.
        photos: usize,
        /// Mean distance of the part.
        mean: f64,
        /// Mean distance of the other.
        control_mean: f64,
        /// The second less the first.
        closer: f64,
        /// Lower end of its 95 % interval, the jackknife's over the photos; empty for fewer than three.
        low: Option<f64>,
        /// Upper end.
        high: Option<f64>,
    }
}
