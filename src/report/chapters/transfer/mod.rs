//! How well linear classifiers tell the labels apart by each layer's features: ZF's tables 4 and 7 for this run.

mod scratch;

use std::collections::BTreeMap;

use figures::charts::lines::{self, Axis, Line};
use records::tables::{
    Row as _, TransferConfusionRow, TransferLayerRow, TransferPhotoRow, TransferRow,
    TransferScratchRow, TransferSplitRow,
};

use super::{Chapter, Plan};
use crate::prelude::*;

/// Rows of the tables of confusions and of photographs at most.
const ROWS: usize = 12;
/// Names of layers that have room below a chart.
const NAMES: usize = 6;

/// ZF table 7: a linear classifier on their network's layer, Caltech-101 and Caltech-256, percent.
const PUBLISHED: [(&str, &str, f64, f64); 8] = [
    ("1", "svm", 44.8, 24.6),
    ("2", "svm", 66.2, 39.6),
    ("3", "svm", 72.3, 46.0),
    ("4", "svm", 76.6, 51.3),
    ("5", "svm", 86.2, 65.6),
    ("7", "svm", 85.5, 71.7),
    ("5", "softmax", 82.9, 65.7),
    ("7", "softmax", 85.4, 72.6),
];

/// A classifier, and how many photographs of each class it was trained on.
type Kind<'a> = (&'a str, usize);

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.transfer",
    holds: "front.contents_transfer",
    pages: |site| match site.rows::<TransferLayerRow>().is_empty() {
        true => Vec::new(),
        false => vec![Plan::new("pages/transfer.html", content)],
    },
};

fn content(page: &Page<'_>) -> Result<Content> {
    let rows = page.site.rows::<TransferLayerRow>();
    let kinds = distinct(rows.iter().map(|row| (&*row.classifier, row.per_class)));
    let splits = rows.first().map_or(0, |row| row.splits);
    let gaps: [Gap<'_>; 1] = [("model", &page.site.network())];
    let lead = page.count("transfer.lead", splits, &gaps);
    let how = page.sentences([
        "transfer.how_features",
        "transfer.how_splits",
        "transfer.how_penalty",
        "transfer.how_interval",
    ]);
    let mut files = vec![
        TransferRow::FILE,
        TransferLayerRow::FILE,
        TransferSplitRow::FILE,
        TransferPhotoRow::FILE,
    ];
    let from_scratch = scratch::blocks(page);
    if !from_scratch.is_empty() {
        files.push(TransferScratchRow::FILE);
    }
    let content = Content::new(page.say("transfer.title"), lead);
    let content = content.with([
        page.section("found", "transfer.found", [found(page, rows, &kinds)]),
        page.section("layers", "transfer.layers", by_layer(page, rows, &kinds)?),
        page.section("published", "transfer.published", [published(page)]),
    ]);
    let from_scratch = page.section_of_any("scratch", "transfer.scratch", from_scratch);
    Ok(content.with(from_scratch).with([
        page.section("confusions", "transfer.confusions", [confusions(page)]),
        page.section("upper", "transfer.upper", upper(page, rows)),
        page.section("how", "transfer.how", [how]),
        page.more_in(&files),
    ]))
}

fn name(page: &Page<'_>, (classifier, per_class): Kind<'_>) -> String {
    let key = match classifier {
        "softmax" => "transfer.softmax_of",
        _ => "transfer.svm_of",
    };
    page.fill(key, &[("n", &per_class)])
}

fn of_kind<'a>(
    rows: &'a [TransferLayerRow],
    (classifier, per_class): Kind<'a>,
) -> impl Iterator<Item = &'a TransferLayerRow> {
    let rows = rows.iter();
    rows.filter(move |row| row.classifier == classifier && row.per_class == per_class)
}

/// Of equals the lowest layer.
fn best<'a>(rows: impl Iterator<Item = &'a TransferLayerRow>) -> Option<&'a TransferLayerRow> {
    rows.reduce(|best, row| match row.accuracy > best.accuracy {
        true => row,
        false => best,
    })
}

/// The best layer beside the first, kind by kind.
fn found(page: &Page<'_>, rows: &[TransferLayerRow], kinds: &[Kind<'_>]) -> Block {
    let sentence = |kind: &Kind<'_>| {
        let first = of_kind(rows, *kind).next()?;
        let best = best(of_kind(rows, *kind))?;
        let gaps: [Gap<'_>; 6] = [
            ("kind", &name(page, *kind)),
            ("layer", &best.layer),
            ("accuracy", &told_of(best)),
            ("first", &first.layer),
            ("first_accuracy", &told_of(first)),
            ("chance", &numbers::percent(best.chance)),
        ];
        Some(page.fill("transfer.found_best", &gaps))
    };
    Block::prose(
        kinds
            .iter()
            .filter_map(sentence)
            .chain(scratch::slope(page)),
    )
}

fn told_of(row: &TransferLayerRow) -> String {
    told((row.accuracy, row.low, row.high))
}

/// An accuracy with its interval, where it has one.
fn told((accuracy, low, high): (f64, Option<f64>, Option<f64>)) -> String {
    let percent = |share: f64| format!("{:.1}", 100.0 * share);
    match (low, high) {
        (Some(low), Some(high)) => format!(
            "{} % ({}–{})",
            percent(accuracy),
            percent(low),
            percent(high)
        ),
        _ => format!("{} %", percent(accuracy)),
    }
}

fn by_layer(page: &Page<'_>, rows: &[TransferLayerRow], kinds: &[Kind<'_>]) -> Result<Vec<Block>> {
    let layers = distinct(rows.iter().map(|row| &*row.layer));
    let place = |layer: &str| layers.iter().position(|name| *name == layer).unwrap_or(0) as f64;
    // Intervals beside each other, so that those of one layer can be told apart.
    let beside = |number: usize| 0.06 * (number as f64 - 0.5 * (kinds.len() as f64 - 1.0));
    let line = |(number, kind): (usize, &Kind<'_>)| {
        let points = of_kind(rows, *kind).map(|row| (place(&row.layer), row.accuracy));
        let interval = |row: &TransferLayerRow| {
            Some((place(&row.layer) + beside(number), row.low?, row.high?))
        };
        Line {
            colour: number,
            points: points.collect(),
            intervals: of_kind(rows, *kind).filter_map(interval).collect(),
            ..Line::default()
        }
    };
    let lines: Vec<Line> = kinds.iter().enumerate().map(line).collect();
    let ticks = (0..layers.len()).step_by(layers.len().div_ceil(NAMES).max(1));
    let ticks: Vec<f64> = ticks.map(|at| at as f64).collect();
    let across = Axis::over(
        [0.0, (layers.len().max(2) - 1) as f64],
        &page.say("transfer.axis_layer"),
    )
    .printed(|value| {
        layers
            .get(value.round() as usize)
            .map_or_else(String::new, |layer| (*layer).to_owned())
    })
    .at(ticks);
    let up = Axis::from_zero(1.0, &page.say("transfer.axis_accuracy"));
    let ends = kinds.iter().zip(&lines).map(|(kind, line)| {
        let values = line
            .points
            .iter()
            .map(|(_, accuracy)| format!("{accuracy:.2}"));
        format!(
            "{}: {}",
            name(page, *kind),
            values.collect::<Vec<_>>().join(" ")
        )
    });
    let alt = page.fill("transfer.alt_chart", &[("values", &numbers::listed(ends))]);
    let svg = lines::draw_lines(&lines, across, up)?;
    let title = page.say("transfer.accuracy");
    let chart = page
        .chart("assets/transfer/layers.svg", &svg, alt)?
        .titled(title);
    let names = kinds.iter().map(|kind| name(page, *kind));
    let mut columns = page
        .columns(&layers)
        .text("transfer.layer", |layer| (**layer).to_owned())
        .text("transfer.values", |layer| {
            let row = rows.iter().find(|row| row.layer == **layer);
            row.map_or_else(String::new, |row| match row.grid {
                Some(side) => page.fill(
                    "transfer.averaged",
                    &[("values", &numbers::count(row.values)), ("side", &side)],
                ),
                None => numbers::count(row.values),
            })
        });
    for kind in kinds {
        columns = columns.column(Column::number(name(page, *kind)), |layer| {
            let row = of_kind(rows, *kind).find(|row| row.layer == **layer);
            numbers::or_dash(row, told_of)
        });
    }
    Ok(vec![
        Block::Swatches(Swatches::of_lines(names)),
        Block::charts(vec![chart], String::new()),
        columns.table("transfer.layers", "transfer.layers_caption"),
    ])
}

fn published(page: &Page<'_>) -> Block {
    page.columns(PUBLISHED)
        .text("transfer.layer", |row| row.0.to_owned())
        .text("transfer.classifier", |row| {
            page.say(match row.1 {
                "softmax" => "transfer.softmax",
                _ => "transfer.svm",
            })
        })
        .number("transfer.caltech_101", |row| format!("{:.1} %", row.2))
        .number("transfer.caltech_256", |row| format!("{:.1} %", row.3))
        .table("transfer.published", "transfer.published_caption")
}

/// What the best layer takes for what most often.
fn confusions(page: &Page<'_>) -> Block {
    let rows = page.site.rows::<TransferConfusionRow>();
    let Some(first) = rows.first() else {
        return page.paragraph("transfer.no_confusions");
    };
    let of_first = rows.iter().filter(|row| row.classifier == first.classifier);
    let mut wrong: Vec<&TransferConfusionRow> = of_first
        .clone()
        .filter(|row| row.label != row.taken_for)
        .collect();
    wrong.sort_by_key(|row| std::cmp::Reverse(row.count));
    wrong.truncate(ROWS);
    if wrong.is_empty() {
        return page.paragraph("transfer.no_confusions");
    }
    let of_label = |label: &str| -> usize {
        let all = of_first.clone().filter(|row| row.label == label);
        all.map(|row| row.count).sum()
    };
    let kind = name(page, (&first.classifier, first.per_class));
    let gaps: [Gap<'_>; 2] = [("kind", &kind), ("layer", &first.layer)];
    let caption = page.fill("transfer.confusions_caption", &gaps);
    page.columns(wrong)
        .text("transfer.label", |row| row.label.clone())
        .text("transfer.taken_for", |row| row.taken_for.clone())
        .count("transfer.times", |row| row.count)
        .percent("transfer.share", |row| {
            row.count as f64 / of_label(&row.label).max(1) as f64
        })
        .called(page.say("transfer.confusions"), caption)
}

/// Photographs that the best layer always gets right and no layer of the lower half ever does.
fn upper(page: &Page<'_>, rows: &[TransferLayerRow]) -> Vec<Block> {
    let photos = page.site.rows::<TransferPhotoRow>();
    let layers = distinct(rows.iter().map(|row| &*row.layer));
    let lower = &layers[..layers.len() / 2];
    let Some(first) = photos.first() else {
        return Vec::new();
    };
    let most = rows.iter().map(|row| row.per_class).max().unwrap_or(0);
    let Some(best) = best(of_kind(rows, (&first.classifier, most))) else {
        return Vec::new();
    };
    let of_first = || {
        photos
            .iter()
            .filter(|row| row.classifier == first.classifier)
    };
    let ids = distinct(of_first().map(|row| &*row.image_id));
    let only_upper = |id: &&str| {
        of_first().filter(|row| row.image_id == **id).all(|row| {
            match lower.contains(&&*row.layer) {
                true => row.right == 0,
                false => row.layer != best.layer || row.right == row.tested,
            }
        })
    };
    let found: Vec<&str> = match lower.is_empty() {
        true => Vec::new(),
        false => ids.iter().copied().filter(only_upper).collect(),
    };
    let gaps: [Gap<'_>; 3] = [
        ("tested", &numbers::count(ids.len())),
        ("layer", &best.layer),
        ("lower", &lower.join(", ")),
    ];
    let mut blocks = vec![Block::text(page.count(
        "transfer.upper_lead",
        found.len(),
        &gaps,
    ))];
    let shown = found.iter().filter_map(|id| page.site.lookup.photo(id));
    let shown = of_many_labels(shown);
    if !shown.is_empty() {
        let table = page
            .columns(shown)
            .text("common.photo", |photo| photo.image.path.clone());
        blocks.push(table.table("transfer.upper", "transfer.upper_caption"));
    }
    blocks
}

/// So many photographs that the first of every label come before the second of any.
fn of_many_labels<'p>(photos: impl Iterator<Item = &'p Photo<'p>>) -> Vec<&'p Photo<'p>> {
    let mut before: BTreeMap<Option<usize>, usize> = BTreeMap::new();
    let turns = photos.map(|photo| {
        let turn = before.entry(photo.image.label_index).or_default();
        *turn += 1;
        (*turn, photo)
    });
    let mut turns: Vec<(usize, &Photo<'_>)> = turns.collect();
    turns.sort_by_key(|(turn, _)| *turn);
    let shown = turns.into_iter().take(ROWS).map(|(_, photo)| photo);
    shown.collect()
}
