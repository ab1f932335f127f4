//! Pictures of a run's photographs, and the outlines that are drawn over them.

use dataset::Rect;
use figures::photo::{find, Subject};
use records::tables::MaskRow;
use records::{ProjectionKind, ORIGINAL};

use crate::field::Field;
use crate::prelude::*;

impl Picture {
    /// What the network saw; under a mask, or with a region's outline.
    pub(in super::super) fn input(page: &Page<'_>, photo: &Photo<'_>, condition: &str) -> Self {
        let key = match condition {
            ORIGINAL => "alt.input",
            _ => "alt.masked_input",
        };
        Self::of_photo(page, photo, (condition, Subject::Input), (key, ""))
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
        let subject = Subject::Projection(kind, layer);
        Self::of_photo(page, photo, (condition, subject), (key, layer))
    }

    /// What a mask changed in a layer's projection.
    pub(in super::super) fn difference(
        page: &Page<'_>,
        photo: &Photo<'_>,
        region: &str,
        layer: &str,
    ) -> Self {
        let told = ("alt.difference", layer);
        Self::of_photo(page, photo, (region, Subject::Difference(layer)), told)
    }

    /// A picture under a condition, described by the words of a key, which may tell the layer.
    fn of_photo(
        page: &Page<'_>,
        photo: &Photo<'_>,
        (condition, subject): (&str, Subject<'_>),
        (key, layer): (&str, &str),
    ) -> Self {
        let gaps: [Gap<'_>; 3] = [
            ("photo", &photo.image.path),
            ("layer", &layer),
            ("region", &words(condition)),
        ];
        let file = find(&page.site.run.root, photo.id(), condition, subject);
        page.picture(file, page.fill(key, &gaps))
    }

    /// A picture of the network's input or of its size, if that file of the run folder is there.
    pub(in super::super) fn of_file(page: &Page<'_>, file: &str, alt: String) -> Self {
        let is_there = page.site.run.root.join(file).is_file();
        page.picture(is_there.then(|| file.to_owned()), alt)
    }
}

/// The outlines of a hidden region.
pub(in super::super) fn mask_outlines(photo: &Photo<'_>, region: &str) -> Vec<Outline> {
    let rows = photo.rows::<MaskRow>().into_iter();
    let outline = |row: &MaskRow| {
        let rect = Rect::at((row.x, row.y), (row.width, row.height));
        Outline::new(photo.geometry.as_ref()?, Marks::Mask, &rect)
    };
    rows.filter(|row| row.region == region)
        .filter_map(outline)
        .collect()
}

/// The outline of a region's control box.
pub(in super::super) fn control_outline(photo: &Photo<'_>, region: &str) -> Option<Outline> {
    let row = photo.control(region)?;
    let rect = Rect::at((row.x, row.y), (row.width, row.height));
    Outline::new(photo.geometry.as_ref()?, Marks::Control, &rect)
}

/// The outline of a unit's receptive field.
pub(in super::super) fn field_outline(photo: &Photo<'_>, unit: &impl Field) -> Option<Outline> {
    Outline::new(photo.geometry.as_ref()?, Marks::Field, &unit.field()?)
}
