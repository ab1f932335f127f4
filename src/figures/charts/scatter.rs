//! A probability in two runs, photo by photo.

use base::Result;
use plotters::prelude::*;

use super::axis::Axis;
use super::style::{chart, sheet, shortened, FAINT, MASKED};

const SIDE: i32 = 420;

/// A dot for each photo, first run to the right, second upwards; on the diagonal nothing changed.
///
/// # Errors
/// [`base::Error::Drawing`].
pub fn draw(points: &[(f64, f64)], (across, up): (&str, &str)) -> Result<String> {
    let across = Axis::over([0.0, 1.0], &format!("{} →", shortened(across, 40)));
    let up = Axis::over([0.0, 1.0], &format!("↑ {}", shortened(up, 40)));
    sheet("a chart of two runs", (SIDE, SIDE), |sheet| {
        let mut chart = chart(sheet, 28, across, up)?;
        chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], FAINT))?;
        let dot = |point: &(f64, f64)| Circle::new(*point, 5, MASKED.mix(0.5).filled());
        chart.draw_series(points.iter().map(dot))?;
        Ok(())
    })
}
