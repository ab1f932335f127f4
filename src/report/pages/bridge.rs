//! What chapters take from pages that are not made of blocks yet.

use super::super::blocks::{Card, Picture};
use super::super::lookup::Photo;
use super::super::site::Page;
use super::{layer, occlusion_found::Found, occlusion_numbers, occlusion_panels};
use crate::records::tables::{OcclusionPhotoRow, ProjectionRow};

/// The mean drop of the occlusion experiment.
pub(in super::super) fn drop_card(page: &Page<'_>) -> Option<Card> {
    let card = occlusion_numbers::drop_card(page)?;
    Some(Card {
        value: card.value,
        label: card.label,
        notes: card.notes,
        ..Card::default()
    })
}

/// The photo with the occluder outlined where it harms most.
pub(in super::super) fn occluder(
    page: &Page<'_>,
    photo: &Photo<'_>,
    row: &OcclusionPhotoRow,
) -> Option<Picture> {
    let found = Found::new(page, photo, row).ok()?;
    Some(occlusion_panels::input(page, photo, &found))
}

/// Where a unit looks in a photo, what it sees there, and its projection.
pub(in super::super) fn unit(
    page: &Page<'_>,
    photo: &Photo<'_>,
    unit: &ProjectionRow,
) -> [Picture; 3] {
    layer::unit_pictures(page, photo, unit)
}

/// What a layer's strongest unit sees, and its projection.
pub(in super::super) fn strongest(page: &Page<'_>, layer: &str) -> Option<[Picture; 2]> {
    let (photo, unit) = layer::strongest(page.site, layer).into_iter().next()?;
    let [_, patch, projection] = layer::unit_pictures(page, photo, unit);
    Some([patch, projection])
}
