//! A figure over runs, in their order.

use super::canvas::{along, sheet, shortened, Align, Canvas, Ink};
use crate::error::Result;

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

const WIDTH: i32 = 330;
const HEIGHT: i32 = 190;
const LEFT: i32 = 64;
const RIGHT: i32 = WIDTH - 14;
const TOP: i32 = 12;
const BOTTOM: i32 = HEIGHT - 34;
/// More names than this would run into each other.
const NAMES: usize = 4;

/// A dot a run, with its interval, joined by a line; `print` writes a value beside the axis.
///
/// # Errors
/// [`crate::Error::Drawing`].
pub fn draw(points: &[TrendPoint], print: impl Fn(f64) -> String) -> Result<String> {
    let range = range(points);
    let steps = points.len().saturating_sub(1).max(1) as f64;
    // Where names stand below the first and the last point, there is room for half of each.
    let inset = match points.len() {
        0 | 1 => (RIGHT - LEFT) / 2,
        2..=NAMES => 44,
        _ => 14,
    };
    let x = |at: usize| along((0.0, steps), (LEFT + inset, RIGHT - inset), at as f64);
    let y = |value: f64| along(range, (BOTTOM, TOP), value);
    let size = (WIDTH as u32, HEIGHT as u32);
    sheet("a chart of a trend", size, |canvas: &Canvas<'_, '_>| {
        for part in [0.0, 0.5, 1.0] {
            let value = range.0 + part * (range.1 - range.0);
            canvas.line((LEFT, y(value)), (RIGHT, y(value)), Ink::Rule, 1)?;
            canvas.text(&print(value), (LEFT - 8, y(value)), Ink::Faint, Align::End)?;
        }
        let mut before: Option<(i32, i32)> = None;
        for (at, point) in points.iter().enumerate() {
            if points.len() <= NAMES {
                let name = shortened(&point.name, [0, 24, 12, 11, 7][points.len()]);
                canvas.text(&name, (x(at), BOTTOM + 18), Ink::Faint, Align::Middle)?;
            }
            let Some(value) = point.value.filter(|value| value.is_finite()) else {
                before = None;
                continue;
            };
            if let Some((low, high)) = point.interval {
                canvas.line((x(at), y(low)), (x(at), y(high)), Ink::Original, 1)?;
            }
            let here = (x(at), y(value));
            if let Some(before) = before {
                canvas.line(before, here, Ink::Original, 2)?;
            }
            let radius = if points.len() > 40 { 2 } else { 4 };
            canvas.dot(here, radius, Ink::Original, 1.0)?;
            before = Some(here);
        }
        if let (Some(first), Some(last), true) =
            (points.first(), points.last(), points.len() > NAMES)
        {
            let (first, last) = (shortened(&first.name, 20), shortened(&last.name, 20));
            canvas.text(&first, (LEFT, BOTTOM + 18), Ink::Faint, Align::Start)?;
            canvas.text(&last, (RIGHT, BOTTOM + 18), Ink::Faint, Align::End)?;
        }
        Ok(())
    })
}

/// From the lowest to the highest value or end of an interval, with room for a flat line.
fn range(points: &[TrendPoint]) -> (f64, f64) {
    let ends = points.iter().flat_map(|point| {
        let (low, high) = point.interval.unzip();
        [point.value, low, high]
    });
    let finite = ends.flatten().filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    match high - low {
        span if !span.is_finite() => (0.0, 1.0),
        0.0 => {
            let room = (low.abs() * 0.1).max(0.05);
            (low - room, high + room)
        }
        _ => (low, high),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_holds_every_interval_and_is_never_empty() {
        let point = |value, interval| TrendPoint {
            name: "x".into(),
            value,
            interval,
        };
        assert_eq!(
            range(&[point(Some(0.5), Some((0.2, 0.7))), point(None, None)]),
            (0.2, 0.7)
        );
        let (low, high) = range(&[point(Some(0.0), None)]);
        assert!(low < 0.0 && high > 0.0);
        assert_eq!(range(&[point(Some(f64::NAN), None)]), (0.0, 1.0));
        assert_eq!(range(&[]), (0.0, 1.0));
    }
}
