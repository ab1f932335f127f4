//! Several lines over one axis: a panel among small multiples.

use plotters::prelude::*;

pub use super::axis::Axis;
use base::Result;

use super::style::{chart, sheet, LINES, NARROW, QUIET};

/// Lines that have a colour of their own; what comes after them is drawn in grey beneath.
pub const COLOURS: usize = LINES.len();

const HEIGHT: i32 = 230;

/// From 0 to 1, and as far as the lines go beyond: scores need be no probabilities.
pub fn probabilities<'a>(lines: &[Vec<(f64, f64)>], name: &str) -> Axis<'a> {
    let values = lines.iter().flatten().map(|(_, value)| *value);
    Axis::over([0.0, 1.0].into_iter().chain(values), name)
}

/// One line for each list of points, in the order of [`COLOURS`]; the vertical axis' name stands above it.
///
/// # Errors
/// [`base::Error::Drawing`].
pub fn draw(lines: &[Vec<(f64, f64)>], across: Axis<'_>, up: Axis<'_>) -> Result<String> {
    with_intervals(lines, &[], across, up)
}

/// Likewise with a thin upright through points that have an interval, `(across, low, high)`, line by line.
///
/// # Errors
/// [`base::Error::Drawing`].
pub fn with_intervals(
    lines: &[Vec<(f64, f64)>],
    intervals: &[Vec<(f64, f64, f64)>],
    across: Axis<'_>,
    up: Axis<'_>,
) -> Result<String> {
    sheet("a chart of lines", (NARROW, HEIGHT), |sheet| {
        let mut chart = chart(sheet, 28, across, up)?;
        for (number, line) in lines.iter().enumerate().rev() {
            let ink = LINES.get(number).unwrap_or(&QUIET);
            let points = line.iter().filter(|(_, value)| value.is_finite());
            chart.draw_series(LineSeries::new(points.copied(), ink.stroke_width(2)))?;
            let uprights = intervals.get(number).into_iter().flatten();
            chart.draw_series(uprights.map(|&(at, low, high)| {
                PathElement::new([(at, low), (at, high)], ink.stroke_width(1))
            }))?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_its_own_colour_and_what_is_not_finite_is_left_out() {
        let line = vec![(0.0, 0.5), (0.5, f64::NAN), (1.0, 0.7)];
        let across = Axis::over([0.0, 1.0], "shift");
        let up = Axis::from_zero(1.0, "distance");
        let svg = draw(&vec![line; COLOURS + 2], across, up).unwrap();
        let strokes: Vec<&str> = svg
            .split("<polyline")
            .skip(1)
            .filter_map(|tag| tag.split_once("stroke=\"")?.1.split_once('"'))
            .map(|(colour, _)| colour)
            .collect();
        assert_eq!(strokes.len(), COLOURS + 2);
        let mut different = strokes.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), COLOURS + 1);
        assert!(!svg.contains("NaN"));
    }
}
