//! Photographs by layer.

use records::{ProjectionKind, ORIGINAL};

use super::{field_outline, mask_outlines, unit_pictures};
use crate::prelude::*;
use crate::site::{layer_page, photo_page};

/// A grid with the input and every layer as columns.
pub(in super::super) fn layers(
    page: &Page<'_>,
    corner: &str,
    caption: String,
    rows: Vec<GridRow>,
) -> Block {
    let stages = page.site.stages();
    let input = Link::new(page.say("grid.input"), String::new());
    let input = input.noted(page.say("grid.input_note"));
    let layers = stages.iter().enumerate().map(|(at, stage)| {
        let note = format!("deconv {}", stages.len() - at);
        Link::new(stage, page.href(&layer_page(stage))).noted(note)
    });
    let names = (page.say("grid.label"), page.say(corner));
    let columns = std::iter::once(input).chain(layers);
    Block::Grid(Grid::new(names, columns, rows, caption))
}

/// A photo under a condition, all activations of each layer.
pub(in super::super) fn of_photo(
    page: &Page<'_>,
    photo: &Photo<'_>,
    condition: &str,
    outlined: &[&str],
) -> GridRow {
    let name = file_name(&photo.image.path).to_owned();
    row(page, photo, condition, outlined, name).linked(page.href(&photo_page(photo.id())))
}

/// The same, named after the condition.
pub(in super::super) fn of_condition(
    page: &Page<'_>,
    photo: &Photo<'_>,
    condition: &str,
    outlined: &[&str],
) -> GridRow {
    row(page, photo, condition, outlined, page.condition(condition))
}

fn row(
    page: &Page<'_>,
    photo: &Photo<'_>,
    condition: &str,
    outlined: &[&str],
    name: String,
) -> GridRow {
    let regions = outlined.iter();
    let outlines: Vec<Outline> = regions
        .flat_map(|region| mask_outlines(photo, region))
        .collect();
    let input = Picture::input(page, photo, condition);
    let stages = page.site.stages().iter();
    let projections = stages
        .map(|layer| Picture::projection(page, photo, condition, ProjectionKind::Layer, layer));
    let pictures = std::iter::once(input).chain(projections);
    let cells = pictures.map(|picture| picture.outlined(outlines.iter().copied()));
    let first = photo.top(condition).next().map_or_else(String::new, |row| {
        numbers::named(&row.class_name, row.probability)
    });
    GridRow::new(name, first, cells.collect())
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
    let note = page.say("grid.unit_row");
    GridRow::new(page.condition(condition), note, cells)
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
    let stages = page.site.stages().iter();
    let differences = stages.map(|layer| Picture::difference(page, photo, region, layer));
    let cells = std::iter::once(Picture::input(page, photo, ORIGINAL)).chain(differences);
    GridRow::new(
        page.say("grid.difference"),
        page.say("grid.difference_note"),
        cells
            .map(|picture| picture.outlined(mask_outlines(photo, region)))
            .collect(),
    )
}
