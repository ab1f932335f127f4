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
    // From 0 to 1, and as far as the dots go beyond: scores need be no probabilities.
    let values = points.iter().flat_map(|(first, second)| [*first, *second]);
    let finite = values.filter(|value| value.is_finite());
    let [low, high] = finite.fold([0.0_f64, 1.0_f64], |[low, high], value| {
        [low.min(value), high.max(value)]
    });
    let across = Axis::over([low, high], &format!("{} →", shortened(across, 40)));
    let up = Axis::over([low, high], &format!("↑ {}", shortened(up, 40)));
    sheet("a chart of two runs", (SIDE, SIDE), |sheet| {
        let mut chart = chart(sheet, 28, across, up)?;
        chart.draw_series(LineSeries::new([(low, low), (high, high)], FAINT))?;
        let dot = |point: &(f64, f64)| Circle::new(*point, 5, MASKED.mix(0.5).filled());
        chart.draw_series(points.iter().map(dot))?;
        Ok(())
    })
}
