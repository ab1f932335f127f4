//! Rows of dots along one axis, a dot a photograph, with the middle of each row marked: what charts of changes share.

use plotters::prelude::*;

use super::axis::Axis;
use super::style::{chart, sheet, BELOW, FAINT, WIDE};
use crate::error::Result;

/// One row.
pub(super) struct Strip<'a> {
    pub(super) name: &'a str,
    pub(super) ink: RGBColor,
    pub(super) values: &'a [f64],
    pub(super) middle: f64,
    /// Drawn as a thick line.
    pub(super) interval: Option<(f64, f64)>,
}

const ROW: i32 = 40;
const TOP: i32 = 10;

/// Strips along an axis; a line stands out at its `origin`.
pub(super) fn draw(
    what: &str,
    strips: &[Strip<'_>],
    axis: Axis<'_>,
    origin: f64,
) -> Result<String> {
    let height = TOP + ROW * strips.len() as i32 + BELOW;
    sheet(what, (WIDE, height), |sheet| {
        let rows = Axis::rows(strips.iter().map(|strip| strip.name).collect());
        let mut chart = chart(sheet, TOP, axis, rows)?;
        let ends = [(origin, 0.0), (origin, strips.len() as f64)];
        chart.draw_series([PathElement::new(ends, FAINT)])?;
        for (at, strip) in strips.iter().enumerate() {
            let (ink, y) = (strip.ink, at as f64 + 0.5);
            let dot = |value: &f64| Circle::new((*value, y), 4, ink.mix(0.35).filled());
            chart.draw_series(strip.values.iter().map(dot))?;
            let line = |(low, high)| PathElement::new([(low, y), (high, y)], ink.stroke_width(3));
            chart.draw_series(strip.interval.map(line))?;
            let bar = Rectangle::new([(-2, -11), (2, 11)], ink.filled());
            chart.draw_series([EmptyElement::at((strip.middle, y)) + bar])?;
        }
        Ok(())
    })
}
