//! Which labels were taken for which: a matrix where it can be read, a list otherwise.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use records::tables::ConfusionRow;

use crate::prelude::*;

/// Labels of a matrix, and rows of a list, at most.
const MATRIX: usize = 12;
const LIST: usize = 30;
/// The name in `confusion.csv` for classes outside the folder's labels.
const OTHER: &str = "other";

/// Photos by label and what they were taken for.
type Counts<'a> = BTreeMap<(&'a str, &'a str), usize>;

/// `None` where nothing is scored.
pub(super) fn confusion(page: &Page<'_>) -> Option<Block> {
    let rows = page.site.rows::<ConfusionRow>();
    let mut counts = Counts::new();
    for row in rows {
        *counts.entry((&row.label, &row.predicted)).or_default() += row.count;
    }
    let labels = page.site.run.manifest.dataset.labels.iter();
    let labels = labels.map(String::as_str);
    let labels: Vec<&str> = labels
        .filter(|label| rows.iter().any(|row| row.label == *label))
        .collect();
    (!rows.is_empty()).then(|| match labels.len() <= MATRIX {
        true => matrix(page, &labels, &counts),
        false => list(page, &counts),
    })
}

fn matrix(page: &Page<'_>, labels: &[&str], counts: &Counts<'_>) -> Block {
    let named = labels.iter().copied().filter(|label| *label != OTHER);
    let predicted: Vec<&str> = named.chain([OTHER]).collect();
    let count = |label: &str, column: &str| counts.get(&(label, column)).copied().unwrap_or(0);
    let mut columns = page
        .columns(labels)
        .text("classification.true_label", |label| **label);
    for column in &predicted {
        columns = columns.column(Column::number(shown(page, column)), |label| {
            let total: usize = predicted.iter().map(|column| count(label, column)).sum();
            let count = count(label, column);
            let tone = if *label == column { "hit" } else { "miss" };
            let share = count as f64 / total.max(1) as f64;
            Cell::from(numbers::count(count)).shaded(tone, share)
        });
    }
    columns.of_class("matrix").table(
        "classification.confusion",
        "classification.confusion_caption",
    )
}

fn list(page: &Page<'_>, counts: &Counts<'_>) -> Block {
    let mut wrong: Vec<_> = counts
        .iter()
        .filter(|((label, predicted), _)| label != predicted)
        .collect();
    wrong.sort_by_key(|(pair, count)| (Reverse(**count), **pair));
    wrong.truncate(LIST);
    page.columns(wrong)
        .text("classification.true_label", |((label, _), _)| *label)
        .text("classification.taken_for", |((_, predicted), _)| {
            shown(page, predicted)
        })
        .count("classification.photos", |(_, count)| **count)
        .table(
            "classification.confusion",
            "classification.confusion_list_caption",
        )
}

fn shown(page: &Page<'_>, label: &str) -> String {
    match label {
        OTHER => page.say("classification.other"),
        label => label.to_owned(),
    }
}
