//! Rows of dots along one axis, a dot a photograph, with the middle of each row marked: what charts of changes share.

use super::canvas::{along, sheet, shortened, Align, Canvas, Ink};
use crate::error::Result;

/// One row.
pub(super) struct Strip<'a> {
    pub(super) name: &'a str,
    pub(super) ink: Ink,
    pub(super) values: &'a [f64],
    pub(super) middle: f64,
    /// Drawn as a thick line.
    pub(super) interval: Option<(f64, f64)>,
}

/// The axis below the rows.
pub(super) struct Axis<'a> {
    pub(super) title: &'a str,
    pub(super) range: (f64, f64),
    /// With the text below each.
    pub(super) ticks: Vec<(f64, String)>,
    /// The tick that stands out.
    pub(super) origin: f64,
}

const WIDTH: i32 = 620;
const ROW: i32 = 40;
const LEFT: i32 = 150;
const RIGHT: i32 = WIDTH - 16;

pub(super) fn draw(what: &str, strips: &[Strip<'_>], axis: &Axis<'_>) -> Result<String> {
    let bottom = 10 + ROW * strips.len() as i32;
    let x = |value: f64| along(axis.range, (LEFT, RIGHT), value);
    let size = (WIDTH as u32, bottom as u32 + 50);
    sheet(what, size, |canvas: &Canvas<'_, '_>| {
        for (tick, printed) in &axis.ticks {
            let ink = if *tick == axis.origin {
                Ink::Faint
            } else {
                Ink::Rule
            };
            canvas.line((x(*tick), 6), (x(*tick), bottom), ink, 1)?;
            canvas.text(printed, (x(*tick), bottom + 12), Ink::Faint, Align::Middle)?;
        }
        let middle = (LEFT + RIGHT) / 2;
        canvas.text(axis.title, (middle, bottom + 36), Ink::Faint, Align::Middle)?;
        for (at, strip) in strips.iter().enumerate() {
            let y = 10 + ROW * at as i32 + ROW / 2;
            let name = shortened(strip.name, 22);
            canvas.text(&name, (LEFT - 12, y), Ink::Text, Align::End)?;
            for value in strip.values {
                canvas.dot((x(*value), y), 4, strip.ink, 0.35)?;
            }
            if let Some((low, high)) = strip.interval {
                canvas.line((x(low), y), (x(high), y), strip.ink, 3)?;
            }
            let at = x(strip.middle);
            canvas.bar((at - 2, y - 11), (at + 2, y + 11), strip.ink)?;
        }
        Ok(())
    })
}
