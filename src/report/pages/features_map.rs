//! One feature map: its sheet, its numbers, and the photographs that excite it most.

use serde::Serialize;

use super::super::bars::Bar;
use super::super::blocks::Picture;
use super::super::charts::Chart;
use super::super::grid::file_name;
use super::super::maps::{Map, MapLayer};
use super::super::numbers;
use super::super::paging::Neighbours;
use super::super::photograph::field_outline;
use super::super::site::{map_page, maps_page, Page, Site, FEATURES, METHOD};
use super::super::tile::{link, Tile};
use super::features_sheet::{common_label, purity, sheet, state, tile};
use crate::error::Result;
use crate::figures::charts::histogram::{self, Bin};
use crate::figures::features::{photo_path, Half};
use crate::figures::photo::file_stem;
use crate::records::tables::{FeatureRow, MapHistogramRow, MapLabelRow, MapRow, Row};

#[derive(Serialize)]
struct MapPage {
    heading: String,
    lead: String,
    layer_name: String,
    layer: String,
    overview: String,
    sheet: Picture,
    facts: Vec<Fact>,
    tables: String,
    strongest: Vec<Tile>,
    histogram: Option<Chart>,
    silent: String,
    labels: Vec<Bar>,
    method: String,
    beside: Neighbours,
}

#[derive(Serialize)]
struct Fact {
    name: String,
    value: String,
}

/// Writes a page for each map that was drawn.
pub(in super::super) fn write_all(site: &Site<'_>) -> Result<()> {
    site.maps
        .iter()
        .try_for_each(|layer| write_layer(site, layer))
}

fn write_layer(site: &Site<'_>, layer: &MapLayer<'_>) -> Result<()> {
    let maps: Vec<&Map<'_>> = layer.drawn().collect();
    for (at, map) in maps.iter().enumerate() {
        let page = Page::new(site, map_page(layer.name, map.row.map), "nav.features");
        let beside = Neighbours::new(at, maps.len(), |other| {
            page.href(&map_page(layer.name, maps[other].row.map))
        });
        let content = content(&page, layer, map, beside)?;
        page.write("features_map.html", &content.heading, &content)?;
    }
    Ok(())
}

fn content(
    page: &Page<'_>,
    layer: &MapLayer<'_>,
    map: &Map<'_>,
    beside: Neighbours,
) -> Result<MapPage> {
    let (texts, number) = (page.texts(), map.row.map.to_string());
    let gaps = [("map", number.as_str()), ("layer", layer.name)];
    let files = [
        MapRow::FILE,
        FeatureRow::FILE,
        MapHistogramRow::FILE,
        MapLabelRow::FILE,
    ]
    .join(", ");
    Ok(MapPage {
        heading: texts.fill("features.map_of", &gaps),
        lead: lead(page, map),
        layer_name: layer.name.to_owned(),
        layer: page.href(&maps_page(layer.name)),
        overview: page.href(FEATURES),
        sheet: sheet(page, map, texts.fill("features.alt_sheet", &gaps)),
        facts: facts(page, map),
        tables: texts.fill("common.more_in", &[("file", &files)]),
        strongest: map
            .features
            .iter()
            .filter_map(|row| photo(page, map, row))
            .collect(),
        histogram: histogram(page, map)?,
        silent: silent(page, map),
        labels: labels(map),
        method: page.href(METHOD),
        beside,
    })
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

fn facts(page: &Page<'_>, map: &Map<'_>) -> Vec<Fact> {
    let (texts, row) = (page.texts(), map.row);
    let state = match state(page, map) {
        state if state.is_empty() => texts.say("features.works"),
        state => state,
    };
    let facts = [
        ("features.mean", numbers::activation(row.mean)),
        ("features.sd", numbers::activation(row.sd)),
        (
            "features.maximum",
            numbers::activation(f64::from(row.maximum)),
        ),
        ("features.fires", numbers::percent(row.fires_share)),
        (
            "features.sparsity",
            numbers::or_dash(row.sparsity, numbers::probability),
        ),
        (
            "features.top_label",
            numbers::or_dash(purity(map), |purity| purity),
        ),
        ("features.state", state),
    ];
    let fact = |(name, value)| Fact {
        name: texts.say(name),
        value,
    };
    facts.into_iter().map(fact).collect()
}

/// A photo with the unit's receptive field, that part of it, and the unit's projection.
fn photo(page: &Page<'_>, map: &Map<'_>, row: &FeatureRow) -> Option<Tile> {
    let (texts, photo) = (page.texts(), page.site.lookup.photo(&row.image_id)?);
    let path = &photo.image.path;
    let input = texts.fill("features.alt_seen", &[("photo", path)]);
    let [patch, projection] = [
        (Half::Patch, "features.alt_patch"),
        (Half::Projection, "features.alt_projection"),
    ]
    .map(|(half, key)| {
        let alt = texts.fill(key, &[("photo", path)]);
        tile(page, map, (half, row.rank), alt)
    });
    let (value, y, x) = (
        numbers::activation(f64::from(row.activation)),
        row.y.to_string(),
        row.x.to_string(),
    );
    let label = match photo.image.label.as_str() {
        "" => String::new(),
        label => format!("{}: {label}", texts.say("common.label")),
    };
    let lines = vec![
        label,
        texts.fill("features.unit", &[("value", &value), ("y", &y), ("x", &x)]),
    ];
    Some(Tile {
        pictures: vec![
            Picture::of_file(page, &photo_path(&row.image_id), input)
                .outlined(field_outline(photo, row)),
            patch,
            projection,
        ],
        name: format!("{}. {}", row.rank, file_name(path)),
        href: link(page, photo),
        lines: lines.into_iter().filter(|line| !line.is_empty()).collect(),
    })
}

/// How many photos excite the map how strongly; `None` where none does.
fn histogram(page: &Page<'_>, map: &Map<'_>) -> Result<Option<Chart>> {
    let texts = page.texts();
    let rows = map.map_histograms.iter();
    let bins: Vec<Bin> = rows
        .filter_map(|row| {
            Some(Bin {
                low: row.low?,
                high: row.high?,
                photos: row.photos,
            })
        })
        .collect();
    let low = bins.iter().map(|bin| bin.low).reduce(f64::min);
    let high = bins.iter().map(|bin| bin.high).reduce(f64::max);
    let Some((low, high)) = low.zip(high) else {
        return Ok(None);
    };
    let svg = histogram::draw(
        &bins,
        &texts.say("features.histogram_axis"),
        &texts.say("features.histogram_up"),
    )?;
    let photos = bins.iter().map(|bin| bin.photos).sum();
    let [low, high] = [low, high].map(numbers::activation);
    let gaps = [("low", low.as_str()), ("high", &high)];
    let alt = texts.count("features.alt_histogram", photos, &gaps);
    let (layer, number) = (file_stem(&map.row.layer), map.row.map);
    let path = format!("assets/features/{layer}/{number}.svg");
    Chart::write(page, &path, &svg, alt).map(Some)
}

/// In how many photos the map does not fire.
fn silent(page: &Page<'_>, map: &Map<'_>) -> String {
    let rows = map.map_histograms.iter().filter(|row| row.low.is_none());
    match rows.map(|row| row.photos).sum() {
        0 => page.texts().say("features.never_silent"),
        n => page.texts().count("features.silent", n, &[]),
    }
}

/// The mean of each label's photos, as parts of the highest.
fn labels(map: &Map<'_>) -> Vec<Bar> {
    let highest = map.map_labels.first().map_or(0.0, |row| row.mean);
    let part = |mean: f64| if highest > 0.0 { mean / highest } else { 0.0 };
    let rows = map.map_labels.iter();
    rows.map(|row| {
        let value = numbers::activation(row.mean);
        Bar::new(row.label.clone(), value, part(row.mean), None)
    })
    .collect()
}
