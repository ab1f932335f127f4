//! What happened while the network was trained: losses and errors, layer by layer, and what went wrong (ZF §3, §4.1).

mod curves;
mod filters;
mod layers;

use records::tables::{
    Row as _, TrainingFindingRow, TrainingLayerRow, TrainingRow, TrainingSpectrumRow,
};

use super::{Chapter, Plan};
use crate::figure::{self, Figure};
use crate::prelude::*;

/// Rows of the table of epochs at most: the first, the last and those between at equal distances.
const ROWS: usize = 40;

const PAGE: &str = "pages/training.html";

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.training",
    holds: "front.contents_training",
    pages: |site| match site.rows::<TrainingRow>().is_empty() {
        true => Vec::new(),
        false => vec![Plan::new(PAGE, content)],
    },
};

fn content(page: &Page<'_>) -> Result<Content> {
    let rows = page.site.rows::<TrainingRow>();
    let epochs = rows.iter().filter(|row| row.epoch > 0).count();
    let lead = page.count(
        "training.lead",
        epochs,
        &[
            ("model", &page.site.network()),
            ("photos", &photographs(page)),
        ],
    );
    let layers = page.site.rows::<TrainingLayerRow>();
    let spectrum = page.site.rows::<TrainingSpectrumRow>();
    let curves = curves::curves(page, rows)?;
    let recipe = page.section("recipe", "training.recipe", [recipe(page)]);
    let tables = [
        TrainingRow::FILE,
        TrainingLayerRow::FILE,
        TrainingSpectrumRow::FILE,
    ];
    Ok(Content::new(page.say("training.title"), lead)
        .with([Block::Cards(cards(page, rows)), findings(page)])
        .with([page.section("curves", "training.curves", curves)])
        .with(filters::filters(page, spectrum)?)
        .with([
            page.section("layers", "training.layers", layers::layers(page, layers)?),
            page.section("epochs", "training.epochs", [epochs_table(page, rows)]),
            recipe,
            page.more_in(&tables),
        ]))
}

/// That the network was trained here, on what and how well, for the front page; `None` where it was not.
pub(super) fn in_short(page: &Page<'_>) -> Option<Block> {
    let rows = page.site.rows::<TrainingRow>();
    let last = rows.last()?;
    let gaps: [Gap<'_>; 4] = [
        ("model", &page.site.network()),
        ("photos", &photographs(page)),
        ("right", &numbers::percent(1.0 - last.val_top1_error)),
        (
            "held_back",
            &numbers::count(page.site.run.manifest.dataset.photos),
        ),
    ];
    let blocks = [
        Block::text(page.count("training.in_short", last.epoch, &gaps)),
        page.more("training.open", PAGE),
    ];
    Some(Block::group("", blocks))
}

/// The photographs that were trained on.
fn photographs(page: &Page<'_>) -> String {
    let training = page.site.run.manifest.options.experiments.get("training");
    let photos = training.and_then(|options| options.get("photographs")?.as_u64());
    numbers::count(photos.unwrap_or(0) as usize)
}

/// How well it fares on the photographs that were held back, at the end.
fn cards(page: &Page<'_>, rows: &[TrainingRow]) -> Vec<Card> {
    let last = rows.iter().rev().take(1);
    let centre = last.flat_map(|row| {
        [
            ("training.card_top1", Some(row.val_top1_error)),
            ("training.card_top5", row.val_top5_error),
        ]
    });
    let centre = centre.filter_map(|(label, error)| {
        let notes = vec![page.say("training.card_centre")];
        Some(Card::new(page.say(label), numbers::percent(error?), notes))
    });
    let ten = [
        ("training.card_top1", "val_top1_error_ten_crop"),
        ("training.card_top5", "val_top5_error_ten_crop"),
    ];
    let ten = ten.into_iter().filter_map(|(label, name)| {
        let metric = page.site.metric(name, "all")?;
        let notes = [page.say("training.card_ten")];
        Some(figure::card(
            page,
            (metric, Figure::Share),
            page.say(label),
            notes,
        ))
    });
    centre.chain(ten).collect()
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
            "aliasing" => "training.found_aliasing",
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

/// The recipe's values, as they were in force.
fn recipe(page: &Page<'_>) -> Block {
    let options = page.site.run.manifest.options.named();
    let of_training = options
        .into_iter()
        .filter(|option| option.experiment.as_deref() == Some("training"));
    let shown = of_training.filter(|option| !numbers::option(&option.value).is_empty());
    page.columns(shown.collect::<Vec<_>>())
        .text("training.option", |option| option.field.replace('_', " "))
        .text("training.value", |option| numbers::option(&option.value))
        .table("training.recipe", "training.recipe_caption")
}
