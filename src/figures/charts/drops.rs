//! What hiding a region costs the photo's first class, beside what a control box of the same size costs it.

use super::canvas::{along, sheet, shortened, Align, Canvas, Ink};
use crate::error::Result;

/// One line of the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct DropLine {
    /// What was hidden.
    pub name: String,
    /// Whether it is a control.
    pub control: bool,
    /// The change of probability, masked minus original, for each photo.
    pub changes: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// Its 95 % interval.
    pub interval: Option<(f64, f64)>,
}

const WIDTH: i32 = 620;
const ROW: i32 = 40;
const LEFT: i32 = 150;
const RIGHT: i32 = WIDTH - 16;

/// A dot for each photo, the mean as a bar with its interval; the axis says `unchanged` at 0.
///
/// # Errors
/// [`crate::Error::Drawing`].
pub fn draw(lines: &[DropLine], axis: &str) -> Result<String> {
    let all = lines.iter().flat_map(|line| line.changes.iter().copied());
    let range = (
        -1.0,
        all.filter(|c| c.is_finite()).fold(0.2, f64::max).min(1.0),
    );
    let bottom = 10 + ROW * lines.len() as i32;
    let x = |value: f64| along(range, (LEFT, RIGHT), value);
    sheet(
        "a chart of drops",
        (WIDTH as u32, bottom as u32 + 50),
        |canvas: &Canvas<'_, '_>| {
            for tick in [-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0] {
                if tick > range.1 + 1e-9 {
                    continue;
                }
                let ink = if tick == 0.0 { Ink::Faint } else { Ink::Rule };
                canvas.line((x(tick), 6), (x(tick), bottom), ink, 1)?;
                let printed = match tick {
                    0.0 => "0".to_owned(),
                    tick => format!("{tick:+.2}").replace('-', "−"),
                };
                canvas.text(&printed, (x(tick), bottom + 12), Ink::Faint, Align::Middle)?;
            }
            canvas.text(
                axis,
                ((LEFT + RIGHT) / 2, bottom + 36),
                Ink::Faint,
                Align::Middle,
            )?;
            for (at, line) in lines.iter().enumerate() {
                let y = 10 + ROW * at as i32 + ROW / 2;
                let ink = if line.control {
                    Ink::Control
                } else {
                    Ink::Masked
                };
                canvas.text(
                    &shortened(&line.name, 22),
                    (LEFT - 12, y),
                    Ink::Text,
                    Align::End,
                )?;
                for change in &line.changes {
                    canvas.dot((x(*change), y), 4, ink, 0.35)?;
                }
                if let Some((low, high)) = line.interval {
                    canvas.line((x(low), y), (x(high), y), ink, 3)?;
                }
                canvas.bar((x(line.mean) - 2, y - 11), (x(line.mean) + 2, y + 11), ink)?;
            }
            Ok(())
        },
    )
}
