//! A layer's page: what excites it most, and what it keeps of a photograph.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use records::tables::ProjectionRow;
use records::{ProjectionKind, ORIGINAL};

use super::{Chapter, Plan};
use crate::photograph::{field_note, strongest, tile, unit_pictures};
use crate::prelude::*;
use crate::site::{layer_page, maps_page};

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
    let site = page.site;
    let stages = site.layers_with_pages();
    let layer = &stages[at];
    let units = strongest(site, layer);
    let names = stages.iter().map(String::as_str);
    let tabs = page.tabs("layer.all_layers", names, layer, layer_page);
    let character = match at {
        0 => "layer.first",
        last if last + 1 == stages.len() => "layer.last",
        _ => "layer.middle",
    };
    let has_maps = site.maps.iter().any(|other| other.name == layer);
    let title = page.fill("layer.title", &[("layer", layer)]);
    Content::new(title, page.say(character))
        .below([tabs])
        .with([Block::text(facts(page, at, &units))])
        .with(has_maps.then(|| page.more("layer.features", &maps_page(layer))))
        .with([excited(page, &units)])
        .with(examples(page, layer, &units))
        .with(winners(page, &units))
        .with([page.caveat()])
}

fn facts(page: &Page<'_>, at: usize, units: &Units<'_, '_>) -> Vec<String> {
    let stages = page.site.stages().len();
    let gaps: [Gap<'_>; 3] = [("k", &(at + 1)), ("n", &stages), ("deconv", &(stages - at))];
    let mut facts = vec![page.fill("layer.position", &gaps)];
    facts.extend(field_note(page, units.iter().copied()));
    facts.push(page.say("layer.claims"));
    facts
}

/// The photographs that excite the layer most.
fn excited(page: &Page<'_>, units: &Units<'_, '_>) -> Block {
    let tiles = units.iter().take(UNITS);
    let tiles: Vec<Tile> = tiles
        .map(|(photo, unit)| unit_tile(page, photo, unit))
        .collect();
    let blocks = match tiles.is_empty() {
        true => vec![page.notice("layer.strongest_none")],
        false => vec![
            page.paragraph("layer.strongest_text"),
            Block::Tiles(Tiles::new("units", tiles).ordered()),
        ],
    };
    page.section("strongest", "layer.strongest", blocks)
}

fn unit_tile(page: &Page<'_>, photo: &Photo<'_>, unit: &ProjectionRow) -> Tile {
    let print = |value: Option<usize>| numbers::or_dash(value, |value| value.to_string());
    let value = numbers::or_dash(unit.activation, numbers::activation);
    let gaps: [Gap<'_>; 3] = [
        ("feature", &print(unit.feature)),
        ("y", &print(unit.y)),
        ("x", &print(unit.x)),
    ];
    let line = [
        page.fill("layer.activation", &[("value", &value)]),
        page.fill("layer.unit", &gaps),
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
        let blocks = [
            page.paragraph("layer.examples_text"),
            Block::tiles("pairs", tiles),
        ];
        page.section("examples", "layer.examples", blocks)
    })
}

/// The maps that hold the strongest unit most often, each with the photo in which it is most active.
fn winners(page: &Page<'_>, units: &Units<'_, '_>) -> Option<Block> {
    let mut wins: BTreeMap<usize, (usize, &Photo<'_>, f32)> = BTreeMap::new();
    for (photo, unit) in units {
        if let (Some(map), Some(activation)) = (unit.feature, unit.activation) {
            wins.entry(map).or_insert((0, photo, activation)).0 += 1;
        }
    }
    let mut order: Vec<_> = wins.into_iter().collect();
    order.sort_by_key(|(map, (wins, ..))| (Reverse(*wins), *map));
    let n = order.len();
    order.truncate(MAPS);
    let gaps: [Gap<'_>; 3] = [
        ("shown", &numbers::count(order.len())),
        ("n", &numbers::count(n)),
        ("photos", &numbers::count(units.len())),
    ];
    let caption = page.fill("layer.maps_caption", &gaps);
    (n > 0).then(|| {
        let table = page
            .columns(order)
            .number("layer.map", |(map, _)| map.to_string())
            .count("layer.wins", |(_, (wins, ..))| *wins)
            .activation("layer.greatest", |(_, (.., activation))| *activation)
            .text("common.photo", |(_, (_, photo, _))| {
                Text::link(file_name(&photo.image.path), link(page, photo))
            })
            .called(page.say("layer.maps"), caption);
        page.section(
            "maps",
            "layer.maps",
            [page.paragraph("layer.maps_text"), table],
        )
    })
}
