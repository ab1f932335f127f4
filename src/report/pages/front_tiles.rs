//! The front page's small cards: telling photographs, and what excites each layer most.

use serde::Serialize;

use super::super::blocks::Picture;
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::photograph::{mask_outlines, strongest, unit_pictures};
use super::super::site::{layer_page, occlusion_page, words, Page};
use super::super::telling;
use super::super::tile::Tile;
use super::occlusion_found::Found;
use super::occlusion_panels;
use crate::records::tables::OcclusionPhotoRow;
use crate::records::ORIGINAL;

/// Photographs a group shows at most.
const TILES: usize = 4;

#[derive(Serialize)]
pub(super) struct Group {
    heading: String,
    pub(super) tiles: Vec<Tile>,
}

/// Losses, mistakes and near ties, where there are any.
pub(super) fn groups(page: &Page<'_>) -> [Group; 4] {
    let (texts, lookup) = (page.texts(), &page.site.lookup);
    let printed = |p: f32| numbers::probability(f64::from(p));
    let input = |photo: &Photo<'_>| Picture::input(page, photo, ORIGINAL);
    let losses = telling::losses(lookup)
        .into_iter()
        .filter(|(_, row)| telling::drop_of(row) > 0.05);
    let losses = losses.take(TILES).map(|(photo, row)| {
        let outlined = input(photo).outlined(mask_outlines(photo, &row.region));
        let (before, after) = (
            printed(row.probability_original),
            printed(row.probability_masked),
        );
        let region = words(&row.region);
        let gaps = [
            ("class", row.class_name.as_str()),
            ("before", &before),
            ("after", &after),
            ("region", &region),
        ];
        Tile::new(
            page,
            photo,
            vec![outlined],
            vec![texts.fill("front.loss_line", &gaps)],
        )
    });
    let mistakes = telling::mistakes(lookup)
        .into_iter()
        .filter(|photo| photo.detail)
        .take(TILES);
    let mistakes = mistakes.filter_map(|photo| {
        let first = photo.first()?;
        let probability = printed(first.probability);
        let gaps = [
            ("class", first.class_name.as_str()),
            ("probability", &probability),
            ("label", &photo.image.label),
        ];
        Some(Tile::new(
            page,
            photo,
            vec![input(photo)],
            vec![texts.fill("front.mistake_line", &gaps)],
        ))
    });
    let ties = telling::near_ties(lookup)
        .into_iter()
        .take(TILES)
        .filter_map(|photo| {
            let mut top = photo.top(ORIGINAL);
            let (first, second) = (top.next()?, top.next()?);
            let (p, q) = (printed(first.probability), printed(second.probability));
            let gaps = [
                ("class", first.class_name.as_str()),
                ("probability", &p),
                ("second", &second.class_name),
                ("second_probability", &q),
            ];
            Some(Tile::new(
                page,
                photo,
                vec![input(photo)],
                vec![texts.fill("front.tie_line", &gaps)],
            ))
        });
    [
        Group {
            heading: texts.say("front.losses"),
            tiles: losses.collect(),
        },
        Group {
            heading: texts.say("front.occluded"),
            tiles: occluded(page),
        },
        Group {
            heading: texts.say("front.mistakes"),
            tiles: mistakes.collect(),
        },
        Group {
            heading: texts.say("front.ties"),
            tiles: ties.collect(),
        },
    ]
}

/// The photos that lose most where one square of them is hidden.
fn occluded(page: &Page<'_>) -> Vec<Tile> {
    let printed = |p: f32| numbers::probability(f64::from(p));
    let tile = |(photo, row): (&Photo<'_>, &OcclusionPhotoRow)| {
        let (clean, worst) = row.probability.zip(row.worst_probability)?;
        let found = Found::new(page, photo, row).ok()?;
        let (clean, worst) = (printed(clean), printed(worst));
        let gaps = [
            ("class", row.class_name.as_str()),
            ("before", &clean),
            ("after", &worst),
        ];
        let line = page.texts().fill("front.occluded_line", &gaps);
        let picture = occlusion_panels::input(page, photo, &found);
        let mut tile = Tile::new(page, photo, vec![picture], vec![line]);
        tile.href = page.href(&occlusion_page(photo.id()));
        Some(tile)
    };
    telling::occluded(&page.site.lookup)
        .into_iter()
        .filter_map(tile)
        .take(TILES)
        .collect()
}

/// The strongest unit of each layer.
pub(super) fn layers(page: &Page<'_>) -> Vec<Tile> {
    let stages = page.site.stages();
    let tile = |(at, stage): (usize, &String)| {
        let (photo, unit) = strongest(page.site, stage).into_iter().next()?;
        let [_, patch, projection] = unit_pictures(page, photo, unit);
        let gaps = [("k", (at + 1).to_string()), ("n", stages.len().to_string())];
        let gaps = gaps.each_ref().map(|(name, value)| (*name, value.as_str()));
        Some(Tile {
            pictures: vec![patch, projection],
            name: stage.clone(),
            href: page.href(&layer_page(stage)),
            lines: vec![page.texts().fill("front.layer_line", &gaps)],
        })
    };
    stages.iter().enumerate().filter_map(tile).collect()
}
