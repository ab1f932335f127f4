//! A layer's page: what excites it most, and what it keeps of a photograph.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Chapter, Plan};
use crate::records::tables::ProjectionRow;
use crate::records::{ProjectionKind, ORIGINAL};
use crate::report::blocks::{Block, Cell, Column, Picture, Row, Table, Tabs, Text, Tile, Tiles};
use crate::report::frame::Content;
use crate::report::lookup::Photo;
use crate::report::numbers;
use crate::report::photograph::{field_note, file_name, link, strongest, tile, unit_pictures};
use crate::report::site::{layer_page, maps_page, Page};

/// Units and photos shown at most.
const UNITS: usize = 18;
const EXAMPLES: usize = 12;
const MAPS: usize = 10;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.layers",
    holds: "front.contents_layers",
    pages: |site| {
        let stages = site.layers_with_pages().iter().enumerate();
        let plan = |(at, stage): (usize, &'_ String)| {
            Plan::new(layer_page(stage), move |page| Ok(content(page, at)))
        };
        stages.map(plan).collect()
    },
};

/// Photographs, each with the unit of the layer that is strongest in it.
type Units<'b, 'a> = [(&'b Photo<'a>, &'a ProjectionRow)];

/// The page of layer `at`, counted from the input.
fn content(page: &Page<'_>, at: usize) -> Content {
    let (site, texts) = (page.site, page.texts());
    let stages = site.layers_with_pages();
    let layer = &stages[at];
    let units = strongest(site, layer);
    let title = texts.fill("layer.title", &[("layer", layer)]);
    let names = stages.iter().map(String::as_str);
    let tabs = Tabs::new(texts.say("layer.all_layers"), names, layer, |other| {
        page.href(&layer_page(other))
    });
    let character = match at {
        0 => "layer.first",
        last if last + 1 == stages.len() => "layer.last",
        _ => "layer.middle",
    };
    let mut blocks = vec![
        Block::Tabs(tabs),
        Block::Heading(title.clone()),
        Block::Lead(texts.say(character).into()),
        Block::text(facts(page, at, &units)),
    ];
    if site.maps.iter().any(|other| other.name == layer) {
        let href = page.href(&maps_page(layer));
        blocks.push(Block::text(Text::more(texts.say("layer.features"), href)));
    }
    blocks.push(excited(page, &units));
    blocks.extend(examples(page, layer, &units));
    blocks.extend(winners(page, &units));
    blocks.push(page.caveat());
    Content::new(title, blocks)
}

fn facts(page: &Page<'_>, at: usize, units: &Units<'_, '_>) -> Vec<String> {
    let (texts, stages) = (page.texts(), page.site.stages().len());
    let [k, n, deconv] = [at + 1, stages, stages - at].map(|number| number.to_string());
    let gaps = [("k", &*k), ("n", &n), ("deconv", &deconv)];
    let mut facts = vec![texts.fill("layer.position", &gaps)];
    facts.extend(field_note(page, units.iter().copied()));
    facts.push(texts.say("layer.claims"));
    facts
}

/// The photographs that excite the layer most.
fn excited(page: &Page<'_>, units: &Units<'_, '_>) -> Block {
    let tiles = units.iter().take(UNITS);
    let tiles: Vec<Tile> = tiles
        .map(|(photo, unit)| unit_tile(page, photo, unit))
        .collect();
    let blocks = match tiles.is_empty() {
        true => vec![Block::Notice(
            page.texts().say("layer.strongest_none").into(),
        )],
        false => vec![
            page.say("layer.strongest_text"),
            Block::Tiles(Tiles {
                ordered: true,
                ..Tiles::new("units", tiles)
            }),
        ],
    };
    page.section("strongest", "layer.strongest", blocks)
}

fn unit_tile(page: &Page<'_>, photo: &Photo<'_>, unit: &ProjectionRow) -> Tile {
    let texts = page.texts();
    let print = |value: Option<usize>| numbers::or_dash(value, |value| value.to_string());
    let [feature, y, x] = [unit.feature, unit.y, unit.x].map(print);
    let value = numbers::or_dash(unit.activation, |value| {
        numbers::activation(f64::from(value))
    });
    let gaps = [("feature", &*feature), ("y", &y), ("x", &x)];
    let line = [
        texts.fill("layer.activation", &[("value", &value)]),
        texts.fill("layer.unit", &gaps),
    ];
    let pictures = unit_pictures(page, photo, unit).into();
    tile(page, photo, pictures, vec![line.join(" · ")])
}

/// The whole layer's projections for the same photos, or the first ones where no unit was projected.
fn examples(page: &Page<'_>, layer: &str, units: &Units<'_, '_>) -> Option<Block> {
    let photos: Vec<&Photo<'_>> = match units.is_empty() {
        true => page.site.lookup.detailed().collect(),
        false => units.iter().map(|(photo, _)| *photo).collect(),
    };
    let example = |photo: &Photo<'_>| {
        let input = Picture::input(page, photo, ORIGINAL);
        let projection = Picture::projection(page, photo, ORIGINAL, ProjectionKind::Layer, layer);
        let is_there = projection.is_there();
        is_there.then(|| tile(page, photo, vec![input, projection], Vec::new()))
    };
    let tiles = photos.into_iter().filter_map(example).take(EXAMPLES);
    let tiles: Vec<Tile> = tiles.collect();
    (!tiles.is_empty()).then(|| {
        let blocks = vec![
            page.say("layer.examples_text"),
            Block::Tiles(Tiles::new("pairs", tiles)),
        ];
        page.section("examples", "layer.examples", blocks)
    })
}

/// The maps that hold the strongest unit most often.
fn winners(page: &Page<'_>, units: &Units<'_, '_>) -> Option<Block> {
    let texts = page.texts();
    let mut wins: BTreeMap<usize, (usize, &Photo<'_>, f32)> = BTreeMap::new();
    for (photo, unit) in units {
        if let (Some(feature), Some(activation)) = (unit.feature, unit.activation) {
            wins.entry(feature).or_insert((0, photo, activation)).0 += 1;
        }
    }
    let mut order: Vec<_> = wins.into_iter().collect();
    order.sort_by_key(|(feature, (wins, ..))| (Reverse(*wins), *feature));
    let n = order.len();
    order.truncate(MAPS);
    let [shown, n, photos] = [order.len(), n, units.len()].map(numbers::count);
    let gaps = [("shown", &*shown), ("n", &n), ("photos", &photos)];
    let caption = texts.fill("layer.maps_caption", &gaps);
    let row = |(feature, (wins, photo, activation)): (usize, (usize, &Photo<'_>, f32))| {
        let cells: [Cell; 3] = [
            numbers::count(wins).into(),
            numbers::activation(f64::from(activation)).into(),
            Text::link(file_name(&photo.image.path), link(page, photo)).into(),
        ];
        Row::new(feature.to_string(), cells)
    };
    let rows: Vec<Row> = order.into_iter().map(row).collect();
    let columns = vec![
        Column::number(texts.say("layer.map")),
        Column::number(texts.say("layer.wins")),
        Column::number(texts.say("layer.greatest")),
        Column::text(texts.say("common.photo")),
    ];
    (!rows.is_empty()).then(|| {
        let table = Table::new(texts.say("layer.maps"), caption, columns, rows);
        let blocks = vec![page.say("layer.maps_text"), Block::Table(table)];
        page.section("maps", "layer.maps", blocks)
    })
}
