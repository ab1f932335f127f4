//! An axis: plotters' linear or logarithmic coordinate over a finite range, with plotters' ticks and what is printed at them.

use std::collections::BTreeSet;
use std::ops::Range;

use plotters::coord::combinators::{IntoLogRange, LogCoord};
use plotters::coord::ranged1d::{
    BoldPoints, KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter,
};
use plotters::coord::types::RangedCoordf64;
use plotters::data::float::pretty_print_float;
use plotters::style::RGBColor;

use super::style::{shortened, width, FAINT, LONGEST, TEXT};

/// Ticks on an axis, at most.
const TICKS: usize = 7;

/// An axis. What lies beyond its ends, or is no number, is drawn at an end: plotters can place neither.
pub struct Axis<'a, R = RangedCoordf64> {
    coord: R,
    pub(super) name: String,
    /// The only ticks, where there are any.
    places: Vec<f64>,
    print: Box<dyn Fn(f64) -> String + 'a>,
    /// Whether the grid has lines at its ticks.
    pub(super) lines: bool,
    pub(super) ink: RGBColor,
}

impl<'a> Axis<'a> {
    /// From the least to the greatest of the finite ones among these values.
    pub fn over(values: impl IntoIterator<Item = f64>, name: &str) -> Self {
        // plotters never returns from a range without an end, nor where rounding is all that lies between its ends.
        let finite = values.into_iter().filter(|value| value.abs() < 1e200);
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let size = low.abs().max(high.abs());
        let range = match high - low {
            span if span > (size * 1e-9).max(1e-12) => low..high,
            span if span >= 0.0 => low - (size * 0.1).max(0.05)..high + (size * 0.1).max(0.05),
            _ => 0.0..1.0,
        };
        Self::on(range.into(), name)
    }

    /// From 0 to the highest value.
    pub fn from_zero(highest: f64, name: &str) -> Self {
        let drawn = (1e-9..1e200).contains(&highest);
        Self::over([0.0, if drawn { highest } else { 1.0 }], name)
    }

    /// Widened until two of its ticks print differently, so that what rounds away does not fill the chart.
    pub(super) fn legible(mut self) -> Self {
        for _ in 0..40 {
            if self.key_points(BoldPoints(TICKS)).len() > 1 {
                break;
            }
            let Range { start, end } = self.coord.range();
            self.coord = (start - (end - start)..end + (end - start)).into();
        }
        self
    }

    /// A row for each name, from the top down: that of number n has its middle at n + 0.5.
    pub(super) fn rows(names: Vec<&'a str>) -> Self {
        let axis = Self::on((names.len() as f64..0.0).into(), "");
        let places = (0..names.len()).map(|row| row as f64 + 0.5).collect();
        let name = move |place: f64| names.get(place as usize).map_or("", |name| name).to_owned();
        Self {
            ink: TEXT,
            lines: false,
            ..axis.at(places).printed(name)
        }
    }
}

impl Axis<'_, LogCoord<f64>> {
    /// A logarithmic axis over a range above 0, to the next power of two at both ends: ticks at powers of ten, or of two
    /// where those would be too few.
    pub(super) fn logarithmic(low: f64, high: f64, name: &str) -> Self {
        // plotters counts the decades in high / low.
        let [low, high] = [low, high].map(|end| end.clamp(1e-99, 1e99).log2());
        let (low, high) = (low.floor().exp2(), high.ceil().exp2());
        let base = if high / low < 1000.0 { 2.0 } else { 10.0 };
        let axis = Self::on((low..high).log_scale().base(base).into(), name);
        axis.printed(|value| pretty_print_float(value, true))
    }
}

impl<'a, R> Axis<'a, R> {
    fn on(coord: R, name: &str) -> Self {
        Self {
            coord,
            name: name.to_owned(),
            places: Vec::new(),
            print: Box::new(plain),
            lines: true,
            ink: FAINT,
        }
    }

    /// With this printed at the ticks.
    pub fn printed(self, print: impl Fn(f64) -> String + 'a) -> Self {
        Self {
            print: Box::new(print),
            ..self
        }
    }

    /// With ticks at these places and, where there are any, nowhere else.
    pub fn at(self, places: Vec<f64>) -> Self {
        Self { places, ..self }
    }
}

impl<R: Ranged<ValueType = f64>> Axis<'_, R> {
    /// The pixels that the widest of what is printed may take.
    pub(super) fn widest(&self) -> i32 {
        let ticks = self.key_points(BoldPoints(TICKS)).into_iter();
        let widths = ticks.map(|value| width(&self.format_ext(&value)));
        widths.max().unwrap_or(0)
    }
}

impl<R: Ranged<ValueType = f64>> Ranged for Axis<'_, R> {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let Range { start, end } = self.coord.range();
        let inside = value.max(start.min(end)).min(start.max(end));
        self.coord.map(&inside, limit)
    }

    fn key_points<H: KeyPointHint>(&self, hint: H) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        if !self.places.is_empty() {
            return self.places.clone();
        }
        let Range { start, end } = self.coord.range();
        let rounding = (end - start).abs() * 1e-14;
        let ticks = |most| {
            let ticks = self.coord.key_points(BoldPoints(most)).into_iter();
            let ticks = ticks.map(|value| if value.abs() < rounding { 0.0 } else { value });
            ticks.collect::<Vec<f64>>()
        };
        let no_two_print_alike = |ticks: &Vec<f64>| {
            let printed = ticks.iter().map(|value| self.format_ext(value));
            printed.collect::<BTreeSet<String>>().len() == ticks.len()
        };
        let mut fewer = (1..=TICKS).rev().map(ticks);
        fewer.find(no_two_print_alike).unwrap_or_default()
    }

    fn range(&self) -> Range<f64> {
        self.coord.range()
    }
}

impl<R> ValueFormatter<f64> for Axis<'_, R> {
    fn format_ext(&self, value: &f64) -> String {
        shortened(&(self.print)(*value), LONGEST)
    }
}

/// A value as short as it goes.
pub(super) fn plain(value: f64) -> String {
    pretty_print_float(value, false).replace('-', "−")
}

/// A change: a value with its sign.
pub(super) fn signed(value: f64) -> String {
    match value > 0.0 {
        true => format!("+{}", plain(value)),
        false => plain(value),
    }
}

/// A share in hundredths.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", plain(share * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed<R: Ranged<ValueType = f64>>(axis: &Axis<'_, R>) -> String {
        let ticks = axis.key_points(BoldPoints(1)).into_iter();
        let ticks: Vec<String> = ticks.map(|value| axis.format_ext(&value)).collect();
        ticks.join(" ")
    }

    #[test]
    fn ticks_are_plotters_own_and_read_well() {
        let over = |low, high| printed(&Axis::over([low, high], ""));
        assert_eq!(over(0.0, 1.0), "0 0.2 0.4 0.6 0.8 1");
        assert_eq!(over(-1.0, 0.2), "−1 −0.8 −0.6 −0.4 −0.2 0 0.2");
        assert_eq!(
            printed(&Axis::over([-1.0, 1.0], "").printed(signed)),
            "−1 −0.5 0 +0.5 +1"
        );
        assert_eq!(
            printed(&Axis::from_zero(1.3, "").printed(percent)),
            "0 % 20 % 40 % 60 % 80 % 100 % 120 %"
        );
        let whole = Axis::from_zero(2.0, "").printed(|value| format!("{value:.0}"));
        assert_eq!(printed(&whole), "0 1 2");
        let close = Axis::over([0.8012, 0.8013], "").printed(|value| format!("{value:.2}"));
        assert_eq!(printed(&close.legible()), "0.80 0.81");
        let silent = Axis::over([1e199, 0.0], "").printed(|_| "–".to_owned());
        assert!(silent.legible().range().end.is_finite());
        assert_eq!(printed(&Axis::from_zero(f64::NAN, "")), over(0.0, 1.0));
        let logarithmic = |low, high| printed(&Axis::logarithmic(low, high, ""));
        assert_eq!(logarithmic(0.9, 12.0), "0.5 1 2 4 8 16");
        assert_eq!(logarithmic(9.5, 11.3), "8 16");
        assert_eq!(logarithmic(0.02, 900.0), "0.1 1 10 100 1000");
        assert_eq!(printed(&Axis::rows(vec!["conv1", "conv2"])), "conv1 conv2");
    }

    #[test]
    fn any_value_has_a_place() {
        let axis = Axis::over([0.0, 1.0], "");
        let place = |value| axis.map(&value, (10, 110));
        let values = [0.5, -3.0, f64::NAN, f64::INFINITY, 1e300];
        assert_eq!(values.map(place), [60, 10, 10, 110, 110]);
    }

    #[test]
    fn any_values_make_an_axis() {
        let ends = [
            0.0,
            -0.0,
            1.0,
            1e-320,
            f64::EPSILON,
            1e16,
            -1e16,
            9e299,
            f64::MAX,
            f64::NAN,
            f64::NEG_INFINITY,
        ];
        let near = |value: f64| [value, value.next_up(), value * (1.0 + 3e-9)];
        for a in ends.into_iter().flat_map(near) {
            for b in ends.into_iter().flat_map(near) {
                let axis = Axis::over([a, b], "");
                assert!(axis.key_points(BoldPoints(1)).len() <= 8, "{a} {b}");
                let Range { start, end } = axis.range();
                assert!(
                    start < end && start.is_finite() && end.is_finite(),
                    "{a} {b}"
                );
                if a > 0.0 && b > a {
                    assert!(
                        Axis::logarithmic(a, b, "").key_points(BoldPoints(1)).len() <= 9,
                        "{a} {b}"
                    );
                }
            }
        }
        assert_eq!(Axis::over([], "").range(), 0.0..1.0);
    }
}
