//! All feature maps of a layer, in an order that the reader chooses.

use super::sheet::{field, named, purity, sheet, state};
use crate::error::Result;
use crate::records::file_stem;
use crate::report::blocks::{Block, Sorted, Tabs, Text, Tile, Tiles};
use crate::report::frame::{Asset, Content};
use crate::report::maps::{Map, MapLayer};
use crate::report::numbers;
use crate::report::site::{layer_page, map_page, maps_page, Page, FEATURES};

/// Brings the sheets into the chosen order for those who do not see it.
const SORT: &str = "assets/sort.js";

/// The page of the layer's maps that were drawn.
pub(super) fn content(page: &Page<'_>, layer: &MapLayer<'_>) -> Result<Content> {
    let (site, texts) = (page.site, page.texts());
    let maps: Vec<&Map<'_>> = layer.drawn().collect();
    let title = texts.fill("features.of_layer", &[("layer", layer.name)]);
    let all = numbers::count(layer.maps.len());
    let names = site.maps.iter().map(|other| other.name);
    let tabs = Tabs::new(texts.say("layer.all_layers"), names, layer.name, |other| {
        page.href(&maps_page(other))
    });
    let overview = page.href(FEATURES);
    let lead = texts.count("features.layer_lead", maps.len(), &[("all", &all)]);
    let text = std::iter::once(texts.say("features.sheet_text")).chain(field(page, layer));
    let mut blocks = vec![
        Block::Tabs(tabs),
        Block::Crumbs(vec![Text::link(
            texts.say("features.title"),
            overview.clone(),
        )]),
        Block::Heading(title.clone()),
        Block::Lead(lead.into()),
        Block::text(text.collect::<Vec<_>>()),
        Block::Notices {
            label: texts.say("features.idle"),
            items: idle(page, layer),
        },
    ];
    let sheets = match maps.is_empty() {
        true => page.say("features.nothing_drawn"),
        false => Block::Tiles(tiles(page, layer, &maps)),
    };
    blocks.push(page.section("maps", "features.sheets", vec![sheets]));
    let mut more = Text::more(texts.say("features.to_overview"), overview);
    if site
        .layers_with_pages()
        .iter()
        .any(|stage| stage == layer.name)
    {
        let href = page.href(&layer_page(layer.name));
        more = more
            .and("·")
            .and(Text::more(texts.say("features.to_layer"), href));
    }
    blocks.extend([Block::text(more), page.caveat()]);
    let style = Asset {
        path: format!("assets/features/{}.css", file_stem(layer.name)),
        text: places(page, &maps),
    };
    let script = Asset {
        path: SORT.to_owned(),
        text: include_str!("../../../../templates/sort.js").to_owned(),
    };
    Ok(Content {
        title,
        blocks,
        files: vec![style, script],
    })
}

fn tiles(page: &Page<'_>, layer: &MapLayer<'_>, maps: &[&Map<'_>]) -> Tiles {
    let texts = page.texts();
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
    Tiles {
        sorted: Some(Sorted {
            name: page.id("order"),
            legend: texts.say("features.order"),
            orders: orders.map(|(value, key)| (value, texts.say(key))).collect(),
        }),
        ..Tiles::new("sheets", tiles)
    }
}

fn tile(page: &Page<'_>, layer: &MapLayer<'_>, map: &Map<'_>) -> Tile {
    let (texts, row) = (page.texts(), map.row);
    let number = row.map.to_string();
    let gaps = [("map", number.as_str()), ("layer", layer.name)];
    let alt = texts.fill("features.alt_sheet", &gaps);
    let href = page.href(&map_page(layer.name, row.map));
    let name = Text::link(texts.fill("features.map", &gaps), href);
    let mean = numbers::activation(row.mean);
    let sparsity = numbers::or_dash(row.sparsity, numbers::probability);
    let fires = numbers::whole_percent(row.fires_share);
    let told = [("mean", &*mean), ("sparsity", &sparsity), ("fires", &fires)];
    Tile {
        id: page.id(&id(map)),
        pictures: vec![sheet(page, map, alt)],
        name: match state(page, map) {
            Some(state) => name.and(Text::of_class("tag", state)),
            None => name,
        },
        lines: std::iter::once(texts.fill("features.card", &told))
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

/// The maps that have no sheet, or one that says little, by name.
fn idle(page: &Page<'_>, layer: &MapLayer<'_>) -> Vec<Text> {
    let states = [
        ("dead", "features.dead_here"),
        ("saturated", "features.saturated_here"),
    ];
    let told = |(state, key): (&str, &str)| {
        let maps = named(page, layer, state)?;
        Some(page.texts().fill(key, &[("maps", &maps)]).into())
    };
    states.into_iter().filter_map(told).collect()
}
