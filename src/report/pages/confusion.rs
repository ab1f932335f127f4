//! Which labels were taken for which: a matrix where it can be read, a list otherwise.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::numbers;
use super::super::site::Page;
use crate::records::tables::ConfusionRow;

/// Labels of a matrix, and rows of a list, at most.
const MATRIX: usize = 12;
const LIST: usize = 30;
/// The name in `confusion.csv` for classes outside the folder's labels.
const OTHER: &str = "other";

#[derive(Serialize)]
pub(super) struct Confusion {
    caption: String,
    columns: Vec<String>,
    rows: Vec<MatrixRow>,
    list: Vec<Pair>,
}

#[derive(Serialize)]
struct MatrixRow {
    label: String,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    count: String,
    /// Share of the row, in percent, for the shade.
    share: String,
    right: bool,
}

#[derive(Serialize)]
struct Pair {
    label: String,
    predicted: String,
    photos: String,
}

pub(super) fn confusion(page: &Page<'_>) -> Option<Confusion> {
    let rows = page.site.rows::<ConfusionRow>();
    if rows.is_empty() {
        return None;
    }
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in rows {
        *counts.entry((&row.label, &row.predicted)).or_default() += row.count;
    }
    let has_row = |label: &&String| rows.iter().any(|row| row.label == **label);
    let labels: Vec<&str> = page
        .site
        .run
        .manifest
        .dataset
        .labels
        .iter()
        .filter(has_row)
        .map(String::as_str)
        .collect();
    Some(match labels.len() <= MATRIX {
        true => matrix(page, &labels, &counts),
        false => list(page, &counts),
    })
}

fn matrix(page: &Page<'_>, labels: &[&str], counts: &BTreeMap<(&str, &str), usize>) -> Confusion {
    let columns: Vec<&str> = labels
        .iter()
        .copied()
        .filter(|label| *label != OTHER)
        .chain([OTHER])
        .collect();
    let count = |label: &str, column: &str| counts.get(&(label, column)).copied().unwrap_or(0);
    let row = |label: &&str| {
        let total: usize = columns.iter().map(|column| count(label, column)).sum();
        let cell = |column: &&str| {
            let count = count(label, column);
            Cell {
                count: numbers::count(count),
                share: format!("{:.0}", 100.0 * count as f64 / total.max(1) as f64),
                right: label == column,
            }
        };
        MatrixRow {
            label: (*label).to_owned(),
            cells: columns.iter().map(cell).collect(),
        }
    };
    Confusion {
        caption: page.texts().say("classification.confusion_caption"),
        columns: columns.iter().map(|column| shown(page, column)).collect(),
        rows: labels.iter().map(row).collect(),
        list: Vec::new(),
    }
}

fn list(page: &Page<'_>, counts: &BTreeMap<(&str, &str), usize>) -> Confusion {
    let mut wrong: Vec<_> = counts
        .iter()
        .filter(|((label, predicted), _)| label != predicted)
        .collect();
    wrong.sort_by_key(|(pair, count)| (std::cmp::Reverse(**count), **pair));
    let pair = |((label, predicted), count): (&(&str, &str), &usize)| Pair {
        label: (*label).to_owned(),
        predicted: shown(page, predicted),
        photos: numbers::count(*count),
    };
    Confusion {
        caption: page.texts().say("classification.confusion_list_caption"),
        columns: Vec::new(),
        rows: Vec::new(),
        list: wrong.into_iter().take(LIST).map(pair).collect(),
    }
}

fn shown(page: &Page<'_>, label: &str) -> String {
    match label {
        OTHER => page.texts().say("classification.other"),
        label => label.to_owned(),
    }
}
