//! How often the network is right, what it mixes up, and its surest mistakes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::charts::Chart;
use super::super::numbers;
use super::super::site::{Page, Site, CLASSIFICATION};
use super::super::telling;
use super::super::tile::link;
use super::confusion::{self, Confusion};
use crate::error::Result;
use crate::figures::charts::accuracy::{self, AccuracyLine};
use crate::records::tables::MetricRow;

/// Labels in the chart, and rows of the lists, at most.
const CHART_LINES: usize = 40;
const ROWS: usize = 30;

#[derive(Serialize)]
struct ClassificationPage {
    /// Why there is no accuracy.
    nothing: String,
    has_classifier: bool,
    lines: Vec<Line>,
    lines_more: String,
    chart: Option<Chart>,
    confusion: Option<Confusion>,
    most: Vec<ClassCount>,
    mistakes: Vec<Mistake>,
    mistakes_more: String,
}

#[derive(Serialize)]
struct Line {
    scope: String,
    photos: String,
    top1: String,
    top1_interval: String,
    top5: String,
    top5_interval: String,
}

#[derive(Serialize)]
struct ClassCount {
    class: String,
    photos: String,
}

#[derive(Serialize)]
struct Mistake {
    name: String,
    href: String,
    label: String,
    class: String,
    probability: String,
}

/// Writes `pages/classification.html`.
pub(in super::super) fn write(site: &Site<'_>) -> Result<()> {
    let page = Page::new(site, CLASSIFICATION, "nav.classification");
    let texts = page.texts();
    let scored: Vec<&MetricRow> = site
        .rows::<MetricRow>()
        .iter()
        .filter(|row| row.metric == "top1_accuracy")
        .collect();
    let nothing = match (site.has_classifier(), scored.is_empty()) {
        (false, _) => texts.say("classification.no_classifier"),
        (true, true) => texts.say("classification.no_labels"),
        _ => String::new(),
    };
    let limited = |shown: usize, n: usize| match n > shown {
        true => texts.count(
            "classification.limited",
            n,
            &[("shown", &numbers::count(shown))],
        ),
        false => String::new(),
    };
    let wrong = telling::mistakes(&site.lookup);
    let mistake = |photo: &&super::super::lookup::Photo<'_>| {
        let first = photo.first()?;
        Some(Mistake {
            name: photo.image.path.clone(),
            href: link(&page, photo),
            label: photo.image.label.clone(),
            class: first.class_name.clone(),
            probability: numbers::probability(f64::from(first.probability)),
        })
    };
    let most_lines = 200;
    let content = ClassificationPage {
        nothing,
        has_classifier: site.has_classifier(),
        lines: scored
            .iter()
            .take(most_lines)
            .map(|row| line(&page, row))
            .collect(),
        lines_more: match scored.len() > most_lines {
            true => texts.fill("common.more_in", &[("file", "data/metrics.csv")]),
            false => String::new(),
        },
        chart: chart(&page, &scored)?,
        confusion: confusion::confusion(&page),
        most: most(site),
        mistakes: wrong.iter().take(ROWS).filter_map(mistake).collect(),
        mistakes_more: limited(ROWS, wrong.len()),
    };
    page.write(
        "classification.html",
        &texts.say("classification.title"),
        &content,
    )
}

fn scope(page: &Page<'_>, row: &MetricRow) -> String {
    match row.scope.strip_prefix("class:") {
        Some(label) => label.to_owned(),
        None => page.texts().say("common.all"),
    }
}

fn line(page: &Page<'_>, top1: &MetricRow) -> Line {
    let top5 = page.site.metric("top5_accuracy", &top1.scope);
    let interval =
        |row: &MetricRow| numbers::or_dash(numbers::share_interval(row), |interval| interval);
    Line {
        scope: scope(page, top1),
        photos: numbers::count(top1.count),
        top1: numbers::percent(top1.value),
        top1_interval: interval(top1),
        top5: numbers::or_dash(top5, |row| numbers::percent(row.value)),
        top5_interval: numbers::or_dash(top5, interval),
    }
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
    Chart::write(page, "assets/charts/accuracy.svg", &svg, alt).map(Some)
}

/// The first classes that occur most often.
fn most(site: &Site<'_>) -> Vec<ClassCount> {
    let mut counts: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for first in site.lookup.photos.iter().filter_map(|photo| photo.first()) {
        *counts
            .entry((first.class_index, &first.class_name))
            .or_default() += 1;
    }
    let mut order: Vec<_> = counts.into_iter().collect();
    order.sort_by_key(|((index, _), photos)| (std::cmp::Reverse(*photos), *index));
    let row = |((_, class), photos): ((usize, &str), usize)| ClassCount {
        class: class.to_owned(),
        photos: numbers::count(photos),
    };
    order.into_iter().take(12).map(row).collect()
}
