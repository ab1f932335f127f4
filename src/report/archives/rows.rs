//! Archives as lines of a table.

use serde::Serialize;

use super::super::frame::Leaf;
use super::super::{numbers, site};
use super::{dataset_page, network_page};
use crate::archive::{Entry, EXTENSION};
use crate::records::tables::MetricRow;

/// The figure that a line shows.
const SHOWN: &str = "top1_accuracy";

/// One archive.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    finished: String,
    report: String,
    dataset: String,
    dataset_href: String,
    network: String,
    network_href: String,
    hidden: String,
    photos: String,
    accuracy: String,
    interval: String,
    tags: Vec<String>,
    archive: String,
    size: String,
    sha256: String,
    sha256_begin: String,
}

pub(super) fn rows(leaf: &Leaf<'_>, entries: &[&Entry]) -> Vec<Row> {
    entries.iter().map(|entry| row(leaf, entry)).collect()
}

fn row(leaf: &Leaf<'_>, entry: &Entry) -> Row {
    let (card, series) = (&entry.card, entry.series());
    let accuracy = figure(entry, SHOWN);
    let hidden = series.hidden.as_deref().map(|region| {
        let region = site::words(region);
        leaf.texts().fill("archives.hidden", &[("region", &region)])
    });
    Row {
        finished: entry.finished.format("%Y-%m-%d %H:%M").to_string(),
        report: leaf.href(&format!("{}.html", card.name)),
        dataset_href: leaf.href(&dataset_page(&series.dataset)),
        network_href: leaf.href(&network_page(&series.network)),
        network: site::network(&series.network).to_owned(),
        dataset: series.dataset,
        hidden: hidden.unwrap_or_default(),
        photos: numbers::count(card.run.dataset.photos),
        accuracy: numbers::or_dash(accuracy.map(|row| row.value), numbers::percent),
        interval: accuracy
            .and_then(numbers::share_interval)
            .unwrap_or_default(),
        tags: card.tags.clone(),
        archive: leaf.href(&format!("{}{EXTENSION}", card.name)),
        size: size(card.archive.bytes),
        sha256: card.archive.sha256.clone(),
        sha256_begin: card.archive.sha256.chars().take(12).collect(),
    }
}

/// A figure over all photos.
pub(super) fn figure<'a>(entry: &'a Entry, metric: &str) -> Option<&'a MetricRow> {
    let mut metrics = entry.card.metrics.iter();
    metrics.find(|row| row.metric == metric && row.scope == "all")
}

/// `940 kB`, `2.4 MB`.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{}\u{a0}kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.1}\u{a0}MB", bytes as f64 / 1e6),
        _ => format!("{:.1}\u{a0}GB", bytes as f64 / 1e9),
    }
}
