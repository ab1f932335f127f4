//! Accuracy by class with its 95 % interval.

use base::Result;
use plotters::prelude::*;

use super::axis::{percent, Axis};
use super::style::{chart, sheet, BELOW, ORIGINAL, WIDE};

/// One line of the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct AccuracyLine {
    /// The class, or all photos.
    pub name: String,
    /// The share of photos whose first class is right.
    pub value: f64,
    /// Its 95 % interval.
    pub interval: Option<(f64, f64)>,
}

const ROW: i32 = 28;
const TOP: i32 = 8;

/// A dot with its interval for each line, from 0 to 100 %.
///
/// # Errors
/// [`base::Error::Drawing`].
pub fn draw(lines: &[AccuracyLine], axis: &str) -> Result<String> {
    let height = TOP + ROW * lines.len() as i32 + BELOW;
    sheet("a chart of accuracy", (WIDE, height), |sheet| {
        let across = Axis::over([0.0, 1.0], axis).printed(percent);
        let rows = Axis::rows(lines.iter().map(|line| line.name.as_str()).collect());
        let mut chart = chart(sheet, TOP, across, rows)?;
        for (at, line) in lines.iter().enumerate() {
            let y = at as f64 + 0.5;
            chart.draw_series(line.interval.map(|(low, high)| {
                PathElement::new([(low, y), (high, y)], ORIGINAL.stroke_width(2))
            }))?;
            chart.draw_series([Circle::new((line.value, y), 5, ORIGINAL.filled())])?;
        }
        Ok(())
    })
}
