//! Which frequencies the first layer's filters respond to, epoch by epoch, beside random ones (ZF §4.1, fig. 6).

use figures::charts::lines::{Axis, Line};
use records::tables::TrainingSpectrumRow;

use super::curves::{chart, most};
use crate::prelude::*;

type Of<T> = fn(&TrainingSpectrumRow) -> T;

const BANDS: [(&str, Of<f64>); 3] = [
    ("training.low", |row| row.low_share),
    ("training.middle", |row| row.middle_share),
    ("training.high", |row| row.high_share),
];

/// The section; `None` for a network without convolutions.
pub(super) fn filters(page: &Page<'_>, rows: &[TrainingSpectrumRow]) -> Result<Option<Block>> {
    let (Some(last), Some(random)) = (rows.last(), rows.iter().find(|row| row.epoch.is_none()))
    else {
        return Ok(None);
    };
    let over = |value: Of<f64>, colour: usize| {
        let rows = rows.iter();
        let points: Vec<(f64, f64)> = rows
            .filter_map(|row| Some((row.epoch? as f64, value(row))))
            .collect();
        let ends = [points.first(), points.last()].into_iter().flatten();
        let beside = ends.map(|(epoch, _)| (*epoch, value(random))).collect();
        let line = |is_dashed, points| Line {
            colour,
            is_dashed,
            points,
            ..Line::default()
        };
        [line(false, points), line(true, beside)]
    };
    let bands = BANDS.iter().enumerate();
    let bands: Vec<Line> = bands
        .flat_map(|(at, (_, value))| over(*value, at))
        .collect();
    let aliased = over(
        |row| row.aliased_filters as f64 / row.filters.max(1) as f64,
        0,
    );
    let axis = |lines: &[Line], name| Axis::from_zero(most(lines), &page.say(name));
    let charts = vec![
        chart(
            page,
            ("training.bands", "bands"),
            &bands,
            axis(&bands, "training.axis_power"),
        )?,
        chart(
            page,
            ("training.aliased", "aliased"),
            &aliased,
            axis(&aliased, "training.axis_filters"),
        )?,
    ];
    let names = BANDS.iter().map(|(name, _)| page.say(name));
    let gaps: [Gap<'_>; 3] = [
        ("layer", &last.layer),
        ("aliased", &last.aliased_filters),
        ("random", &random.aliased_filters),
    ];
    let table = page
        .columns([last, random])
        .text("training.filters", |row| {
            let of_random = || page.say("training.of_random");
            row.epoch.map_or_else(of_random, |epoch| {
                page.fill("training.of_epoch", &[("epoch", &epoch)])
            })
        })
        .percent("training.low", |row| row.low_share)
        .percent("training.middle", |row| row.middle_share)
        .percent("training.high", |row| row.high_share)
        .percent("training.beyond", |row| row.aliased_share)
        .count("training.aliased", |row| row.aliased_filters)
        .table("training.first_layer", "training.filters_caption");
    let blocks = [
        Block::text(page.count("training.filters_text", last.filters, &gaps)),
        Block::Swatches(Swatches::of_lines(names)),
        Block::charts(charts, page.say("training.bands_caption")),
        table,
    ];
    let section = page.section("filters", "training.first_layer", blocks);
    Ok(Some(section))
}
