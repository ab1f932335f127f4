//! What hiding a region leaves of each layer's activation, inside of it and outside.

use super::super::super::blocks::{Block, Chart, Column, Plot, Row, Table};
use super::super::super::numbers;
use super::super::super::site::{words, Page};
use crate::error::Result;
use crate::figures::charts::remaining::{self, LayerRemains};
use crate::records::file_stem;
use crate::records::tables::MaskingRow;

/// A chart and a table for each region.
pub(super) fn all(page: &Page<'_>) -> Result<Vec<Block>> {
    let texts = page.texts();
    let mut all = Vec::new();
    for region in page.site.lookup.regions() {
        let photos = page.site.lookup.masked_by(region).count();
        let rows: Vec<&MaskingRow> = page
            .site
            .lookup
            .masked_by(region)
            .flat_map(|p| p.rows::<MaskingRow>())
            .filter(|row| row.region == region)
            .collect();
        if rows.is_empty() {
            continue;
        }
        let of = |layer: &str| {
            rows.iter()
                .copied()
                .filter(|row| row.layer == layer)
                .collect::<Vec<_>>()
        };
        let layers: Vec<(&String, Vec<&MaskingRow>)> = page
            .site
            .stages()
            .iter()
            .map(|stage| (stage, of(stage)))
            .collect();
        let bars: Vec<LayerRemains> = layers
            .iter()
            .map(|(layer, rows)| remains(layer, rows))
            .collect();
        let lines = layers
            .iter()
            .zip(&bars)
            .map(|((_, rows), bar)| line(rows, bar));
        let caption = texts.count(
            "masks.energy_caption",
            photos,
            &[("region", &words(region))],
        );
        let numbers = [
            "masks.left_inside",
            "masks.left_outside",
            "masks.share_before",
            "masks.share_after",
        ];
        let mut columns = vec![Column::text(texts.say("common.layer"))];
        columns.extend(numbers.map(|key| Column::number(texts.say(key))));
        if all.is_empty() {
            all.push(page.say("masks.remaining_text"));
        }
        all.extend([
            Block::Subheading(words(region)),
            Block::Plot(Plot {
                label: caption.clone(),
                chart: chart(page, region, &bars)?,
                caption: String::new(),
            }),
            Block::Table(Table::new(
                caption.clone(),
                caption,
                columns,
                lines.collect(),
            )),
        ]);
    }
    Ok(all)
}

/// Sums over photos before dividing: one photo without activation does not spoil the ratio.
fn remains(layer: &str, rows: &[&MaskingRow]) -> LayerRemains {
    let ratio = |parts: fn(&MaskingRow) -> Option<(f32, f32)>| {
        let (mut original, mut masked) = (0.0, 0.0);
        for (o, m) in rows.iter().filter_map(|row| parts(row)) {
            original += f64::from(o);
            masked += f64::from(m);
        }
        (original > 0.0).then(|| masked / original)
    };
    LayerRemains {
        layer: layer.to_owned(),
        inside: ratio(|row| {
            row.activation_inside_original
                .zip(row.activation_inside_masked)
        }),
        outside: ratio(|row| {
            row.activation_outside_original
                .zip(row.activation_outside_masked)
        }),
    }
}

fn line(rows: &[&MaskingRow], bar: &LayerRemains) -> Row {
    let share = |part: fn(&MaskingRow) -> Option<f32>| {
        let mean = numbers::mean(rows.iter().filter_map(|row| part(row)).map(f64::from));
        numbers::or_dash(mean, numbers::whole_percent)
    };
    let cells = [
        numbers::or_dash(bar.inside, numbers::whole_percent),
        numbers::or_dash(bar.outside, numbers::whole_percent),
        share(|row| row.share_inside_original),
        share(|row| row.share_inside_masked),
    ];
    Row::new(bar.layer.clone(), cells)
}

fn chart(page: &Page<'_>, region: &str, bars: &[LayerRemains]) -> Result<Chart> {
    let texts = page.texts();
    let legend = (texts.say("masks.inside"), texts.say("masks.outside"));
    let hidden = words(region);
    let axis = texts.fill("masks.remaining_axis", &[("region", &hidden)]);
    let svg = remaining::draw(bars, (&legend.0, &legend.1), &axis)?;
    let printed = |value: Option<f64>| numbers::or_dash(value, numbers::whole_percent);
    let values: Vec<String> = bars
        .iter()
        .map(|bar| {
            format!(
                "{} {} / {}",
                bar.layer,
                printed(bar.inside),
                printed(bar.outside)
            )
        })
        .collect();
    let alt = texts.fill(
        "alt.remaining",
        &[("region", &hidden), ("values", &values.join("; "))],
    );
    page.chart(
        &format!("assets/charts/remaining-{}.svg", file_stem(region)),
        &svg,
        alt,
    )
}
