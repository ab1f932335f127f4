//! The charts of two runs, and the matrix of classes that became others.

use std::collections::BTreeSet;

use comparison::layers::LayerSummary;
use comparison::{Change, Comparison, Difference, Flip};
use figures::charts::scatter;
use figures::charts::strips::{self, Found, Strip};
use records::ProjectionKind;
use statistics::median;

use crate::prelude::*;

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
    let points: Vec<(f64, f64)> = headline.values.iter().map(|(_, a, b)| (*a, *b)).collect();
    let svg = scatter::draw(&points, (&a.name, &b.name))?;
    let below = points.iter().filter(|(a, b)| b < a).count();
    let gaps: [Gap<'_>; 3] = [
        ("a", &a.name),
        ("b", &b.name),
        ("below", &numbers::count(below)),
    ];
    let alt = leaf.count("alt.scatter", points.len(), &gaps);
    let scatter = leaf.chart("assets/charts/scatter.svg", &svg, alt)?;
    let key = match difference.label {
        Some(_) => "compare.scatter_label",
        None => "compare.scatter_first",
    };
    let plot = |chart, caption| Block::plot(leaf.say("compare.changes"), chart, caption);
    let blocks = [
        plot(strips(leaf, difference)?, leaf.say("compare.changes_text")),
        plot(scatter, leaf.fill(key, &gaps)),
    ];
    Ok(Some(leaf.section("changes", "compare.changes", blocks)))
}

fn strips(leaf: &Leaf<'_>, difference: &Difference) -> Result<Chart> {
    let line = |key: &str, change: &Change| Strip {
        name: leaf.say(key),
        found: Found::Changes,
        values: change.changes().collect(),
        middle: change.mean,
        interval: change.interval,
    };
    let changes = [
        ("compare.strip_label", &difference.label),
        ("compare.strip_first", &difference.first),
    ];
    let lines = changes.into_iter();
    let lines = lines.filter_map(|(key, change)| Some(line(key, change.as_ref()?)));
    let lines: Vec<Strip> = lines.collect();
    let values = lines
        .iter()
        .map(|line| format!("{}: {}", line.name, numbers::change(line.middle)));
    let svg = strips::changes(&lines, &leaf.say("compare.change_axis"))?;
    let alt = leaf.fill("alt.changes", &[("values", &numbers::listed(values))]);
    leaf.chart("assets/charts/changes.svg", &svg, alt)
}

/// Where in the network the two runs part: the projections of all of a layer's activations, layer by layer; `None`
/// where none could be compared.
pub(super) fn layers(leaf: &Leaf<'_>, comparison: &Comparison) -> Result<Option<Block>> {
    let of_kind = |kind: ProjectionKind| -> Vec<&LayerSummary> {
        let layers = comparison.layers.iter();
        layers
            .filter(|layer| layer.kind == kind && !layer.cosines.is_empty())
            .collect()
    };
    let shown = match of_kind(ProjectionKind::Layer) {
        layers if layers.is_empty() => of_kind(ProjectionKind::Unit),
        layers => layers,
    };
    let spreads: Vec<Strip> = shown.iter().map(|layer| spread(layer)).collect();
    let lowest = spreads.iter().min_by(|a, b| a.middle.total_cmp(&b.middle));
    let Some(lowest) = lowest else {
        return Ok(None);
    };
    let gaps: [Gap<'_>; 2] = [
        ("layer", &lowest.name),
        ("cosine", &numbers::probability(lowest.middle)),
    ];
    let text = vec![
        leaf.say("compare.layers_text"),
        leaf.fill("compare.layers_most", &gaps),
    ];
    let values = spreads
        .iter()
        .map(|layer| format!("{}: {:.2}", layer.name, layer.middle));
    let alt = leaf.fill("alt.likeness", &[("values", &numbers::listed(values))]);
    let svg = strips::likeness(&spreads, &leaf.say("compare.cosine_axis"))?;
    let chart = leaf.chart("assets/charts/layers.svg", &svg, alt)?;
    let label = leaf.say("compare.layers");
    let table = leaf
        .columns(shown.iter().zip(&spreads))
        .text("common.layer", |(layer, _)| layer.layer.as_str())
        .count("compare.photos", |(layer, _)| layer.cosines.len())
        .number("compare.cosine_median", |(_, spread)| {
            format!("{:.3}", spread.middle)
        })
        .number("compare.cosine_quartiles", |(_, spread)| {
            spread
                .interval
                .map(|(low, high)| format!("{low:.3}–{high:.3}"))
        })
        .number("compare.energy", |(layer, _)| {
            median(&layer.energy_ratios).map(|ratio| format!("{ratio:.3}"))
        })
        .called(label.clone(), Text::default());
    let blocks = [
        Block::text(text),
        Block::plot(label, chart, leaf.say("compare.layers_caption")),
        table,
    ];
    Ok(Some(leaf.section("layers", "compare.layers", blocks)))
}

fn spread(layer: &LayerSummary) -> Strip {
    let cosines = &layer.cosines;
    let part = |share: f64| {
        let at = share * (cosines.len() - 1) as f64;
        let (low, high) = (at.floor() as usize, at.ceil() as usize);
        cosines[low] + (at - at.floor()) * (cosines[high] - cosines[low])
    };
    Strip {
        name: layer.layer.clone(),
        found: Found::Likeness,
        values: cosines.clone(),
        middle: part(0.5),
        interval: Some((part(0.25), part(0.75))),
    }
}

/// The photos whose first class changed: as a matrix where there is room for it, else as a list.
pub(super) fn flips(leaf: &Leaf<'_>, difference: &Difference) -> Option<Block> {
    if difference.answered == 0 {
        return None;
    }
    let flips = &difference.flips[..];
    let changed = numbers::count(flips.iter().map(|flip| flip.count).sum());
    let gaps: [Gap<'_>; 1] = [("changed", &changed)];
    let text = leaf.count("compare.flips_text", difference.answered, &gaps);
    let mut blocks = vec![Block::text(text)];
    let from: BTreeSet<&str> = flips.iter().map(|flip| flip.from.as_str()).collect();
    let to: BTreeSet<&str> = flips.iter().map(|flip| flip.to.as_str()).collect();
    let fits = from.len() <= MATRIX && to.len() <= MATRIX;
    match flips {
        [] => {}
        flips if fits => blocks.push(matrix(leaf, flips, from, &to)),
        flips => {
            blocks.push(list(leaf, flips));
            if flips.len() > FLIPS {
                blocks.push(leaf.more_in(&["data/flips.csv"]));
            }
        }
    }
    Some(leaf.section("flips", "compare.flips", blocks))
}

/// Rows are classes in the first run, columns those in the second.
fn matrix(leaf: &Leaf<'_>, flips: &[Flip], from: BTreeSet<&str>, to: &BTreeSet<&str>) -> Block {
    let largest = flips.iter().map(|flip| flip.count).max().unwrap_or(1);
    let mut columns = leaf.columns(from).column(Column::text(""), |from| *from);
    for to in to {
        columns = columns.column(Column::number(*to), |from| {
            let found = flips.iter().find(|f| f.from == *from && f.to == *to);
            found.map_or_else(Cell::default, |flip| {
                let share = flip.count as f64 / largest as f64;
                Cell::from(numbers::count(flip.count)).shaded("miss", share)
            })
        });
    }
    columns
        .of_class("matrix")
        .table("compare.flips", "compare.flips_caption")
}

fn list(leaf: &Leaf<'_>, flips: &[Flip]) -> Block {
    leaf.columns(flips.iter().take(FLIPS))
        .text("compare.from", |flip| flip.from.as_str())
        .text("compare.into", |flip| flip.to.as_str())
        .count("compare.photos", |flip| flip.count)
        .called(leaf.say("compare.flips"), Text::default())
}
