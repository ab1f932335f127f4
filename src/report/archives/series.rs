//! One series: the trend of every figure, and its runs.

use std::collections::BTreeSet;

use super::super::blocks::{Block, Charts, Text};
use super::super::frame::{Content, Leaf};
use super::super::lang::Texts;
use super::super::numbers;
use super::{dataset_page, rows, series_page, series_title, trends, Site};
use crate::archive::{Entry, Series};
use crate::error::Result;

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
    let texts = leaf.texts();
    let (charts, left) = trends::charts(&leaf, series, entries, written)?;
    let drawn = numbers::count(trends::RUNS);
    let caption = texts.fill("archives.trends_caption", &[("n", &drawn)]);
    let mut trends = vec![Block::Charts(Charts { charts, caption })];
    if left > 0 {
        let more = texts.count("archives.more_charts", left, &[]);
        trends.push(Block::text(more));
    }
    let of_dataset = leaf.href(&dataset_page(&series.dataset));
    let runs = vec![
        rows::table(&leaf, &entries[..entries.len().min(ROWS)]),
        Block::text(Text::more(texts.say("archives.same_dataset"), of_dataset)),
    ];
    let title = series_title(texts, series);
    let lead = texts.count("archives.series_lead", entries.len(), &[]);
    let mut blocks = vec![Block::Heading(title.clone()), Block::Lead(lead.into())];
    blocks.extend(notes(texts, entries));
    blocks.push(leaf.section("trends", "archives.trends", trends));
    blocks.push(leaf.section("runs", "archives.runs", runs));
    leaf.put(&Content::new(title, blocks))?;
    written.insert(path);
    Ok(())
}

/// What may move a figure besides what one wants to know.
fn notes(texts: &Texts, entries: &[&Entry]) -> Vec<Block> {
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
    .map(|(key, n)| Block::Notice(texts.count(key, n, &[]).into()))
    .collect()
}
