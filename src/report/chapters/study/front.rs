//! A study's front page: what it says, and the paper's table with ours beside it.

use records::tables::StudyRow;

use super::{claims, edits, interval, link_to};
use crate::chapters::front;
use crate::prelude::*;

/// What stands on the front page.
pub(in crate::chapters) fn content(page: &Page<'_>) -> Content {
    let rows = page.site.rows::<StudyRow>();
    let manifest = &page.site.run.manifest;
    let study = manifest.options.experiments.get("study");
    let name = study.and_then(|study| study.get("study")?.as_str());
    let trained = manifest.options.number("study", "photographs");
    let gaps: [Gap<'_>; 3] = [
        ("model", &page.site.network()),
        ("photos", &numbers::count(trained.unwrap_or(0))),
        ("held_back", &numbers::count(manifest.dataset.photos)),
    ];
    let lead = page.count("study.lead", rows.len().saturating_sub(1), &gaps);
    let title = page.fill("study.title", &[("name", &name.unwrap_or_default())]);
    let others = page.fill("study.others", &[("base", &rows[0].variant)]);
    Content::new(title, lead).with([
        page.section("claims", "study.claims", claims::blocks(page, rows)),
        page.section("errors", "study.errors", [errors(page, rows)]),
        page.section("costs", "study.costs", [costs(page, rows), how(page, rows)]),
        Block::text(others),
        front::contents(page),
        page.more_in(&["data/study.csv", "data/study_runs.csv"]),
    ])
}

/// The paper's columns, ours and the published ones.
fn errors(page: &Page<'_>, rows: &[StudyRow]) -> Block {
    let top1 = |row: &&StudyRow| {
        let mean = numbers::percent(row.val_top1_error);
        match row.val_top1_smallest.zip(row.val_top1_largest) {
            Some((low, high)) => format!("{mean} ({:.1}–{:.1})", 100.0 * low, 100.0 * high),
            None => mean,
        }
    };
    page.columns(rows)
        .text("study.variant", |row| link_to(page, &row.variant))
        .percent("study.train_error", |row| row.train_error)
        .number("study.top1_error", top1)
        .percent("study.top5_error", |row| row.val_top5_error)
        .percent("study.published_train", |row| row.published_train_error)
        .percent("study.published_top1", |row| row.published_val_top1_error)
        .percent("study.published_top5", |row| row.published_val_top5_error)
        .text("study.source", |row| row.published_source.clone())
        .table("study.errors", "study.errors_caption")
}

/// What each variant changes, its size, and what it costs.
fn costs(page: &Page<'_>, rows: &[StudyRow]) -> Block {
    page.columns(rows)
        .text("study.variant", |row| row.variant.clone())
        .text("study.edits", |row| edits(page, row))
        .count("study.parameters", |row| row.parameters)
        .number("study.multiplications", |row| {
            format!("{:.1}\u{a0}M", row.multiply_adds as f64 / 1e6)
        })
        .number("study.difference", |row| {
            row.difference.map(numbers::points)
        })
        .number("study.interval", |row| {
            interval(page, row.low.zip(row.high))
        })
        .p_value("study.p_value", |row| row.p_value)
        .table("study.costs", "study.costs_caption")
}

/// How the figures are to be read.
fn how(page: &Page<'_>, rows: &[StudyRow]) -> Block {
    let classes = numbers::count(page.site.run.manifest.model.classes);
    let seeds = rows[0].seeds;
    let interval = match seeds {
        0 | 1 => page.say("study.how_photographs"),
        n => page.count("study.how_seeds", n, &[]),
    };
    let is_published = rows.iter().any(|row| !row.published_source.is_empty());
    let told = [
        Some(interval),
        Some(page.say("study.how_many")),
        Some(page.say("study.how_train")),
        is_published.then(|| page.fill("study.how_published", &[("classes", &classes)])),
    ];
    Block::prose(told.into_iter().flatten())
}
