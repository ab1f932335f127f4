//! How the learning rate falls: a function of the epoch and of what validation has shown so far, without a state.

use serde::{Deserialize, Serialize};

/// How the learning rate falls.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// It does not.
    Constant,
    /// By a factor after every so many epochs.
    Step {
        /// Epochs.
        every: usize,
        /// Of the rate before.
        factor: f64,
    },
    /// Along half a cosine from the first epoch to nothing behind the last.
    Cosine,
    /// By a factor where so many epochs in a row have brought no smaller validation loss.
    Plateau {
        /// Epochs.
        patience: usize,
        /// Of the rate before.
        factor: f64,
    },
}

impl Schedule {
    /// The rate of the epoch that follows those whose validation losses are `seen`, of `epochs` in all.
    pub fn rate(self, first: f64, epochs: usize, seen: &[f64]) -> f64 {
        match self {
            Self::Constant => first,
            Self::Step { every, factor } => first * factor.powi((seen.len() / every) as i32),
            Self::Cosine => {
                let part = seen.len() as f64 / epochs.max(1) as f64;
                first * 0.5 * (1.0 + (std::f64::consts::PI * part).cos())
            }
            Self::Plateau { patience, factor } => {
                let (mut best, mut since, mut rate) = (f64::INFINITY, 0, first);
                for &loss in seen {
                    since += 1;
                    if loss < best {
                        (best, since) = (loss, 0);
                    }
                    if since == patience {
                        rate *= factor;
                        since = 0;
                    }
                }
                rate
            }
        }
    }

    pub(super) fn check(self) -> Result<(), String> {
        let (epochs, factor) = match self {
            Self::Constant | Self::Cosine => return Ok(()),
            Self::Step { every, factor } => (every, factor),
            Self::Plateau { patience, factor } => (patience, factor),
        };
        match epochs > 0 && factor > 0.0 && factor <= 1.0 {
            true => Ok(()),
            false => Err("schedule needs at least one epoch and a factor above 0, up to 1".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_fall_as_they_say() {
        let of = |schedule: Schedule, seen: &[f64]| schedule.rate(1.0, 4, seen);
        assert_eq!(of(Schedule::Constant, &[1.0; 9]), 1.0);
        let step = Schedule::Step {
            every: 2,
            factor: 0.5,
        };
        let rates = [0, 1, 2, 3, 4].map(|epochs| of(step, &vec![0.0; epochs]));
        assert_eq!(rates, [1.0, 1.0, 0.5, 0.5, 0.25]);
        let cosine = [0, 2, 4].map(|epochs| of(Schedule::Cosine, &vec![0.0; epochs]));
        assert!((cosine[0] - 1.0).abs() + (cosine[1] - 0.5).abs() + cosine[2].abs() < 1e-12);
    }

    /// Equal losses are not smaller ones; patience begins anew once the rate was lowered.
    #[test]
    fn a_plateau_is_so_many_epochs_without_a_smaller_loss() {
        let plateau = Schedule::Plateau {
            patience: 2,
            factor: 0.1,
        };
        let of = |seen: &[f64]| (plateau.rate(1.0, 99, seen) * 1e6).round() / 1e6;
        assert_eq!(of(&[3.0, 2.0, 1.0]), 1.0);
        assert_eq!(of(&[1.0, 1.0]), 1.0);
        assert_eq!(of(&[1.0, 1.0, 2.0]), 0.1);
        assert_eq!(of(&[1.0, 1.0, 2.0, 2.0]), 0.1);
        assert_eq!(of(&[1.0, 1.0, 2.0, 2.0, 3.0]), 0.01);
        assert_eq!(of(&[1.0, 1.0, 2.0, 0.5, 3.0, 0.4]), 0.1);
        assert_eq!(of(&[f64::NAN, 1.0]), 1.0);
    }
}
