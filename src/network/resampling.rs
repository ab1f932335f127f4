//! Maps resampled along an axis: which cells each cell of the output is mixed from.

use serde::{Deserialize, Serialize};

/// More cells has no axis.
const LONGEST: usize = 1 << 16;
/// So many parts may all cells of the output have together.
const MOST_TAPS: usize = 1 << 20;

/// Where on the input's axis a cell of the output lies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coordinates {
    /// Cells are areas, and both axes span the same: `(x + 1/2) / scale − 1/2`.
    HalfPixel,
    /// Likewise, the output's middle upon the input's where its length was rounded.
    HalfPixelSymmetric,
    /// Likewise, 0 where the output is one cell.
    PytorchHalfPixel,
    /// Cells are points, the first and the last upon each other.
    AlignCorners,
    /// Cells are points, the first upon the first: `x / scale`.
    Asymmetric,
    /// `(x + 1/2) / scale`.
    TfHalfPixelForNn,
    /// Cells are points, the first and the last upon the ends of a part of the input.
    Part {
        /// Where it starts, as a part of the axis.
        start: f64,
        /// Where it ends.
        end: f64,
    },
}

/// Which of two cells is the nearest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nearest {
    /// The nearer one, of equally near ones the lower.
    PreferFloor,
    /// The nearer one, of equally near ones the upper.
    PreferCeil,
    /// The lower one.
    Floor,
    /// The upper one.
    Ceil,
}

/// How a cell is made of those around it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "filter", rename_all = "snake_case")]
pub enum Filter {
    /// As one of them.
    Nearest {
        /// Which.
        rounding: Nearest,
    },
    /// Linearly from two.
    Linear,
    /// By a cubic from four.
    Cubic {
        /// Keys' coefficient.
        coefficient: f64,
    },
}

/// How an axis is resampled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Resampling {
    /// Cells of the output.
    pub length: usize,
    /// Cells of the output for a cell of the input.
    pub scale: f64,
    /// Where they lie.
    pub coordinates: Coordinates,
    /// How they are mixed.
    #[serde(flatten)]
    pub filter: Filter,
    /// Whether the filter is widened where the output is shorter.
    pub antialias: bool,
    /// Whether cells beyond the input's ends are left out; else the one at the end stands for them.
    pub exclude_outside: bool,
}

/// What a cell of the output is mixed from: `weights.len()` neighbouring cells of the input.
#[derive(Debug, Clone, PartialEq)]
pub struct Tap {
    /// The first of them.
    pub first: usize,
    /// Their parts.
    pub weights: Vec<f32>,
}

impl Resampling {
    /// An axis that stays as it is.
    pub fn none(length: usize) -> Self {
        Self {
            length,
            scale: 1.0,
            coordinates: Coordinates::Asymmetric,
            filter: Filter::Nearest {
                rounding: Nearest::Floor,
            },
            antialias: false,
            exclude_outside: false,
        }
    }

    /// Whether an axis of that length stays as it is: a factor of 1 alone does not say so, a part of it may be enlarged.
    pub fn is_none(&self, length: usize) -> bool {
        let stays = |(at, tap): (usize, Tap)| {
            let mut parts = (tap.first..).zip(tap.weights);
            parts.all(|(cell, part)| part == f32::from(u8::from(cell == at)))
        };
        if self.length != length || self.scale != 1.0 {
            return false;
        }
        match self.coordinates {
            Coordinates::Part { .. } | Coordinates::TfHalfPixelForNn => {
                self.check(length).is_ok()
                    && self.taps(length).into_iter().enumerate().all(stays)
                    && !self.outside(length).contains(&true)
            }
            // Each cell lies upon itself.
            _ => true,
        }
    }

    /// Cells that each cell of the output is mixed from.
    fn width(&self) -> f64 {
        let support = match self.filter {
            Filter::Nearest { .. } => return 1.0,
            Filter::Linear => 2.0,
            Filter::Cubic { .. } => 4.0,
        };
        match self.antialias && self.scale < 1.0 {
            true => (support / self.scale).ceil() + 1.0,
            false => support,
        }
    }

    /// # Errors
    /// What cannot be computed with an axis of that length, in words.
    pub(super) fn check(&self, length: usize) -> Result<(), String> {
        let cells = self.width() * self.length as f64;
        let whole = 1..=LONGEST;
        if !(1e-6..=1e6).contains(&self.scale) {
            return Err(format!("resamples by a factor of {}", self.scale));
        }
        if let Coordinates::Part { start, end } = self.coordinates {
            if ![start, end].iter().all(|at| (-1e6..=1e6).contains(at)) {
                return Err(format!("resamples the part from {start} to {end}"));
            }
        }
        if !whole.contains(&self.length) || !whole.contains(&length) || cells > MOST_TAPS as f64 {
            return Err(format!(
                "resamples {length} to {} cells, which is not a size that can be computed with",
                self.length
            ));
        }
        Ok(())
    }

    /// Where on an axis of `length` cells a cell of the output lies, in float32 as ONNX' runtimes compute it.
    fn coordinate(&self, at: usize, length: usize) -> f32 {
        let (x, scale) = (at as f32, self.scale as f32);
        let (resized, original) = (self.length as f32, length as f32);
        match self.coordinates {
            Coordinates::HalfPixel => (x + 0.5) / scale - 0.5,
            Coordinates::HalfPixelSymmetric => {
                let adjustment = resized / (scale * original);
                let offset = original / 2.0 * (1.0 - adjustment);
                offset + (x + 0.5) / scale - 0.5
            }
            Coordinates::PytorchHalfPixel if self.length == 1 => 0.0,
            Coordinates::PytorchHalfPixel => (x + 0.5) / scale - 0.5,
            Coordinates::AlignCorners if self.length == 1 => 0.0,
            Coordinates::AlignCorners => x * (original - 1.0) / (resized - 1.0),
            Coordinates::Asymmetric => x / scale,
            Coordinates::TfHalfPixelForNn => (x + 0.5) / scale,
            Coordinates::Part { start, end } => {
                let (start, end) = (start as f32, end as f32);
                let (from, to) = (start * (original - 1.0), end * (original - 1.0));
                match self.length {
                    1 => 0.5 * (from + to),
                    _ => from + x * (to - from) / (resized - 1.0),
                }
            }
        }
    }

    /// How far apart neighbouring cells of the output lie on an axis of `length` cells: so many of them for so many of
    /// those.
    pub(super) fn step(&self, length: usize) -> [usize; 2] {
        match self.coordinates {
            Coordinates::AlignCorners if self.length > 1 && length > 1 => {
                [self.length - 1, length - 1]
            }
            // Which lengths a factor comes to is rounded.
            _ if self.scale.fract() == 0.0 => [self.scale as usize, 1],
            _ if (1.0 / self.scale).fract() == 0.0 => [1, (1.0 / self.scale) as usize],
            _ => [self.length, length],
        }
    }

    /// Which cells of the output lie beyond the ends of an axis of `length` cells.
    pub(super) fn outside(&self, length: usize) -> Vec<bool> {
        let last = length as f32 - 1.0;
        (0..self.length)
            .map(|at| !(0.0..=last).contains(&self.coordinate(at, length)))
            .collect()
    }

    /// What each cell of the output is mixed from, on an axis of `length` cells.
    pub fn taps(&self, length: usize) -> Vec<Tap> {
        (0..self.length)
            .map(|at| self.tap(self.coordinate(at, length), length))
            .collect()
    }

    fn tap(&self, x: f32, length: usize) -> Tap {
        let last = length as i64 - 1;
        if let Filter::Nearest { rounding } = self.filter {
            let cell = match rounding {
                Nearest::PreferFloor if x == x.floor() + 0.5 => x.floor(),
                Nearest::PreferFloor | Nearest::PreferCeil => x.round(),
                Nearest::Floor => x.floor(),
                Nearest::Ceil => x.ceil(),
            };
            return Tap {
                first: (cell as i64).clamp(0, last) as usize,
                weights: vec![1.0],
            };
        }
        let stretch = match self.antialias {
            true => self.scale.min(1.0),
            false => 1.0,
        };
        let reach = match self.filter {
            Filter::Cubic { .. } => 2.0,
            _ => 1.0,
        } / stretch;
        let x = f64::from(x);
        let from = (x - reach).floor() as i64 + 1;
        let to = (x + reach).ceil() as i64 - 1;
        // At least the cell that it lies upon; where it lies upon none, those on both sides.
        let cells = from.min(x.floor() as i64)..=to.max(x.floor() as i64);
        let mut parts: Vec<(i64, f64)> = cells
            .map(|cell| (cell, self.weight((cell as f64 - x) * stretch)))
            .filter(|(cell, _)| !self.exclude_outside || (0..=last).contains(cell))
            .collect();
        let sum: f64 = parts.iter().map(|(_, weight)| weight).sum();
        if (self.exclude_outside || self.antialias) && sum != 0.0 {
            parts.iter_mut().for_each(|(_, weight)| *weight /= sum);
        }
        let within = |cell: i64| cell.clamp(0, last) as usize;
        let first = parts.first().map_or(0, |(cell, _)| within(*cell));
        let end = parts.last().map_or(first, |(cell, _)| within(*cell));
        let mut weights = vec![0.0; end - first + 1];
        for (cell, weight) in parts {
            weights[within(cell) - first] += weight;
        }
        Tap {
            first,
            weights: weights.into_iter().map(|weight| weight as f32).collect(),
        }
    }

    /// The filter at a distance.
    fn weight(&self, distance: f64) -> f64 {
        let d = distance.abs();
        match self.filter {
            Filter::Cubic { coefficient: a } => match d {
                d if d <= 1.0 => ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0,
                d if d < 2.0 => ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a,
                _ => 0.0,
            },
            _ => (1.0 - d).max(0.0),
        }
    }

    /// The filter's name for people.
    pub(super) fn describe(&self) -> &'static str {
        match self.filter {
            Filter::Nearest { .. } => "nearest",
            Filter::Linear => "linear",
            Filter::Cubic { .. } => "cubic",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(resampling: Resampling, input: &[f32]) -> Vec<f32> {
        let taps = resampling.taps(input.len()).into_iter();
        let mix = |tap: Tap| {
            let cells = input[tap.first..].iter().zip(&tap.weights);
            cells.map(|(cell, weight)| cell * weight).sum()
        };
        taps.map(mix).collect()
    }

    #[test]
    fn a_factor_of_one_is_not_nothing_where_a_part_is_enlarged() {
        assert!(Resampling::none(6).is_none(6));
        assert!(!Resampling::none(6).is_none(5));
        let part = |start, end| Resampling {
            coordinates: Coordinates::Part { start, end },
            ..Resampling::none(6)
        };
        assert!(part(0.0, 1.0).is_none(6));
        assert!(!part(0.2, 0.9).is_none(6));
        let halves = Resampling {
            coordinates: Coordinates::TfHalfPixelForNn,
            filter: Filter::Linear,
            ..Resampling::none(6)
        };
        assert!(!halves.is_none(6));
        let cubic = Resampling {
            coordinates: Coordinates::AlignCorners,
            filter: Filter::Cubic { coefficient: -0.75 },
            antialias: true,
            ..Resampling::none(6)
        };
        assert!(cubic.is_none(6));
    }

    #[test]
    fn a_ramp_stays_one() {
        let linear = Resampling {
            length: 6,
            scale: 2.0,
            coordinates: Coordinates::HalfPixel,
            filter: Filter::Linear,
            ..Resampling::none(6)
        };
        let ramp = [0.0, 1.0, 2.0];
        assert_eq!(mixed(linear, &ramp), [0.0, 0.25, 0.75, 1.25, 1.75, 2.0]);
        let corners = Resampling {
            length: 5,
            scale: 5.0 / 3.0,
            coordinates: Coordinates::AlignCorners,
            ..linear
        };
        assert_eq!(mixed(corners, &ramp), [0.0, 0.5, 1.0, 1.5, 2.0]);
        let nearest = |rounding| Resampling {
            filter: Filter::Nearest { rounding },
            coordinates: Coordinates::Asymmetric,
            ..linear
        };
        let [floor, ceil] = [Nearest::Floor, Nearest::PreferCeil].map(nearest);
        assert_eq!(mixed(floor, &ramp), [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]);
        assert_eq!(mixed(ceil, &ramp), [0.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
    }

    #[test]
    fn what_cannot_be_computed_is_said() {
        let of = |length, scale| Resampling {
            scale,
            ..Resampling::none(length)
        };
        for (resampling, length) in [
            (of(0, 1.0), 4),
            (of(1 << 30, 1.0), 4),
            (of(4, 0.0), 4),
            (of(4, -1.0), 4),
            (of(4, f64::NAN), 4),
            (of(4, f64::INFINITY), 4),
        ] {
            assert!(resampling.check(length).is_err());
        }
        let wide = Resampling {
            filter: Filter::Linear,
            antialias: true,
            ..of(1 << 20, 1e-9)
        };
        assert!(wide.check(4).is_err());
        assert!(of(4, 1.0).check(4).is_ok());
    }
}
