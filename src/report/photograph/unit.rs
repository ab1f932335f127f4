//! The unit of a layer that reacts most to a photograph: where it looks, and what it reacts to there.

use records::tables::ProjectionRow;
use records::{ProjectionKind, ORIGINAL};

use super::field_outline;
use crate::field::Field;
use crate::prelude::*;
use crate::site::Site;

/// A receptive field is shown in a window of at least this part of the picture.
const LEAST_WINDOW: f64 = 0.03;

/// The strongest unit of a layer in each photo as it is, the most active first.
pub(in super::super) fn strongest<'b, 'a>(
    site: &'b Site<'a>,
    layer: &str,
) -> Vec<(&'b Photo<'a>, &'a ProjectionRow)> {
    let photos = site.lookup.detailed();
    let mut units: Vec<_> = photos
        .filter_map(|photo| Some((photo, photo.unit(ORIGINAL, layer)?)))
        .collect();
    let activation = |unit: &ProjectionRow| unit.activation.unwrap_or(0.0);
    units.sort_by(|a, b| activation(b.1).total_cmp(&activation(a.1)));
    units
}

/// The photo with the unit's field outlined, that part of it, and the unit's projection there.
pub(in super::super) fn unit_pictures(
    page: &Page<'_>,
    photo: &Photo<'_>,
    unit: &ProjectionRow,
) -> [Picture; 3] {
    let (condition, layer) = (&unit.condition, &unit.layer);
    let field = field_outline(photo, unit);
    let input = || Picture::input(page, photo, condition);
    let projection = Picture::projection(page, photo, condition, ProjectionKind::Unit, layer);
    let near = |picture: Picture| match &field {
        Some(field) => {
            let window = field.window(LEAST_WINDOW);
            let fills = field.rect.width.max(field.rect.height) >= window.width * 0.98;
            let outline = (!fills).then(|| field.within(&window));
            picture.zoomed(&window).outlined(outline)
        }
        None => picture,
    };
    [input().outlined(field), near(input()), near(projection)]
}

/// How much of the network's input a unit sees at most; `None` where no field is known.
pub(in super::super) fn field_note<'b, 'a: 'b, F: Field + 'b>(
    page: &Page<'_>,
    units: impl Iterator<Item = (&'b Photo<'a>, &'b F)>,
) -> Option<String> {
    let fields = units.filter_map(|(photo, unit)| Some(field_outline(photo, unit)?.rect));
    let (width, height) = fields.fold((0.0_f64, 0.0_f64), |(width, height), field| {
        (width.max(field.width), height.max(field.height))
    });
    let crop = page.site.run.manifest.preprocessing.crop;
    let of = |share: f64, side: u32| format!("{:.0}", share * f64::from(side));
    let gaps: [Gap<'_>; 3] = [
        ("width", &of(width, crop.width)),
        ("height", &of(height, crop.height)),
        ("crop", &numbers::size(crop)),
    ];
    (width > 0.0).then(|| page.fill("layer.field", &gaps))
}
