//! How a probability changes photo by photo: what hiding a region costs, beside what a control box of the same size
//! costs, or the change between two runs.

use super::canvas::Ink;
use super::strips::{self, Axis, Strip};
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
    let all = lines.iter().flat_map(|line| line.changes.iter().copied());
    let finite = all.filter(|change| change.is_finite());
    let range = (-1.0, finite.fold(0.2, f64::max).min(1.0));
    let ticks = [-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0];
    let printed = |tick: f64| match tick {
        0.0 => "0".to_owned(),
        tick => format!("{tick:+.2}").replace('-', "−"),
    };
    let strips: Vec<Strip<'_>> = lines
        .iter()
        .map(|line| Strip {
            name: &line.name,
            ink: match line.control {
                true => Ink::Control,
                false => Ink::Masked,
            },
            values: &line.changes,
            middle: line.mean,
            interval: line.interval,
        })
        .collect();
    let axis = Axis {
        title: axis,
        range,
        ticks: ticks
            .into_iter()
            .filter(|tick| *tick <= range.1 + 1e-9)
            .map(|tick| (tick, printed(tick)))
            .collect(),
        origin: 0.0,
    };
    strips::draw("a chart of drops", &strips, &axis)
}
