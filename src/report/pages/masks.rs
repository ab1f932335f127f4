//! The replication's figures: photographs with and without a region, layer by layer and class by class.

use serde::Serialize;

use super::super::charts::{self, Chart};
use super::super::grid::{file_name, Grid, Row};
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::site::{words, Page, Site, MASKS};
use super::super::telling;
use super::super::tile::link;
use super::masks_effect::{self, Effect};
use super::masks_layers::{self, Remains};
use crate::error::Result;
use crate::records::tables::{MaskRow, MaskedClassRow};
use crate::records::ORIGINAL;

/// Photos in a grid and rows of the table at most.
const GRID_ROWS: usize = 20;
const TABLE_ROWS: usize = 400;

#[derive(Serialize)]
struct MasksPage {
    /// Why there is nothing to show.
    nothing: String,
    has_classifier: bool,
    effect: Option<Effect>,
    pair: Option<Pair>,
    grids: Vec<NamedGrid>,
    limited: String,
    remains: Vec<Remains>,
    table: Vec<Line>,
    table_more: String,
    invisible: Vec<String>,
}

#[derive(Serialize)]
struct Pair {
    text: String,
    grid: Grid,
    charts: Vec<Chart>,
}

#[derive(Serialize)]
struct NamedGrid {
    heading: String,
    grid: Grid,
}

/// A photo and region of the table.
#[derive(Serialize)]
struct Line {
    name: String,
    href: String,
    region: String,
    class: String,
    before: String,
    after: String,
    rank: String,
    control: String,
    control_rank: String,
    visible: String,
}

/// Writes `pages/masks.html` where the report has it.
pub(in super::super) fn write(site: &Site<'_>) -> Result<()> {
    if !site.has(MASKS) {
        return Ok(());
    }
    let page = Page::new(site, MASKS, "nav.masks");
    let masked: Vec<&Photo<'_>> = site
        .lookup
        .detailed()
        .filter(|p| !p.regions().is_empty())
        .collect();
    let nothing = match (site.rows::<MaskRow>().is_empty(), masked.is_empty()) {
        (true, _) => page.texts().say("masks.none"),
        (_, true) => page.texts().say("masks.none_visible"),
        _ => String::new(),
    };
    let lines = table(&page, &masked);
    let shown = lines.len().min(TABLE_ROWS);
    let content = MasksPage {
        nothing,
        has_classifier: site.has_classifier(),
        effect: masks_effect::effect(&page)?,
        pair: telling::example(&site.lookup)
            .filter(|photo| !photo.regions().is_empty())
            .map(|photo| pair(&page, photo))
            .transpose()?,
        limited: match masked.len() > GRID_ROWS {
            true => page.texts().count(
                "masks.grid_limited",
                masked.len(),
                &[("shown", &GRID_ROWS.to_string())],
            ),
            false => String::new(),
        },
        grids: grids(&page, &masked),
        remains: masks_layers::all(&page)?,
        table_more: match lines.len() > shown {
            true => page
                .texts()
                .fill("common.more_in", &[("file", "data/masked_classes.csv")]),
            false => String::new(),
        },
        table: lines.into_iter().take(shown).collect(),
        invisible: invisible(site),
    };
    page.write("masks.html", &page.texts().say("masks.title"), &content)
}

fn pair(page: &Page<'_>, photo: &Photo<'_>) -> Result<Pair> {
    let texts = page.texts();
    let regions = photo.regions();
    let mut rows = vec![Row::of_condition(page, photo, ORIGINAL, &[])];
    rows.extend(
        regions
            .iter()
            .map(|region| Row::of_condition(page, photo, region, &[*region])),
    );
    Ok(Pair {
        text: texts.fill(
            "masks.pair_text",
            &[("photo", file_name(&photo.image.path))],
        ),
        grid: Grid::new(
            page,
            "grid.condition_corner",
            texts.say("masks.pair_caption"),
            rows,
        ),
        charts: charts::top_classes(page, photo, &regions)?,
    })
}

/// The photos with nothing hidden, then with each region hidden.
fn grids(page: &Page<'_>, masked: &[&Photo<'_>]) -> Vec<NamedGrid> {
    if masked.is_empty() {
        return Vec::new();
    }
    let mut shown = masked.to_vec();
    if shown.len() > GRID_ROWS {
        let most = |photo: &Photo<'_>| {
            photo
                .rows()
                .into_iter()
                .map(telling::drop_of)
                .fold(f64::NEG_INFINITY, f64::max)
        };
        shown.sort_by(|a, b| most(b).total_cmp(&most(a)));
        shown.truncate(GRID_ROWS);
    }
    let texts = page.texts();
    let rows = shown
        .iter()
        .map(|photo| Row::of_photo(page, photo, ORIGINAL, &photo.regions()));
    let caption = texts.say("masks.grid_original_caption");
    let mut grids = vec![NamedGrid {
        heading: texts.say("masks.grid_original"),
        grid: Grid::new(page, "grid.photo_corner", caption, rows.collect()),
    }];
    for region in page.site.lookup.regions() {
        let of_region = shown
            .iter()
            .filter(|photo| photo.regions().contains(&region));
        let rows: Vec<Row> = of_region
            .map(|photo| Row::of_photo(page, photo, region, &[region]))
            .collect();
        let caption = texts.fill("masks.grid_region_caption", &[("region", &words(region))]);
        if !rows.is_empty() {
            grids.push(NamedGrid {
                heading: page.condition(region),
                grid: Grid::new(page, "grid.photo_corner", caption, rows),
            });
        }
    }
    grids
}

fn table(page: &Page<'_>, masked: &[&Photo<'_>]) -> Vec<Line> {
    let printed = |p: f32| numbers::probability(f64::from(p));
    let lines = masked.iter().flat_map(|photo| {
        photo
            .rows::<MaskedClassRow>()
            .into_iter()
            .map(move |row| (photo, row))
    });
    let line = |(photo, row): (&&Photo<'_>, &MaskedClassRow)| {
        let control = photo.control(&row.region);
        Line {
            name: photo.image.path.clone(),
            href: link(page, photo),
            region: words(&row.region),
            class: row.class_name.clone(),
            before: printed(row.probability_original),
            after: printed(row.probability_masked),
            rank: numbers::count(row.rank_masked),
            control: numbers::or_dash(
                control.and_then(|control| control.probability_control),
                printed,
            ),
            control_rank: numbers::or_dash(
                control.and_then(|control| control.rank_control),
                numbers::count,
            ),
            visible: numbers::whole_percent(row.visible_share),
        }
    };
    lines.map(line).collect()
}

fn invisible(site: &Site<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for photo in &site.lookup.photos {
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
