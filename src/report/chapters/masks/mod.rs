//! The replication's figures: photographs with and without a region, layer by layer and class by class.

mod effect;
mod remains;

use records::tables::{MaskRow, MaskedClassRow, Row as _};
use records::ORIGINAL;

use super::{Chapter, Plan};
use crate::photograph::{class_charts, layers, of_condition, of_photo};
use crate::prelude::*;
use crate::site::MASKS;
use crate::telling;

/// Photos in a grid and rows of the table at most.
const GRID_ROWS: usize = 20;
const TABLE_ROWS: usize = 400;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.masks",
    holds: "front.contents_masks",
    pages: |site| {
        // A training's or a study's report has no option that would bring any.
        let asked = &site.run.manifest.options.experiments;
        let can_have = !asked.contains_key("training") && !asked.contains_key("study");
        let told =
            can_have && !site.layers_with_pages().is_empty() || !site.rows::<MaskRow>().is_empty();
        Vec::from_iter(told.then(|| Plan::new(MASKS, content)))
    },
};

fn content(page: &Page<'_>) -> Result<Content> {
    let site = page.site;
    let photos = site.lookup.detailed();
    let masked: Vec<&Photo<'_>> = photos.filter(|p| !p.regions().is_empty()).collect();
    let notice = match (site.rows::<MaskRow>().is_empty(), masked.is_empty()) {
        (true, _) => Some("masks.none"),
        (_, true) => Some("masks.none_visible"),
        _ if !site.has_classifier() => Some("masks.no_classifier"),
        _ => None,
    };
    let example = telling::example(&site.lookup).filter(|photo| !photo.regions().is_empty());
    let pair = example.map(|photo| pair(page, photo)).transpose()?;
    Ok(
        Content::new(page.say("masks.title"), page.say("masks.lead"))
            .with(notice.map(|key| page.notice(key)))
            .with(pair.map(|pair| page.section("pair", "masks.pair", pair)))
            .with(page.section_of_any("effect", "masks.effect", effect::effect(page)?))
            .with(page.section_of_any("grids", "masks.grids", grids(page, &masked)))
            .with(page.section_of_any("remaining", "masks.remaining", remains::all(page)?))
            .with(page.section_of_any("table", "masks.table", table(page, &masked)))
            .with(invisible(page)),
    )
}

fn pair(page: &Page<'_>, photo: &Photo<'_>) -> Result<Vec<Block>> {
    let regions = photo.regions();
    let mut rows = vec![of_condition(page, photo, ORIGINAL, &[])];
    rows.extend(
        regions
            .iter()
            .map(|region| of_condition(page, photo, region, &[*region])),
    );
    let name = file_name(&photo.image.path);
    let caption = page.say("masks.pair_caption");
    let mut blocks = vec![
        Block::text(page.fill("masks.pair_text", &[("photo", &name)])),
        layers(page, "grid.condition_corner", caption, rows),
    ];
    blocks.extend(class_charts(page, photo, &regions, "front.bars_caption")?);
    Ok(blocks)
}

/// The photos with nothing hidden, then with each region hidden; none without photos.
fn grids(page: &Page<'_>, masked: &[&Photo<'_>]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut shown = masked.to_vec();
    if shown.len() > GRID_ROWS {
        let most = |photo: &Photo<'_>| {
            let drops = photo.rows().into_iter().map(telling::drop_of);
            drops.fold(f64::NEG_INFINITY, f64::max)
        };
        shown.sort_by(|a, b| most(b).total_cmp(&most(a)));
        shown.truncate(GRID_ROWS);
        let limited = page.count("masks.grid_limited", masked.len(), &[("shown", &GRID_ROWS)]);
        blocks.push(Block::text(limited));
    }
    let mut grid = |heading: String, caption: String, rows: Vec<GridRow>| {
        if !rows.is_empty() {
            let grid = layers(page, "grid.photo_corner", caption, rows);
            blocks.extend([Block::Subheading(heading), grid]);
        }
    };
    let originals = shown
        .iter()
        .map(|photo| of_photo(page, photo, ORIGINAL, &photo.regions()));
    let caption = page.say("masks.grid_original_caption");
    grid(
        page.say("masks.grid_original"),
        caption,
        originals.collect(),
    );
    for region in page.site.lookup.regions() {
        let of_region = shown
            .iter()
            .filter(|photo| photo.regions().contains(&region));
        let rows = of_region.map(|photo| of_photo(page, photo, region, &[region]));
        let caption = page.fill("masks.grid_region_caption", &[("region", &words(region))]);
        grid(page.condition(region), caption, rows.collect());
    }
    blocks
}

/// What became of the first class, photo by photo; none where that was not looked at.
fn table(page: &Page<'_>, masked: &[&Photo<'_>]) -> Vec<Block> {
    let mut rows = Vec::new();
    for photo in masked {
        let of_photo = photo.rows::<MaskedClassRow>().into_iter();
        rows.extend(of_photo.map(|row| (photo, row, photo.control(&row.region))));
    }
    let all = rows.len();
    rows.truncate(TABLE_ROWS);
    if rows.is_empty() {
        return Vec::new();
    }
    let table = page
        .columns(rows)
        .text("common.photo", |(photo, ..)| photo_link(page, photo))
        .text("common.region", |(_, row, _)| words(&row.region))
        .text("common.class", |(_, row, _)| row.class_name.clone())
        .probability("masks.before", |(_, row, _)| row.probability_original)
        .probability("masks.after", |(_, row, _)| row.probability_masked)
        .count("photo.rank", |(_, row, _)| row.rank_masked)
        .probability("masks.control", |(.., control)| {
            control.and_then(|it| it.probability_control)
        })
        .count("photo.rank", |(.., control)| {
            control.and_then(|it| it.rank_control)
        })
        .whole_percent("masks.visible", |(_, row, _)| row.visible_share)
        .table("masks.table", "masks.table_caption");
    let more = (all > TABLE_ROWS).then(|| page.more_in(&[MaskedClassRow::FILE]));
    std::iter::once(table).chain(more).collect()
}

/// The regions that the network could not see; `None` where it could see all.
fn invisible(page: &Page<'_>) -> Option<Block> {
    let mut names: Vec<String> = Vec::new();
    for photo in &page.site.lookup.photos {
        let rows = photo.rows::<MaskRow>().into_iter();
        let unseen = rows.filter(|row| row.visible_share <= 0.0);
        names.extend(unseen.map(|row| format!("{}: {}", photo.image.path, words(&row.region))));
    }
    names.dedup();
    (!names.is_empty()).then(|| {
        let list = Block::List(List::names(names));
        let blocks = [page.paragraph("masks.invisible_text"), list];
        page.section("invisible", "masks.invisible", blocks)
    })
}
