//! What hiding a region leaves of each layer's activation, inside of it and outside.

use figures::charts::remaining::{self, LayerRemains};
use records::file_stem;
use records::tables::MaskingRow;

use crate::prelude::*;

/// A layer with its rows of all photos, and what they come to.
type Layer<'a> = (Vec<&'a MaskingRow>, LayerRemains);

/// A chart and a table for each region.
pub(super) fn all(page: &Page<'_>) -> Result<Vec<Block>> {
    let mut all = Vec::new();
    for region in page.site.lookup.regions() {
        let photos = page.site.lookup.masked_by(region);
        let rows = photos.flat_map(|photo| photo.rows::<MaskingRow>());
        let rows: Vec<&MaskingRow> = rows.filter(|row| row.region == region).collect();
        if !rows.is_empty() {
            all.extend(of_region(page, region, &rows)?);
        }
    }
    if !all.is_empty() {
        all.insert(0, page.paragraph("masks.remaining_text"));
    }
    Ok(all)
}

fn of_region(page: &Page<'_>, region: &str, rows: &[&MaskingRow]) -> Result<[Block; 3]> {
    let layer = |layer: &String| {
        let rows = rows.iter().copied().filter(|row| row.layer == *layer);
        let rows: Vec<&MaskingRow> = rows.collect();
        let remains = remains(layer, &rows);
        (rows, remains)
    };
    let layers: Vec<Layer<'_>> = page.site.stages().iter().map(layer).collect();
    let photos = page.site.lookup.masked_by(region).count();
    let name = words(region);
    let caption = page.count("masks.energy_caption", photos, &[("region", &name)]);
    let chart = chart(
        page,
        region,
        layers.iter().map(|(_, remains)| remains.clone()).collect(),
    )?;
    Ok([
        Block::Subheading(name),
        Block::plot(caption.clone(), chart, String::new()),
        table(page, layers, caption),
    ])
}

/// Sums over photos before dividing: one photo without activation does not spoil the ratio.
fn remains(layer: &str, rows: &[&MaskingRow]) -> LayerRemains {
    let ratio = |parts: fn(&MaskingRow) -> (Option<f32>, Option<f32>)| {
        let (mut original, mut masked) = (0.0, 0.0);
        for (o, m) in rows
            .iter()
            .map(|row| parts(row))
            .filter_map(|(o, m)| o.zip(m))
        {
            original += f64::from(o);
            masked += f64::from(m);
        }
        (original > 0.0).then(|| masked / original)
    };
    LayerRemains {
        layer: layer.to_owned(),
        inside: ratio(|row| (row.activation_inside_original, row.activation_inside_masked)),
        outside: ratio(|row| {
            (
                row.activation_outside_original,
                row.activation_outside_masked,
            )
        }),
    }
}

fn table(page: &Page<'_>, layers: Vec<Layer<'_>>, caption: String) -> Block {
    let share = |rows: &[&MaskingRow], part: fn(&MaskingRow) -> Option<f32>| {
        numbers::mean(rows.iter().filter_map(|row| part(row)).map(f64::from))
    };
    page.columns(layers)
        .text("common.layer", |(_, left)| left.layer.clone())
        .whole_percent("masks.left_inside", |(_, left)| left.inside)
        .whole_percent("masks.left_outside", |(_, left)| left.outside)
        .whole_percent("masks.share_before", |(rows, _)| {
            share(rows, |row| row.share_inside_original)
        })
        .whole_percent("masks.share_after", |(rows, _)| {
            share(rows, |row| row.share_inside_masked)
        })
        .called(caption.clone(), caption)
}

fn chart(page: &Page<'_>, region: &str, bars: Vec<LayerRemains>) -> Result<Chart> {
    let legend = (page.say("masks.inside"), page.say("masks.outside"));
    let hidden = words(region);
    let axis = page.fill("masks.remaining_axis", &[("region", &hidden)]);
    let svg = remaining::draw(&bars, (&legend.0, &legend.1), &axis)?;
    let values = bars.iter().map(|bar| {
        let [inside, outside] =
            [bar.inside, bar.outside].map(|value| numbers::or_dash(value, numbers::whole_percent));
        format!("{} {inside} / {outside}", bar.layer)
    });
    let values = numbers::listed(values);
    let alt = page.fill("alt.remaining", &[("region", &hidden), ("values", &values)]);
    let path = format!("assets/charts/remaining-{}.svg", file_stem(region));
    page.chart(&path, &svg, alt)
}
