//! How far two float32 ways of computing the same may be apart: both are held against float64 on the same network, so that
//! the bound follows the rounding of the processor at hand and of the network. CONTRIBUTING.md has the table of all bounds.

use std::fmt;

/// Ours may be off by so many times what the other way is off ...
const TIMES: f64 = 3.0;
/// ... and by so many units of the last place of the scale, since the other may happen to be right to the last bit.
const UNITS: f64 = 4.0;

/// The largest distances of two float32 ways from float64.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rounding {
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
    /// Of the values.
    pub(crate) scale: f64,
    /// Units of its last place that ours may be off by whatever the other way is.
    units: f64,
}

impl Rounding {
    /// Of three lists of the same values; the scale is the largest of them.
    pub(crate) fn of(ours: &[f64], theirs: &[f64], exact: &[f64]) -> Self {
        Self::known(
            distance(ours, exact),
            distance(theirs, exact),
            largest(exact),
        )
    }

    /// Of distances that are known.
    pub(crate) fn known(ours: f64, theirs: f64, scale: f64) -> Self {
        Self {
            ours,
            theirs,
            scale,
            units: UNITS,
        }
    }

    /// Of values behind sums of so many terms. One way may add them up in blocks and be off by next to nothing, the other one after
    /// another, by the processor's instructions: that rounding walks at random, half a unit a step (Higham 2002, §2.8).
    pub(crate) fn of_sums(self, terms: usize) -> Self {
        Self {
            units: self.units.max((terms as f64).sqrt() / 2.0),
            ..self
        }
    }

    /// Of values that are sums of larger ones.
    pub(crate) fn on_scale(self, scale: f64) -> Self {
        Self {
            scale: self.scale.max(scale),
            ..self
        }
    }

    /// The worst of several of these, each relative to its scale.
    pub(crate) fn worst(all: impl IntoIterator<Item = Self>) -> Self {
        let of_scale = |off: f64, scale: f64| if off == 0.0 { 0.0 } else { off / scale };
        all.into_iter().fold(
            Self {
                scale: 1.0,
                units: UNITS,
                ..Self::default()
            },
            |worst, one| Self {
                ours: worst.ours.max(of_scale(one.ours, one.scale)),
                theirs: worst.theirs.max(of_scale(one.theirs, one.scale)),
                scale: 1.0,
                units: worst.units.max(one.units),
            },
        )
    }

    /// Where the other way was seen to be off by so much on a like input, it was not by chance that it came nearer here.
    pub(crate) fn other_off_by(self, theirs: f64) -> Self {
        Self {
            theirs: self.theirs.max(theirs),
            ..self
        }
    }

    /// Ours as a part of what is allowed: at most 1.
    pub(crate) fn part(&self) -> f64 {
        match self.ours == 0.0 {
            true => 0.0,
            false => {
                self.ours
                    / (TIMES * self.theirs + self.units * f64::from(f32::EPSILON) * self.scale)
            }
        }
    }
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.3} of what is allowed (ours off by {:.2e}, the other by {:.2e}, of {:.2e})",
            self.part(),
            self.ours,
            self.theirs,
            self.scale
        )
    }
}

/// The largest difference; infinite where one of two values is not a number.
pub(crate) fn distance(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected);
    let off = pairs.map(|(a, b)| match (a - b).abs() {
        off if off.is_nan() => f64::INFINITY,
        off => off,
    });
    off.fold(0.0, f64::max)
}

/// The largest value, by its size.
pub(crate) fn largest(values: &[f64]) -> f64 {
    values
        .iter()
        .fold(0.0, |most: f64, value| most.max(value.abs()))
}
