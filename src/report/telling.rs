//! Which photographs tell the most.

use records::tables::{MaskedClassRow, OcclusionPhotoRow};
use records::ORIGINAL;

use super::lookup::{Lookup, Photo};

/// How much of the first class's probability hiding the region takes.
pub(super) fn drop_of(row: &MaskedClassRow) -> f64 {
    f64::from(row.probability_original) - f64::from(row.probability_masked)
}

/// The photo that the report opens with. With masks: where one region decides and another does not; else the surest
/// right answer.
pub(super) fn example<'b, 'a>(lookup: &'b Lookup<'a>) -> Option<&'b Photo<'a>> {
    let contrast = |photo: &&Photo<'_>| {
        let rows = photo.rows::<MaskedClassRow>();
        let drops = || rows.iter().map(|row| drop_of(row));
        let most = drops().fold(f64::NEG_INFINITY, f64::max);
        match rows.len() {
            0 => -1.0,
            1 => most / 2.0,
            _ => most - drops().fold(f64::INFINITY, f64::min).max(0.0),
        }
    };
    let masked = || {
        lookup
            .detailed()
            .filter(|photo| !photo.regions().is_empty())
    };
    let sure = |photo: &&Photo<'_>| {
        let first = photo
            .first()
            .map_or(0.0, |first| f64::from(first.probability));
        first + if photo.right == Some(true) { 1.0 } else { 0.0 }
    };
    first_best(masked(), contrast).or_else(|| first_best(lookup.detailed(), sure))
}

/// The photos and regions where hiding costs most, one region a photo.
pub(super) fn losses<'b, 'a>(lookup: &'b Lookup<'a>) -> Vec<(&'b Photo<'a>, &'a MaskedClassRow)> {
    let worst = |photo: &'b Photo<'a>| {
        let rows = photo.rows::<MaskedClassRow>().into_iter();
        Some((
            photo,
            rows.reduce(|a, b| if drop_of(b) > drop_of(a) { b } else { a })?,
        ))
    };
    let mut losses: Vec<_> = lookup.detailed().filter_map(worst).collect();
    losses.sort_by(|a, b| drop_of(b.1).total_cmp(&drop_of(a.1)));
    losses
}

/// What the most harmful position of an occluder takes: of the followed class's probability; without a classifier the
/// part of the map's activation.
pub(super) fn lost(row: &OcclusionPhotoRow) -> f64 {
    match row.probability.zip(row.worst_probability) {
        Some((clean, worst)) => f64::from(clean) - f64::from(worst),
        None => 1.0 - map_left(row),
    }
}

/// What the most harmful position of an occluder leaves of the map's activation, as a part of it.
pub(super) fn map_left(row: &OcclusionPhotoRow) -> f64 {
    f64::from(row.worst_map_activation) / f64::from(row.map_activation)
}

/// The photos of the occlusion experiment, the deepest loss first.
pub(super) fn occluded<'b, 'a>(
    lookup: &'b Lookup<'a>,
) -> Vec<(&'b Photo<'a>, &'a OcclusionPhotoRow)> {
    let photos = lookup.photos.iter();
    let mut occluded: Vec<_> = photos
        .filter_map(|photo| Some((photo, photo.occluded()?)))
        .collect();
    occluded.sort_by(|a, b| lost(b.1).total_cmp(&lost(a.1)));
    occluded
}

/// Wrong answers, the surest first.
pub(super) fn mistakes<'b, 'a>(lookup: &'b Lookup<'a>) -> Vec<&'b Photo<'a>> {
    let mut wrong: Vec<_> = lookup
        .photos
        .iter()
        .filter(|photo| photo.right == Some(false))
        .collect();
    let sure = |photo: &Photo<'_>| photo.first().map_or(0.0, |first| first.probability);
    wrong.sort_by(|a, b| sure(b).total_cmp(&sure(a)));
    wrong
}

/// Photos whose first two classes are nearly as probable as each other, the nearest first.
pub(super) fn near_ties<'b, 'a>(lookup: &'b Lookup<'a>) -> Vec<&'b Photo<'a>> {
    let margin = |photo: &Photo<'_>| {
        photo.answer()?;
        let mut top = photo.top(ORIGINAL).map(|row| row.probability);
        Some((top.next()? - top.next()?).abs())
    };
    let mut near: Vec<_> = lookup
        .detailed()
        .filter_map(|photo| Some((margin(photo)?, photo)))
        .collect();
    near.retain(|(margin, _)| *margin < 0.1);
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    near.into_iter().map(|(_, photo)| photo).collect()
}

fn first_best<T>(items: impl Iterator<Item = T>, score: impl Fn(&T) -> f64) -> Option<T> {
    items
        .map(|item| (score(&item), item))
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, item)| item)
}
