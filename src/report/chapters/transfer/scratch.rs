//! What a network comes to that has seen the splits' photographs alone, beside ZF's table 4.

use records::tables::{MetricRow, TransferScratchRow};

use crate::prelude::*;

/// ZF table 4's first row: photographs a class of Caltech-101, accuracy and what it is told with (±), percent.
const PUBLISHED: [(usize, f64, f64); 2] = [(15, 22.8, 1.5), (30, 46.5, 1.7)];

/// The table, and what the best layer has more; empty where nothing was trained.
pub(super) fn blocks(page: &Page<'_>) -> Vec<Block> {
    let rows = page.site.rows::<TransferScratchRow>();
    let Some(first) = rows.first() else {
        return Vec::new();
    };
    let network = crate::site::network(&first.network).to_owned();
    let gaps: [Gap<'_>; 1] = [("network", &network)];
    let mut blocks = vec![Block::text(page.fill("transfer.scratch_lead", &gaps))];
    if let Some(more) = page.site.metric("transfer_over_scratch", "all") {
        let gaps: [Gap<'_>; 2] = [("network", &network), ("points", &points(more))];
        blocks.push(Block::text(page.fill("transfer.over_scratch", &gaps)));
    }
    let figure = |per_class: usize| {
        let name = format!("transfer_scratch_{per_class}");
        page.site.metric(&name, "all")
    };
    let table = page
        .columns(distinct(rows.iter().map(|row| row.per_class)))
        .count("transfer.per_class", |&per_class| per_class)
        .number("transfer.accuracy_of_scratch", |&per_class| {
            numbers::or_dash(figure(per_class), |row| {
                super::told((row.value, row.low, row.high))
            })
        })
        .count("transfer.splits", |&per_class| {
            figure(per_class).map(|row| row.count)
        })
        .number("transfer.published_scratch", |&per_class| {
            let published = PUBLISHED.iter().find(|row| row.0 == per_class);
            numbers::or_dash(published, |row| format!("{:.1} ± {:.1} %", row.1, row.2))
        });
    blocks.push(table.table("transfer.scratch", "transfer.scratch_caption"));
    blocks.push(trainings(page, rows));
    blocks
}

/// Each training with the way to its own report.
fn trainings(page: &Page<'_>, rows: &[TransferScratchRow]) -> Block {
    page.columns(rows)
        .text("transfer.training", |row| {
            let gaps: [Gap<'_>; 2] = [("n", &row.per_class), ("split", &row.split)];
            let name = page.fill("transfer.training_of", &gaps);
            Text::link(name, page.href(&format!("{}/index.html", row.run)))
        })
        .percent("transfer.accuracy_of_scratch", |row| row.accuracy)
        .count("transfer.trained", |row| row.trained)
        .count("transfer.tested", |row| row.tested)
        .table("transfer.trainings", "transfer.trainings_caption")
}

/// Percentage points with their interval.
fn points(row: &MetricRow) -> String {
    let value = numbers::points(row.value);
    match (row.low, row.high) {
        (Some(low), Some(high)) => {
            format!(
                "{value} ({} – {})",
                numbers::points(low),
                numbers::points(high)
            )
        }
        _ => value,
    }
}

/// How much accuracy rises a layer.
pub(super) fn slope(page: &Page<'_>) -> Option<String> {
    let slope = page.site.metric("transfer_slope", "all")?;
    Some(page.fill("transfer.found_slope", &[("points", &points(slope))]))
}
