//! Archives as lines of a table.

use super::super::blocks::{Block, Column, Row, Table, Text};
use super::super::frame::Leaf;
use super::super::{numbers, site};
use super::{dataset_page, network_page};
use crate::archive::{Entry, EXTENSION};
use crate::records::tables::MetricRow;

/// The figure that a line shows.
const SHOWN: &str = "top1_accuracy";

/// A table of archives, a line each.
pub(super) fn table(leaf: &Leaf<'_>, entries: &[&Entry]) -> Block {
    let texts = leaf.texts();
    let columns = vec![
        Column::text(texts.say("archives.finished")),
        Column::text(texts.say("archives.dataset")),
        Column::text(texts.say("archives.network")),
        Column::number(texts.say("archives.photos")),
        Column::number(texts.say("archives.accuracy")),
        Column::text(texts.say("archives.tags")),
        Column::text(texts.say("archives.archive")),
    ];
    let rows = entries.iter().map(|entry| row(leaf, entry)).collect();
    let label = texts.say("archives.runs");
    Block::Table(Table::new(label, Text::default(), columns, rows).of_class("archives"))
}

fn row(leaf: &Leaf<'_>, entry: &Entry) -> Row {
    let (card, series) = (&entry.card, entry.series());
    let small = |note: Option<String>| {
        note.map_or_else(Text::default, |note| Text::of_class("small", note))
    };
    let hidden = series.hidden.as_deref().map(|region| {
        let region = site::words(region);
        leaf.texts().fill("archives.hidden", &[("region", &region)])
    });
    let accuracy = figure(entry, SHOWN);
    let interval = accuracy.and_then(numbers::share_interval);
    let accuracy = numbers::or_dash(accuracy.map(|row| row.value), numbers::percent);
    let network = site::network(&series.network);
    let tags = card.tags.iter().map(|tag| Text::of_class("tag", tag));
    let sha256 = &card.archive.sha256;
    let begin: String = sha256.chars().take(12).collect();
    let digest = Text::of_class("small code", begin).titled(format!("sha256 {sha256}"));
    let archive = leaf.href(&format!("{}{EXTENSION}", card.name));
    let cells = [
        Text::link(&series.dataset, leaf.href(&dataset_page(&series.dataset))),
        Text::link(network, leaf.href(&network_page(&series.network))).and(small(hidden)),
        numbers::count(card.run.dataset.photos).into(),
        Text::from(accuracy).and(small(interval)),
        tags.fold(Text::default(), Text::and),
        Text::link(size(card.archive.bytes), archive).and(digest),
    ];
    let finished = entry.finished.format("%Y-%m-%d %H:%M").to_string();
    let report = leaf.href(&format!("{}.html", card.name));
    Row::new(Text::link(finished, report), cells)
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
