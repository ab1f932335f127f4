//! How a probability changes photo by photo: what hiding a region costs, beside what a control box of the same size
//! costs, or the change between two runs.

use super::axis::{signed, Axis};
use super::strips::{self, Strip};
use super::style::{CONTROL, MASKED};
use crate::error::Result;

/// One line of the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct DropLine {
    /// What was hidden, or whose probability it is.
    pub name: String,
    /// Whether it is a control.
    pub control: bool,
    /// The change of probability for each photo.
    pub changes: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// Its 95 % interval.
    pub interval: Option<(f64, f64)>,
}

/// A dot for each photo, the mean as a bar with its interval; `axis` names the axis, on which 0 is unchanged.
///
/// # Errors
/// [`crate::Error::Drawing`].
pub fn draw(lines: &[DropLine], axis: &str) -> Result<String> {
    let changes = lines.iter().flat_map(|line| line.changes.iter().copied());
    let ends = changes
        .chain([-1.0, 0.2])
        .map(|change| change.clamp(-1.0, 1.0));
    let strips: Vec<Strip<'_>> = lines
        .iter()
        .map(|line| Strip {
            name: &line.name,
            ink: if line.control { CONTROL } else { MASKED },
            values: &line.changes,
            middle: line.mean,
            interval: line.interval,
        })
        .collect();
    let axis = Axis::over(ends, axis).printed(signed);
    strips::draw("a chart of drops", &strips, axis, 0.0)
}
