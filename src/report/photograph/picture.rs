//! Pictures of a run's photographs, and the outlines that are drawn over them.

use super::super::blocks::{Marks, Outline, Picture};
use super::super::field::Field;
use super::super::lookup::Photo;
use super::super::site::{words, Page};
use crate::dataset::Rect;
use crate::figures::photo::{find, Subject};
use crate::records::tables::MaskRow;
use crate::records::{ProjectionKind, ORIGINAL};

impl Picture {
    /// What the network saw; under a mask, or with a region's outline.
    pub(in super::super) fn input(page: &Page<'_>, photo: &Photo<'_>, condition: &str) -> Self {
        let name = &photo.image.path;
        let alt = match condition {
            ORIGINAL => page.texts().fill("alt.input", &[("photo", name)]),
            region => {
                let region = words(region);
                page.texts()
                    .fill("alt.masked_input", &[("photo", name), ("region", &region)])
            }
        };
        Self::of_photo(page, photo, condition, Subject::Input, alt)
    }

    /// A layer's projection under a condition.
    pub(in super::super) fn projection(
        page: &Page<'_>,
        photo: &Photo<'_>,
        condition: &str,
        kind: ProjectionKind,
        layer: &str,
    ) -> Self {
        let key = match (kind, condition) {
            (ProjectionKind::Unit, ORIGINAL) => "alt.unit",
            (ProjectionKind::Unit, _) => "alt.masked_unit",
            (ProjectionKind::Layer, ORIGINAL) => "alt.layer",
            (ProjectionKind::Layer, _) => "alt.masked_layer",
        };
        let region = words(condition);
        let gaps = [
            ("photo", photo.image.path.as_str()),
            ("layer", layer),
            ("region", &region),
        ];
        let alt = page.texts().fill(key, &gaps);
        Self::of_photo(
            page,
            photo,
            condition,
            Subject::Projection(kind, layer),
            alt,
        )
    }

    /// What a mask changed in a layer's projection.
    pub(in super::super) fn difference(
        page: &Page<'_>,
        photo: &Photo<'_>,
        region: &str,
        layer: &str,
    ) -> Self {
        let hidden = words(region);
        let gaps = [
            ("photo", photo.image.path.as_str()),
            ("layer", layer),
            ("region", &hidden),
        ];
        let alt = page.texts().fill("alt.difference", &gaps);
        Self::of_photo(page, photo, region, Subject::Difference(layer), alt)
    }

    fn of_photo(
        page: &Page<'_>,
        photo: &Photo<'_>,
        condition: &str,
        subject: Subject<'_>,
        alt: String,
    ) -> Self {
        let file = find(&page.site.run.root, photo.id(), condition, subject);
        page.picture(file, alt)
    }

    /// A picture of the network's input or of its size, if that file of the run folder is there.
    pub(in super::super) fn of_file(page: &Page<'_>, file: &str, alt: String) -> Self {
        let is_there = page.site.run.root.join(file).is_file();
        page.picture(is_there.then(|| file.to_owned()), alt)
    }
}

/// The outlines of a hidden region.
pub(in super::super) fn mask_outlines(photo: &Photo<'_>, region: &str) -> Vec<Outline> {
    let Some(geometry) = &photo.geometry else {
        return Vec::new();
    };
    let rows = photo
        .rows::<MaskRow>()
        .into_iter()
        .filter(|row| row.region == region);
    let rect = |x, y, width, height| Rect {
        x,
        y,
        width,
        height,
    };
    rows.filter_map(|row| {
        Outline::new(
            geometry,
            Marks::Mask,
            &rect(row.x, row.y, row.width, row.height),
        )
    })
    .collect()
}

/// The outline of a region's control box.
pub(in super::super) fn control_outline(photo: &Photo<'_>, region: &str) -> Option<Outline> {
    let row = photo.control(region)?;
    let rect = Rect {
        x: row.x,
        y: row.y,
        width: row.width,
        height: row.height,
    };
    Outline::new(photo.geometry.as_ref()?, Marks::Control, &rect)
}

/// The outline of a unit's receptive field.
pub(in super::super) fn field_outline(photo: &Photo<'_>, unit: &impl Field) -> Option<Outline> {
    Outline::new(photo.geometry.as_ref()?, Marks::Field, &unit.field()?)
}
