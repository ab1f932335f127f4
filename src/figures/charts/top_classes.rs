//! The first classes of a photo under one condition, as bars (the replication's figures of §5).

use base::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::style::{sheet, shortened, text, MASKED, NARROW, ORIGINAL, QUIET, RULE, TEXT};

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassBar {
    /// The class's name.
    pub name: String,
    /// Its probability.
    pub probability: f64,
    /// The probability as printed.
    pub printed: String,
    /// Whether it is the first class of the photo as it is.
    pub original_first: bool,
}

const ROW: i32 = 36;
const TOP: i32 = 4;

/// Bars from 0 to 1, the original's first class in colour.
///
/// # Errors
/// [`base::Error::Drawing`].
pub fn draw(bars: &[ClassBar], masked: bool) -> Result<String> {
    let highlight = if masked { MASKED } else { ORIGINAL };
    let height = TOP + ROW * bars.len() as i32 + TOP;
    sheet("a chart of classes", (NARROW, height), |sheet| {
        let rows = bars.len() as f64;
        let mut chart = ChartBuilder::on(sheet)
            .margin_top(TOP)
            .margin_bottom(TOP)
            .build_cartesian_2d(0.0..1.0, rows..0.0)?;
        for (at, bar) in bars.iter().enumerate() {
            let y = |part: f64| at as f64 + part;
            let (ink, words) = match bar.original_first {
                true => (highlight, highlight),
                false => (QUIET, TEXT),
            };
            let name = shortened(&bar.name, 38);
            chart.draw_series([
                Text::new(name, (0.0, y(0.28)), text(words, HPos::Left)),
                Text::new(
                    bar.printed.clone(),
                    (1.0, y(0.28)),
                    text(words, HPos::Right),
                ),
            ])?;
            chart.draw_series([PathElement::new([(0.0, y(0.7)), (1.0, y(0.7))], RULE)])?;
            // What is as good as 0 shows as a line.
            let length = bar.probability.clamp(0.004, 1.0);
            let corners = [(0.0, y(0.59)), (length, y(0.81))];
            chart.draw_series([Rectangle::new(corners, ink.filled())])?;
        }
        Ok(())
    })
}
