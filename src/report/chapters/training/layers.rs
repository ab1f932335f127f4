//! How large the layers' filters became, and the layers at the end.

use figures::charts::lines::{Axis, Line};
use records::tables::TrainingLayerRow;

use super::curves::{chart, most};
use crate::prelude::*;

pub(super) fn layers(page: &Page<'_>, rows: &[TrainingLayerRow]) -> Result<Vec<Block>> {
    let named = distinct(rows.iter().map(|row| row.layer.as_str()));
    let of_layer = |layer: &str| -> Vec<(f64, f64)> {
        let rows = rows.iter().filter(|row| row.layer == layer);
        rows.filter_map(|row| Some((row.epoch as f64, row.filter_rms_mean?)))
            .collect()
    };
    let sizes = named.into_iter().map(|layer| (layer, of_layer(layer)));
    // A layer without filters of its own has no line.
    let (names, sizes): (Vec<&str>, Vec<_>) =
        sizes.filter(|(_, points)| !points.is_empty()).unzip();
    let line = |(colour, points)| Line {
        colour,
        is_dashed: false,
        points,
        ..Line::default()
    };
    let lines: Vec<Line> = sizes.into_iter().enumerate().map(line).collect();
    let mut blocks = Vec::new();
    if !lines.is_empty() {
        let up = Axis::from_zero(most(&lines), &page.say("training.axis_rms"));
        let chart = chart(page, ("training.rms", "filters"), &lines, up)?;
        let names = names.into_iter().map(str::to_owned);
        blocks.push(Block::Swatches(Swatches::of_lines(names)));
        blocks.push(Block::charts(vec![chart], page.say("training.rms_caption")));
    }
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
    blocks.push(table);
    Ok(blocks)
}
