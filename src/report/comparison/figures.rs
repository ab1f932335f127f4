//! The charts of two runs, and the matrix of classes that became others.

use std::collections::BTreeSet;

use serde::Serialize;

use super::super::charts::Chart;
use super::super::frame::Leaf;
use super::super::numbers;
use crate::comparison::layers::{median, LayerSummary};
use crate::comparison::{Change, Comparison, Difference};
use crate::error::Result;
use crate::figures::charts::drops::{self, DropLine};
use crate::figures::charts::scatter;
use crate::figures::charts::spread::{self, LayerSpread};
use crate::records::ProjectionKind;

/// Classes in the matrix at most.
const MATRIX: usize = 14;
const FLIPS: usize = 60;

/// The change of probabilities.
#[derive(Debug, Serialize)]
pub(super) struct Changes {
    strips: Chart,
    scatter: Chart,
    scatter_text: String,
}

/// A dot for each photo: how probabilities changed, and from where to where.
pub(super) fn changes(leaf: &Leaf<'_>, comparison: &Comparison) -> Result<Option<Changes>> {
    let Some((a, b, difference)) = comparison.two() else {
        return Ok(None);
    };
    let Some(headline) = difference.headline() else {
        return Ok(None);
    };
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
    let strips = Chart::write(leaf, "assets/charts/changes.svg", &svg, alt)?;

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
    let key = match difference.label {
        Some(_) => "compare.scatter_label",
        None => "compare.scatter_first",
    };
    Ok(Some(Changes {
        strips,
        scatter: Chart::write(leaf, "assets/charts/scatter.svg", &svg, alt)?,
        scatter_text: texts.fill(key, &gaps),
    }))
}

/// Where in the network the two runs part.
#[derive(Debug, Serialize)]
pub(super) struct Layers {
    chart: Chart,
    text: String,
    lines: Vec<LayerLine>,
}

#[derive(Debug, Serialize)]
struct LayerLine {
    layer: String,
    photos: String,
    median: String,
    quartiles: String,
    energy: String,
}

/// The projections of all of a layer's activations, layer by layer; `None` where none could be compared.
pub(super) fn layers(leaf: &Leaf<'_>, comparison: &Comparison) -> Result<Option<Layers>> {
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
    let text = texts.fill(
        "compare.layers_most",
        &[
            ("layer", &lowest.layer),
            ("cosine", &numbers::probability(lowest.median)),
        ],
    );
    let values: Vec<String> = spreads
        .iter()
        .map(|layer| format!("{}: {:.2}", layer.layer, layer.median))
        .collect();
    let alt = texts.fill("alt.likeness", &[("values", &values.join("; "))]);
    let svg = spread::draw(&spreads, &texts.say("compare.cosine_axis"))?;
    let lines = shown.iter().zip(&spreads).map(|(layer, spread)| LayerLine {
        layer: layer.layer.clone(),
        photos: numbers::count(layer.cosines.len()),
        median: format!("{:.3}", spread.median),
        quartiles: format!("{:.3}–{:.3}", spread.quartiles.0, spread.quartiles.1),
        energy: numbers::or_dash(median(&layer.energy_ratios), |ratio| format!("{ratio:.3}")),
    });
    Ok(Some(Layers {
        lines: lines.collect(),
        chart: Chart::write(leaf, "assets/charts/layers.svg", &svg, alt)?,
        text,
    }))
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

/// First classes that became others.
#[derive(Debug, Serialize)]
pub(super) struct Flips {
    text: String,
    /// Classes in the second run: the matrix's columns; empty where it would be too large.
    columns: Vec<String>,
    rows: Vec<FlipRow>,
    list: Vec<FlipLine>,
    more: String,
}

#[derive(Debug, Serialize)]
struct FlipRow {
    from: String,
    cells: Vec<Cell>,
}

#[derive(Debug, Serialize)]
struct Cell {
    count: String,
    /// Percent of the largest cell.
    share: usize,
}

#[derive(Debug, Serialize)]
struct FlipLine {
    from: String,
    to: String,
    count: String,
}

/// The photos whose first class changed.
pub(super) fn flips(leaf: &Leaf<'_>, difference: &Difference) -> Option<Flips> {
    if difference.answered == 0 {
        return None;
    }
    let texts = leaf.texts();
    let flips = &difference.flips;
    let changed: usize = flips.iter().map(|flip| flip.count).sum();
    let text = texts.count(
        "compare.flips_text",
        difference.answered,
        &[("changed", &numbers::count(changed))],
    );
    let from: BTreeSet<&str> = flips.iter().map(|flip| flip.from.as_str()).collect();
    let to: BTreeSet<&str> = flips.iter().map(|flip| flip.to.as_str()).collect();
    let largest = flips.first().map_or(1, |flip| flip.count);
    let cell = |row: &str, column: &str| {
        let found = flips.iter().find(|f| f.from == row && f.to == column);
        Cell {
            count: found.map_or_else(String::new, |flip| numbers::count(flip.count)),
            share: found.map_or(0, |flip| 100 * flip.count / largest),
        }
    };
    let fits = !flips.is_empty() && from.len() <= MATRIX && to.len() <= MATRIX;
    let shown = flips.len().min(FLIPS);
    let list = flips.iter().take(shown).map(|flip| FlipLine {
        from: flip.from.clone(),
        to: flip.to.clone(),
        count: numbers::count(flip.count),
    });
    Some(Flips {
        text,
        columns: match fits {
            true => to.iter().map(|&name| name.to_owned()).collect(),
            false => Vec::new(),
        },
        rows: match fits {
            true => from
                .iter()
                .map(|&row| FlipRow {
                    from: row.to_owned(),
                    cells: to.iter().map(|column| cell(row, column)).collect(),
                })
                .collect(),
            false => Vec::new(),
        },
        list: if fits { Vec::new() } else { list.collect() },
        more: match !fits && flips.len() > shown {
            true => texts.fill("common.more_in", &[("file", "data/flips.csv")]),
            false => String::new(),
        },
    })
}
