//! Accuracy by class with its 95 % interval.

use super::canvas::{along, sheet, shortened, Align, Canvas, Ink};
use crate::error::Result;

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

const WIDTH: i32 = 620;
const ROW: i32 = 28;
const LEFT: i32 = 200;
const RIGHT: i32 = WIDTH - 24;

/// A dot with its interval for each line, from 0 to 100 %.
///
/// # Errors
/// [`crate::Error::Drawing`].
pub fn draw(lines: &[AccuracyLine], axis: &str) -> Result<String> {
    let bottom = 8 + ROW * lines.len() as i32;
    let x = |value: f64| along((0.0, 1.0), (LEFT, RIGHT), value);
    sheet(
        "a chart of accuracy",
        (WIDTH as u32, bottom as u32 + 50),
        |canvas: &Canvas<'_, '_>| {
            for tick in [0, 25, 50, 75, 100] {
                let at = x(f64::from(tick) / 100.0);
                canvas.line((at, 4), (at, bottom), Ink::Rule, 1)?;
                canvas.text(
                    &format!("{tick} %"),
                    (at, bottom + 12),
                    Ink::Faint,
                    Align::Middle,
                )?;
            }
            canvas.text(
                axis,
                ((LEFT + RIGHT) / 2, bottom + 36),
                Ink::Faint,
                Align::Middle,
            )?;
            for (at, line) in lines.iter().enumerate() {
                let y = 8 + ROW * at as i32 + ROW / 2;
                canvas.text(
                    &shortened(&line.name, 30),
                    (LEFT - 12, y),
                    Ink::Text,
                    Align::End,
                )?;
                if let Some((low, high)) = line.interval {
                    canvas.line((x(low), y), (x(high), y), Ink::Original, 2)?;
                }
                canvas.dot((x(line.value), y), 5, Ink::Original, 1.0)?;
            }
            Ok(())
        },
    )
}
