//! How many photographs lie in which interval of a value, on a logarithmic axis.

use super::canvas::{along, sheet, Align, Canvas, Ink};
use crate::error::Result;

/// An interval and the photographs in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// From here on; above 0.
    pub low: f64,
    /// Up to here.
    pub high: f64,
    /// Photographs.
    pub photos: usize,
}

const WIDTH: i32 = 620;
const HEIGHT: i32 = 220;
const LEFT: i32 = 56;
const RIGHT: i32 = WIDTH - 30;
const TOP: i32 = 28;
const BOTTOM: i32 = HEIGHT - 48;
/// Values named along the axis, at most.
const TICKS: usize = 6;

/// A bar for each interval; `across` and `up` name the axes. Intervals that are not above 0 are left out.
///
/// # Errors
/// [`crate::Error::Drawing`].
pub fn draw(bins: &[Bin], across: &str, up: &str) -> Result<String> {
    let bins: Vec<&Bin> = bins
        .iter()
        .filter(|bin| bin.low > 0.0 && bin.low < bin.high && bin.high.is_finite())
        .collect();
    let low = bins.iter().map(|bin| bin.low).reduce(f64::min);
    let high = bins.iter().map(|bin| bin.high).reduce(f64::max);
    let (low, high) = low.zip(high).unwrap_or((1.0, 10.0));
    let most = bins.iter().map(|bin| bin.photos).max().unwrap_or(0).max(1);
    let x = |value: f64| along((low.log10(), high.log10()), (LEFT, RIGHT), value.log10());
    let y = |photos: usize| along((0.0, most as f64), (BOTTOM, TOP), photos as f64);
    let size = (WIDTH as u32, HEIGHT as u32);
    sheet("a histogram", size, |canvas: &Canvas<'_, '_>| {
        canvas.text(up, (2, 10), Ink::Faint, Align::Start)?;
        for photos in [0, most] {
            canvas.line((LEFT, y(photos)), (RIGHT, y(photos)), Ink::Rule, 1)?;
            let at = (LEFT - 8, y(photos));
            canvas.text(&photos.to_string(), at, Ink::Faint, Align::End)?;
        }
        for bin in &bins {
            let (from, to) = (x(bin.low), x(bin.high));
            let right = (to - 1).max(from + 1);
            let top = y(bin.photos).min(BOTTOM - 1);
            canvas.bar((from, top), (right, BOTTOM), Ink::Original)?;
        }
        for value in ticks(low, high) {
            canvas.line((x(value), BOTTOM), (x(value), BOTTOM + 4), Ink::Rule, 1)?;
            let at = (x(value), BOTTOM + 15);
            canvas.text(&printed(value), at, Ink::Faint, Align::Middle)?;
        }
        let middle = ((LEFT + RIGHT) / 2, BOTTOM + 37);
        canvas.text(across, middle, Ink::Faint, Align::Middle)
    })
}

/// A value in two digits, without zeros at its end.
fn printed(value: f64) -> String {
    if value < 1e-4 {
        return format!("{value:.0e}");
    }
    let decimals = usize::try_from(1 - value.log10().floor() as i64).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Round values inside the range: 1, 2 and 5 times a power of ten, the powers alone, or every so many of them.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
    let inside = |steps: &[f64], stride: usize| -> Vec<f64> {
        let values = powers
            .clone()
            .step_by(stride)
            .flat_map(|power| steps.iter().map(move |step| step * 10_f64.powi(power)));
        values
            .filter(|value| (low * 0.999..=high * 1.001).contains(value))
            .collect()
    };
    let fine = inside(&[1.0, 2.0, 5.0], 1);
    match fine.len() {
        0 => vec![low, high],
        n if n <= TICKS => fine,
        _ => {
            let stride = inside(&[1.0], 1).len().div_ceil(TICKS).max(1);
            inside(&[1.0], stride)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(ticks(0.9, 12.0), [1.0, 2.0, 5.0, 10.0]);
        let wide = ticks(1e-4, 1e3);
        assert_eq!(wide.len(), 4);
        assert!((wide[1] / 1e-2 - 1.0).abs() < 1e-9);
        assert_eq!(ticks(2.1, 4.9), [2.1, 4.9]);
    }

    #[test]
    fn ticks_are_printed_short() {
        let values = [1e-9, 0.05, 0.2, 1.0, 2.1, 50.0, 2000.0];
        assert_eq!(
            values.map(printed),
            ["1e-9", "0.05", "0.2", "1", "2.1", "50", "2000"]
        );
    }

    #[test]
    fn what_has_no_place_on_the_axis_is_left_out() {
        let bin = |low, high| Bin {
            low,
            high,
            photos: 3,
        };
        let bins = [
            bin(0.0, 1.0),
            bin(1.0, 2.0),
            bin(2.0, f64::INFINITY),
            bin(4.0, 8.0),
        ];
        let svg = draw(&bins, "activation", "photographs").unwrap();
        assert_eq!(svg.matches("<rect").count(), 2);
        assert!(!svg.contains("NaN"));
        assert!(draw(&[], "", "").is_ok());
    }
}
