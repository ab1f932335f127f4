//! Figures of `metrics.csv` in large print, with their 95 % intervals.

use records::tables::MetricRow;

use super::prelude::*;

/// What a figure is.
#[derive(Clone, Copy)]
pub(super) enum Figure {
    /// A share of photographs.
    Share,
    /// What something costs, printed as the change that it is.
    Drop,
    /// A value between 0 and 1.
    Value,
}

/// The figure, its interval where it was worked out, and what else is to be known about it.
pub(super) fn card(
    page: &Page<'_>,
    (metric, figure): (&MetricRow, Figure),
    label: String,
    notes: impl IntoIterator<Item = String>,
) -> Card {
    let ends = metric.low.zip(metric.high);
    let (value, interval) = match figure {
        Figure::Share => (
            numbers::percent(metric.value),
            numbers::share_interval(metric),
        ),
        Figure::Drop => (
            numbers::change(-metric.value),
            ends.map(|(low, high)| numbers::change_interval(-high, -low, &page.say("common.to"))),
        ),
        Figure::Value => (
            numbers::probability(metric.value),
            ends.map(|(low, high)| {
                let [low, high] = [low, high].map(numbers::probability);
                format!("{low}–{high}")
            }),
        ),
    };
    let told = |interval| page.fill("common.interval", &[("interval", &interval)]);
    let interval = interval.map(told).into_iter();
    Card::new(label, value, interval.chain(notes).collect())
}
