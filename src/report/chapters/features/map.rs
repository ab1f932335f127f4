//! One feature map: its sheet, its numbers, and the photographs that excite it most.

use super::sheet::{common_label, more_in, picture, purity, sheet, state, tile};
use crate::error::Result;
use crate::figures::charts::histogram::{self, Bin};
use crate::figures::features::{photo_path, Half};
use crate::records::file_stem;
use crate::records::tables::{FeatureRow, MapHistogramRow, MapLabelRow, MapRow, Row};
use crate::report::blocks::{Bar, Block, Fact, Neighbours, Plot, Text, Tile, Tiles};
use crate::report::frame::Content;
use crate::report::maps::{Map, MapLayer};
use crate::report::numbers;
use crate::report::photograph::{field_outline, file_name, link};
use crate::report::site::{map_page, maps_page, Page, FEATURES};

/// The page of map `at` of those of the layer that were drawn.
pub(super) fn content(page: &Page<'_>, layer: &MapLayer<'_>, at: usize) -> Result<Content> {
    let texts = page.texts();
    let maps: Vec<&Map<'_>> = layer.drawn().collect();
    let map = maps[at];
    let number = map.row.map.to_string();
    let gaps = [("map", number.as_str()), ("layer", layer.name)];
    let title = texts.fill("features.map_of", &gaps);
    let to_layer = page.href(&maps_page(layer.name));
    let crumbs = vec![
        Text::link(texts.say("features.title"), page.href(FEATURES)),
        Text::link(layer.name, to_layer.clone()),
    ];
    let whole = Block::Picture {
        class: "sheet",
        picture: sheet(page, map, texts.fill("features.alt_sheet", &gaps)),
        caption: texts.say("features.sheet_text"),
    };
    let mut blocks = vec![
        Block::Crumbs(crumbs),
        Block::Heading(title.clone()),
        Block::Lead(lead(page, map).into()),
        whole,
        strongest(page, map),
        figures(page, map),
        histogram(page, map)?,
    ];
    blocks.extend(labels(page, map));
    let names = (texts.say("features.previous"), texts.say("features.next"));
    let beside = (at, maps.len());
    let beside = Neighbours::new(texts.say("features.sheets"), names, beside, |other| {
        page.href(&map_page(layer.name, maps[other].row.map))
    });
    let beside = beside.below(texts.say("features.to_maps"), to_layer);
    blocks.extend([page.caveat(), Block::Neighbours(beside)]);
    Ok(Content::new(title, blocks))
}

fn lead(page: &Page<'_>, map: &Map<'_>) -> String {
    let texts = page.texts();
    let fires = numbers::whole_percent(map.row.fires_share);
    let lead = texts.fill("features.map_lead", &[("fires", &fires)]);
    let shown = map.features.len();
    match common_label(map) {
        Some((label, share)) => {
            let share = numbers::whole_percent(share);
            let gaps = [("label", label), ("share", &share)];
            format!("{lead} {}", texts.count("features.map_label", shown, &gaps))
        }
        None => lead,
    }
}

/// The photographs that excite the map most.
fn strongest(page: &Page<'_>, map: &Map<'_>) -> Block {
    let features = map.features.iter();
    let tiles = features.filter_map(|row| photo(page, map, row)).collect();
    let blocks = vec![
        page.say("features.strongest_text"),
        Block::Tiles(Tiles {
            ordered: true,
            ..Tiles::new("units", tiles)
        }),
    ];
    page.section("strongest", "features.strongest", blocks)
}

/// A photo with the unit's receptive field, that part of it, and the unit's projection.
fn photo(page: &Page<'_>, map: &Map<'_>, row: &FeatureRow) -> Option<Tile> {
    let (texts, photo) = (page.texts(), page.site.lookup.photo(&row.image_id)?);
    let path = &photo.image.path;
    let alt = |key: &str| texts.fill(key, &[("photo", path)]);
    let part = |half, key| tile(page, map, (half, row.rank), alt(key));
    let whole = picture(page, &photo_path(&row.image_id), alt("features.alt_seen"));
    let value = numbers::activation(f64::from(row.activation));
    let (y, x) = (row.y.to_string(), row.x.to_string());
    let unit = [("value", &*value), ("y", &y), ("x", &x)];
    let label = match photo.image.label.as_str() {
        "" => None,
        label => Some(format!("{}: {label}", texts.say("common.label"))),
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
            .chain([texts.fill("features.unit", &unit)])
            .collect(),
        ..Tile::default()
    })
}

fn figures(page: &Page<'_>, map: &Map<'_>) -> Block {
    let (texts, row) = (page.texts(), map.row);
    let maximum = numbers::activation(f64::from(row.maximum));
    let sparsity = numbers::or_dash(row.sparsity, numbers::probability);
    let works = || texts.say("features.works");
    let facts = [
        ("features.mean", numbers::activation(row.mean)),
        ("features.sd", numbers::activation(row.sd)),
        ("features.maximum", maximum),
        ("features.fires", numbers::percent(row.fires_share)),
        ("features.sparsity", sparsity),
        (
            "features.top_label",
            numbers::or_dash(purity(map), |purity| purity),
        ),
        ("features.state", state(page, map).unwrap_or_else(works)),
    ];
    let facts = facts.map(|(name, value)| Fact::new(texts.say(name), value));
    let files = [
        MapRow::FILE,
        FeatureRow::FILE,
        MapHistogramRow::FILE,
        MapLabelRow::FILE,
    ];
    let blocks = vec![Block::Facts(facts.into()), more_in(page, &files)];
    page.section("numbers", "features.numbers", blocks)
}

/// How many photos excite the map how strongly, and how many not at all.
fn histogram(page: &Page<'_>, map: &Map<'_>) -> Result<Block> {
    let texts = page.texts();
    let silent = map.map_histograms.iter().filter(|row| row.low.is_none());
    let silent = match silent.map(|row| row.photos).sum() {
        0 => texts.say("features.never_silent"),
        n => texts.count("features.silent", n, &[]),
    };
    let text = vec![texts.say("features.histogram_text"), silent];
    let mut blocks = vec![Block::text(text)];
    blocks.extend(chart(page, map)?);
    Ok(page.section("photos", "features.histogram", blocks))
}

/// `None` where no photo excites the map.
fn chart(page: &Page<'_>, map: &Map<'_>) -> Result<Option<Block>> {
    let texts = page.texts();
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
    let axis = texts.say("features.histogram_axis");
    let svg = histogram::draw(&bins, &axis, &texts.say("features.histogram_up"))?;
    let photos = bins.iter().map(|bin| bin.photos).sum();
    let [low, high] = [low, high].map(numbers::activation);
    let gaps = [("low", low.as_str()), ("high", &high)];
    let alt = texts.count("features.alt_histogram", photos, &gaps);
    let (layer, number) = (file_stem(&map.row.layer), map.row.map);
    let path = format!("assets/features/{layer}/{number}.svg");
    Ok(Some(Block::Plot(Plot {
        label: texts.say("features.histogram"),
        chart: page.chart(&path, &svg, alt)?,
        caption: String::new(),
    })))
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
    let blocks = vec![page.say("features.labels_text"), Block::Bars(bars)];
    Some(page.section("labels", "features.labels", blocks))
}
