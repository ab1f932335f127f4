//! The trainings of a study beside each other, epoch by epoch and at the end.

use figures::charts::lines::{self, Axis, COLOURS};
use records::tables::{
    Row as _, StudyEpochRow, StudyFilterRow, StudyLayerRow, StudyRow, StudyRunRow,
};

use super::{edits, interval, layers, link_to};
use crate::prelude::*;

/// What stands on the page.
pub(super) fn content(page: &Page<'_>) -> Result<Content> {
    let rows = page.site.rows::<StudyRow>();
    let runs = page.site.rows::<StudyRunRow>();
    let lead = page.count("study.trainings_lead", runs.len(), &[]);
    let mut curves = vec![Block::Legend(legend(page, rows))];
    if rows.len() > COLOURS {
        curves.push(page.paragraph("study.grey"));
    }
    let val = |row: &StudyEpochRow| Some(row.val_top1_error);
    let charts = vec![
        chart(page, ("study.top1_error", "top1"), rows, &val)?,
        chart(page, ("study.train_error", "train"), rows, &|row| {
            row.train_error
        })?,
    ];
    curves.push(Block::charts(charts, page.say("study.curves_caption")));
    let files = [
        StudyRunRow::FILE,
        StudyEpochRow::FILE,
        StudyLayerRow::FILE,
        StudyFilterRow::FILE,
    ];
    Ok(Content::new(page.say("study.trainings"), lead)
        .with([page.section("curves", "study.curves", curves)])
        .with(layers::first(page))
        .with([
            layers::dead(page),
            page.section("runs", "study.runs", [table(page, runs)]),
            page.more_in(&files),
        ]))
}

fn legend(page: &Page<'_>, rows: &[StudyRow]) -> Vec<Line> {
    let line = |(number, row): (usize, &StudyRow)| Line {
        line: match number < COLOURS {
            true => format!("line-{number}"),
            false => String::new(),
        },
        picture: layers::filters(page, &row.variant),
        name: link_to(page, &row.variant),
        note: edits(page, row),
    };
    rows.iter().enumerate().map(line).collect()
}

/// A line for each variant, of the first seed.
fn chart(
    page: &Page<'_>,
    (name, file): (&str, &str),
    rows: &[StudyRow],
    value: &dyn Fn(&StudyEpochRow) -> Option<f64>,
) -> Result<Chart> {
    let epochs = page.site.rows::<StudyEpochRow>();
    let seed = epochs.first().map(|row| row.seed);
    let line = |row: &StudyRow| -> Vec<(f64, f64)> {
        let of_variant = epochs.iter();
        let of_variant =
            of_variant.filter(|epoch| epoch.variant == row.variant && Some(epoch.seed) == seed);
        of_variant
            .filter_map(|epoch| Some((epoch.epoch as f64, value(epoch)?)))
            .collect()
    };
    let lines: Vec<_> = rows.iter().map(line).collect();
    let numbers = epochs.iter().map(|row| row.epoch as f64);
    let across = Axis::over(numbers, &page.say("training.axis_epoch")).printed(|value| {
        match value.fract() == 0.0 {
            true => format!("{value}"),
            false => String::new(),
        }
    });
    let up = Axis::from_zero(1.0, &page.say("training.axis_error"));
    let title = page.say(name);
    let ends = rows.iter().zip(&lines).filter_map(|(row, line)| {
        let (_, last) = line.last()?;
        Some(format!("{}: {}", row.variant, numbers::percent(*last)))
    });
    let gaps: [Gap<'_>; 2] = [("what", &title), ("values", &numbers::listed(ends))];
    let alt = page.fill("study.alt_chart", &gaps);
    let svg = lines::draw(&lines, across, up)?;
    let chart = page.chart(&format!("assets/study/{file}.svg"), &svg, alt)?;
    Ok(chart.titled(title))
}

fn table(page: &Page<'_>, runs: &[StudyRunRow]) -> Block {
    page.columns(runs)
        .text("study.variant", |run| {
            Text::link(
                &run.variant,
                page.href(&format!("{}/index.html", run.folder)),
            )
        })
        .number("study.seed", |run| run.seed.to_string())
        .count("study.epochs", |run| run.epochs)
        .percent("study.train_error", |run| run.train_error)
        .percent("study.top1_error", |run| run.val_top1_error)
        .percent("study.top5_error", |run| run.val_top5_error)
        .number("study.difference", |run| {
            run.difference.map(numbers::points)
        })
        .number("study.interval", |run| {
            interval(page, run.low.zip(run.high))
        })
        .count("study.base_alone", |run| run.base_alone)
        .count("study.variant_alone", |run| run.variant_alone)
        .p_value("study.p_value", |run| run.p_value)
        .table("study.runs", "study.runs_caption")
}
