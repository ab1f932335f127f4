//! A figure over runs, in their order.

use base::Result;
use plotters::prelude::*;

use super::axis::Axis;
use super::style::{chart, sheet, shortened, NARROW, ORIGINAL};

/// One run.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendPoint {
    /// What stands below it.
    pub name: String,
    /// The figure; `None` where the run does not have it.
    pub value: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<(f64, f64)>,
}

const HEIGHT: i32 = 190;
/// More names than this would run into each other.
const NAMES: usize = 4;

/// A dot a run, with its interval, joined by a line; `print` writes a value beside the axis.
///
/// # Errors
/// [`base::Error::Drawing`].
pub fn draw(points: &[TrendPoint], print: impl Fn(f64) -> String) -> Result<String> {
    let values = points.iter().flat_map(|point| {
        let (low, high) = point.interval.unzip();
        [point.value, low, high]
    });
    let up = Axis::over(values.flatten(), "").printed(print).legible();
    let last = points.len().saturating_sub(1);
    let room = (last as f64 * 0.05).max(0.05);
    let named = |at: &usize| points.len() <= NAMES || *at == 0 || *at == last;
    let longest = [24, 12, 11, 8].get(last).copied().unwrap_or(16);
    let places = (0..points.len()).filter(named).map(|at| at as f64);
    let name = |at: f64| {
        let point = points.get(at as usize);
        point.map_or_else(String::new, |point| shortened(&point.name, longest))
    };
    let mut across = Axis::over([-room, last as f64 + room], "")
        .at(places.collect())
        .printed(name);
    across.lines = false;
    sheet("a chart of a trend", (NARROW, HEIGHT), |sheet| {
        let mut chart = chart(sheet, 12, across, up)?;
        let finite = |point: &TrendPoint| point.value.filter(|value| value.is_finite());
        let drawn: Vec<Option<(f64, f64)>> = points
            .iter()
            .enumerate()
            .map(|(at, point)| Some((at as f64, finite(point)?)))
            .collect();
        for (point, dot) in points.iter().zip(&drawn) {
            let interval = dot.map(|dot| dot.0).zip(point.interval);
            let line = |(x, (low, high))| PathElement::new([(x, low), (x, high)], ORIGINAL);
            chart.draw_series(interval.map(line))?;
        }
        for line in drawn.split(Option::is_none) {
            let line = line.iter().flatten().copied();
            chart.draw_series(LineSeries::new(line, ORIGINAL.stroke_width(2)))?;
        }
        let radius = if points.len() > 40 { 2 } else { 4 };
        let dots = drawn.iter().flatten();
        chart.draw_series(dots.map(|dot| Circle::new(*dot, radius, ORIGINAL.filled())))?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_the_figure_parts_the_line() {
        let point = |value| TrendPoint {
            name: "run".into(),
            value,
            interval: value.map(|value| (value - 0.1, value + 0.1)),
        };
        let values = [Some(0.5), Some(0.6), None, Some(f64::NAN), Some(0.4)];
        let svg = draw(&values.map(point), |value| format!("{value:.2}")).unwrap();
        assert_eq!(svg.matches("<circle").count(), 3);
        let lines = svg.split("stroke-width=\"2\"").skip(1);
        let points = lines.map(|line| line.split('"').nth(1).unwrap().split(' ').count() - 1);
        assert_eq!(
            points.filter(|points| *points > 0).collect::<Vec<_>>(),
            [2, 1]
        );
        assert!(draw(&[], |_| String::new()).is_ok());
    }
}
