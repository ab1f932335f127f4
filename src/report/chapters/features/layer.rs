//! All feature maps of a layer, in an order that the reader chooses.

use records::file_stem;

use super::sheet::{field, in_states, purity, sheet, state};
use crate::frame::Asset;
use crate::maps::{Map, MapLayer};
use crate::prelude::*;
use crate::site::{layer_page, map_page, maps_page, FEATURES};

/// Brings the sheets into the chosen order for those who do not see it.
const SORT: &str = "assets/sort.js";

/// The page of the layer's maps that were drawn.
pub(super) fn content(page: &Page<'_>, layer: &MapLayer<'_>) -> Result<Content> {
    let site = page.site;
    let maps: Vec<&Map<'_>> = layer.drawn().collect();
    let title = page.fill("features.of_layer", &[("layer", &layer.name)]);
    let all = numbers::count(layer.maps.len());
    let lead = page.count("features.layer_lead", maps.len(), &[("all", &all)]);
    let names = site.maps.iter().map(|other| other.name);
    let tabs = page.tabs("layer.all_layers", names, layer.name, maps_page);
    let text = std::iter::once(page.say("features.sheet_text")).chain(field(page, layer));
    // The maps that have no sheet, or one that says little.
    let idle = in_states(
        page,
        layer,
        ["features.dead_here", "features.saturated_here"],
    );
    let sheets = match maps.is_empty() {
        true => page.paragraph("features.nothing_drawn"),
        false => Block::Tiles(tiles(page, layer, &maps)),
    };
    let mut more = Text::more(page.say("features.to_overview"), page.href(FEATURES));
    if site
        .layers_with_pages()
        .iter()
        .any(|stage| stage == layer.name)
    {
        let href = page.href(&layer_page(layer.name));
        let to_layer = Text::more(page.say("features.to_layer"), href);
        more = more.and("·").and(to_layer);
    }
    let content = Content::new(title, lead)
        .below([tabs, page.crumb("features.title", FEATURES)])
        .with([
            Block::text(text.collect::<Vec<_>>()),
            Block::Notices {
                label: page.say("features.idle"),
                items: idle.into_iter().map(Text::from).collect(),
            },
            page.section("maps", "features.sheets", [sheets]),
            Block::text(more),
            page.caveat(),
        ]);
    let style = format!("assets/features/{}.css", file_stem(layer.name));
    let script = include_str!("../../../../templates/sort.js");
    Ok(Content {
        files: vec![
            Asset::new(style, places(page, &maps)),
            Asset::new(SORT, script),
        ],
        ..content
    })
}

fn tiles(page: &Page<'_>, layer: &MapLayer<'_>, maps: &[&Map<'_>]) -> Tiles {
    let mut orders = vec![
        ("", "features.by_map"),
        ("mean", "features.by_mean"),
        ("sparse", "features.by_sparse"),
    ];
    if maps.iter().any(|map| map.row.top_label_share.is_some()) {
        orders.push(("pure", "features.by_pure"));
    }
    let orders = orders.into_iter();
    let tiles = maps.iter().map(|map| tile(page, layer, map)).collect();
    Tiles::new("sheets", tiles).sorted(Sorted {
        name: page.id("order"),
        legend: page.say("features.order"),
        orders: orders.map(|(value, key)| (value, page.say(key))).collect(),
    })
}

fn tile(page: &Page<'_>, layer: &MapLayer<'_>, map: &Map<'_>) -> Tile {
    let row = map.row;
    let gaps: [Gap<'_>; 2] = [("map", &row.map), ("layer", &layer.name)];
    let alt = page.fill("features.alt_sheet", &gaps);
    let href = page.href(&map_page(layer.name, row.map));
    let name = Text::link(page.fill("features.map", &gaps), href);
    let told: [Gap<'_>; 3] = [
        ("mean", &numbers::activation(row.mean)),
        (
            "sparsity",
            &numbers::or_dash(row.sparsity, numbers::probability),
        ),
        ("fires", &numbers::whole_percent(row.fires_share)),
    ];
    Tile {
        id: page.id(&id(map)),
        pictures: vec![sheet(page, map, alt)],
        name: match state(page, map) {
            Some(state) => name.and(Text::of_class("tag", state)),
            None => name,
        },
        lines: std::iter::once(page.fill("features.card", &told))
            .chain(purity(map))
            .collect(),
    }
}

/// A map's name inside the page.
fn id(map: &Map<'_>) -> String {
    format!("m{}", map.row.map)
}

/// The maps' places in the orders, for the style sheet.
fn places(page: &Page<'_>, maps: &[&Map<'_>]) -> String {
    let mean = ranks(maps, |map| Some(map.row.mean));
    let sparse = ranks(maps, |map| map.row.sparsity);
    let pure = ranks(maps, |map| map.row.top_label_share);
    let rule = |(at, map): (usize, &&Map<'_>)| {
        let (mean, sparse, pure) = (mean[at], sparse[at], pure[at]);
        let id = page.id(&id(map));
        format!("#{id}{{--mean:{mean};--sparse:{sparse};--pure:{pure}}}\n")
    };
    maps.iter().enumerate().map(rule).collect()
}

/// For each map its place by a value, the greatest first and maps without the value last.
fn ranks(maps: &[&Map<'_>], value: impl Fn(&Map<'_>) -> Option<f64>) -> Vec<usize> {
    let value = |at: usize| value(maps[at]).unwrap_or(f64::NEG_INFINITY);
    let mut order: Vec<usize> = (0..maps.len()).collect();
    order.sort_by(|a, b| value(*b).total_cmp(&value(*a)));
    let mut ranks = vec![0; maps.len()];
    for (rank, at) in order.into_iter().enumerate() {
        ranks[at] = rank;
    }
    ranks
}
