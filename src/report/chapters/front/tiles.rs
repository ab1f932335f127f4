//! The front page's small cards: telling photographs, and what excites each layer most.

use crate::records::tables::{MaskedClassRow, OcclusionPhotoRow};
use crate::records::ORIGINAL;
use crate::report::blocks::{Block, Picture, Text, Tile, Tiles};
use crate::report::lookup::Photo;
use crate::report::numbers;
use crate::report::chapters::occlusion;
use crate::report::photograph::{strongest, unit_pictures};
use crate::report::photograph::{file_name, mask_outlines, tile};
use crate::report::site::{layer_page, occlusion_page, words, Page};
use crate::report::telling;

/// Photographs a group shows at most.
const TILES: usize = 4;

/// The strongest unit of each layer; `None` where no unit was projected.
pub(super) fn layers(page: &Page<'_>) -> Option<Block> {
    let (texts, stages) = (page.texts(), page.site.stages());
    let tile = |(at, stage): (usize, &String)| {
        let (k, n) = ((at + 1).to_string(), stages.len().to_string());
        let (photo, unit) = strongest(page.site, stage).into_iter().next()?;
        let [_, patch, projection] = unit_pictures(page, photo, unit);
        Some(Tile {
            pictures: vec![patch, projection],
            name: Text::link(stage.as_str(), page.href(&layer_page(stage))),
            lines: vec![texts.fill("front.layer_line", &[("k", &k), ("n", &n)])],
            ..Tile::default()
        })
    };
    let tiles: Vec<Tile> = stages.iter().enumerate().filter_map(tile).collect();
    (!tiles.is_empty()).then(|| {
        let tiles = Block::Tiles(Tiles::new("pairs", tiles));
        page.section(
            "layers",
            "front.layers",
            vec![page.say("front.layers_text"), tiles],
        )
    })
}

/// Losses, mistakes and near ties, where there are any.
pub(super) fn telling(page: &Page<'_>) -> Option<Block> {
    let lookup = &page.site.lookup;
    let losses = telling::losses(lookup).into_iter();
    let losses = losses
        .filter(|(_, row)| telling::drop_of(row) > 0.05)
        .map(|(photo, row)| loss(page, photo, row));
    let occluded = telling::occluded(lookup).into_iter();
    let occluded = occluded.filter_map(|(photo, row)| occluded_tile(page, photo, row));
    let mistakes = telling::mistakes(lookup).into_iter();
    let mistakes = mistakes
        .filter(|photo| photo.detail)
        .take(TILES)
        .filter_map(|photo| mistake(page, photo));
    let ties = telling::near_ties(lookup).into_iter().take(TILES);
    let ties = ties.filter_map(|photo| tie(page, photo));
    let groups: [(&str, Vec<Tile>); 4] = [
        ("front.losses", losses.take(TILES).collect()),
        ("front.occluded", occluded.take(TILES).collect()),
        ("front.mistakes", mistakes.collect()),
        ("front.ties", ties.collect()),
    ];
    let groups = groups.into_iter().filter(|(_, tiles)| !tiles.is_empty());
    let blocks: Vec<Block> = groups
        .flat_map(|(heading, tiles)| {
            [
                Block::Subheading(page.texts().say(heading)),
                Block::Tiles(Tiles::new("", tiles)),
            ]
        })
        .collect();
    (!blocks.is_empty()).then(|| page.section("telling", "front.telling", blocks))
}

fn printed(probability: f32) -> String {
    numbers::probability(f64::from(probability))
}

/// The photo as the network sees it.
fn input(page: &Page<'_>, photo: &Photo<'_>) -> Picture {
    Picture::input(page, photo, ORIGINAL)
}

fn loss(page: &Page<'_>, photo: &Photo<'_>, row: &MaskedClassRow) -> Tile {
    let outlines = mask_outlines(photo, &row.region);
    let outlined = input(page, photo).outlined(outlines);
    let before = printed(row.probability_original);
    let after = printed(row.probability_masked);
    let region = words(&row.region);
    let gaps = [
        ("class", row.class_name.as_str()),
        ("before", &before),
        ("after", &after),
        ("region", &region),
    ];
    let line = page.texts().fill("front.loss_line", &gaps);
    tile(page, photo, vec![outlined], vec![line])
}

/// A photo that loses much where one square of it is hidden.
fn occluded_tile(page: &Page<'_>, photo: &Photo<'_>, row: &OcclusionPhotoRow) -> Option<Tile> {
    let (clean, worst) = row.probability.zip(row.worst_probability)?;
    let (clean, worst) = (printed(clean), printed(worst));
    let gaps = [
        ("class", row.class_name.as_str()),
        ("before", &clean),
        ("after", &worst),
    ];
    let line = page.texts().fill("front.occluded_line", &gaps);
    let picture = occlusion::occluder(page, photo, row)?;
    let href = page.href(&occlusion_page(photo.id()));
    Some(Tile {
        name: Text::link(file_name(&photo.image.path), href),
        ..tile(page, photo, vec![picture], vec![line])
    })
}

fn mistake(page: &Page<'_>, photo: &Photo<'_>) -> Option<Tile> {
    let first = photo.first()?;
    let probability = printed(first.probability);
    let gaps = [
        ("class", first.class_name.as_str()),
        ("probability", &probability),
        ("label", &photo.image.label),
    ];
    let line = page.texts().fill("front.mistake_line", &gaps);
    Some(tile(page, photo, vec![input(page, photo)], vec![line]))
}

fn tie(page: &Page<'_>, photo: &Photo<'_>) -> Option<Tile> {
    let mut top = photo.top(ORIGINAL);
    let (first, second) = (top.next()?, top.next()?);
    let (p, q) = (printed(first.probability), printed(second.probability));
    let gaps = [
        ("class", first.class_name.as_str()),
        ("probability", &p),
        ("second", &second.class_name),
        ("second_probability", &q),
    ];
    let line = page.texts().fill("front.tie_line", &gaps);
    Some(tile(page, photo, vec![input(page, photo)], vec![line]))
}
