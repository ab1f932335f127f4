//! What moving, enlarging and turning a photograph changes.

use serde::{Deserialize, Serialize};

table! {
    /// Distance of a layer's features to those of the untransformed photo (ZF fig. 5).
    InvarianceRow in "data/invariance.csv" {
        /// The photo.
        image_id: String,
        /// `translation`, `scale` or `rotation`.
        transform: String,
        /// Pixels of the input downwards; factor; degrees counterclockwise.
        value: f64,
        /// The stage.
        layer: String,
        /// Euclidean distance.
        distance: f64,
        /// The distance divided by the Euclidean norm of the untransformed features; empty where that is 0.
        relative_distance: Option<f64>,
    }
}
table! {
    /// Probability of the photo's class under a transform.
    InvarianceProbabilityRow in "data/invariance_probabilities.csv" {
        /// The photo.
        image_id: String,
        /// `translation`, `scale` or `rotation`.
        transform: String,
        /// As in `invariance.csv`.
        value: f64,
        /// The photo's label, or its first class where it has no label that the network knows.
        class: String,
        /// Probability of the label's classes together, or of that first class.
        probability: f64,
        /// The network's first class under the transform.
        first_class: String,
    }
}
