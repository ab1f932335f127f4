//! The front page's small cards: telling photographs, and what excites each layer most.

use records::tables::{MaskedClassRow, OcclusionPhotoRow};
use records::ORIGINAL;

use crate::chapters::occlusion;
use crate::photograph::{mask_outlines, strongest, tile, unit_pictures};
use crate::prelude::*;
use crate::site::{layer_page, occlusion_page};
use crate::telling;

/// Photographs a group shows at most.
const TILES: usize = 4;

/// The strongest unit of each layer; `None` where no unit was projected.
pub(super) fn layers(page: &Page<'_>) -> Option<Block> {
    let stages = page.site.stages();
    let tile = |(at, stage): (usize, &String)| {
        let (photo, unit) = strongest(page.site, stage).into_iter().next()?;
        let [_, patch, projection] = unit_pictures(page, photo, unit);
        let gaps: [Gap<'_>; 2] = [("k", &(at + 1)), ("n", &stages.len())];
        Some(Tile {
            pictures: vec![patch, projection],
            name: Text::link(stage.as_str(), page.href(&layer_page(stage))),
            lines: vec![page.fill("front.layer_line", &gaps)],
            ..Tile::default()
        })
    };
    let tiles: Vec<Tile> = stages.iter().enumerate().filter_map(tile).collect();
    (!tiles.is_empty()).then(|| {
        let blocks = [
            page.paragraph("front.layers_text"),
            Block::tiles("pairs", tiles),
        ];
        page.section("layers", "front.layers", blocks)
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
        .filter_map(|photo| mistake(page, photo));
    let ties = telling::near_ties(lookup).into_iter();
    let ties = ties.filter_map(|photo| tie(page, photo));
    let groups: [(&str, Vec<Tile>); 4] = [
        ("front.losses", losses.take(TILES).collect()),
        ("front.occluded", occluded.take(TILES).collect()),
        ("front.mistakes", mistakes.take(TILES).collect()),
        ("front.ties", ties.take(TILES).collect()),
    ];
    let groups = groups.into_iter().filter(|(_, tiles)| !tiles.is_empty());
    let blocks = groups.flat_map(|(heading, tiles)| {
        let heading = page.say(heading);
        [Block::Subheading(heading), Block::tiles("", tiles)]
    });
    page.section_of_any("telling", "front.telling", blocks.collect())
}

/// The photo as the network sees it, with the sentence of a key.
fn told(page: &Page<'_>, photo: &Photo<'_>, key: &str, gaps: &[Gap<'_>]) -> Tile {
    let input = Picture::input(page, photo, ORIGINAL);
    tile(page, photo, vec![input], vec![page.fill(key, gaps)])
}

fn loss(page: &Page<'_>, photo: &Photo<'_>, row: &MaskedClassRow) -> Tile {
    let gaps: [Gap<'_>; 4] = [
        ("class", &row.class_name),
        ("before", &numbers::probability(row.probability_original)),
        ("after", &numbers::probability(row.probability_masked)),
        ("region", &words(&row.region)),
    ];
    let line = page.fill("front.loss_line", &gaps);
    let outlines = mask_outlines(photo, &row.region);
    let outlined = Picture::input(page, photo, ORIGINAL).outlined(outlines);
    tile(page, photo, vec![outlined], vec![line])
}

/// A photo that loses much where one square of it is hidden.
fn occluded_tile(page: &Page<'_>, photo: &Photo<'_>, row: &OcclusionPhotoRow) -> Option<Tile> {
    let (clean, worst) = row.probability.zip(row.worst_probability)?;
    let gaps: [Gap<'_>; 3] = [
        ("class", &row.class_name),
        ("before", &numbers::probability(clean)),
        ("after", &numbers::probability(worst)),
    ];
    let line = page.fill("front.occluded_line", &gaps);
    let picture = occlusion::occluder(page, photo, row)?;
    let href = page.href(&occlusion_page(photo.id()));
    Some(Tile {
        name: Text::link(file_name(&photo.image.path), href),
        ..tile(page, photo, vec![picture], vec![line])
    })
}

fn mistake(page: &Page<'_>, photo: &Photo<'_>) -> Option<Tile> {
    let first = photo.first()?;
    let gaps: [Gap<'_>; 3] = [
        ("class", &first.class_name),
        ("probability", &numbers::probability(first.probability)),
        ("label", &photo.image.label),
    ];
    Some(told(page, photo, "front.mistake_line", &gaps))
}

fn tie(page: &Page<'_>, photo: &Photo<'_>) -> Option<Tile> {
    let mut top = photo.top(ORIGINAL);
    let (first, second) = (top.next()?, top.next()?);
    let [p, q] = [first, second].map(|row| numbers::probability(row.probability));
    let gaps: [Gap<'_>; 4] = [
        ("class", &first.class_name),
        ("probability", &p),
        ("second", &second.class_name),
        ("second_probability", &q),
    ];
    Some(told(page, photo, "front.tie_line", &gaps))
}
