//! A figure in large print, with what has to be known about it below.

use serde::Serialize;

use super::numbers;
use super::site::Page;
use crate::records::tables::MetricRow;

/// A figure with its notes.
#[derive(Debug, Serialize)]
pub(super) struct Card {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) notes: Vec<String>,
}

/// The note that tells the 95 % interval of a share.
pub(super) fn share_interval(page: &Page<'_>, metric: &MetricRow) -> Option<String> {
    Some(told(page, &numbers::share_interval(metric)?))
}

/// That of a drop, printed as the change that it is.
pub(super) fn drop_interval(page: &Page<'_>, metric: &MetricRow) -> Option<String> {
    let (low, high) = (metric.low?, metric.high?);
    let between = page.texts().say("common.to");
    Some(told(page, &numbers::change_interval(-high, -low, &between)))
}

/// That of a value between 0 and 1.
pub(super) fn value_interval(page: &Page<'_>, metric: &MetricRow) -> Option<String> {
    let [low, high] = [metric.low?, metric.high?].map(numbers::probability);
    Some(told(page, &format!("{low}–{high}")))
}

fn told(page: &Page<'_>, interval: &str) -> String {
    page.texts()
        .fill("common.interval", &[("interval", interval)])
}
