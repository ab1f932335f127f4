//! A probability in two runs, photo by photo.

use super::canvas::{along, sheet, shortened, Align, Canvas, Ink};
use crate::error::Result;

const SIDE: i32 = 420;
const LEFT: i32 = 56;
const TOP: i32 = 12;
const RIGHT: i32 = SIDE - 12;
const BOTTOM: i32 = SIDE - 52;

/// A dot for each photo, first run to the right, second upwards; on the diagonal nothing changed.
///
/// # Errors
/// [`crate::Error::Drawing`].
pub fn draw(points: &[(f64, f64)], (across, up): (&str, &str)) -> Result<String> {
    let x = |value: f64| along((0.0, 1.0), (LEFT, RIGHT), value);
    let y = |value: f64| along((0.0, 1.0), (BOTTOM, TOP), value);
    let size = (SIDE as u32, SIDE as u32);
    sheet("a chart of two runs", size, |canvas: &Canvas<'_, '_>| {
        for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let printed = format!("{tick}");
            canvas.line((x(tick), TOP), (x(tick), BOTTOM), Ink::Rule, 1)?;
            canvas.line((LEFT, y(tick)), (RIGHT, y(tick)), Ink::Rule, 1)?;
            canvas.text(&printed, (x(tick), BOTTOM + 14), Ink::Faint, Align::Middle)?;
            canvas.text(&printed, (LEFT - 8, y(tick)), Ink::Faint, Align::End)?;
        }
        canvas.line((x(0.0), y(0.0)), (x(1.0), y(1.0)), Ink::Faint, 1)?;
        for (a, b) in points {
            canvas.dot((x(*a), y(*b)), 5, Ink::Masked, 0.5)?;
        }
        let across = format!("{} →", shortened(across, 40));
        let up = format!("↑ {}", shortened(up, 36));
        canvas.text(&across, (RIGHT, BOTTOM + 38), Ink::Text, Align::End)?;
        canvas.text(&up, (LEFT + 8, TOP + 10), Ink::Text, Align::Start)
    })
}
