//! The charts of two runs, and the matrix of classes that became others.

use std::collections::BTreeSet;

use super::super::blocks::{Block, Cell, Chart, Column, Plot, Row, Table, Text};
use super::super::frame::Leaf;
use super::super::lang::Texts;
use super::super::numbers;
use crate::comparison::layers::{median, LayerSummary};
use crate::comparison::{Change, Comparison, Difference, Flip};
use crate::error::Result;
use crate::figures::charts::drops::{self, DropLine};
use crate::figures::charts::scatter;
use crate::figures::charts::spread::{self, LayerSpread};
use crate::records::ProjectionKind;

/// Classes in the matrix at most.
const MATRIX: usize = 14;
const FLIPS: usize = 60;

/// A dot for each photo: how probabilities changed, and from where to where; `None` where none were compared.
pub(super) fn changes(leaf: &Leaf<'_>, comparison: &Comparison) -> Result<Option<Block>> {
    let Some((a, b, difference)) = comparison.two() else {
        return Ok(None);
    };
    let Some(headline) = difference.headline() else {
        return Ok(None);
    };
    let texts = leaf.texts();
    let points: Vec<(f64, f64)> = headline.values.iter().map(|(_, a, b)| (*a, *b)).collect();
    let names = (a.name.as_str(), b.name.as_str());
    let svg = scatter::draw(&points, names)?;
    let below = points.iter().filter(|(a, b)| b < a).count();
    let gaps = [
        ("a", names.0),
        ("b", names.1),
        ("below", &*numbers::count(below)),
    ];
    let alt = texts.count("alt.scatter", points.len(), &gaps);
    let scatter = leaf.chart("assets/charts/scatter.svg", &svg, alt)?;
    let key = match difference.label {
        Some(_) => "compare.scatter_label",
        None => "compare.scatter_first",
    };
    let plot = |chart, caption| {
        let label = texts.say("compare.changes");
        Block::Plot(Plot {
            label,
            chart,
            caption,
        })
    };
    let blocks = vec![
        plot(strips(leaf, difference)?, texts.say("compare.changes_text")),
        plot(scatter, texts.fill(key, &gaps)),
    ];
    Ok(Some(leaf.section("changes", "compare.changes", blocks)))
}

fn strips(leaf: &Leaf<'_>, difference: &Difference) -> Result<Chart> {
    let texts = leaf.texts();
    let line = |key: &str, change: &Change| DropLine {
        name: texts.say(key),
        control: false,
        changes: change.changes().collect(),
        mean: change.mean,
        interval: change.interval,
    };
    let lines: Vec<DropLine> = [
        ("compare.strip_label", &difference.label),
        ("compare.strip_first", &difference.first),
    ]
    .into_iter()
    .filter_map(|(key, change)| Some(line(key, change.as_ref()?)))
    .collect();
    let values: Vec<String> = lines
        .iter()
        .map(|line| format!("{}: {}", line.name, numbers::change(line.mean)))
        .collect();
    let svg = drops::draw(&lines, &texts.say("compare.change_axis"))?;
    let alt = texts.fill("alt.changes", &[("values", &values.join("; "))]);
    leaf.chart("assets/charts/changes.svg", &svg, alt)
}

/// Where in the network the two runs part: the projections of all of a layer's activations, layer by layer; `None`
/// where none could be compared.
pub(super) fn layers(leaf: &Leaf<'_>, comparison: &Comparison) -> Result<Option<Block>> {
    let texts = leaf.texts();
    let kind = |kind: ProjectionKind| {
        let of_kind = comparison.layers.iter().filter(move |l| l.kind == kind);
        of_kind
            .filter(|l| !l.cosines.is_empty())
            .collect::<Vec<_>>()
    };
    let shown = match kind(ProjectionKind::Layer) {
        layers if layers.is_empty() => kind(ProjectionKind::Unit),
        layers => layers,
    };
    let spreads: Vec<LayerSpread> = shown.iter().map(|layer| spread(layer)).collect();
    let lowest = spreads.iter().min_by(|a, b| a.median.total_cmp(&b.median));
    let Some(lowest) = lowest else {
        return Ok(None);
    };
    let cosine = numbers::probability(lowest.median);
    let gaps = [("layer", lowest.layer.as_str()), ("cosine", &cosine)];
    let values: Vec<String> = spreads
        .iter()
        .map(|layer| format!("{}: {:.2}", layer.layer, layer.median))
        .collect();
    let alt = texts.fill("alt.likeness", &[("values", &values.join("; "))]);
    let svg = spread::draw(&spreads, &texts.say("compare.cosine_axis"))?;
    let blocks = vec![
        Block::text(vec![
            texts.say("compare.layers_text"),
            texts.fill("compare.layers_most", &gaps),
        ]),
        Block::Plot(Plot {
            label: texts.say("compare.layers"),
            chart: leaf.chart("assets/charts/layers.svg", &svg, alt)?,
            caption: texts.say("compare.layers_caption"),
        }),
        Block::Table(layers_table(texts, &shown, &spreads)),
    ];
    Ok(Some(leaf.section("layers", "compare.layers", blocks)))
}

fn layers_table(texts: &Texts, shown: &[&LayerSummary], spreads: &[LayerSpread]) -> Table {
    let keys = [
        "compare.photos",
        "compare.cosine_median",
        "compare.cosine_quartiles",
        "compare.energy",
    ];
    let numbers = keys.map(|key| Column::number(texts.say(key)));
    let columns = std::iter::once(Column::text(texts.say("common.layer"))).chain(numbers);
    let row = |(layer, spread): (&&LayerSummary, &LayerSpread)| {
        let energy = median(&layer.energy_ratios);
        let cells = [
            numbers::count(layer.cosines.len()),
            format!("{:.3}", spread.median),
            format!("{:.3}–{:.3}", spread.quartiles.0, spread.quartiles.1),
            numbers::or_dash(energy, |ratio| format!("{ratio:.3}")),
        ];
        Row::new(layer.layer.clone(), cells)
    };
    let rows = shown.iter().zip(spreads).map(row).collect();
    let label = texts.say("compare.layers");
    Table::new(label, Text::default(), columns.collect(), rows)
}

fn spread(layer: &LayerSummary) -> LayerSpread {
    let cosines = &layer.cosines;
    let part = |share: f64| {
        let at = share * (cosines.len() - 1) as f64;
        let (low, high) = (at.floor() as usize, at.ceil() as usize);
        cosines[low] + (at - at.floor()) * (cosines[high] - cosines[low])
    };
    LayerSpread {
        layer: layer.layer.clone(),
        median: part(0.5),
        quartiles: (part(0.25), part(0.75)),
        cosines: cosines.clone(),
    }
}

/// The photos whose first class changed: as a matrix where there is room for it, else as a list.
pub(super) fn flips(leaf: &Leaf<'_>, difference: &Difference) -> Option<Block> {
    if difference.answered == 0 {
        return None;
    }
    let texts = leaf.texts();
    let flips = &difference.flips[..];
    let changed = numbers::count(flips.iter().map(|flip| flip.count).sum());
    let text = texts.count(
        "compare.flips_text",
        difference.answered,
        &[("changed", &changed)],
    );
    let mut blocks = vec![Block::text(text)];
    let from: BTreeSet<&str> = flips.iter().map(|flip| flip.from.as_str()).collect();
    let to: BTreeSet<&str> = flips.iter().map(|flip| flip.to.as_str()).collect();
    let fits = from.len() <= MATRIX && to.len() <= MATRIX;
    match flips {
        [] => {}
        flips if fits => blocks.push(Block::Table(matrix(texts, flips, &from, &to))),
        flips => {
            blocks.push(Block::Table(list(texts, flips)));
            if flips.len() > FLIPS {
                let gaps = [("file", "data/flips.csv")];
                blocks.push(Block::text(texts.fill("common.more_in", &gaps)));
            }
        }
    }
    Some(leaf.section("flips", "compare.flips", blocks))
}

/// Rows are classes in the first run, columns those in the second.
fn matrix(texts: &Texts, flips: &[Flip], from: &BTreeSet<&str>, to: &BTreeSet<&str>) -> Table {
    let largest = flips.iter().map(|flip| flip.count).max().unwrap_or(1);
    let cell = |from: &str, to: &str| {
        let found = flips.iter().find(|f| f.from == from && f.to == to);
        found.map_or_else(Cell::default, |flip| {
            let share = flip.count as f64 / largest as f64;
            Cell::from(numbers::count(flip.count)).shaded("miss", share)
        })
    };
    let row = |&from: &&str| Row::new(from, to.iter().map(|to| cell(from, to)));
    let names = to.iter().map(|&name| Column::number(name));
    let columns = std::iter::once(Column::text("")).chain(names).collect();
    let caption = texts.say("compare.flips_caption");
    let rows = from.iter().map(row).collect();
    Table::new(texts.say("compare.flips"), caption, columns, rows).of_class("matrix")
}

fn list(texts: &Texts, flips: &[Flip]) -> Table {
    let columns = vec![
        Column::text(texts.say("compare.from")),
        Column::text(texts.say("compare.into")),
        Column::number(texts.say("compare.photos")),
    ];
    let row = |flip: &Flip| {
        let cells = [flip.to.clone(), numbers::count(flip.count)];
        Row::new(flip.from.clone(), cells)
    };
    let rows = flips.iter().take(FLIPS).map(row).collect();
    Table::new(texts.say("compare.flips"), Text::default(), columns, rows)
}
