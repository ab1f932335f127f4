//! The index of all photographs, in parts where there are many.

use serde::Serialize;

use super::super::blocks::Picture;
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::paging::Parts;
use super::super::site::{Page, Site, PHOTOS};
use super::super::tile::link;
use crate::error::Result;
use crate::records::ORIGINAL;

const PER_PAGE: usize = 200;

#[derive(Serialize)]
struct PhotosPage {
    lead: String,
    caption: String,
    lines: Vec<Line>,
    parts: Parts,
    has_classifier: bool,
}

#[derive(Serialize)]
struct Line {
    picture: Option<Picture>,
    name: String,
    href: String,
    label: String,
    class: String,
    probability: String,
    /// `right`, `wrong`, `skipped` or empty: the style sheet's class.
    mark: &'static str,
    verdict: String,
}

fn part_path(part: usize) -> String {
    match part {
        0 => PHOTOS.to_owned(),
        part => format!("pages/photos-{}.html", part + 1),
    }
}

/// Writes `pages/photos.html`, `pages/photos-2.html`, …
pub(in super::super) fn write_all(site: &Site<'_>) -> Result<()> {
    let photos = &site.lookup.photos;
    let count = photos.len().div_ceil(PER_PAGE).max(1);
    for part in 0..count {
        let from = part * PER_PAGE;
        let shown = &photos[from..photos.len().min(from + PER_PAGE)];
        let page = Page::new(site, part_path(part), "nav.photos");
        let texts = page.texts();
        let bounds = [
            ("from", numbers::count(from + 1)),
            ("to", numbers::count(from + shown.len())),
        ];
        let bounds = bounds
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let parts = Parts::new(part, count, |other| page.href(&part_path(other)));
        let title = parts.titled(texts, texts.say("photos.title"));
        let content = PhotosPage {
            lead: texts.count("photos.lead", photos.len(), &[]),
            caption: texts.fill("photos.caption", &bounds),
            lines: shown.iter().map(|photo| line(&page, photo)).collect(),
            parts,
            has_classifier: site.has_classifier(),
        };
        page.write("photos.html", &title, &content)?;
    }
    Ok(())
}

fn line(page: &Page<'_>, photo: &Photo<'_>) -> Line {
    let texts = page.texts();
    let first = photo.first();
    let skipped = photo.image.status != "ok";
    let (mark, verdict) = match photo.right {
        _ if skipped => (
            "skipped",
            texts.fill("photos.skipped", &[("reason", &photo.image.reason)]),
        ),
        Some(true) => ("right", texts.say("common.right")),
        Some(false) => ("wrong", texts.say("common.wrong")),
        None => ("", String::new()),
    };
    Line {
        picture: photo.detail.then(|| Picture::input(page, photo, ORIGINAL)),
        name: photo.image.path.clone(),
        href: link(page, photo),
        label: photo.image.label.clone(),
        class: first.map_or_else(String::new, |first| first.class_name.clone()),
        probability: first.map_or_else(String::new, |first| {
            numbers::probability(f64::from(first.probability))
        }),
        mark,
        verdict,
    }
}
