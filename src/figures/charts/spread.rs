//! How alike the projections of two runs are, layer by layer.

use super::canvas::Ink;
use super::strips::{self, Axis, Strip};
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
    let lowest = layers.iter().flat_map(|layer| &layer.cosines);
    let lowest = lowest
        .copied()
        .filter(|c| c.is_finite())
        .fold(0.0, f64::min);
    let low = (lowest * 4.0).floor() / 4.0;
    let ticks = (0..=8).map(|i| f64::from(i) * 0.25 - 1.0);
    let strips: Vec<Strip<'_>> = layers
        .iter()
        .map(|layer| Strip {
            name: &layer.layer,
            ink: Ink::Original,
            values: &layer.cosines,
            middle: layer.median,
            interval: Some(layer.quartiles),
        })
        .collect();
    let axis = Axis {
        title: axis,
        range: (low, 1.0),
        ticks: ticks
            .filter(|tick| *tick >= low - 1e-9)
            .map(|tick| (tick, format!("{tick}").replace('-', "−")))
            .collect(),
        origin: 1.0,
    };
    strips::draw("a chart of likeness", &strips, &axis)
}
