//! All feature maps of a layer, in an order that the reader chooses.

use serde::Serialize;

use super::super::blocks::Picture;
use super::super::maps::{Map, MapLayer};
use super::super::numbers;
use super::super::site::{layer_page, map_page, maps_page, Page, Site, FEATURES, METHOD};
use super::super::tab::{tabs, Tab};
use super::features::field;
use super::features_sheet::{named, purity, sheet, state};
use crate::error::Result;

#[derive(Serialize)]
struct MapsPage {
    heading: String,
    tabs: Vec<Tab>,
    lead: String,
    field: String,
    idle: Vec<String>,
    has_labels: bool,
    cards: Vec<Card>,
    overview: String,
    /// Empty where the report has no page of the layer.
    layer: String,
    method: String,
}

#[derive(Serialize)]
struct Card {
    picture: Picture,
    name: String,
    href: String,
    /// Its places in the orders, for the style sheet.
    places: String,
    numbers: String,
    purity: String,
    state: String,
}

/// Writes a page for each layer whose maps were looked at.
pub(in super::super) fn write_all(site: &Site<'_>) -> Result<()> {
    for layer in &site.maps {
        let page = Page::new(site, maps_page(layer.name), "nav.features");
        let texts = page.texts();
        let heading = texts.fill("features.of_layer", &[("layer", layer.name)]);
        let all = numbers::count(layer.maps.len());
        let content = MapsPage {
            tabs: tabs(
                &page,
                site.maps.iter().map(|other| other.name),
                layer.name,
                maps_page,
            ),
            lead: texts.count(
                "features.layer_lead",
                layer.drawn().count(),
                &[("all", &all)],
            ),
            field: field(&page, layer),
            idle: idle(&page, layer),
            has_labels: layer.drawn().any(|map| map.row.top_label_share.is_some()),
            cards: cards(&page, layer),
            overview: page.href(FEATURES),
            layer: match site
                .layers_with_pages()
                .iter()
                .any(|stage| stage == layer.name)
            {
                true => page.href(&layer_page(layer.name)),
                false => String::new(),
            },
            method: page.href(METHOD),
            heading,
        };
        page.write("features_layer.html", &content.heading, &content)?;
    }
    Ok(())
}

fn cards(page: &Page<'_>, layer: &MapLayer<'_>) -> Vec<Card> {
    let maps: Vec<&Map<'_>> = layer.drawn().collect();
    let mean = places(&maps, |map| Some(map.row.mean));
    let sparse = places(&maps, |map| map.row.sparsity);
    let pure = places(&maps, |map| map.row.top_label_share);
    let card = |(at, map): (usize, &&Map<'_>)| {
        let number = map.row.map.to_string();
        let gaps = [("map", number.as_str()), ("layer", layer.name)];
        let alt = page.texts().fill("features.alt_sheet", &gaps);
        Card {
            picture: sheet(page, map, alt),
            name: page.texts().fill("features.map", &gaps),
            href: page.href(&map_page(layer.name, map.row.map)),
            places: format!(
                "--mean:{};--sparse:{};--pure:{}",
                mean[at], sparse[at], pure[at]
            ),
            numbers: told(page, map),
            purity: purity(map).unwrap_or_default(),
            state: state(page, map),
        }
    };
    maps.iter().enumerate().map(card).collect()
}

/// The numbers that maps can be ordered by.
fn told(page: &Page<'_>, map: &Map<'_>) -> String {
    let (mean, sparsity, fires) = (
        numbers::activation(map.row.mean),
        numbers::or_dash(map.row.sparsity, numbers::probability),
        numbers::whole_percent(map.row.fires_share),
    );
    let gaps = [
        ("mean", mean.as_str()),
        ("sparsity", &sparsity),
        ("fires", &fires),
    ];
    page.texts().fill("features.card", &gaps)
}

/// For each map its place by a value, the greatest first and maps without the value last.
fn places(maps: &[&Map<'_>], value: impl Fn(&Map<'_>) -> Option<f64>) -> Vec<usize> {
    let value = |at: usize| value(maps[at]).unwrap_or(f64::NEG_INFINITY);
    let mut order: Vec<usize> = (0..maps.len()).collect();
    order.sort_by(|a, b| value(*b).total_cmp(&value(*a)));
    let mut places = vec![0; maps.len()];
    for (place, at) in order.into_iter().enumerate() {
        places[at] = place;
    }
    places
}

/// The maps that have no sheet, or one that says little, by name.
fn idle(page: &Page<'_>, layer: &MapLayer<'_>) -> Vec<String> {
    let states = [
        ("dead", "features.dead_here"),
        ("saturated", "features.saturated_here"),
    ];
    let told = |(state, key): (&str, &str)| {
        let maps = named(page, layer, state);
        (!maps.is_empty()).then(|| page.texts().fill(key, &[("maps", &maps)]))
    };
    states.into_iter().filter_map(told).collect()
}
