//! Photographs by layer.

use super::super::blocks::{Grid, GridRow, Picture, Pictures};
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::site::{layer_page, photo_page, Page};
use super::{field_outline, mask_outlines, unit_pictures};
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
    let outlines = || {
        let regions = outlined.iter();
        regions.flat_map(|region| mask_outlines(photo, region))
    };
    let input = Picture::input(page, photo, condition);
    let projections = page
        .site
        .stages()
        .iter()
        .map(|layer| Picture::projection(page, photo, condition, ProjectionKind::Layer, layer));
    let pictures = std::iter::once(input).chain(projections);
    GridRow::new(
        file_name(&photo.image.path).to_owned(),
        first.map_or_else(String::new, first_class),
        pictures
            .map(|picture| picture.outlined(outlines()))
            .collect(),
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

/// A receptive field of less than this part of the picture's side is shown enlarged.
const SMALL: f64 = 0.25;

/// A photo under a condition, the strongest unit of each layer, its receptive field outlined; what small fields see, and its
/// projection, are enlarged below.
pub(in super::super) fn units(page: &Page<'_>, photo: &Photo<'_>, condition: &str) -> GridRow {
    let input = Picture::input(page, photo, condition).into();
    let stages = page.site.stages().iter();
    let units = stages.map(|layer| unit(page, photo, condition, layer));
    let cells = std::iter::once(input).chain(units).collect();
    GridRow::new(
        page.condition(condition),
        page.texts().say("grid.unit_row"),
        cells,
    )
}

fn unit(page: &Page<'_>, photo: &Photo<'_>, condition: &str, layer: &str) -> Pictures {
    let whole = Picture::projection(page, photo, condition, ProjectionKind::Unit, layer);
    let unit = photo.unit(condition, layer);
    let Some((unit, field)) = unit.and_then(|unit| Some((unit, field_outline(photo, unit)?)))
    else {
        return whole.into();
    };
    match whole.is_there() && field.rect.width.max(field.rect.height) < SMALL {
        true => unit_pictures(page, photo, unit).into(),
        false => whole.outlined([field]).into(),
    }
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

/// `tabby 0.61`.
fn first_class(row: &PredictionRow) -> String {
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
