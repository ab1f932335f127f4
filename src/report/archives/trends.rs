//! How the figures of a series went, run by run.

use std::collections::BTreeSet;

use archive::{Entry, Series};
use base::digest::sha256_hex;
use figures::charts::trend::{self, TrendPoint};

use super::{rows, series_stem, stem};
use crate::prelude::*;

/// Runs drawn at most, the newest.
pub(super) const RUNS: usize = 200;
/// Charts drawn at most; figures over all photos come first.
const CHARTS: usize = 60;

/// A figure's name and scope.
type Figure = (String, String);

/// The figures of a series: over all photos in the order of the newest run that has them, then class by class.
pub(super) fn figures(entries: &[&Entry]) -> Vec<Figure> {
    let mut seen = BTreeSet::new();
    let mut figures = Vec::new();
    for row in entries.iter().flat_map(|entry| &entry.card.metrics) {
        let figure = (row.metric.clone(), row.scope.clone());
        if seen.insert(figure.clone()) {
            figures.push(figure);
        }
    }
    figures.sort_by_key(|(_, scope)| scope != "all");
    figures
}

/// A chart for every figure; how many there was no room for comes back too.
pub(super) fn charts(
    leaf: &Leaf<'_>,
    series: &Series,
    entries: &[&Entry],
    written: &mut BTreeSet<String>,
) -> Result<(Vec<Chart>, usize)> {
    let figures = figures(entries);
    let shown = figures.len().min(CHARTS);
    let mut charts = Vec::new();
    for figure in &figures[..shown] {
        let title = match figure.1.as_str() {
            "all" => figure.0.clone(),
            scope => format!("{}, {scope}", figure.0),
        };
        let chart = chart(leaf, series, entries, figure, &title, written)?;
        charts.push(chart.titled(title));
    }
    Ok((charts, figures.len() - shown))
}

/// The chart of one figure, called `name`; a file that is there already is written again.
pub(super) fn chart(
    leaf: &Leaf<'_>,
    series: &Series,
    entries: &[&Entry],
    (metric, scope): &Figure,
    name: &str,
    written: &mut BTreeSet<String>,
) -> Result<Chart> {
    let newest = entries.iter().take(RUNS).rev();
    let points: Vec<TrendPoint> = newest.map(|entry| point(entry, metric, scope)).collect();
    let print = |value: f64| print(metric, value);
    let ends = [points.first(), points.last()].into_iter().flatten();
    let told = |end: &TrendPoint| format!("{}: {}", end.name, numbers::or_dash(end.value, print));
    let values = numbers::listed(ends.map(told));
    let gaps: [Gap<'_>; 2] = [("name", &name), ("values", &values)];
    let alt = leaf.fill("alt.trend", &gaps);
    let svg = trend::draw(&points, print)?;
    let figure = stem(&format!("{metric}+{scope}"));
    let file = shortened(format!("{}+{figure}", series_stem(series)));
    let path = format!("assets/trends/{file}.svg");
    let chart = leaf.chart(&path, &svg, alt)?;
    written.insert(path);
    Ok(chart)
}

fn point(entry: &Entry, metric: &str, scope: &str) -> TrendPoint {
    let row = rows::figure(entry, metric, scope);
    TrendPoint {
        name: entry.finished.format("%Y-%m-%d").to_string(),
        value: row.map(|row| row.value),
        interval: row.and_then(|row| row.low.zip(row.high)),
    }
}

/// A file name of three names that is not too long for one.
fn shortened(name: String) -> String {
    match name.len() > 200 {
        true => {
            let digest = sha256_hex(name.as_bytes());
            format!("{}-{}", &name[..180], &digest[..10])
        }
        false => name,
    }
}

/// A value as its metric's kind is read.
fn print(metric: &str, value: f64) -> String {
    match metric {
        // An axis has halves too; there are no half photographs.
        "photos" | "skipped" if value < 0.0 || value.fract() != 0.0 => String::new(),
        "photos" | "skipped" => numbers::count(value as usize),
        _ if metric.ends_with("_accuracy") || metric.contains("still_first") => {
            numbers::percent(value)
        }
        _ => numbers::small(value),
    }
}
