//! What feature maps look for, from edges to objects: a few maps of each layer (ZF fig. 2), the first layer's filters
//! (ZF fig. 6), and whether projections depend on what was learnt.

use serde::Serialize;

use super::super::maps::{Map, MapLayer};
use super::super::numbers;
use super::super::site::{map_page, maps_page, Page, Site, FEATURES, METHOD};
use super::super::tile::Tile;
use super::features_filters::{self as filters, Filters};
use super::features_random::{self as random, Randomisation};
use super::features_sheet::{named, purity, sheet, state};
use super::layer::field_note;
use crate::digest::draw;
use crate::error::Result;
use crate::records::tables::{MapHistogramRow, MapLabelRow, MapRow, Row};

/// Maps of a layer that are shown.
const SHOWN: usize = 6;

#[derive(Serialize)]
struct FeaturesPage {
    lead: String,
    how: Vec<String>,
    layers: Vec<Layer>,
    has_labels: bool,
    idle: Vec<String>,
    filters: Option<Filters>,
    randomisation: Option<Randomisation>,
    tables: String,
    method: String,
}

#[derive(Serialize)]
struct Layer {
    name: String,
    href: String,
    character: String,
    field: String,
    sheets: Vec<Tile>,
    all: String,
    maps: String,
    drawn: String,
    dead: String,
    saturated: String,
    sparsity: String,
    same_label: String,
}

/// Writes `pages/features.html` where the run looked at feature maps.
pub(in super::super) fn write(site: &Site<'_>) -> Result<()> {
    if site.maps.is_empty() {
        return Ok(());
    }
    let page = Page::new(site, FEATURES, "nav.features");
    let (texts, layers) = (page.texts(), &site.maps);
    let model = [("model", site.network())];
    let files = [MapRow::FILE, MapHistogramRow::FILE, MapLabelRow::FILE].join(", ");
    let content = FeaturesPage {
        lead: texts.count("features.lead", site.run.manifest.dataset.photos, &model),
        how: how(&page),
        layers: layers
            .iter()
            .enumerate()
            .map(|(at, layer)| self::layer(&page, at, layer))
            .collect(),
        has_labels: layers
            .iter()
            .flat_map(|layer| &layer.maps)
            .any(|map| map.row.top_label_share.is_some()),
        idle: layers.iter().flat_map(|layer| idle(&page, layer)).collect(),
        filters: filters::filters(&page),
        randomisation: random::randomisation(&page)?,
        tables: texts.fill("common.more_in", &[("file", &files)]),
        method: page.href(METHOD),
    };
    page.write("features.html", &texts.say("features.title"), &content)
}

fn how(page: &Page<'_>) -> Vec<String> {
    let (texts, options) = (page.texts(), &page.site.run.manifest.options);
    let mut how = vec![
        texts.count("features.how_patches", page.site.strongest, &[]),
        texts.say("features.how_projections"),
        texts.say("features.how_alike"),
        texts.count(
            "features.how_drawn",
            SHOWN,
            &[("seed", &options.seed.to_string())],
        ),
    ];
    how.extend(
        options
            .number("features", "per_image")
            .map(|most| texts.count("features.how_per_image", most, &[])),
    );
    how
}

fn layer(page: &Page<'_>, at: usize, layer: &MapLayer<'_>) -> Layer {
    let texts = page.texts();
    let rows = || layer.maps.iter().map(|map| map.row);
    let same_label = numbers::mean(rows().filter_map(|row| row.top_label_share));
    Layer {
        name: layer.name.to_owned(),
        href: page.href(&maps_page(layer.name)),
        character: texts.say(character(at, page.site.maps.len())),
        field: field(page, layer),
        sheets: drawn_by_lot(page, layer)
            .into_iter()
            .map(|map| tile(page, map))
            .collect(),
        all: texts.count(
            "features.all",
            layer.drawn().count(),
            &[("layer", layer.name)],
        ),
        maps: numbers::count(layer.maps.len()),
        drawn: numbers::count(layer.drawn().count()),
        dead: numbers::count(layer.in_state("dead").len()),
        saturated: numbers::count(layer.in_state("saturated").len()),
        sparsity: numbers::or_dash(
            median(rows().filter_map(|row| row.sparsity)),
            numbers::probability,
        ),
        same_label: numbers::or_dash(same_label, numbers::whole_percent),
    }
}

/// What the paper finds in a layer at this place.
fn character(at: usize, layers: usize) -> &'static str {
    match at {
        0 => "features.first",
        last if last + 1 == layers => "features.last",
        low if 2 * low < layers => "features.lower",
        _ => "features.upper",
    }
}

/// How much of the network's input a unit of the layer sees.
pub(super) fn field(page: &Page<'_>, layer: &MapLayer<'_>) -> String {
    let features = layer.maps.iter().flat_map(|map| &map.features);
    let units = features.filter_map(|row| Some((page.site.lookup.photo(&row.image_id)?, *row)));
    field_note(page, units).unwrap_or_default()
}

/// Some of the layer's maps by number; which ones the run's seed decides.
fn drawn_by_lot<'b, 'a>(page: &Page<'_>, layer: &'b MapLayer<'a>) -> Vec<&'b Map<'a>> {
    let seed = page.site.run.manifest.options.seed;
    let mut maps: Vec<_> = layer.drawn().collect();
    maps.sort_by_cached_key(|map| draw(seed, &["overview", layer.name, &map.row.map.to_string()]));
    maps.truncate(SHOWN);
    maps.sort_by_key(|map| map.row.map);
    maps
}

fn tile(page: &Page<'_>, map: &Map<'_>) -> Tile {
    let (texts, number) = (page.texts(), map.row.map.to_string());
    let gaps = [("map", number.as_str()), ("layer", &map.row.layer)];
    let lines = [
        purity(map)
            .map(|purity| texts.fill("features.mostly", &[("label", &purity)]))
            .unwrap_or_default(),
        state(page, map),
    ];
    Tile {
        pictures: vec![sheet(page, map, texts.fill("features.alt_sheet", &gaps))],
        name: texts.fill("features.map_of", &gaps),
        href: page.href(&map_page(&map.row.layer, map.row.map)),
        lines: lines.into_iter().filter(|line| !line.is_empty()).collect(),
    }
}

/// The maps of a layer that do not work, by name.
fn idle(page: &Page<'_>, layer: &MapLayer<'_>) -> Vec<String> {
    let states = [
        ("dead", "features.dead_maps"),
        ("saturated", "features.saturated_maps"),
    ];
    let told = |(state, key): (&str, &str)| {
        let maps = named(page, layer, state);
        let gaps = [("layer", layer.name), ("maps", &maps)];
        (!maps.is_empty()).then(|| page.texts().fill(key, &gaps))
    };
    states.into_iter().filter_map(told).collect()
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let (low, high) = (
        values.get(values.len().checked_sub(1)? / 2)?,
        values.get(values.len() / 2)?,
    );
    Some((low + high) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_has_a_character_and_the_ends_have_their_own() {
        let characters = |layers: usize| -> Vec<_> {
            let keys = (0..layers).map(|at| character(at, layers));
            keys.filter_map(|key| Some(key.split_once('.')?.1))
                .collect()
        };
        assert_eq!(characters(1), ["first"]);
        assert_eq!(characters(5), ["first", "lower", "lower", "upper", "last"]);
    }

    #[test]
    fn the_median_lies_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(
            median([4.0, 1.0, 2.0, f64::NAN, 3.0].into_iter()),
            Some(2.5)
        );
        assert_eq!(median(std::iter::empty()), None);
    }
}
