//! Lines over the epochs.

use figures::charts::lines::{self, Axis, Line};
use records::tables::TrainingRow;

use crate::prelude::*;

/// Values by epoch.
pub(super) type Points = Vec<(f64, f64)>;

/// Losses, errors and the spread of the logits, with what their lines are.
pub(super) fn curves(page: &Page<'_>, rows: &[TrainingRow]) -> Result<Vec<Block>> {
    let names = ["training.line_training", "training.line_validation"];
    let legend = Swatches::of_lines(names.map(|key| page.say(key))).dashed(1);
    let charts = vec![
        losses(page, rows)?,
        errors(page, rows)?,
        spread(page, rows)?,
    ];
    Ok(vec![
        Block::Swatches(legend),
        Block::charts(charts, page.say("training.curves_caption")),
    ])
}

/// A chart over the epochs, called by a key, in a file of a name.
pub(super) fn chart(
    page: &Page<'_>,
    (name, file): (&str, &str),
    lines: &[Line],
    up: Axis<'_>,
) -> Result<Chart> {
    let epochs = lines.iter().flat_map(|line| &line.points);
    let epochs = epochs.map(|(epoch, _)| *epoch);
    let across = Axis::over(epochs, &page.say("training.axis_epoch")).printed(|value| {
        match value.fract() == 0.0 {
            true => format!("{value}"),
            false => String::new(),
        }
    });
    let title = page.say(name);
    let ends = lines.iter().map(|Line { points, .. }| {
        let ends = points.first().zip(points.last());
        ends.map_or(numbers::DASH.to_owned(), |((_, first), (_, last))| {
            format!("{first:.3} → {last:.3}")
        })
    });
    let alt = page.fill(
        "training.alt_chart",
        &[("what", &title), ("values", &numbers::listed(ends))],
    );
    let svg = lines::draw_lines(lines, across, up)?;
    let path = format!("assets/training/{file}.svg");
    Ok(page.chart(&path, &svg, alt)?.titled(title))
}

/// The largest finite value of lines.
pub(super) fn most(lines: &[Line]) -> f64 {
    let values = lines.iter().flat_map(|line| &line.points);
    let finite = values
        .map(|(_, value)| *value)
        .filter(|value| value.is_finite());
    finite.fold(0.0, f64::max)
}

fn points(rows: &[TrainingRow], value: impl Fn(&TrainingRow) -> Option<f64>) -> Points {
    let point = |row: &TrainingRow| Some((row.epoch as f64, value(row)?));
    rows.iter().filter_map(point).collect()
}

fn training(points: Points) -> Line {
    Line {
        colour: 0,
        is_dashed: false,
        points,
        ..Line::default()
    }
}

fn validation(points: Points) -> Line {
    Line {
        colour: 1,
        is_dashed: true,
        points,
        ..Line::default()
    }
}

fn losses(page: &Page<'_>, rows: &[TrainingRow]) -> Result<Chart> {
    let lines = [
        training(points(rows, |row| row.train_loss)),
        validation(points(rows, |row| Some(row.val_loss))),
    ];
    let up = Axis::from_zero(most(&lines), &page.say("training.axis_loss"));
    chart(page, ("training.loss", "loss"), &lines, up)
}

fn errors(page: &Page<'_>, rows: &[TrainingRow]) -> Result<Chart> {
    let lines = [
        training(points(rows, |row| row.train_error)),
        validation(points(rows, |row| Some(row.val_top1_error))),
    ];
    let up = Axis::from_zero(1.0, &page.say("training.axis_error"));
    chart(page, ("training.error", "error"), &lines, up)
}

fn spread(page: &Page<'_>, rows: &[TrainingRow]) -> Result<Chart> {
    let lines = [validation(points(rows, |row| Some(row.logit_spread)))];
    let up = Axis::from_zero(most(&lines), &page.say("training.axis_spread"));
    chart(page, ("training.spread", "spread"), &lines, up)
}
