//! What changed between two runs over the same photos, and what that is worth.

use std::collections::BTreeMap;

use statistics::{self, McNemar, PairedCounts, Wilcoxon};

use super::lineup::{Lineup, Seen};

/// The change from run `a` to run `b`.
#[derive(Debug, Clone)]
pub struct Difference {
    /// Place of the run that is held against.
    pub a: usize,
    /// Place of the run that is held.
    pub b: usize,
    /// Of the share of right first classes; `None` without a photo that both runs scored.
    pub accuracy: Option<AccuracyChange>,
    /// Of the label's probability.
    pub label: Option<Change>,
    /// Of the probability of the class that is first in the first run of all.
    pub first: Option<Change>,
    /// The largest difference of any class's probability in any photo, where the classes are the same.
    pub largest: Option<f64>,
    /// Photos whose first class became another, the most frequent change first.
    pub flips: Vec<Flip>,
    /// Photos in which both runs named a first class.
    pub answered: usize,
}

/// The change of accuracy over the photos that both runs scored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AccuracyChange {
    /// Photos right in both, in one, in neither.
    pub counts: PairedCounts,
    /// `b` less `a`.
    pub difference: f64,
    /// Its 95 % interval (Newcombe).
    pub interval: Option<(f64, f64)>,
    /// The exact test; `None` where no photo is right in one run alone.
    pub mcnemar: Option<McNemar>,
}

/// The change of a probability, photo by photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// By place among the common photos: probability in `a` and in `b`.
    pub values: Vec<(usize, f64, f64)>,
    /// Mean of `b` less `a`.
    pub mean: f64,
    /// Its 95 % bootstrap interval; `None` for one photo, and where every photo changed by the same.
    pub interval: Option<(f64, f64)>,
    /// The signed-rank test; `None` where no photo changed.
    pub wilcoxon: Option<Wilcoxon>,
}

/// A change of the first class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flip {
    /// In `a`.
    pub from: String,
    /// In `b`.
    pub to: String,
    /// Photos.
    pub count: usize,
}

impl Difference {
    /// Holds run `b` against run `a`; `seed` draws the bootstrap's resamples.
    pub(super) fn of(lineup: &Lineup, pair: usize, (a, b): (usize, usize), seed: u64) -> Self {
        let both = || {
            let lines = lineup.photos.iter().enumerate();
            lines
                .filter_map(|(at, line)| Some((at, line.seen[a].as_ref()?, line.seen[b].as_ref()?)))
        };
        let mut counts = PairedCounts::default();
        let mut flips = BTreeMap::<(&str, &str), usize>::new();
        for (_, before, after) in both() {
            if let (Some(before), Some(after)) = (before.right, after.right) {
                counts.count(before, after);
            }
            if before.class_name != after.class_name {
                *flips
                    .entry((&before.class_name, &after.class_name))
                    .or_default() += 1;
            }
        }
        let change = |of: &dyn Fn(&Seen) -> Option<f64>| {
            let values =
                both().filter_map(|(at, before, after)| Some((at, of(before)?, of(after)?)));
            Change::of(values.collect(), seed)
        };
        let mut flips: Vec<Flip> = flips
            .into_iter()
            .map(|((from, to), count)| Flip {
                from: from.to_owned(),
                to: to.to_owned(),
                count,
            })
            .collect();
        flips.sort_by_key(|flip| std::cmp::Reverse(flip.count));
        Self {
            a,
            b,
            accuracy: AccuracyChange::of(counts),
            label: change(&|seen| seen.label_probability),
            first: change(&|seen| seen.reference_probability),
            largest: lineup
                .photos
                .iter()
                .filter_map(|line| line.largest[pair])
                .reduce(f64::max),
            flips,
            answered: both().count(),
        }
    }

    /// The change that photos are ordered by: the label's probability where there are labels, else the first class's.
    pub fn headline(&self) -> Option<&Change> {
        self.label.as_ref().or(self.first.as_ref())
    }
}

impl AccuracyChange {
    /// What photographs counted by what two runs made of them tell; `None` without one.
    pub(super) fn of(counts: PairedCounts) -> Option<Self> {
        Some(Self {
            counts,
            difference: counts.difference()?,
            interval: statistics::paired_difference(&counts, 0.95),
            mcnemar: statistics::mcnemar(&counts),
        })
    }
}

impl Change {
    fn of(values: Vec<(usize, f64, f64)>, seed: u64) -> Option<Self> {
        let changes: Vec<f64> = values.iter().map(|(_, a, b)| b - a).collect();
        let (mean, _) = statistics::mean(&changes)?;
        Some(Self {
            mean,
            interval: statistics::mean_interval(&changes, seed),
            wilcoxon: statistics::wilcoxon(&changes),
            values,
        })
    }

    /// Change of each photo, in the order of the values.
    pub fn changes(&self) -> impl Iterator<Item = f64> + '_ {
        self.values.iter().map(|(_, a, b)| b - a)
    }
}
