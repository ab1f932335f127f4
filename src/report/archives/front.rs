//! The front page: the newest archives, and the way to all others.

use std::collections::BTreeSet;

use serde::Serialize;

use super::super::charts::Chart;
use super::super::frame::Leaf;
use super::super::numbers;
use super::rows::{figure, rows, Row};
use super::{series_page, series_title, trends, Choice, Site, ALL, FRONT};
use crate::archive::{Entry, Series};
use crate::error::Result;

/// Archives listed.
const ROWS: usize = 50;
/// Series drawn at most, those with the newest runs.
const TRENDS: usize = 12;
/// Series listed at most.
const SERIES: usize = 200;
/// The figure that is drawn of a series that has it.
const DRAWN: &str = "top1_accuracy";

#[derive(Serialize)]
struct FrontPage {
    lead: String,
    datasets: Vec<Choice>,
    networks: Vec<Choice>,
    trends: Vec<Trend>,
    series: Vec<Choice>,
    rows: Vec<Row>,
    all: String,
    all_label: String,
}

#[derive(Serialize)]
struct Trend {
    title: String,
    href: String,
    chart: Chart,
}

/// Writes `index.html`.
pub(super) fn write(site: &Site<'_>, written: &mut BTreeSet<String>) -> Result<()> {
    let leaf = Leaf::new(&site.press, FRONT, "archives.nav_front");
    let texts = leaf.texts();
    let newest = site.entries.first().map_or_else(String::new, |entry| {
        entry.finished.format("%Y-%m-%d %H:%M").to_string()
    });
    let mut series: Vec<(&Series, &Vec<&Entry>)> = site.series.iter().collect();
    series.sort_by_key(|(_, entries)| std::cmp::Reverse(entries.first().map(|e| e.finished)));
    let mut drawn = Vec::new();
    for (series, entries) in series.iter().take(TRENDS) {
        let Some(drawn_figure) = main_figure(entries) else {
            continue;
        };
        let title = series_title(texts, series);
        let name = drawn_figure.0.clone();
        let chart = trends::chart(&leaf, series, entries, &drawn_figure, name, written)?;
        drawn.push(Trend {
            title,
            href: leaf.href(&series_page(series)),
            chart,
        });
    }
    let content = FrontPage {
        lead: texts.count("archives.lead", site.entries.len(), &[("newest", &newest)]),
        datasets: site.datasets(&leaf, ""),
        networks: site.networks(&leaf, ""),
        trends: drawn,
        series: series
            .iter()
            .skip(TRENDS)
            .take(SERIES)
            .map(|(series, entries)| Choice {
                label: series_title(texts, series),
                href: leaf.href(&series_page(series)),
                count: numbers::count(entries.len()),
                current: false,
            })
            .collect(),
        rows: rows(&leaf, &site.entries[..site.entries.len().min(ROWS)]),
        all: leaf.href(ALL),
        all_label: texts.count("archives.all", site.entries.len(), &[]),
    };
    leaf.write(
        "archives/front.html",
        &texts.say("archives.title"),
        &content,
    )
}

/// Accuracy, or else the first figure over all photos.
fn main_figure(entries: &[&Entry]) -> Option<(String, String)> {
    match entries.iter().any(|entry| figure(entry, DRAWN).is_some()) {
        true => Some((DRAWN.to_owned(), "all".to_owned())),
        false => trends::figures(entries).into_iter().next(),
    }
}
