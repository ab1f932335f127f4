//! What hiding photographs piece by piece does: over all of them, and a page with the maps of each.

mod found;
mod overview;
mod panels;
mod photo;
mod readings;
mod totals;

use std::rc::Rc;

pub(in super::super) use totals::drop_card;

use records::tables::OcclusionPhotoRow;

use super::{Chapter, Plan};
use crate::prelude::*;
use crate::site::{occlusion_page, Site};
use crate::telling;
use found::Found;

/// Photographs in one part of the list.
const PER_PAGE: usize = 200;

/// The script that tells the numbers of the position under the pointer.
const SCRIPT: &str = "assets/maps.js";

/// A photo with what the experiment says of it.
type Occluded<'s> = (&'s Photo<'s>, &'s OcclusionPhotoRow);

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.occlusion",
    holds: "front.contents_occlusion",
    pages: plans,
};

fn plans<'s>(site: &'s Site<'s>) -> Vec<Plan<'s>> {
    let photos: Rc<[Occluded<'s>]> = telling::occluded(&site.lookup).into();
    let parts = photos.len().div_ceil(PER_PAGE);
    let overview = (0..parts).map(|part| {
        let photos = Rc::clone(&photos);
        let path = overview::path(part);
        Plan::new(path, move |page| overview::content(page, &photos, part))
    });
    let details = photos.iter().enumerate().map(|(at, (photo, _))| {
        let photos = Rc::clone(&photos);
        let path = occlusion_page(photo.id());
        Plan::new(path, move |page| photo::content(page, &photos, at))
    });
    overview.chain(details).collect()
}

/// The photo with the occluder outlined where it harms most.
pub(in super::super) fn occluder(
    page: &Page<'_>,
    photo: &Photo<'_>,
    row: &OcclusionPhotoRow,
) -> Option<Picture> {
    Some(Found::new(page, photo, row).ok()?.input())
}
