//! One series: the trend of every figure, and its runs.

use std::collections::BTreeSet;

use serde::Serialize;

use super::super::charts::Chart;
use super::super::frame::Leaf;
use super::super::numbers;
use super::rows::{rows, Row};
use super::{dataset_page, series_page, series_title, trends, Site};
use crate::archive::{Entry, Series};
use crate::error::Result;

/// Runs listed at most.
const ROWS: usize = 100;

#[derive(Serialize)]
struct SeriesPage {
    lead: String,
    notes: Vec<String>,
    charts: Vec<Chart>,
    caption: String,
    more_charts: String,
    rows: Vec<Row>,
    all: String,
}

/// Writes the page of a series.
pub(super) fn write(
    site: &Site<'_>,
    series: &Series,
    entries: &[&Entry],
    written: &mut BTreeSet<String>,
) -> Result<()> {
    let path = series_page(series);
    let leaf = Leaf::new(&site.press, &*path, "archives.nav_front");
    let texts = leaf.texts();
    let (charts, left) = trends::charts(&leaf, series, entries, written)?;
    let drawn = numbers::count(trends::RUNS);
    let content = SeriesPage {
        lead: texts.count("archives.series_lead", entries.len(), &[]),
        notes: notes(&leaf, entries),
        charts,
        caption: texts.fill("archives.trends_caption", &[("n", &drawn)]),
        more_charts: match left {
            0 => String::new(),
            left => texts.count("archives.more_charts", left, &[]),
        },
        rows: rows(&leaf, &entries[..entries.len().min(ROWS)]),
        all: leaf.href(&dataset_page(&series.dataset)),
    };
    let title = series_title(texts, series);
    leaf.write("archives/series.html", &title, &content)?;
    written.insert(path);
    Ok(())
}

/// What may move a figure besides what one wants to know.
fn notes(leaf: &Leaf<'_>, entries: &[&Entry]) -> Vec<String> {
    let different = |of: &dyn Fn(&Entry) -> String| {
        let values: BTreeSet<String> = entries.iter().map(|entry| of(entry)).collect();
        values.len()
    };
    let photographs = different(&|entry| entry.card.run.dataset.digest.clone());
    let weights = different(&|entry| entry.card.run.model.sha256.clone());
    [
        ("archives.photographs_differ", photographs),
        ("archives.weights_differ", weights),
    ]
    .into_iter()
    .filter(|(_, n)| *n > 1)
    .map(|(key, n)| leaf.texts().count(key, n, &[]))
    .collect()
}
