//! How often the network is right, what it mixes up, and its surest mistakes.

mod confusion;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use figures::charts::accuracy::{self, AccuracyLine};
use network::Scores;
use records::tables::{MetricRow, Row as _};

use super::{Chapter, Plan};
use crate::prelude::*;
use crate::site::CLASSIFICATION;
use crate::telling;

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
    let site = page.site;
    let of_metric = |metric: &str| -> Vec<&MetricRow> {
        let rows = site.rows::<MetricRow>().iter();
        rows.filter(|row| row.metric == metric).collect()
    };
    let (scored, found) = (of_metric("top1_accuracy"), of_metric("label_found"));
    let nothing = match (site.scores(), scored.is_empty() && found.is_empty()) {
        (None, _) => Some("classification.no_classifier"),
        (Some(Scores::None), _) => Some("classification.no_probabilities"),
        (Some(_), true) => Some("classification.no_labels"),
        _ => None,
    };
    let (lead, each) = match site.scores() {
        Some(Scores::Sigmoid) => ("classification.lead_each", Some("classification.each")),
        Some(Scores::None) => ("classification.lead_scores", None),
        _ if site.run.manifest.model.classes < 5 => ("classification.lead_few", None),
        _ => ("classification.lead", None),
    };
    Ok(
        Content::new(page.say("classification.title"), page.say(lead))
            .with(each.map(|key| page.notice(key)))
            .with(nothing.map(|key| page.notice(key)))
            .with(accuracy(page, &scored)?)
            .with(labels_found(page, &found))
            .with(
                confusion::confusion(page)
                    .map(|table| page.section("confusion", "classification.confusion", [table])),
            )
            .with(
                (!scored.is_empty())
                    .then(|| page.section("mistakes", "classification.mistakes", [mistakes(page)])),
            )
            .with(most(page)),
    )
}

/// `None` where nothing is scored.
fn accuracy(page: &Page<'_>, scored: &[&MetricRow]) -> Result<Option<Block>> {
    if scored.is_empty() {
        return Ok(None);
    }
    let plot = chart(page, scored)?.map(|chart| {
        let label = page.say("classification.accuracy");
        Block::plot(label, chart, String::new())
    });
    let top5 = |row: &MetricRow| page.site.metric("top5_accuracy", &row.scope);
    let mut columns = shares(page, scored, "classification.top1");
    // Of fewer classes than five one is always right.
    if scored.iter().any(|row| top5(row).is_some()) {
        columns = columns
            .percent("classification.top5", |row| Some(top5(row)?.value))
            .number("classification.interval", |row| {
                numbers::share_interval(top5(row)?)
            });
    }
    let table = columns.table("classification.accuracy", "classification.accuracy_caption");
    let blocks = plot.into_iter().chain([table]).chain(more(page, scored));
    Ok(Some(page.section(
        "accuracy",
        "classification.accuracy",
        blocks,
    )))
}

/// How often the labels were found, where classes do not exclude each other; `None` where nothing is scored.
fn labels_found(page: &Page<'_>, found: &[&MetricRow]) -> Option<Block> {
    if found.is_empty() {
        return None;
    }
    let table = shares(page, found, "classification.found")
        .table("classification.found", "classification.found_caption");
    let blocks = std::iter::once(table).chain(more(page, found));
    Some(page.section("found", "classification.found", blocks))
}

/// By scope the share of photographs, under the name of `key`.
fn shares<'t, 'r>(
    page: &Page<'t>,
    rows: &'r [&'r MetricRow],
    key: &str,
) -> Columns<'t, &'r &'r MetricRow> {
    page.columns(rows.iter().take(SCOPES))
        .text("classification.scope", |row| scope(page, row))
        .count("classification.photos", |row| row.count)
        .percent(key, |row| row.value)
        .number("classification.interval", |row| {
            numbers::share_interval(row)
        })
}

/// Where the scopes stand that the table has no room for.
fn more(page: &Page<'_>, rows: &[&MetricRow]) -> Option<Block> {
    (rows.len() > SCOPES).then(|| page.more_in(&[MetricRow::FILE]))
}

fn mistakes(page: &Page<'_>) -> Block {
    let wrong = telling::mistakes(&page.site.lookup);
    if wrong.is_empty() {
        return page.paragraph("classification.no_mistakes");
    }
    let mut caption = vec![page.say("classification.mistakes_caption")];
    if wrong.len() > ROWS {
        let shown = numbers::count(ROWS);
        caption.push(page.count("classification.limited", wrong.len(), &[("shown", &shown)]));
    }
    let listed = wrong.iter().take(ROWS);
    page.columns(listed.filter_map(|photo| Some((*photo, photo.first()?))))
        .text("common.photo", |(photo, _)| photo_link(page, photo))
        .text("common.label", |(photo, _)| photo.image.label.clone())
        .text("classification.said", |(_, first)| {
            first.class_name.to_string()
        })
        .probability("common.probability", |(_, first)| first.probability)
        .called(page.say("classification.mistakes"), caption)
}

fn scope(page: &Page<'_>, row: &MetricRow) -> String {
    match row.scope.strip_prefix("class:") {
        Some(label) => label.to_owned(),
        None => page.say("common.all"),
    }
}

/// Only where there are labels to compare, and few enough to see.
fn chart(page: &Page<'_>, scored: &[&MetricRow]) -> Result<Option<Chart>> {
    if !(3..=CHART_LINES + 1).contains(&scored.len()) {
        return Ok(None);
    }
    let line = |row: &&MetricRow| AccuracyLine {
        name: scope(page, row),
        value: row.value,
        interval: row.low.zip(row.high),
    };
    let lines: Vec<AccuracyLine> = scored.iter().map(line).collect();
    let values = lines
        .iter()
        .map(|l| format!("{} {}", l.name, numbers::percent(l.value)));
    let alt = page.fill("alt.accuracy", &[("values", &numbers::listed(values))]);
    let svg = accuracy::draw(&lines, &page.say("classification.axis"))?;
    page.chart("assets/charts/accuracy.svg", &svg, alt)
        .map(Some)
}

/// The first classes that occur most often; `None` where the network names none.
fn most(page: &Page<'_>) -> Option<Block> {
    let mut counts: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    let photos = page.site.lookup.photos.iter();
    for first in photos.filter_map(|photo| photo.first()) {
        let class = (first.class_index, first.class_name.as_str());
        *counts.entry(class).or_default() += 1;
    }
    let mut order: Vec<_> = counts.into_iter().collect();
    order.sort_by_key(|((index, _), photos)| (Reverse(*photos), *index));
    order.truncate(CLASSES);
    (!order.is_empty()).then(|| {
        let table = page
            .columns(order)
            .text("common.class", |((_, class), _)| *class)
            .count("classification.photos", |(_, photos)| *photos)
            .table("classification.most", "classification.most_caption");
        page.section("most", "classification.most", [table])
    })
}
