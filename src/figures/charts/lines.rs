//! Several lines over one axis: a panel among small multiples.

use super::canvas::{along, sheet, shortened, Align, Canvas, Ink};
use crate::error::Result;

/// Lines that have a colour of their own; what comes after them is drawn in grey beneath.
pub const COLOURS: usize = 8;

/// An axis over a finite range.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// First and last value.
    pub range: (f64, f64),
    /// Values with what is printed at them.
    pub ticks: Vec<(f64, String)>,
    /// What it is of.
    pub name: String,
}

impl Axis {
    /// From 0 to `highest` or a little beyond, with a handful of ticks.
    pub fn from_zero(highest: f64, name: String) -> Self {
        let highest = if highest.is_finite() && highest > 0.0 {
            highest
        } else {
            1.0
        };
        let power = 10_f64.powf((highest / 4.0).log10().floor());
        let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * power);
        let step = steps.into_iter().find(|step| step * 4.0 >= highest);
        let step = step.unwrap_or(steps[4]);
        let count = (highest / step - 1e-9).ceil().max(1.0) as usize;
        let decimals = usize::try_from(-(step + step * 1e-9).log10().floor() as i64).unwrap_or(0);
        let decimals = match (step / power * 10.0).round() as i64 {
            25 => decimals + 1,
            _ => decimals,
        };
        let tick = |number: usize| {
            let value = number as f64 * step;
            (value, format!("{value:.decimals$}"))
        };
        Self {
            range: (0.0, count as f64 * step),
            ticks: (0..=count).map(tick).collect(),
            name,
        }
    }
}

const WIDTH: i32 = 330;
const HEIGHT: i32 = 230;
const LEFT: i32 = 48;
const RIGHT: i32 = WIDTH - 14;
const TOP: i32 = 28;
const BOTTOM: i32 = HEIGHT - 46;
/// Names along the axis are cut beyond this many characters of so many pixels, and stay on the sheet.
const LONGEST: usize = 24;
const CHARACTER: i32 = 7;

/// One line for each list of points, in the order of [`COLOURS`]; the vertical axis' name stands above it.
///
/// # Errors
/// [`crate::Error::Drawing`].
pub fn draw(lines: &[Vec<(f64, f64)>], across: &Axis, up: &Axis) -> Result<String> {
    let x = |value: f64| along(across.range, (LEFT, RIGHT), value);
    let y = |value: f64| along(up.range, (BOTTOM, TOP), value);
    let size = (WIDTH as u32, HEIGHT as u32);
    sheet("a chart of lines", size, |canvas: &Canvas<'_, '_>| {
        canvas.text(&up.name, (2, 10), Ink::Faint, Align::Start)?;
        for (value, printed) in &up.ticks {
            canvas.line((LEFT, y(*value)), (RIGHT, y(*value)), Ink::Rule, 1)?;
            canvas.text(printed, (LEFT - 7, y(*value)), Ink::Faint, Align::End)?;
        }
        for (value, printed) in &across.ticks {
            canvas.line((x(*value), BOTTOM), (x(*value), BOTTOM + 4), Ink::Rule, 1)?;
            let printed = shortened(printed, LONGEST);
            let half = printed.chars().count() as i32 * CHARACTER / 2;
            let at = (x(*value).clamp(half, WIDTH - half), BOTTOM + 14);
            canvas.text(&printed, at, Ink::Faint, Align::Middle)?;
        }
        let middle = ((LEFT + RIGHT) / 2, BOTTOM + 35);
        canvas.text(&across.name, middle, Ink::Faint, Align::Middle)?;
        for (number, line) in lines.iter().enumerate().rev() {
            let points = line
                .iter()
                .filter(|(_, value)| value.is_finite())
                .map(|(at, value)| (x(*at), y(*value)));
            canvas.polyline(points.collect(), Ink::of_line(number), 2)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_ticks_up_to_the_highest_value() {
        let printed = |highest: f64| {
            let axis = Axis::from_zero(highest, String::new());
            let ticks: Vec<String> = axis.ticks.into_iter().map(|(_, text)| text).collect();
            ticks.join(" ")
        };
        assert_eq!(printed(1.0), "0.00 0.25 0.50 0.75 1.00");
        assert_eq!(printed(0.83), "0.00 0.25 0.50 0.75 1.00");
        assert_eq!(printed(1.3), "0.0 0.5 1.0 1.5");
        assert_eq!(printed(40.0), "0 10 20 30 40");
        assert_eq!(printed(0.0), printed(1.0));
        assert_eq!(printed(f64::NAN), printed(1.0));
    }

    #[test]
    fn each_line_has_its_own_colour_and_what_is_not_finite_is_left_out() {
        let across = Axis {
            range: (0.0, 1.0),
            ticks: Vec::new(),
            name: "shift".into(),
        };
        let up = Axis::from_zero(1.0, "distance".into());
        let line = vec![(0.0, 0.5), (0.5, f64::NAN), (1.0, 0.7)];
        let svg = draw(&vec![line; COLOURS + 2], &across, &up).unwrap();
        let strokes: Vec<&str> = svg
            .split("<polyline")
            .skip(1)
            .filter(|tag| tag.contains("stroke-width=\"2\""))
            .filter_map(|tag| tag.split_once("stroke=\"")?.1.split_once('"'))
            .map(|(colour, _)| colour)
            .collect();
        assert_eq!(strokes.len(), COLOURS + 2);
        let mut different = strokes.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), COLOURS + 1);
        assert!(!svg.contains("NaN"));
    }
}
