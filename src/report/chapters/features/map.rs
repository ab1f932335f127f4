//! One feature map: its sheet, its numbers, and the photographs that excite it most.

use figures::charts::histogram::{self, Bin};
use figures::features::{photo_path, Half};
use records::file_stem;
use records::tables::{FeatureRow, MapHistogramRow, MapLabelRow, MapRow, Row};

use super::sheet::{common_label, picture, purity, sheet, state, tile};
use crate::maps::{Map, MapLayer};
use crate::photograph::field_outline;
use crate::prelude::*;
use crate::site::{map_page, maps_page, FEATURES};

/// The page of map `at` of those of the layer that were drawn.
pub(super) fn content(page: &Page<'_>, layer: &MapLayer<'_>, at: usize) -> Result<Content> {
    let maps: Vec<&Map<'_>> = layer.drawn().collect();
    let map = maps[at];
    let gaps: [Gap<'_>; 2] = [("map", &map.row.map), ("layer", &layer.name)];
    let to_layer = page.href(&maps_page(layer.name));
    let crumbs = vec![
        Text::link(page.say("features.title"), page.href(FEATURES)),
        Text::link(layer.name, to_layer.clone()),
    ];
    let whole = sheet(page, map, page.fill("features.alt_sheet", &gaps));
    let above = Link::new(page.say("features.to_maps"), to_layer);
    let (names, place) = (["features.previous", "features.next"], (at, maps.len()));
    let beside = page.neighbours("features.sheets", names, place, Some(above), |other| {
        map_page(layer.name, maps[other].row.map)
    });
    Ok(
        Content::new(page.fill("features.map_of", &gaps), lead(page, map))
            .below([Block::Crumbs(crumbs)])
            .with([
                Block::picture("sheet", whole, page.say("features.sheet_text")),
                strongest(page, map),
                figures(page, map),
                histogram(page, map)?,
            ])
            .with(labels(page, map))
            .with([page.caveat(), beside]),
    )
}

fn lead(page: &Page<'_>, map: &Map<'_>) -> Vec<String> {
    let fires = numbers::whole_percent(map.row.fires_share);
    let mut lead = vec![page.fill("features.map_lead", &[("fires", &fires)])];
    lead.extend(common_label(map).map(|(label, share)| {
        let gaps: [Gap<'_>; 2] = [("label", &label), ("share", &numbers::whole_percent(share))];
        page.count("features.map_label", map.features.len(), &gaps)
    }));
    lead
}

/// The photographs that excite the map most.
fn strongest(page: &Page<'_>, map: &Map<'_>) -> Block {
    let features = map.features.iter();
    let tiles = features.filter_map(|row| photo(page, map, row)).collect();
    let blocks = [
        page.paragraph("features.strongest_text"),
        Block::Tiles(Tiles::new("units", tiles).ordered()),
    ];
    page.section("strongest", "features.strongest", blocks)
}

/// A photo with the unit's receptive field, that part of it, and the unit's projection.
fn photo(page: &Page<'_>, map: &Map<'_>, row: &FeatureRow) -> Option<Tile> {
    let photo = page.site.lookup.photo(&row.image_id)?;
    let path = &photo.image.path;
    let alt = |key: &str| page.fill(key, &[("photo", path)]);
    let part = |half, key| tile(page, map, (half, row.rank), alt(key));
    let whole = picture(page, &photo_path(&row.image_id), alt("features.alt_seen"));
    let unit: [Gap<'_>; 3] = [
        ("value", &numbers::activation(row.activation)),
        ("y", &row.y),
        ("x", &row.x),
    ];
    let label = match photo.image.label.as_str() {
        "" => None,
        label => Some(format!("{}: {label}", page.say("common.label"))),
    };
    let name = format!("{}. {}", row.rank, file_name(path));
    Some(Tile {
        pictures: vec![
            whole.outlined(field_outline(photo, row)),
            part(Half::Patch, "features.alt_patch"),
            part(Half::Projection, "features.alt_projection"),
        ],
        name: Text::link(name, link(page, photo)),
        lines: label
            .into_iter()
            .chain([page.fill("features.unit", &unit)])
            .collect(),
        ..Tile::default()
    })
}

fn figures(page: &Page<'_>, map: &Map<'_>) -> Block {
    let row = map.row;
    let sparsity = numbers::or_dash(row.sparsity, numbers::probability);
    let works = || page.say("features.works");
    let facts = [
        ("features.mean", numbers::activation(row.mean)),
        ("features.sd", numbers::activation(row.sd)),
        ("features.maximum", numbers::activation(row.maximum)),
        ("features.fires", numbers::percent(row.fires_share)),
        ("features.sparsity", sparsity),
        (
            "features.top_label",
            numbers::or_dash(purity(map), |purity| purity),
        ),
        ("features.state", state(page, map).unwrap_or_else(works)),
    ];
    let facts = facts.map(|(name, value)| Fact {
        name: page.say(name),
        value,
        ..Fact::default()
    });
    let files = [
        MapRow::FILE,
        FeatureRow::FILE,
        MapHistogramRow::FILE,
        MapLabelRow::FILE,
    ];
    let blocks = [Block::Facts(facts.into()), page.more_in(&files)];
    page.section("numbers", "features.numbers", blocks)
}

/// How many photos excite the map how strongly, and how many not at all.
fn histogram(page: &Page<'_>, map: &Map<'_>) -> Result<Block> {
    let silent = map.map_histograms.iter().filter(|row| row.low.is_none());
    let silent = match silent.map(|row| row.photos).sum() {
        0 => page.say("features.never_silent"),
        n => page.count("features.silent", n, &[]),
    };
    let text = Block::text(vec![page.say("features.histogram_text"), silent]);
    let blocks = std::iter::once(text).chain(chart(page, map)?);
    Ok(page.section("photos", "features.histogram", blocks))
}

/// `None` where no photo excites the map.
fn chart(page: &Page<'_>, map: &Map<'_>) -> Result<Option<Block>> {
    let rows = map.map_histograms.iter();
    let bin = |row: &&MapHistogramRow| {
        Some(Bin {
            low: row.low?,
            high: row.high?,
            photos: row.photos,
        })
    };
    let bins: Vec<Bin> = rows.filter_map(bin).collect();
    let low = bins.iter().map(|bin| bin.low).reduce(f64::min);
    let high = bins.iter().map(|bin| bin.high).reduce(f64::max);
    let Some((low, high)) = low.zip(high) else {
        return Ok(None);
    };
    let axis = page.say("features.histogram_axis");
    let svg = histogram::draw(&bins, &axis, &page.say("features.histogram_up"))?;
    let photos = bins.iter().map(|bin| bin.photos).sum();
    let gaps: [Gap<'_>; 2] = [
        ("low", &numbers::activation(low)),
        ("high", &numbers::activation(high)),
    ];
    let alt = page.count("features.alt_histogram", photos, &gaps);
    let (layer, number) = (file_stem(&map.row.layer), map.row.map);
    let path = format!("assets/features/{layer}/{number}.svg");
    let chart = page.chart(&path, &svg, alt)?;
    let label = page.say("features.histogram");
    Ok(Some(Block::plot(label, chart, String::new())))
}

/// The mean of each label's photos, as parts of the highest.
fn labels(page: &Page<'_>, map: &Map<'_>) -> Option<Block> {
    let highest = map.map_labels.first()?.mean;
    let part = |mean: f64| if highest > 0.0 { mean / highest } else { 0.0 };
    let bar = |row: &&MapLabelRow| {
        let value = numbers::activation(row.mean);
        Bar::new(row.label.clone(), value, part(row.mean), None)
    };
    let bars = map.map_labels.iter().map(bar).collect();
    let blocks = [page.paragraph("features.labels_text"), Block::Bars(bars)];
    Some(page.section("labels", "features.labels", blocks))
}
