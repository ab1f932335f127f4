//! How often the network is right, what it mixes up, and its surest mistakes.

mod confusion;

use std::collections::BTreeMap;

use super::super::blocks::{Block, Chart, Column, Plot, Row, Table, Text};
use super::super::frame::Content;
use super::super::numbers;
use super::super::photograph::link;
use super::super::site::{Page, CLASSIFICATION};
use super::super::telling;
use super::{Chapter, Plan};
use crate::error::Result;
use crate::figures::charts::accuracy::{self, AccuracyLine};
use crate::records::tables::{MetricRow, Row as _};

/// Labels in the chart, and rows of the lists, at most.
const CHART_LINES: usize = 40;
const ROWS: usize = 30;
/// Scopes in the table at most.
const SCOPES: usize = 200;
/// Of the classes that occur most often.
const CLASSES: usize = 12;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.classification",
    holds: "front.contents_classification",
    pages: |_| vec![Plan::new(CLASSIFICATION, content)],
};

fn content(page: &Page<'_>) -> Result<Content> {
    let (site, texts) = (page.site, page.texts());
    let scored: Vec<&MetricRow> = site
        .rows::<MetricRow>()
        .iter()
        .filter(|row| row.metric == "top1_accuracy")
        .collect();
    let title = texts.say("classification.title");
    let mut blocks = vec![
        Block::Heading(title.clone()),
        Block::Lead(texts.say("classification.lead").into()),
    ];
    let nothing = match (site.has_classifier(), scored.is_empty()) {
        (false, _) => Some("classification.no_classifier"),
        (true, true) => Some("classification.no_labels"),
        _ => None,
    };
    blocks.extend(nothing.map(|key| Block::Notice(texts.say(key).into())));
    if !scored.is_empty() {
        let told = accuracy(page, &scored)?;
        blocks.push(page.section("accuracy", "classification.accuracy", told));
    }
    if let Some(table) = confusion::confusion(page) {
        blocks.push(page.section("confusion", "classification.confusion", vec![table]));
    }
    if !scored.is_empty() {
        let told = vec![mistakes(page)];
        blocks.push(page.section("mistakes", "classification.mistakes", told));
    }
    if let Some(table) = most(page) {
        blocks.push(page.section("most", "classification.most", vec![table]));
    }
    Ok(Content::new(title, blocks))
}

fn accuracy(page: &Page<'_>, scored: &[&MetricRow]) -> Result<Vec<Block>> {
    let texts = page.texts();
    let label = texts.say("classification.accuracy");
    let mut blocks = Vec::new();
    if let Some(chart) = chart(page, scored)? {
        blocks.push(Block::Plot(Plot {
            label: label.clone(),
            chart,
            caption: String::new(),
        }));
    }
    let numbers = [
        "classification.photos",
        "classification.top1",
        "classification.interval",
        "classification.top5",
        "classification.interval",
    ];
    let mut columns = vec![Column::text(texts.say("classification.scope"))];
    columns.extend(numbers.map(|key| Column::number(texts.say(key))));
    let rows = scored.iter().take(SCOPES).map(|row| line(page, row));
    let caption = texts.say("classification.accuracy_caption");
    blocks.push(Block::Table(Table::new(
        label,
        caption,
        columns,
        rows.collect(),
    )));
    if scored.len() > SCOPES {
        let file = [("file", MetricRow::FILE)];
        blocks.push(Block::text(texts.fill("common.more_in", &file)));
    }
    Ok(blocks)
}

fn mistakes(page: &Page<'_>) -> Block {
    let texts = page.texts();
    let wrong = telling::mistakes(&page.site.lookup);
    if wrong.is_empty() {
        return page.say("classification.no_mistakes");
    }
    let rows = wrong.iter().take(ROWS).filter_map(|photo| {
        let first = photo.first()?;
        let name = Text::link(photo.image.path.clone(), link(page, photo));
        let cells = [
            photo.image.label.clone(),
            first.class_name.clone(),
            numbers::probability(f64::from(first.probability)),
        ];
        Some(Row::new(name, cells))
    });
    let names = ["common.photo", "common.label", "classification.said"];
    let mut columns: Vec<Column> = names.map(|key| Column::text(texts.say(key))).into();
    columns.push(Column::number(texts.say("common.probability")));
    let mut caption = vec![texts.say("classification.mistakes_caption")];
    if wrong.len() > ROWS {
        let shown = [("shown", &*numbers::count(ROWS))];
        caption.push(texts.count("classification.limited", wrong.len(), &shown));
    }
    let label = texts.say("classification.mistakes");
    Block::Table(Table::new(label, caption, columns, rows.collect()))
}

fn scope(page: &Page<'_>, row: &MetricRow) -> String {
    match row.scope.strip_prefix("class:") {
        Some(label) => label.to_owned(),
        None => page.texts().say("common.all"),
    }
}

fn line(page: &Page<'_>, top1: &MetricRow) -> Row {
    let top5 = page.site.metric("top5_accuracy", &top1.scope);
    let interval =
        |row: &MetricRow| numbers::or_dash(numbers::share_interval(row), |interval| interval);
    let cells = [
        numbers::count(top1.count),
        numbers::percent(top1.value),
        interval(top1),
        numbers::or_dash(top5, |row| numbers::percent(row.value)),
        numbers::or_dash(top5, interval),
    ];
    Row::new(scope(page, top1), cells)
}

/// Only where there are labels to compare, and few enough to see.
fn chart(page: &Page<'_>, scored: &[&MetricRow]) -> Result<Option<Chart>> {
    if !(3..=CHART_LINES + 1).contains(&scored.len()) {
        return Ok(None);
    }
    let lines: Vec<AccuracyLine> = scored
        .iter()
        .map(|row| AccuracyLine {
            name: scope(page, row),
            value: row.value,
            interval: row.low.zip(row.high),
        })
        .collect();
    let values: Vec<String> = lines
        .iter()
        .map(|l| format!("{} {}", l.name, numbers::percent(l.value)))
        .collect();
    let alt = page
        .texts()
        .fill("alt.accuracy", &[("values", &values.join("; "))]);
    let svg = accuracy::draw(&lines, &page.texts().say("classification.axis"))?;
    page.chart("assets/charts/accuracy.svg", &svg, alt)
        .map(Some)
}

/// The first classes that occur most often.
fn most(page: &Page<'_>) -> Option<Block> {
    let mut counts: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    let photos = page.site.lookup.photos.iter();
    for first in photos.filter_map(|photo| photo.first()) {
        *counts
            .entry((first.class_index, &first.class_name))
            .or_default() += 1;
    }
    let mut order: Vec<_> = counts.into_iter().collect();
    order.sort_by_key(|((index, _), photos)| (std::cmp::Reverse(*photos), *index));
    let rows: Vec<Row> = order
        .into_iter()
        .take(CLASSES)
        .map(|((_, class), photos)| Row::new(class, [numbers::count(photos)]))
        .collect();
    let texts = page.texts();
    let columns = vec![
        Column::text(texts.say("common.class")),
        Column::number(texts.say("classification.photos")),
    ];
    let label = texts.say("classification.most");
    let caption = texts.say("classification.most_caption");
    (!rows.is_empty()).then(|| Block::Table(Table::new(label, caption, columns, rows)))
}
