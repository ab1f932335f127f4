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

/// A line.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// The number of its colour among [`COLOURS`].
    pub colour: usize,
    /// Whether it is dashed, to be told from others by more than its colour.
    pub is_dashed: bool,
    /// What it goes through; what is not finite is left out.
    pub points: Vec<(f64, f64)>,
    /// Thin uprights beside it, `(across, low, high)`: intervals of its points.
    pub intervals: Vec<(f64, f64, f64)>,
}

/// One line for each list of points, in the order of [`COLOURS`]; the vertical axis' name stands above it.
///
/// # Errors
/// [`base::Error::Drawing`].
pub fn draw(lines: &[Vec<(f64, f64)>], across: Axis<'_>, up: Axis<'_>) -> Result<String> {
    let line = |(colour, points): (usize, &Vec<(f64, f64)>)| Line {
        colour,
        points: points.clone(),
        ..Line::default()
    };
    let lines: Vec<Line> = lines.iter().enumerate().map(line).collect();
    draw_lines(&lines, across, up)
}

/// Lines, the first above the others; the vertical axis' name stands above it.
///
/// # Errors
/// [`base::Error::Drawing`].
pub fn draw_lines(lines: &[Line], across: Axis<'_>, up: Axis<'_>) -> Result<String> {
    const DASH: i32 = 7;
    const GAP: i32 = 5;
    sheet("a chart of lines", (NARROW, HEIGHT), |sheet| {
        let mut chart = chart(sheet, 28, across, up)?;
        for line in lines.iter().rev() {
            let colour = LINES.get(line.colour).unwrap_or(&QUIET);
            let ink = colour.stroke_width(2);
            let points = line.points.iter().filter(|(_, value)| value.is_finite());
            let points = points.copied();
            match line.is_dashed {
                true => chart.draw_series(DashedLineSeries::new(points, DASH, GAP, ink))?,
                false => chart.draw_series(LineSeries::new(points, ink))?,
            };
            let uprights = line.intervals.iter();
            chart.draw_series(uprights.map(|&(at, low, high)| {
                PathElement::new([(at, low), (at, high)], colour.stroke_width(1))
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

    #[test]
    fn dashed_lines_are_cut_up_where_they_go() {
        let drawn = |is_dashed| {
            let line = Line {
                colour: 1,
                is_dashed,
                points: vec![(0.0, 0.5), (1.0, 0.5)],
                ..Line::default()
            };
            let across = Axis::over([0.0, 1.0], "epoch");
            let svg = draw_lines(&[line], across, Axis::from_zero(1.0, "loss")).unwrap();
            svg.matches("stroke=\"#C84B11\"").count()
        };
        assert_eq!(drawn(false), 1);
        assert!(drawn(true) > 10, "{}", drawn(true));
    }
}
