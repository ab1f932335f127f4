//! 95 % intervals in words.

use super::numbers;
use super::site::Page;
use crate::records::tables::MetricRow;

/// That of a share; `None` where it was not worked out.
pub(super) fn of_share(page: &Page<'_>, metric: &MetricRow) -> Option<String> {
    Some(told(page, &numbers::share_interval(metric)?))
}

/// That of a drop, printed as the change that it is.
pub(super) fn of_drop(page: &Page<'_>, metric: &MetricRow) -> Option<String> {
    let (low, high) = (metric.low?, metric.high?);
    let between = page.texts().say("common.to");
    Some(told(page, &numbers::change_interval(-high, -low, &between)))
}

/// That of a value between 0 and 1.
pub(super) fn of_value(page: &Page<'_>, metric: &MetricRow) -> Option<String> {
    let [low, high] = [metric.low?, metric.high?].map(numbers::probability);
    Some(told(page, &format!("{low}–{high}")))
}

fn told(page: &Page<'_>, interval: &str) -> String {
    page.texts()
        .fill("common.interval", &[("interval", interval)])
}
