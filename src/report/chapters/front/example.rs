//! The photograph that the front page opens with, and what the network says to it.

use crate::error::Result;
use crate::records::tables::MaskedClassRow;
use crate::records::ORIGINAL;
use crate::report::blocks::{Block, Charts, Text};
use crate::report::lookup::Photo;
use crate::report::numbers;
use crate::report::photograph::{layers, of_condition, top_classes};
use crate::report::site::{photo_page, words, Page};
use crate::report::telling;

/// The photo layer by layer, with and without its regions; `None` where nothing was projected.
pub(super) fn section(page: &Page<'_>) -> Result<Option<Block>> {
    match telling::example(&page.site.lookup) {
        Some(photo) if !page.site.stages().is_empty() => example(page, photo).map(Some),
        _ => Ok(None),
    }
}

fn example(page: &Page<'_>, photo: &Photo<'_>) -> Result<Block> {
    let texts = page.texts();
    let mut regions = photo.regions();
    let (heading, caption) = match regions.is_empty() {
        true => ("front.example_plain", "front.grid_caption_plain"),
        false => ("front.example_masked", "front.grid_caption"),
    };
    // The region that costs most comes first; more than two would hide the point.
    let drop = |region: &str| photo.masked_class(region).map_or(0.0, telling::drop_of);
    regions.sort_by(|a, b| drop(b).total_cmp(&drop(a)));
    regions.truncate(2);
    let masked = regions
        .iter()
        .map(|region| of_condition(page, photo, region, &[*region]));
    let rows = std::iter::once(of_condition(page, photo, ORIGINAL, &[])).chain(masked);
    let grid = layers(
        page,
        "grid.condition_corner",
        texts.say(caption),
        rows.collect(),
    );
    let story = story(page, photo, &regions).into_iter();
    let mut blocks: Vec<Block> = story.map(Block::text).collect();
    blocks.push(Block::Grid(grid));
    let charts = top_classes(page, photo, &regions)?;
    if !charts.is_empty() {
        let caption = texts.say("front.bars_caption");
        blocks.push(Block::Charts(Charts { charts, caption }));
    }
    let href = page.href(&photo_page(photo.id()));
    blocks.push(Block::text(Text::more(texts.say("front.open_photo"), href)));
    Ok(page.section("example", heading, blocks))
}

/// What the network says to the photo, with and without its regions.
fn story(page: &Page<'_>, photo: &Photo<'_>, regions: &[&str]) -> Vec<String> {
    let texts = page.texts();
    let Some(first) = photo.first() else {
        return vec![texts.say("front.says_nothing")];
    };
    let printed = numbers::probability(f64::from(first.probability));
    let gaps = [
        ("class", first.class_name.as_str()),
        ("probability", &printed),
        ("label", &photo.image.label),
    ];
    let says = match photo.right {
        Some(true) => "front.says_right",
        Some(false) => "front.says_wrong",
        None => "front.says",
    };
    let masked = regions.iter().filter_map(|region| {
        let row = photo.masked_class(region)?;
        let told = masked_story(page, photo, row);
        Some(match control_story(page, photo, region) {
            Some(control) => format!("{told} {control}"),
            None => told,
        })
    });
    std::iter::once(texts.fill(says, &gaps))
        .chain(masked)
        .collect()
}

fn masked_story(page: &Page<'_>, photo: &Photo<'_>, row: &MaskedClassRow) -> String {
    let printed = |p: f32| numbers::probability(f64::from(p));
    let [first, first_probability] = photo
        .top(&row.region)
        .next()
        .map_or_else(Default::default, |now| {
            [now.class_name.clone(), printed(now.probability)]
        });
    let (region, probability) = (words(&row.region), printed(row.probability_masked));
    let rank = numbers::count(row.rank_masked);
    let gaps = [
        ("region", region.as_str()),
        ("probability", &probability),
        ("rank", &rank),
        ("first", &first),
        ("first_probability", &first_probability),
    ];
    let key = match row.rank_masked {
        1 => "front.still_first",
        2..=5 => "front.falls",
        _ => "front.out",
    };
    page.texts().fill(key, &gaps)
}

/// What a control box costs where the region costs that.
fn control_story(page: &Page<'_>, photo: &Photo<'_>, region: &str) -> Option<String> {
    let control = photo.control(region)?;
    let (p, rank) = control.probability_control.zip(control.rank_control)?;
    let (p, rank) = (numbers::probability(f64::from(p)), numbers::count(rank));
    let gaps = [("probability", p.as_str()), ("rank", &rank)];
    Some(page.texts().fill("front.control", &gaps))
}
