//! Which labels were taken for which: a matrix where it can be read, a list otherwise.

use std::collections::BTreeMap;

use super::super::super::blocks::{Block, Cell, Column, Row, Table};
use super::super::super::numbers;
use super::super::super::site::Page;
use crate::records::tables::ConfusionRow;

/// Labels of a matrix, and rows of a list, at most.
const MATRIX: usize = 12;
const LIST: usize = 30;
/// The name in `confusion.csv` for classes outside the folder's labels.
const OTHER: &str = "other";

/// `None` where nothing is scored.
pub(super) fn confusion(page: &Page<'_>) -> Option<Block> {
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
    Some(Block::Table(match labels.len() <= MATRIX {
        true => matrix(page, &labels, &counts),
        false => list(page, &counts),
    }))
}

fn matrix(page: &Page<'_>, labels: &[&str], counts: &BTreeMap<(&str, &str), usize>) -> Table {
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
            let tone = if label == column { "hit" } else { "miss" };
            let share = count as f64 / total.max(1) as f64;
            Cell::from(numbers::count(count)).shaded(tone, share)
        };
        Row::new(*label, columns.iter().map(cell))
    };
    let texts = page.texts();
    let mut names = vec![Column::text(texts.say("classification.true_label"))];
    names.extend(
        columns
            .iter()
            .map(|column| Column::number(shown(page, column))),
    );
    let label = texts.say("classification.confusion");
    let caption = texts.say("classification.confusion_caption");
    let rows = labels.iter().map(row).collect();
    Table::new(label, caption, names, rows).of_class("matrix")
}

fn list(page: &Page<'_>, counts: &BTreeMap<(&str, &str), usize>) -> Table {
    let mut wrong: Vec<_> = counts
        .iter()
        .filter(|((label, predicted), _)| label != predicted)
        .collect();
    wrong.sort_by_key(|(pair, count)| (std::cmp::Reverse(**count), **pair));
    let rows = wrong
        .into_iter()
        .take(LIST)
        .map(|((label, predicted), count)| {
            Row::new(*label, [shown(page, predicted), numbers::count(*count)])
        });
    let texts = page.texts();
    let columns = vec![
        Column::text(texts.say("classification.true_label")),
        Column::text(texts.say("classification.taken_for")),
        Column::number(texts.say("classification.photos")),
    ];
    let label = texts.say("classification.confusion");
    let caption = texts.say("classification.confusion_list_caption");
    Table::new(label, caption, columns, rows.collect())
}

fn shown(page: &Page<'_>, label: &str) -> String {
    match label {
        OTHER => page.texts().say("classification.other"),
        label => label.to_owned(),
    }
}
