//! One series: the trend of every figure, and its runs.

use std::collections::BTreeSet;

use archive::{Entry, Series};

use super::{dataset_page, rows, series_page, series_title, trends, Site};
use crate::prelude::*;

/// Runs listed at most.
const ROWS: usize = 100;

/// Writes the page of a series.
pub(super) fn write(
    site: &Site<'_>,
    series: &Series,
    entries: &[&Entry],
    written: &mut BTreeSet<String>,
) -> Result<()> {
    let path = series_page(series);
    let leaf = Leaf::new(&site.press, &*path, "archives.nav_front");
    let (charts, left) = trends::charts(&leaf, series, entries, written)?;
    let drawn = numbers::count(trends::RUNS);
    let caption = leaf.fill("archives.trends_caption", &[("n", &drawn)]);
    let more = (left > 0).then(|| Block::text(leaf.count("archives.more_charts", left, &[])));
    let trends = std::iter::once(Block::charts(charts, caption)).chain(more);
    let runs = [
        rows::table(&leaf, &entries[..entries.len().min(ROWS)]),
        leaf.more("archives.same_dataset", &dataset_page(&series.dataset)),
    ];
    let lead = leaf.count("archives.series_lead", entries.len(), &[]);
    let content = Content::new(series_title(leaf.texts(), series), lead)
        .with(notes(leaf.texts(), entries))
        .with([
            leaf.section("trends", "archives.trends", trends),
            leaf.section("runs", "archives.runs", runs),
        ]);
    leaf.put(&content)?;
    written.insert(path);
    Ok(())
}

/// What may move a figure besides what one wants to know.
fn notes(texts: &Texts, entries: &[&Entry]) -> Vec<Block> {
    let different = |of: fn(&Entry) -> &String| {
        let values: BTreeSet<&String> = entries.iter().map(|entry| of(entry)).collect();
        values.len()
    };
    let photographs = different(|entry| &entry.card.run.dataset.digest);
    let weights = different(|entry| &entry.card.run.model.sha256);
    let notes = [
        ("archives.photographs_differ", photographs),
        ("archives.weights_differ", weights),
    ];
    let differing = notes.into_iter().filter(|(_, n)| *n > 1);
    differing
        .map(|(key, n)| Block::Notice(texts.count(key, n, &[]).into()))
        .collect()
}
