//! The replication's figures: photographs with and without a region, layer by layer and class by class.

mod effect;
mod remains;

use super::super::blocks::{Block, Charts, Column, GridRow, List, Row, Table, Text};
use super::super::frame::Content;
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::photograph::{file_name, layers, link, of_condition, of_photo, top_classes};
use super::super::site::{words, Page, MASKS};
use super::super::telling;
use super::{Chapter, Plan};
use crate::error::Result;
use crate::records::tables::{MaskRow, MaskedClassRow, Row as _};
use crate::records::ORIGINAL;

/// Photos in a grid and rows of the table at most.
const GRID_ROWS: usize = 20;
const TABLE_ROWS: usize = 400;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.masks",
    holds: "front.contents_masks",
    pages: |site| {
        let told = !site.layers_with_pages().is_empty() || !site.rows::<MaskRow>().is_empty();
        told.then(|| Plan::new(MASKS, content))
            .into_iter()
            .collect()
    },
};

fn content(page: &Page<'_>) -> Result<Content> {
    let (site, texts) = (page.site, page.texts());
    let photos = site.lookup.detailed();
    let masked: Vec<&Photo<'_>> = photos.filter(|p| !p.regions().is_empty()).collect();
    let title = texts.say("masks.title");
    let mut blocks = vec![
        Block::Heading(title.clone()),
        Block::Lead(texts.say("masks.lead").into()),
    ];
    let notice = match (site.rows::<MaskRow>().is_empty(), masked.is_empty()) {
        (true, _) => Some("masks.none"),
        (_, true) => Some("masks.none_visible"),
        _ if !site.has_classifier() => Some("masks.no_classifier"),
        _ => None,
    };
    blocks.extend(notice.map(|key| Block::Notice(texts.say(key).into())));
    let example = telling::example(&site.lookup).filter(|photo| !photo.regions().is_empty());
    if let Some(photo) = example {
        blocks.push(page.section("pair", "masks.pair", pair(page, photo)?));
    }
    if let Some(effect) = effect::effect(page)? {
        blocks.push(page.section("effect", "masks.effect", effect));
    }
    if !masked.is_empty() {
        blocks.push(page.section("grids", "masks.grids", grids(page, &masked)));
    }
    let remains = remains::all(page)?;
    if !remains.is_empty() {
        blocks.push(page.section("remaining", "masks.remaining", remains));
    }
    let rows = rows(page, &masked);
    if !rows.is_empty() {
        blocks.push(page.section("table", "masks.table", table(page, rows)));
    }
    let invisible = invisible(page);
    if !invisible.is_empty() {
        let told = vec![
            page.say("masks.invisible_text"),
            Block::List(List::names(invisible)),
        ];
        blocks.push(page.section("invisible", "masks.invisible", told));
    }
    Ok(Content::new(title, blocks))
}

fn pair(page: &Page<'_>, photo: &Photo<'_>) -> Result<Vec<Block>> {
    let texts = page.texts();
    let regions = photo.regions();
    let mut rows = vec![of_condition(page, photo, ORIGINAL, &[])];
    rows.extend(
        regions
            .iter()
            .map(|region| of_condition(page, photo, region, &[*region])),
    );
    let name = file_name(&photo.image.path);
    let caption = texts.say("masks.pair_caption");
    let mut blocks = vec![
        Block::text(texts.fill("masks.pair_text", &[("photo", name)])),
        Block::Grid(layers(page, "grid.condition_corner", caption, rows)),
    ];
    let charts = top_classes(page, photo, &regions)?;
    if !charts.is_empty() {
        let caption = texts.say("front.bars_caption");
        blocks.push(Block::Charts(Charts { charts, caption }));
    }
    Ok(blocks)
}

/// The photos with nothing hidden, then with each region hidden.
fn grids(page: &Page<'_>, masked: &[&Photo<'_>]) -> Vec<Block> {
    let texts = page.texts();
    let mut blocks = Vec::new();
    let mut shown = masked.to_vec();
    if shown.len() > GRID_ROWS {
        let most = |photo: &Photo<'_>| {
            let drops = photo.rows().into_iter().map(telling::drop_of);
            drops.fold(f64::NEG_INFINITY, f64::max)
        };
        shown.sort_by(|a, b| most(b).total_cmp(&most(a)));
        shown.truncate(GRID_ROWS);
        let gaps = [("shown", &*GRID_ROWS.to_string())];
        blocks.push(Block::text(texts.count(
            "masks.grid_limited",
            masked.len(),
            &gaps,
        )));
    }
    let mut grid = |heading: String, caption: String, rows: Vec<GridRow>| {
        blocks.push(Block::Subheading(heading));
        let grid = layers(page, "grid.photo_corner", caption, rows);
        blocks.push(Block::Grid(grid));
    };
    let originals = shown
        .iter()
        .map(|photo| of_photo(page, photo, ORIGINAL, &photo.regions()));
    grid(
        texts.say("masks.grid_original"),
        texts.say("masks.grid_original_caption"),
        originals.collect(),
    );
    for region in page.site.lookup.regions() {
        let of_region = shown
            .iter()
            .filter(|photo| photo.regions().contains(&region));
        let rows: Vec<GridRow> = of_region
            .map(|photo| of_photo(page, photo, region, &[region]))
            .collect();
        if !rows.is_empty() {
            let caption = texts.fill("masks.grid_region_caption", &[("region", &words(region))]);
            grid(page.condition(region), caption, rows);
        }
    }
    blocks
}

fn rows(page: &Page<'_>, masked: &[&Photo<'_>]) -> Vec<Row> {
    let printed = |p: f32| numbers::probability(f64::from(p));
    let of_photo = |photo: &&Photo<'_>| -> Vec<Row> {
        let row = |row: &MaskedClassRow| {
            let control = photo.control(&row.region);
            let probability = control.and_then(|control| control.probability_control);
            let rank = control.and_then(|control| control.rank_control);
            let cells = [
                words(&row.region),
                row.class_name.clone(),
                printed(row.probability_original),
                printed(row.probability_masked),
                numbers::count(row.rank_masked),
                numbers::or_dash(probability, printed),
                numbers::or_dash(rank, numbers::count),
                numbers::whole_percent(row.visible_share),
            ];
            Row::new(
                Text::link(photo.image.path.clone(), link(page, photo)),
                cells,
            )
        };
        photo.rows().into_iter().map(row).collect()
    };
    masked.iter().flat_map(of_photo).collect()
}

fn table(page: &Page<'_>, mut rows: Vec<Row>) -> Vec<Block> {
    let texts = page.texts();
    let all = rows.len();
    rows.truncate(TABLE_ROWS);
    let names = ["common.photo", "common.region", "common.class"].map(|key| texts.say(key));
    let mut columns: Vec<Column> = names.into_iter().map(Column::text).collect();
    let numbers = [
        "masks.before",
        "masks.after",
        "photo.rank",
        "masks.control",
        "photo.rank",
        "masks.visible",
    ];
    columns.extend(numbers.map(|key| Column::number(texts.say(key))));
    let (label, caption) = (texts.say("masks.table"), texts.say("masks.table_caption"));
    let mut blocks = vec![Block::Table(Table::new(label, caption, columns, rows))];
    if all > TABLE_ROWS {
        let file = [("file", MaskedClassRow::FILE)];
        blocks.push(Block::text(texts.fill("common.more_in", &file)));
    }
    blocks
}

fn invisible(page: &Page<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for photo in &page.site.lookup.photos {
        for row in photo
            .rows::<MaskRow>()
            .iter()
            .filter(|row| row.visible_share <= 0.0)
        {
            let name = format!("{}: {}", photo.image.path, words(&row.region));
            if names.last() != Some(&name) {
                names.push(name);
            }
        }
    }
    names
}
