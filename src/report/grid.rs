//! Grids of pictures, photo × layer, as the replication shows them.

use serde::Serialize;

use super::blocks::Picture;
use super::lookup::Photo;
use super::numbers;
use super::photograph::{field_outline, mask_outlines};
use super::site::Page;
use crate::records::{ProjectionKind, ORIGINAL};

/// A table of pictures.
#[derive(Debug, Serialize)]
pub(super) struct Grid {
    label: String,
    corner: String,
    columns: Vec<Column>,
    rows: Vec<Row>,
    caption: String,
}

#[derive(Debug, Serialize)]
struct Column {
    name: String,
    note: String,
    href: String,
}

/// A row: what it is of, then the input and a picture for each layer.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    name: String,
    href: String,
    note: String,
    cells: Vec<Picture>,
}

impl Grid {
    /// A grid with the input and every layer as columns.
    pub(super) fn new(page: &Page<'_>, corner: &str, caption: String, rows: Vec<Row>) -> Self {
        let texts = page.texts();
        let stages = page.site.stages();
        let mut columns = vec![Column {
            name: texts.say("grid.input"),
            note: texts.say("grid.input_note"),
            href: String::new(),
        }];
        for (at, stage) in stages.iter().enumerate() {
            columns.push(Column {
                name: stage.clone(),
                note: format!("deconv {}", stages.len() - at),
                href: page.href(&super::site::layer_page(stage)),
            });
        }
        Self {
            label: texts.say("grid.label"),
            corner: texts.say(corner),
            columns,
            rows,
            caption,
        }
    }
}

impl Row {
    /// A photo under a condition, all activations of each layer.
    pub(super) fn of_photo(
        page: &Page<'_>,
        photo: &Photo<'_>,
        condition: &str,
        outlined: &[&str],
    ) -> Self {
        let first = photo.top(condition).next();
        Self {
            name: file_name(&photo.image.path).to_owned(),
            href: page.href(&super::site::photo_page(photo.id())),
            note: first.map_or_else(String::new, first_class),
            cells: cells(page, photo, condition, outlined, ProjectionKind::Layer),
        }
    }

    /// The same, named after the condition.
    pub(super) fn of_condition(
        page: &Page<'_>,
        photo: &Photo<'_>,
        condition: &str,
        outlined: &[&str],
    ) -> Self {
        let row = Self::of_photo(page, photo, condition, outlined);
        Self {
            name: page.condition(condition),
            href: String::new(),
            ..row
        }
    }

    /// Calls the row something else.
    pub(super) fn rename(&mut self, name: String) {
        self.name = name;
        self.note = String::new();
    }

    /// Whether any layer has a picture.
    pub(super) fn has_projections(&self) -> bool {
        self.cells.iter().skip(1).any(Picture::is_there)
    }

    /// A photo under a condition, the strongest unit of each layer, its receptive field outlined.
    pub(super) fn of_units(page: &Page<'_>, photo: &Photo<'_>, condition: &str) -> Self {
        Self {
            name: page.condition(condition),
            href: String::new(),
            note: page.texts().say("grid.unit_row"),
            cells: cells(page, photo, condition, &[], ProjectionKind::Unit),
        }
    }

    /// What the mask changed in each layer; the input's place shows the hidden region on the photo as it is.
    pub(super) fn of_difference(page: &Page<'_>, photo: &Photo<'_>, region: &str) -> Self {
        let outlined = Picture::input(page, photo, ORIGINAL).outlined(mask_outlines(photo, region));
        let stages = page.site.stages().iter();
        let differences = stages.map(|layer| {
            Picture::difference(page, photo, region, layer).outlined(mask_outlines(photo, region))
        });
        Self {
            name: page.texts().say("grid.difference"),
            href: String::new(),
            note: page.texts().say("grid.difference_note"),
            cells: std::iter::once(outlined).chain(differences).collect(),
        }
    }
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
pub(super) fn first_class(row: &crate::records::tables::PredictionRow) -> String {
    format!(
        "{} {}",
        row.class_name,
        numbers::probability(f64::from(row.probability))
    )
}

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
