//! The layers of a study's networks beside each other: first-layer filters and their spectra, dead maps (ZF fig. 6).

use figures::features::filters_size;
use records::tables::{StudyFilterRow, StudyLayerRow, StudyRunRow};

use super::link_to;
use crate::prelude::*;

/// The picture of a variant's first layer, of its first seed.
pub(super) fn filters(page: &Page<'_>, variant: &str) -> Picture {
    let runs = page.site.rows::<StudyRunRow>().iter();
    let mut of_variant = runs.filter(|run| run.variant == variant);
    let folder = of_variant.next().map_or("", |run| run.folder.as_str());
    let name = folder.rsplit('/').next().unwrap_or_default();
    let path = format!("assets/study/{name}.png");
    let size = filters_size(&page.site.run.root, &path).unwrap_or_default();
    let alt = page.fill("study.alt_filters", &[("variant", &variant)]);
    Picture::of_file(page, &path, alt).sized(size)
}

/// Rows of the first seed.
fn first_seed<R>(rows: &[R], seed: impl Fn(&R) -> u64) -> Vec<&R> {
    let first = rows.first().map(&seed);
    rows.iter().filter(|row| Some(seed(row)) == first).collect()
}

/// The first layer's filters, drawn and in numbers; `None` where no first layer looks at a picture's planes.
pub(super) fn first(page: &Page<'_>) -> Option<Block> {
    let rows = first_seed(page.site.rows::<StudyFilterRow>(), |row| row.seed);
    if rows.is_empty() {
        return None;
    }
    let layers = page.site.rows::<StudyLayerRow>();
    let of = |row: &StudyFilterRow| {
        let mut layers = layers.iter();
        layers.find(|layer| layer.variant == row.variant && layer.seed == row.seed)
    };
    let tile = |row: &&StudyFilterRow| Tile {
        pictures: vec![filters(page, &row.variant)],
        name: link_to(page, &row.variant),
        lines: vec![page.count("study.filters", row.filters, &[("layer", &row.layer)])],
        ..Tile::default()
    };
    let tiles = rows.iter().map(tile).collect();
    let table = page
        .columns(rows)
        .text("study.variant", |row| row.variant.clone())
        .count("study.maps", |row| row.filters)
        .count("study.dead", |row| of(row).map(|layer| layer.dead_maps))
        .number("study.rms_mean", |row| {
            of(row)
                .and_then(|layer| layer.filter_rms_mean)
                .map(|size| format!("{size:.4}"))
        })
        .whole_percent("study.low", |row| row.low_share)
        .whole_percent("study.middle", |row| row.middle_share)
        .whole_percent("study.high", |row| row.high_share)
        .whole_percent("study.aliased", |row| row.aliased_share)
        .whole_percent("study.aliased_noise", |row| row.aliased_share_noise)
        .table("study.first", "study.first_caption");
    Some(page.section(
        "first",
        "study.first",
        [Block::tiles("sheets", tiles), table],
    ))
}

/// Dead maps of every layer, variant by variant.
pub(super) fn dead(page: &Page<'_>) -> Block {
    let rows = first_seed(page.site.rows::<StudyLayerRow>(), |row| row.seed);
    let variants = distinct(rows.iter().map(|row| row.variant.as_str()));
    let layers = distinct(rows.iter().map(|row| row.layer.as_str()));
    let mut columns = page
        .columns(variants)
        .text("study.variant", |variant| *variant);
    for layer in layers {
        columns = columns.column(Column::number(layer), |variant| {
            let found = rows
                .iter()
                .find(|row| row.variant == *variant && row.layer == layer);
            found.map(|row| format!("{} / {}", row.dead_maps, row.maps))
        });
    }
    let table = columns.table("study.layers", "study.layers_caption");
    page.section("layers", "study.layers", [table])
}
