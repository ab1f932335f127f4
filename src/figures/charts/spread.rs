//! How alike the projections of two runs are, layer by layer.

use super::axis::Axis;
use super::strips::{self, Strip};
use super::style::ORIGINAL;
use crate::error::Result;

/// One layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerSpread {
    /// Its name.
    pub layer: String,
    /// Cosine of the two projections, for each photo.
    pub cosines: Vec<f64>,
    /// Their median.
    pub median: f64,
    /// Their quartiles.
    pub quartiles: (f64, f64),
}

/// A dot for each photo, the median as a bar, the quartiles as a line; 1 means the same projection.
///
/// # Errors
/// [`crate::Error::Drawing`].
pub fn draw(layers: &[LayerSpread], axis: &str) -> Result<String> {
    let cosines = layers.iter().flat_map(|layer| &layer.cosines).copied();
    let ends = cosines
        .chain([0.0, 1.0])
        .map(|cosine| cosine.clamp(-1.0, 1.0));
    let strips: Vec<Strip<'_>> = layers
        .iter()
        .map(|layer| Strip {
            name: &layer.layer,
            ink: ORIGINAL,
            values: &layer.cosines,
            middle: layer.median,
            interval: Some(layer.quartiles),
        })
        .collect();
    strips::draw("a chart of likeness", &strips, Axis::over(ends, axis), 1.0)
}
