//! The change of an accuracy against a baseline, photo by photo.

use records::{Answer, Answers};
use serde::Serialize;
use statistics::{paired_difference, PairedCounts};

use super::rule::{Certainty, Figure};
use super::ALL;

/// Metrics that can be compared photo by photo.
pub(super) const PAIRED: [&str; 2] = ["top1_accuracy", "top5_accuracy"];

/// Whether a metric can be compared photo by photo.
pub(super) fn can_be_paired(metric: &str) -> bool {
    PAIRED.contains(&metric)
}

/// The change of an accuracy over the photos that both runs scored, with its interval (Newcombe 1998, method 10).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Share right in the run less share right in the baseline.
    pub difference: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// The interval's confidence in percent, two-sided.
    pub percent: f64,
    /// Photos that both runs scored, under one `image_id` and the same label.
    pub photos: usize,
    /// Scored photos of the run that are left out.
    pub only_in_run: usize,
    /// Scored photos of the baseline that are left out.
    pub only_in_baseline: usize,
}

/// The change of `figure` from the baseline to the run; `None` where they have no scored photo in common.
pub(super) fn between(
    baseline: &Answers,
    run: &Answers,
    figure: &Figure,
    certainty: &Certainty,
) -> Option<Change> {
    let right = |answer: &Answer| -> Option<bool> {
        let counted = figure.scope == ALL || figure.scope == format!("class:{}", answer.label);
        let right = match figure.metric.as_str() {
            "top5_accuracy" => answer.right_in_five,
            _ => answer.right,
        };
        right.filter(|_| counted)
    };
    let scored = |answers: &Answers| answers.by_id.values().filter_map(right).count();
    let mut counts = PairedCounts::default();
    for (id, now) in &run.by_id {
        let before = baseline.by_id.get(id).filter(|old| old.label == now.label);
        if let (Some(before), Some(now)) = (before.and_then(right), right(now)) {
            counts.count(before, now);
        }
    }
    let (low, high) = paired_difference(&counts, certainty.percent / 100.0)?;
    let photos = counts.total();
    Some(Change {
        difference: counts.difference()?,
        low,
        high,
        percent: certainty.percent,
        photos,
        only_in_run: scored(run) - photos,
        only_in_baseline: scored(baseline) - photos,
    })
}
