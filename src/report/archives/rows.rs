//! Archives as lines of a table.

use archive::{Entry, EXTENSION};
use records::tables::MetricRow;

use super::{dataset_page, hidden, network_page};
use crate::prelude::*;
use crate::site::network;

/// The figure that a line shows.
const SHOWN: &str = "top1_accuracy";

/// A table of archives, a line each.
pub(super) fn table(leaf: &Leaf<'_>, entries: &[&Entry]) -> Block {
    let small = |note: Option<String>| {
        note.map_or_else(Text::default, |note| Text::of_class("small", note))
    };
    leaf.columns(entries.iter().map(|entry| (*entry, entry.series())))
        .text("archives.finished", |(entry, _)| {
            let finished = entry.finished.format("%Y-%m-%d %H:%M").to_string();
            Text::link(finished, leaf.href(&format!("{}.html", entry.card.name)))
        })
        .text("archives.dataset", |(_, series)| {
            Text::link(&series.dataset, leaf.href(&dataset_page(&series.dataset)))
        })
        .text("archives.network", |(_, series)| {
            let list = leaf.href(&network_page(&series.network));
            Text::link(network(&series.network), list).and(small(hidden(leaf.texts(), series)))
        })
        .count("archives.photos", |(entry, _)| {
            entry.card.run.dataset.photos
        })
        .number("archives.accuracy", |(entry, _)| {
            let accuracy = figure(entry, SHOWN, "all");
            let value = Text::from(accuracy.map(|row| numbers::percent(row.value)));
            value.and(small(accuracy.and_then(numbers::share_interval)))
        })
        .text("archives.tags", |(entry, _)| {
            let tags = entry.card.tags.iter().map(|tag| Text::of_class("tag", tag));
            tags.fold(Text::default(), Text::and)
        })
        .text("archives.archive", |(entry, _)| {
            let archive = &entry.card.archive;
            let begin: String = archive.sha256.chars().take(12).collect();
            let digest = Text::of_class("small code", begin);
            let file = leaf.href(&format!("{}{EXTENSION}", entry.card.name));
            Text::link(size(archive.bytes), file)
                .and(digest.titled(format!("sha256 {}", archive.sha256)))
        })
        .of_class("archives")
        .called(leaf.say("archives.runs"), Text::default())
}

/// A figure of a run.
pub(super) fn figure<'a>(entry: &'a Entry, metric: &str, scope: &str) -> Option<&'a MetricRow> {
    let mut metrics = entry.card.metrics.iter();
    metrics.find(|row| row.metric == metric && row.scope == scope)
}

/// `940 kB`, `2.4 MB`.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{}\u{a0}kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.1}\u{a0}MB", bytes as f64 / 1e6),
        _ => format!("{:.1}\u{a0}GB", bytes as f64 / 1e9),
    }
}
