//! A value for each position as a colour that rises in lightness with it.

use image::RgbaImage;

use super::Positions;

/// Matplotlib's viridis at even steps: even to the eye from dark to light, and with any kind of colour blindness.
const STOPS: [[u8; 3]; 11] = [
    [68, 1, 84],
    [72, 36, 117],
    [65, 68, 135],
    [53, 95, 141],
    [42, 120, 142],
    [33, 145, 140],
    [34, 168, 132],
    [68, 191, 112],
    [122, 209, 81],
    [189, 223, 38],
    [253, 231, 37],
];

/// What the darkest and the lightest colour stand for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The darkest.
    pub low: f64,
    /// The lightest.
    pub high: f64,
}

impl Scale {
    /// From 0, or the least value where one is below, to the greatest; what is not finite is left out.
    pub fn from_zero(values: impl IntoIterator<Item = f64>) -> Self {
        let finite = values.into_iter().filter(|value| value.is_finite());
        let (low, high) = finite.fold((0.0, f64::NEG_INFINITY), |(low, high), value| {
            (value.min(low), value.max(high))
        });
        Self {
            low,
            high: if high > low { high } else { low + 1.0 },
        }
    }

    /// A value as a part of the way from the darkest to the lightest colour.
    pub fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    fn colour(&self, value: f64) -> Option<[u8; 3]> {
        if !value.is_finite() {
            return None;
        }
        let at = self.share(value) * (STOPS.len() - 1) as f64;
        let (below, rest) = (at.floor() as usize, at.fract());
        let above = (below + 1).min(STOPS.len() - 1);
        let mix = |channel: usize| {
            let [a, b] = [below, above].map(|stop| f64::from(STOPS[stop][channel]));
            (a + (b - a) * rest).round() as u8
        };
        Some([mix(0), mix(1), mix(2)])
    }
}

/// The colours from the lowest to the highest value, as the background of a colour bar in CSS.
pub fn gradient() -> String {
    let stops = STOPS.map(|[r, g, b]| format!("#{r:02x}{g:02x}{b:02x}"));
    format!("linear-gradient(90deg,{})", stops.join(","))
}

/// A map of `values`, one for each position; what is not finite stays transparent.
pub fn map(positions: &Positions, values: &[f64], scale: Scale) -> RgbaImage {
    positions.picture(|number| scale.colour(*values.get(number)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_run_from_dark_to_light_and_rise_evenly() {
        let scale = Scale::from_zero([0.5, f64::NAN, 2.0]);
        assert_eq!((scale.low, scale.high), (0.0, 2.0));
        assert_eq!(scale.colour(0.0), Some(STOPS[0]));
        assert_eq!(scale.colour(9.0), Some(STOPS[10]));
        assert_eq!(scale.colour(1.1), Some([34, 157, 136]));
        assert_eq!(scale.colour(f64::NAN), None);
        let lightness = STOPS.map(|[r, g, b]| 2 * u32::from(r) + 7 * u32::from(g) + u32::from(b));
        assert!(lightness.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn any_values_have_a_scale() {
        for values in [vec![], vec![0.0], vec![f64::INFINITY], vec![-3.0]] {
            let scale = Scale::from_zero(values);
            assert!(scale.high > scale.low && scale.high.is_finite());
        }
        assert_eq!(Scale::from_zero([-1.0, 1.0]).share(0.0), 0.5);
    }
}
