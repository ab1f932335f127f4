//! Photographs by layer.

use super::super::blocks::{Grid, GridRow, Picture};
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::site::{layer_page, photo_page, Page};
use super::{field_outline, mask_outlines};
use crate::records::tables::PredictionRow;
use crate::records::{ProjectionKind, ORIGINAL};

/// A grid with the input and every layer as columns.
pub(in super::super) fn layers(
    page: &Page<'_>,
    corner: &str,
    caption: String,
    rows: Vec<GridRow>,
) -> Grid {
    let texts = page.texts();
    let stages = page.site.stages();
    let input = (
        texts.say("grid.input"),
        texts.say("grid.input_note"),
        String::new(),
    );
    let layers = stages.iter().enumerate().map(|(at, stage)| {
        let note = format!("deconv {}", stages.len() - at);
        (stage.clone(), note, page.href(&layer_page(stage)))
    });
    let names = (texts.say("grid.label"), texts.say(corner));
    Grid::new(names, std::iter::once(input).chain(layers), rows, caption)
}

/// A photo under a condition, all activations of each layer.
pub(in super::super) fn of_photo(
    page: &Page<'_>,
    photo: &Photo<'_>,
    condition: &str,
    outlined: &[&str],
) -> GridRow {
    let first = photo.top(condition).next();
    GridRow::new(
        file_name(&photo.image.path).to_owned(),
        first.map_or_else(String::new, first_class),
        cells(page, photo, condition, outlined, ProjectionKind::Layer),
    )
    .linked(page.href(&photo_page(photo.id())))
}

/// The same, named after the condition.
pub(in super::super) fn of_condition(
    page: &Page<'_>,
    photo: &Photo<'_>,
    condition: &str,
    outlined: &[&str],
) -> GridRow {
    let row = of_photo(page, photo, condition, outlined);
    let note = row.note().to_owned();
    row.named(page.condition(condition), note)
}

/// A photo under a condition, the strongest unit of each layer, its receptive field outlined.
pub(in super::super) fn units(page: &Page<'_>, photo: &Photo<'_>, condition: &str) -> GridRow {
    GridRow::new(
        page.condition(condition),
        page.texts().say("grid.unit_row"),
        cells(page, photo, condition, &[], ProjectionKind::Unit),
    )
}

/// What the mask changed in each layer; the input's place shows the hidden region on the photo as it is.
pub(in super::super) fn differences(page: &Page<'_>, photo: &Photo<'_>, region: &str) -> GridRow {
    let outlined = Picture::input(page, photo, ORIGINAL).outlined(mask_outlines(photo, region));
    let stages = page.site.stages().iter();
    let differences = stages.map(|layer| {
        Picture::difference(page, photo, region, layer).outlined(mask_outlines(photo, region))
    });
    GridRow::new(
        page.texts().say("grid.difference"),
        page.texts().say("grid.difference_note"),
        std::iter::once(outlined).chain(differences).collect(),
    )
}

fn cells(
    page: &Page<'_>,
    photo: &Photo<'_>,
    condition: &str,
    outlined: &[&str],
    kind: ProjectionKind,
) -> Vec<Picture> {
    let masks = || {
        outlined
            .iter()
            .flat_map(|region| mask_outlines(photo, region))
    };
    let mut cells = vec![Picture::input(page, photo, condition).outlined(masks())];
    for layer in page.site.stages() {
        let picture = Picture::projection(page, photo, condition, kind, layer);
        cells.push(match kind {
            ProjectionKind::Layer => picture.outlined(masks()),
            ProjectionKind::Unit => {
                let unit = photo.unit(condition, layer);
                picture.outlined(unit.and_then(|unit| field_outline(photo, unit)))
            }
        });
    }
    cells
}

/// `tabby 0.61`.
pub(in super::super) fn first_class(row: &PredictionRow) -> String {
    format!(
        "{} {}",
        row.class_name,
        numbers::probability(f64::from(row.probability))
    )
}

/// The last part of a path.
pub(in super::super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
