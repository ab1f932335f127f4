//! What feature maps look for, from edges to objects: a few maps of each layer (ZF fig. 2), the first layer's filters
//! (ZF fig. 6), and whether projections depend on what was learnt.

mod filters;
mod layer;
mod map;
mod randomised;
mod sheet;

use base::digest::draw;
use records::tables::{MapHistogramRow, MapLabelRow, MapRow, Row as _};
use statistics::median;

use super::{Chapter, Plan};
use crate::maps::{Map, MapLayer};
use crate::prelude::*;
use crate::site::{map_page, maps_page, FEATURES};
use sheet::{field, in_states, purity, sheet, state};

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
    let site = page.site;
    let photos = site.run.manifest.dataset.photos;
    let lead = page.count("features.lead", photos, &[("model", &site.network())]);
    Ok(Content::new(page.say("features.title"), lead)
        .with([
            page.section("how", "features.how", [how(page)]),
            hierarchy(page),
            layer_by_layer(page),
        ])
        .with(filters::filters(page))
        .with(randomised::randomised(page)?)
        .with([page.caveat()]))
}

fn how(page: &Page<'_>) -> Block {
    let options = &page.site.run.manifest.options;
    let mut how = vec![
        page.count("features.how_patches", page.site.strongest, &[]),
        page.say("features.how_projections"),
        page.say("features.how_alike"),
        page.count("features.how_drawn", SHOWN, &[("seed", &options.seed)]),
    ];
    let most = options.number("features", "per_image");
    how.extend(most.map(|most| page.count("features.how_per_image", most, &[])));
    Block::prose(how)
}

/// Some maps of each layer.
fn hierarchy(page: &Page<'_>) -> Block {
    let layers = &page.site.maps;
    let mut blocks = vec![page.paragraph("features.hierarchy_text")];
    for (at, layer) in layers.iter().enumerate() {
        let text = std::iter::once(page.say(character(at, layers.len())));
        let text: Vec<String> = text.chain(field(page, layer)).collect();
        blocks.extend([Block::Subheading(layer.name.to_owned()), Block::text(text)]);
        let maps = drawn_by_lot(page, layer).into_iter();
        let tiles: Vec<Tile> = maps.map(|map| tile(page, map)).collect();
        if tiles.is_empty() {
            blocks.push(page.notice("features.nothing_drawn"));
            continue;
        }
        let gaps: [Gap<'_>; 1] = [("layer", &layer.name)];
        let all = page.count("features.all", layer.drawn().count(), &gaps);
        blocks.extend([
            Block::tiles("sheets", tiles),
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
    let gaps: [Gap<'_>; 2] = [("map", &map.row.map), ("layer", &map.row.layer)];
    let href = page.href(&map_page(&map.row.layer, map.row.map));
    let mostly = purity(map).map(|label| page.fill("features.mostly", &[("label", &label)]));
    Tile {
        pictures: vec![sheet(page, map, page.fill("features.alt_sheet", &gaps))],
        name: Text::link(page.fill("features.map_of", &gaps), href),
        lines: mostly.into_iter().chain(state(page, map)).collect(),
        ..Tile::default()
    }
}

fn layer_by_layer(page: &Page<'_>) -> Block {
    let layers = &page.site.maps;
    let mut maps = layers.iter().flat_map(|layer| &layer.maps);
    let has_labels = maps.any(|map| map.row.top_label_share.is_some());
    let in_state = |layer: &MapLayer<'_>, state| numbers::count(layer.in_state(state).len());
    let mut caption = vec![page.say("features.table_caption")];
    let mut columns = page
        .columns(layers)
        .text("common.layer", |layer| {
            Text::link(layer.name, page.href(&maps_page(layer.name)))
        })
        .count("features.maps", |layer| layer.maps.len())
        .count("features.drawn", |layer| layer.drawn().count())
        .number("features.dead", |layer| in_state(layer, "dead"))
        .number("features.saturated", |layer| in_state(layer, "saturated"))
        .probability("features.sparsity", |layer| {
            let sparsity = layer.maps.iter().filter_map(|map| map.row.sparsity);
            let mut sparsity: Vec<f64> = sparsity.filter(|it| it.is_finite()).collect();
            sparsity.sort_by(f64::total_cmp);
            median(&sparsity)
        });
    if has_labels {
        columns = columns.whole_percent("features.same_label", |layer| {
            numbers::mean(layer.maps.iter().filter_map(|map| map.row.top_label_share))
        });
        caption.push(page.say("features.table_label"));
    }
    let files = [MapRow::FILE, MapHistogramRow::FILE, MapLabelRow::FILE];
    let table = columns.called(page.say("features.table"), caption);
    let mut blocks = vec![table, page.more_in(&files)];
    // The maps that do not work, layer by layer.
    let keys = ["features.dead_maps", "features.saturated_maps"];
    let idle = layers.iter().flat_map(|layer| in_states(page, layer, keys));
    let idle: Vec<String> = idle.collect();
    if !idle.is_empty() {
        blocks.extend([
            Block::Subheading(page.say("features.idle")),
            page.paragraph("features.idle_text"),
            Block::prose(idle),
        ]);
    }
    page.section("table", "features.table", blocks)
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
}
