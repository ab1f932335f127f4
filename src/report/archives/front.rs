//! The front page: the newest archives, and the way to all others.

use std::collections::BTreeSet;

use archive::{Entry, Series};

use super::{rows, series_link, series_page, series_title, trends, Site, ALL, FRONT};
use crate::prelude::*;

/// Archives listed.
const ROWS: usize = 50;
/// Series drawn at most, those with the newest runs.
const TRENDS: usize = 12;
/// Series listed at most.
const SERIES: usize = 200;
/// The figure that is drawn of a series that has it.
const DRAWN: &str = "top1_accuracy";

/// Writes `index.html`.
pub(super) fn write(site: &Site<'_>, written: &mut BTreeSet<String>) -> Result<()> {
    let leaf = Leaf::new(&site.press, FRONT, "archives.nav_front");
    let newest = site.entries.first().map_or_else(String::new, |entry| {
        entry.finished.format("%Y-%m-%d %H:%M").to_string()
    });
    let archives = site.entries.len();
    let lead = leaf.count("archives.lead", archives, &[("newest", &newest)]);
    let all = Text::more(leaf.count("archives.all", archives, &[]), leaf.href(ALL));
    let newest = [
        rows::table(&leaf, &site.entries[..archives.min(ROWS)]),
        Block::text(all),
    ];
    let content = Content::new(leaf.say("archives.title"), lead).with([
        leaf.paragraph("archives.intro"),
        site.datasets(&leaf, ""),
        site.networks(&leaf, ""),
        leaf.section("trends", "archives.trends", drawn(site, &leaf, written)?),
        leaf.section("newest", "archives.newest", newest),
    ]);
    leaf.put(&content)
}

/// The main figure of the series with the newest runs, and the way to the others.
fn drawn(site: &Site<'_>, leaf: &Leaf<'_>, written: &mut BTreeSet<String>) -> Result<Vec<Block>> {
    let mut series: Vec<(&Series, &Vec<&Entry>)> = site.series.iter().collect();
    series.sort_by_key(|(_, entries)| std::cmp::Reverse(entries.first().map(|e| e.finished)));
    let (first, others) = series.split_at(series.len().min(TRENDS));
    let mut charts = Vec::new();
    for (series, entries) in first {
        let Some(figure) = main_figure(entries) else {
            continue;
        };
        let chart = trends::chart(leaf, series, entries, &figure, &figure.0, written)?;
        let title = series_title(leaf.texts(), series);
        let title = Text::link(title, leaf.href(&series_page(series)));
        charts.push(chart.titled(title).noted(figure.0));
    }
    let caption = String::new();
    let mut blocks = vec![
        leaf.paragraph("archives.trends_text"),
        Block::group("trends", [Block::charts(charts, caption)]),
    ];
    if !others.is_empty() {
        let others = others.iter().take(SERIES);
        let others = others.map(|(series, entries)| series_link(leaf, series, entries));
        blocks.push(leaf.choices("archives.more_series", others.collect()));
    }
    Ok(blocks)
}

/// Accuracy, or else the first figure over all photos.
fn main_figure(entries: &[&Entry]) -> Option<(String, String)> {
    let has_accuracy = |entry: &&Entry| rows::figure(entry, DRAWN, "all").is_some();
    match entries.iter().any(has_accuracy) {
        true => Some((DRAWN.to_owned(), "all".to_owned())),
        false => trends::figures(entries).into_iter().next(),
    }
}
