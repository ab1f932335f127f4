//! Rows of dots along one axis, a dot a photograph, with the middle of each row marked: how a probability changes, what
//! hiding a region costs beside what a control box of the same size costs; how alike the projections of two runs are.

use base::Result;
use plotters::prelude::*;

use super::axis::{signed, Axis};
use super::style::{chart, sheet, BELOW, CONTROL, FAINT, MASKED, ORIGINAL, WIDE};

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Strip {
    /// What is told of: a region, a layer, a probability.
    pub name: String,
    /// What was found.
    pub found: Found,
    /// A value for each photo.
    pub values: Vec<f64>,
    /// Their mean or median, drawn as a bar.
    pub middle: f64,
    /// Its 95 % interval, or the values' quartiles, drawn as a thick line.
    pub interval: Option<(f64, f64)>,
}

/// What the values of a row are, which gives it its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Changes.
    Changes,
    /// Changes by a control.
    Control,
    /// Cosines of two projections.
    Likeness,
}

const ROW: i32 = 40;
const TOP: i32 = 10;

/// Changes of a probability; `axis` names the axis, on which 0 is unchanged.
///
/// # Errors
/// [`base::Error::Drawing`].
pub fn changes(strips: &[Strip], axis: &str) -> Result<String> {
    let axis = over(strips, [-1.0, 0.2], axis).printed(signed);
    draw("a chart of changes", strips, axis, 0.0)
}

/// How alike projections are; 1 means the same projection.
///
/// # Errors
/// [`base::Error::Drawing`].
pub fn likeness(strips: &[Strip], axis: &str) -> Result<String> {
    let axis = over(strips, [0.0, 1.0], axis);
    draw("a chart of likeness", strips, axis, 1.0)
}

/// An axis over all values, and these at least, inside −1 and 1.
fn over<'a>(strips: &[Strip], least: [f64; 2], name: &str) -> Axis<'a> {
    let values = strips.iter().flat_map(|strip| &strip.values).copied();
    let inside = values.chain(least).map(|value| value.clamp(-1.0, 1.0));
    Axis::over(inside, name)
}

/// Strips along an axis; a line stands out at its `origin`.
fn draw(what: &str, strips: &[Strip], axis: Axis<'_>, origin: f64) -> Result<String> {
    let height = TOP + ROW * strips.len() as i32 + BELOW;
    sheet(what, (WIDE, height), |sheet| {
        let rows = Axis::rows(strips.iter().map(|strip| strip.name.as_str()).collect());
        let mut chart = chart(sheet, TOP, axis, rows)?;
        let ends = [(origin, 0.0), (origin, strips.len() as f64)];
        chart.draw_series([PathElement::new(ends, FAINT)])?;
        for (at, strip) in strips.iter().enumerate() {
            let y = at as f64 + 0.5;
            let ink = match strip.found {
                Found::Changes => MASKED,
                Found::Control => CONTROL,
                Found::Likeness => ORIGINAL,
            };
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
