//! The photograph that the front page opens with, and what the network says to it.

use network::Scores;
use records::tables::MaskedClassRow;
use records::ORIGINAL;

use crate::photograph::{class_charts, layers, of_condition};
use crate::prelude::*;
use crate::site::photo_page;
use crate::telling;

/// The photo layer by layer, with and without its regions; `None` where nothing was projected.
pub(super) fn section(page: &Page<'_>) -> Result<Option<Block>> {
    match telling::example(&page.site.lookup) {
        Some(photo) if !page.site.stages().is_empty() => example(page, photo).map(Some),
        _ => Ok(None),
    }
}

fn example(page: &Page<'_>, photo: &Photo<'_>) -> Result<Block> {
    let mut regions = photo.regions();
    let (heading, caption) = match regions.is_empty() {
        true => ("front.example_plain", "front.grid_caption_plain"),
        false => ("front.example_masked", "front.grid_caption"),
    };
    // The region that costs most comes first; more than two would hide the point.
    let drop = |region: &str| photo.masked_class(region).map_or(0.0, telling::drop_of);
    regions.sort_by(|a, b| drop(b).total_cmp(&drop(a)));
    regions.truncate(2);
    let mut rows = vec![of_condition(page, photo, ORIGINAL, &[])];
    rows.extend(
        regions
            .iter()
            .map(|region| of_condition(page, photo, region, &[*region])),
    );
    let story = story(page, photo, &regions).into_iter();
    let mut blocks: Vec<Block> = story.map(Block::text).collect();
    blocks.push(layers(
        page,
        "grid.condition_corner",
        page.say(caption),
        rows,
    ));
    blocks.extend(class_charts(page, photo, &regions, "front.bars_caption")?);
    blocks.push(page.more("front.open_photo", &photo_page(photo.id())));
    Ok(page.section("example", heading, blocks))
}

/// What the network says to the photo, with and without its regions.
fn story(page: &Page<'_>, photo: &Photo<'_>, regions: &[&str]) -> Vec<String> {
    let Some(first) = photo.first() else {
        return vec![page.say("front.says_nothing")];
    };
    let gaps: [Gap<'_>; 3] = [
        ("class", &first.class_name),
        ("probability", &numbers::probability(first.probability)),
        ("label", &photo.image.label),
    ];
    let says = match (page.site.scores(), photo.right) {
        (Some(Scores::Sigmoid), _) => "front.finds",
        (Some(Scores::None), _) => "front.scores",
        (_, Some(true)) => "front.says_right",
        (_, Some(false)) => "front.says_wrong",
        (_, None) => "front.says",
    };
    let masked = regions.iter().filter_map(|region| {
        let row = photo.masked_class(region)?;
        let told = masked_story(page, photo, row);
        Some(match control_story(page, photo, region) {
            Some(control) => format!("{told} {control}"),
            None => told,
        })
    });
    std::iter::once(page.fill(says, &gaps))
        .chain(masked)
        .collect()
}

fn masked_story(page: &Page<'_>, photo: &Photo<'_>, row: &MaskedClassRow) -> String {
    let now = photo.top(&row.region).next();
    let first_probability = now.map(|now| numbers::probability(now.probability));
    let gaps: [Gap<'_>; 5] = [
        ("region", &words(&row.region)),
        ("probability", &numbers::probability(row.probability_masked)),
        ("rank", &numbers::count(row.rank_masked)),
        ("first", &now.map_or("", |now| &now.class_name)),
        ("first_probability", &first_probability.unwrap_or_default()),
    ];
    let key = match row.rank_masked {
        1 => "front.still_first",
        2..=5 => "front.falls",
        _ => "front.out",
    };
    page.fill(key, &gaps)
}

/// What a control box costs where the region costs that.
fn control_story(page: &Page<'_>, photo: &Photo<'_>, region: &str) -> Option<String> {
    let control = photo.control(region)?;
    let (probability, rank) = control.probability_control.zip(control.rank_control)?;
    let gaps: [Gap<'_>; 2] = [
        ("probability", &numbers::probability(probability)),
        ("rank", &numbers::count(rank)),
    ];
    Some(page.fill("front.control", &gaps))
}
