//! How many photographs lie in which interval of a value, on a logarithmic axis.

use base::Result;
use plotters::prelude::*;

use super::axis::Axis;
use super::style::{chart, sheet, ORIGINAL, WIDE};

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

const HEIGHT: i32 = 220;

/// A bar for each interval; `across` and `up` name the axes. Intervals that are not above 0 are left out.
///
/// # Errors
/// [`base::Error::Drawing`].
pub fn draw(bins: &[Bin], across: &str, up: &str) -> Result<String> {
    let bins: Vec<&Bin> = bins
        .iter()
        .filter(|bin| bin.low > 0.0 && bin.low < bin.high && bin.high < 1e300)
        .collect();
    let low = bins.iter().map(|bin| bin.low).reduce(f64::min);
    let high = bins.iter().map(|bin| bin.high).reduce(f64::max);
    let (low, high) = low.zip(high).unwrap_or((1.0, 10.0));
    let most = bins.iter().map(|bin| bin.photos).max().unwrap_or(0).max(1);
    let across = Axis::logarithmic(low, high, across);
    let up = Axis::from_zero(most as f64, up).printed(|photos| format!("{photos:.0}"));
    sheet("a histogram", (WIDE, HEIGHT), |sheet| {
        let mut chart = chart(sheet, 28, across, up)?;
        for bin in bins {
            // One photograph among thousands shows as a line.
            let height = (bin.photos as f64).max(most as f64 / 140.0);
            let mut bar = Rectangle::new([(bin.low, height), (bin.high, 0.0)], ORIGINAL.filled());
            let pixels = [bin.low, bin.high].map(|end| chart.backend_coord(&(end, 0.0)).0);
            bar.set_margin(0, 0, 0, u32::from(pixels[1] - pixels[0] > 1));
            chart.draw_series([bar])?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn one_photograph_among_thousands_shows() {
        let bin = |low: f64, photos| Bin {
            low,
            high: 2.0 * low,
            photos,
        };
        let svg = draw(&[bin(1.0, 1), bin(2.0, 50_000)], "", "").unwrap();
        assert!(!svg.contains("height=\"0\""), "{svg}");
    }
}
