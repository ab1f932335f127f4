//! The list of all photographs, in parts where there are many.

use records::ORIGINAL;

use crate::prelude::*;
use crate::site::{Site, PHOTOS};

const PER_PAGE: usize = 500;

/// How many pages it fills.
pub(super) fn parts(site: &Site<'_>) -> usize {
    site.lookup.photos.len().div_ceil(PER_PAGE).max(1)
}

/// Where one of them lies.
pub(super) fn path(part: usize) -> String {
    match part {
        0 => PHOTOS.to_owned(),
        part => format!("pages/photos-{}.html", part + 1),
    }
}

/// One part among as many.
pub(super) fn content(page: &Page<'_>, place: (usize, usize)) -> Result<Content> {
    let photos = &page.site.lookup.photos;
    let title = page.part_title(page.say("photos.title"), place);
    let content = match photos.is_empty() {
        true => Content::new(title, Text::default()).with([page.notice("photos.nothing")]),
        false => {
            let lead = page.count("photos.lead", photos.len(), &[]);
            let lead = vec![lead, page.say("photos.detail")];
            Content::new(title, lead)
                .with(index(page, place))
                .with([table(page, place.0)])
        }
    };
    Ok(content.with([page.parts(place, path)]))
}

/// On the first of many pages: with which photograph each begins.
fn index(page: &Page<'_>, (part, parts): (usize, usize)) -> Option<Block> {
    let photos = &page.site.lookup.photos;
    let begins = photos.iter().step_by(PER_PAGE).enumerate();
    let links =
        begins.map(|(part, photo)| Text::link(photo.image.path.as_str(), page.href(&path(part))));
    (part == 0 && parts > 1).then(|| {
        let list = Block::List(List::names(links));
        page.section("index", "photos.index", [list])
    })
}

fn table(page: &Page<'_>, part: usize) -> Block {
    let photos = &page.site.lookup.photos;
    let from = part * PER_PAGE;
    let shown = &photos[from..photos.len().min(from + PER_PAGE)];
    let (first, last) = (numbers::count(from + 1), numbers::count(from + shown.len()));
    let caption = page.fill("photos.caption", &[("from", &first), ("to", &last)]);
    let picture = |photo: &Photo<'_>| {
        let picture = || Picture::input(page, photo, ORIGINAL).or(numbers::DASH.to_owned());
        Vec::from_iter(photo.detail.then(picture))
    };
    let mut columns = page
        .columns(shown)
        .column(Column::thumb(page.say("photos.picture")), |photo| {
            picture(photo)
        })
        .text("common.photo", |photo| photo_link(page, photo))
        .text("common.label", |photo| photo.image.label.as_str());
    if page.site.has_classifier() {
        columns = columns
            .text("photos.first", |photo| {
                photo.first().map_or("", |first| &first.class_name)
            })
            .number("common.probability", |photo| {
                let first = photo
                    .first()
                    .map(|first| numbers::probability(first.probability));
                first.unwrap_or_default()
            });
    }
    let is_told = |photo: &Photo<'_>| photo.right.is_some() || is_skipped(photo);
    if photos.iter().any(is_told) {
        columns = columns.text("photos.verdict", |photo| verdict(page, photo));
    }
    columns.of_class("index").called(caption.clone(), caption)
}

fn verdict(page: &Page<'_>, photo: &Photo<'_>) -> Cell {
    if is_skipped(photo) {
        let skipped = page.fill("photos.skipped", &[("reason", &photo.image.reason)]);
        return Cell::from(skipped).of_class("skipped");
    }
    page.verdict(photo.right)
}

fn is_skipped(photo: &Photo<'_>) -> bool {
    photo.image.status != "ok"
}
