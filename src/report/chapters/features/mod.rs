//! What feature maps look for, from edges to objects: a few maps of each layer (ZF fig. 2), the first layer's filters
//! (ZF fig. 6), and whether projections depend on what was learnt.

mod filters;
mod layer;
mod map;
mod randomised;
mod sheet;

use super::{Chapter, Plan};
use crate::digest::draw;
use crate::error::Result;
use crate::records::tables::{MapHistogramRow, MapLabelRow, MapRow, Row as _};
use crate::report::blocks::{Block, Column, List, Row, Table, Text, Tile, Tiles};
use crate::report::frame::Content;
use crate::report::maps::{Map, MapLayer};
use crate::report::numbers;
use crate::report::site::{map_page, maps_page, Page, FEATURES};
use sheet::{field, more_in, named, purity, sheet, state};

/// Maps of a layer that are shown.
const SHOWN: usize = 6;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.features",
    holds: "front.contents_features",
    pages: |site| {
        let mut plans = Vec::new();
        if !site.maps.is_empty() {
            plans.push(Plan::new(FEATURES, content));
        }
        for layer in &site.maps {
            let path = maps_page(layer.name);
            plans.push(Plan::new(path, |page| layer::content(page, layer)));
            for (at, map) in layer.drawn().enumerate() {
                let path = map_page(layer.name, map.row.map);
                plans.push(Plan::new(path, move |page| map::content(page, layer, at)));
            }
        }
        plans
    },
};

fn content(page: &Page<'_>) -> Result<Content> {
    let (site, texts) = (page.site, page.texts());
    let title = texts.say("features.title");
    let model = [("model", site.network())];
    let lead = texts.count("features.lead", site.run.manifest.dataset.photos, &model);
    let how = Block::List(List::prose(how(page)));
    let mut blocks = vec![
        Block::Heading(title.clone()),
        Block::Lead(lead.into()),
        page.section("how", "features.how", vec![how]),
        hierarchy(page),
        layer_by_layer(page),
    ];
    blocks.extend(filters::filters(page));
    blocks.extend(randomised::randomised(page)?);
    blocks.push(page.caveat());
    Ok(Content::new(title, blocks))
}

fn how(page: &Page<'_>) -> Vec<String> {
    let (texts, options) = (page.texts(), &page.site.run.manifest.options);
    let seed = options.seed.to_string();
    let mut how = vec![
        texts.count("features.how_patches", page.site.strongest, &[]),
        texts.say("features.how_projections"),
        texts.say("features.how_alike"),
        texts.count("features.how_drawn", SHOWN, &[("seed", &seed)]),
    ];
    let most = options.number("features", "per_image");
    how.extend(most.map(|most| texts.count("features.how_per_image", most, &[])));
    how
}

/// Some maps of each layer.
fn hierarchy(page: &Page<'_>) -> Block {
    let (texts, layers) = (page.texts(), &page.site.maps);
    let mut blocks = vec![page.say("features.hierarchy_text")];
    for (at, layer) in layers.iter().enumerate() {
        let text = std::iter::once(texts.say(character(at, layers.len())));
        let text: Vec<String> = text.chain(field(page, layer)).collect();
        blocks.extend([Block::Subheading(layer.name.to_owned()), Block::text(text)]);
        let maps = drawn_by_lot(page, layer).into_iter();
        let tiles: Vec<Tile> = maps.map(|map| tile(page, map)).collect();
        if tiles.is_empty() {
            let none = texts.say("features.nothing_drawn");
            blocks.push(Block::Notice(none.into()));
            continue;
        }
        let gaps = [("layer", layer.name)];
        let all = texts.count("features.all", layer.drawn().count(), &gaps);
        blocks.extend([
            Block::Tiles(Tiles::new("sheets", tiles)),
            Block::text(Text::more(all, page.href(&maps_page(layer.name)))),
        ]);
    }
    page.section("hierarchy", "features.hierarchy", blocks)
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
    let href = page.href(&map_page(&map.row.layer, map.row.map));
    let mostly = purity(map).map(|label| texts.fill("features.mostly", &[("label", &label)]));
    Tile {
        pictures: vec![sheet(page, map, texts.fill("features.alt_sheet", &gaps))],
        name: Text::link(texts.fill("features.map_of", &gaps), href),
        lines: mostly.into_iter().chain(state(page, map)).collect(),
        ..Tile::default()
    }
}

fn layer_by_layer(page: &Page<'_>) -> Block {
    let (texts, layers) = (page.texts(), &page.site.maps);
    let mut maps = layers.iter().flat_map(|layer| &layer.maps);
    let has_labels = maps.any(|map| map.row.top_label_share.is_some());
    let keys = [
        "features.maps",
        "features.drawn",
        "features.dead",
        "features.saturated",
        "features.sparsity",
    ];
    let mut columns = vec![Column::text(texts.say("common.layer"))];
    columns.extend(keys.map(|key| Column::number(texts.say(key))));
    let mut caption = vec![texts.say("features.table_caption")];
    if has_labels {
        columns.push(Column::number(texts.say("features.same_label")));
        caption.push(texts.say("features.table_label"));
    }
    let rows = layers.iter().map(|layer| row(page, layer, has_labels));
    let rows = rows.collect();
    let table = Table::new(texts.say("features.table"), caption, columns, rows);
    let files = [MapRow::FILE, MapHistogramRow::FILE, MapLabelRow::FILE];
    let mut blocks = vec![Block::Table(table), more_in(page, &files)];
    let idle: Vec<String> = layers.iter().flat_map(|layer| idle(page, layer)).collect();
    if !idle.is_empty() {
        blocks.extend([
            Block::Subheading(texts.say("features.idle")),
            page.say("features.idle_text"),
            Block::List(List::prose(idle)),
        ]);
    }
    page.section("table", "features.table", blocks)
}

fn row(page: &Page<'_>, layer: &MapLayer<'_>, has_labels: bool) -> Row {
    let rows = || layer.maps.iter().map(|map| map.row);
    let sparsity = median(rows().filter_map(|row| row.sparsity));
    let same_label = numbers::mean(rows().filter_map(|row| row.top_label_share));
    let mut cells = vec![
        numbers::count(layer.maps.len()),
        numbers::count(layer.drawn().count()),
        numbers::count(layer.in_state("dead").len()),
        numbers::count(layer.in_state("saturated").len()),
        numbers::or_dash(sparsity, numbers::probability),
    ];
    if has_labels {
        cells.push(numbers::or_dash(same_label, numbers::whole_percent));
    }
    Row::new(
        Text::link(layer.name, page.href(&maps_page(layer.name))),
        cells,
    )
}

/// The maps of a layer that do not work, by name.
fn idle(page: &Page<'_>, layer: &MapLayer<'_>) -> Vec<String> {
    let states = [
        ("dead", "features.dead_maps"),
        ("saturated", "features.saturated_maps"),
    ];
    let told = |(state, key): (&str, &str)| {
        let maps = named(page, layer, state)?;
        let gaps = [("layer", layer.name), ("maps", &maps)];
        Some(page.texts().fill(key, &gaps))
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
