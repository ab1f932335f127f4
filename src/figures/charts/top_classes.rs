//! The first classes of a photo under one condition, as bars (the replication's figures of §5).

use super::canvas::{along, sheet, shortened, Align, Canvas, Ink};
use crate::error::Result;

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

const WIDTH: i32 = 330;
const ROW: i32 = 36;

/// Bars from 0 to 1, the original's first class in colour.
///
/// # Errors
/// [`crate::Error::Drawing`].
pub fn draw(bars: &[ClassBar], masked: bool) -> Result<String> {
    let height = 8 + ROW * bars.len() as i32;
    let highlight = if masked { Ink::Masked } else { Ink::Original };
    sheet(
        "a chart of classes",
        (WIDTH as u32, height as u32),
        |canvas: &Canvas<'_, '_>| {
            for (at, bar) in bars.iter().enumerate() {
                let y = 4 + ROW * at as i32;
                let ink = if bar.original_first {
                    highlight
                } else {
                    Ink::Quiet
                };
                let text = if bar.original_first { ink } else { Ink::Text };
                canvas.text(&shortened(&bar.name, 38), (0, y + 10), text, Align::Start)?;
                canvas.text(&bar.printed, (WIDTH, y + 10), text, Align::End)?;
                canvas.line((0, y + 25), (WIDTH, y + 25), Ink::Rule, 1)?;
                let end = along((0.0, 1.0), (0, WIDTH), bar.probability);
                canvas.bar((0, y + 21), (end.max(1), y + 29), ink)?;
            }
            Ok(())
        },
    )
}
