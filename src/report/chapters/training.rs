//! What happened while the network was trained: losses and errors, layer by layer, and what went wrong (ZF §3, §4.1).

use figures::charts::lines::{self, Axis};
use records::tables::{Row as _, TrainingFindingRow, TrainingLayerRow, TrainingRow};

use super::{Chapter, Plan};
use crate::prelude::*;

/// Rows of the table of epochs at most: the first, the last and those between at equal distances.
const ROWS: usize = 40;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.training",
    holds: "front.contents_training",
    pages: |site| match site.rows::<TrainingRow>().is_empty() {
        true => Vec::new(),
        false => vec![Plan::new("pages/training.html", content)],
    },
};

fn content(page: &Page<'_>) -> Result<Content> {
    let rows = page.site.rows::<TrainingRow>();
    let epochs = rows.iter().filter(|row| row.epoch > 0).count();
    let training = page.site.run.manifest.options.experiments.get("training");
    let photos = training.and_then(|options| options.get("photographs")?.as_u64());
    let photos = numbers::count(photos.unwrap_or(0) as usize);
    let lead = page.count(
        "training.lead",
        epochs,
        &[("model", &page.site.network()), ("photos", &photos)],
    );
    let curves = vec![
        losses(page, rows)?,
        errors(page, rows)?,
        spread(page, rows)?,
    ];
    let curves = Block::charts(curves, page.say("training.curves_caption"));
    let layers = page.site.rows::<TrainingLayerRow>();
    Ok(Content::new(page.say("training.title"), lead).with([
        findings(page),
        page.section("curves", "training.curves", [curves]),
        page.section("epochs", "training.epochs", [epochs_table(page, rows)]),
        page.section("layers", "training.layers", layers_of(page, layers)?),
        page.section("recipe", "training.recipe", [recipe(page)]),
        page.more_in(&[TrainingRow::FILE, TrainingLayerRow::FILE]),
    ]))
}

/// What went wrong, each with its sign.
fn findings(page: &Page<'_>) -> Block {
    let found = page.site.rows::<TrainingFindingRow>();
    let told = found.iter().map(|row| {
        let gaps: [Gap<'_>; 4] = [
            ("epoch", &row.since_epoch),
            ("layer", &row.layer),
            ("value", &format!("{:.3}", row.value)),
            ("bound", &format!("{:.3}", row.bound)),
        ];
        let key = match &*row.finding {
            "stuck" => "training.found_stuck",
            "one_class" => "training.found_one_class",
            "diverging" => "training.found_diverging",
            "overfitting" => "training.found_overfitting",
            "dead_filters" => "training.found_dead_filters",
            _ => return row.finding.clone(),
        };
        page.fill(key, &gaps)
    });
    let blocks = match found.is_empty() {
        true => Block::text(page.say("training.nothing_found")),
        false => Block::prose(told),
    };
    page.section("findings", "training.findings", [blocks])
}

type Points = Vec<(f64, f64)>;

fn points(rows: &[TrainingRow], value: impl Fn(&TrainingRow) -> Option<f64>) -> Points {
    let point = |row: &TrainingRow| Some((row.epoch as f64, value(row)?));
    rows.iter().filter_map(point).collect()
}

/// Lines of training (the first colour) and validation (the second) over the epochs.
fn chart(
    page: &Page<'_>,
    (name, file): (&str, &str),
    lines: Vec<Points>,
    up: Axis<'_>,
) -> Result<Chart> {
    let epochs = lines.iter().flatten().map(|(epoch, _)| *epoch);
    let across = Axis::over(epochs, &page.say("training.axis_epoch")).printed(|value| {
        match value.fract() == 0.0 {
            true => format!("{value}"),
            false => String::new(),
        }
    });
    let title = page.say(name);
    let ends = lines.iter().map(|line| match (line.first(), line.last()) {
        (Some((_, first)), Some((_, last))) => format!("{first:.3} → {last:.3}"),
        _ => "–".into(),
    });
    let alt = page.fill(
        "training.alt_chart",
        &[("what", &title), ("values", &numbers::listed(ends))],
    );
    let svg = lines::draw(&lines, across, up)?;
    let path = format!("assets/training/{file}.svg");
    Ok(page.chart(&path, &svg, alt)?.titled(title))
}

fn losses(page: &Page<'_>, rows: &[TrainingRow]) -> Result<Chart> {
    let lines = vec![
        points(rows, |row| row.train_loss),
        points(rows, |row| Some(row.val_loss)),
    ];
    let most = lines.iter().flatten().map(|(_, loss)| *loss);
    let most = most.filter(|loss| loss.is_finite()).fold(0.0, f64::max);
    let up = Axis::from_zero(most, &page.say("training.axis_loss"));
    chart(page, ("training.loss", "loss"), lines, up)
}

fn errors(page: &Page<'_>, rows: &[TrainingRow]) -> Result<Chart> {
    let lines = vec![
        points(rows, |row| row.train_error),
        points(rows, |row| Some(row.val_top1_error)),
    ];
    let up = Axis::from_zero(1.0, &page.say("training.axis_error"));
    chart(page, ("training.error", "error"), lines, up)
}

fn spread(page: &Page<'_>, rows: &[TrainingRow]) -> Result<Chart> {
    let line = points(rows, |row| Some(row.logit_spread));
    let most = line.iter().map(|(_, spread)| *spread).fold(0.0, f64::max);
    let up = Axis::from_zero(most, &page.say("training.axis_spread"));
    chart(
        page,
        ("training.spread", "spread"),
        vec![Vec::new(), line],
        up,
    )
}

fn epochs_table(page: &Page<'_>, rows: &[TrainingRow]) -> Block {
    let last = rows.len().saturating_sub(1);
    let step = rows.len().div_ceil(ROWS).max(1);
    let shown = rows.iter().enumerate();
    let shown = shown.filter(|(at, _)| at.is_multiple_of(step) || *at == last);
    page.columns(shown.map(|(_, row)| row))
        .count("training.epoch", |row| row.epoch)
        .number("training.rate", |row| {
            numbers::or_dash(row.rate, |rate| format!("{rate:.2e}"))
        })
        .number("training.train_loss", |row| {
            numbers::or_dash(row.train_loss, |loss| format!("{loss:.3}"))
        })
        .percent("training.train_error", |row| row.train_error)
        .number("training.val_loss", |row| format!("{:.3}", row.val_loss))
        .percent("training.val_error", |row| row.val_top1_error)
        .percent("training.val_top5", |row| row.val_top5_error)
        .count("training.held", |row| row.filters_held)
        .table("training.epochs", "training.epochs_caption")
}

/// How large the layers' filters became, and the layers at the end.
fn layers_of(page: &Page<'_>, rows: &[TrainingLayerRow]) -> Result<Vec<Block>> {
    let names = distinct(rows.iter().map(|row| row.layer.as_str()));
    let sizes: Vec<Points> = names
        .iter()
        .map(|name| {
            let of_layer = rows.iter().filter(|row| row.layer == *name);
            of_layer
                .filter_map(|row| Some((row.epoch as f64, row.filter_rms_mean?)))
                .collect()
        })
        .collect();
    let most = sizes
        .iter()
        .flatten()
        .map(|(_, size)| *size)
        .fold(0.0, f64::max);
    let up = Axis::from_zero(most, &page.say("training.axis_rms"));
    let chart = chart(page, ("training.rms", "filters"), sizes, up)?;
    let last = rows.iter().map(|row| row.epoch).max();
    let at_end = rows.iter().filter(|row| Some(row.epoch) == last);
    let table = page
        .columns(at_end)
        .text("training.layer", |row| row.layer.clone())
        .count("training.maps", |row| row.maps)
        .count("training.dead", |row| row.dead_maps)
        .number("training.rms_mean", |row| {
            numbers::or_dash(row.filter_rms_mean, |size| format!("{size:.4}"))
        })
        .number("training.rms_largest", |row| {
            numbers::or_dash(row.filter_rms_largest, |size| format!("{size:.4}"))
        })
        .table("training.layers", "training.layers_caption");
    Ok(vec![
        Block::charts(
            vec![chart],
            page.fill("training.rms_caption", &[("layers", &names.join(", "))]),
        ),
        table,
    ])
}

/// The recipe's values, as they were in force.
fn recipe(page: &Page<'_>) -> Block {
    let options = page.site.run.manifest.options.named();
    let of_training = options
        .into_iter()
        .filter(|option| option.experiment.as_deref() == Some("training"));
    let shown = of_training.filter(|option| !option.value.is_null());
    page.columns(shown.collect::<Vec<_>>())
        .text("training.option", |option| option.field.replace('_', " "))
        .text("training.value", |option| {
            option.value.to_string().split('\u{22}').collect::<String>()
        })
        .table("training.recipe", "training.recipe_caption")
}
