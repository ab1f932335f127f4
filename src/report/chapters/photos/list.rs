//! The list of all photographs, in parts where there are many.

use crate::error::Result;
use crate::records::ORIGINAL;
use crate::report::blocks::{Block, Cell, Column, Parts, Picture, Row, Table, Text};
use crate::report::frame::Content;
use crate::report::lookup::Photo;
use crate::report::numbers;
use crate::report::photograph::link;
use crate::report::site::{Page, Site, PHOTOS};

const PER_PAGE: usize = 200;

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
pub(super) fn content(page: &Page<'_>, (part, count): (usize, usize)) -> Result<Content> {
    let texts = page.texts();
    let photos = &page.site.lookup.photos;
    let parts = Parts::new(texts, (part, count), |other| page.href(&path(other)));
    let title = parts.titled(texts, texts.say("photos.title"));
    let mut blocks = vec![Block::Heading(title.clone())];
    if photos.is_empty() {
        blocks.push(Block::Notice(texts.say("photos.nothing").into()));
    } else {
        let lead = texts.count("photos.lead", photos.len(), &[]);
        blocks.push(Block::Lead(vec![lead, texts.say("photos.detail")].into()));
        blocks.push(Block::Table(table(page, part)));
    }
    blocks.push(Block::Parts(parts));
    Ok(Content::new(title, blocks))
}

fn table(page: &Page<'_>, part: usize) -> Table {
    let (texts, photos) = (page.texts(), &page.site.lookup.photos);
    let from = part * PER_PAGE;
    let shown = &photos[from..photos.len().min(from + PER_PAGE)];
    let (first, last) = (numbers::count(from + 1), numbers::count(from + shown.len()));
    let caption = texts.fill("photos.caption", &[("from", &first), ("to", &last)]);
    let mut columns = vec![
        Column::thumb(texts.say("photos.picture")),
        Column::text(texts.say("common.photo")),
        Column::text(texts.say("common.label")),
    ];
    if page.site.has_classifier() {
        columns.push(Column::text(texts.say("photos.first")));
        columns.push(Column::number(texts.say("common.probability")));
    }
    columns.push(Column::text(texts.say("photos.verdict")));
    let rows = shown.iter().map(|photo| row(page, photo)).collect();
    Table::new(caption.clone(), caption, columns, rows).of_class("index")
}

fn row(page: &Page<'_>, photo: &Photo<'_>) -> Row {
    let texts = page.texts();
    let (mark, verdict) = match photo.right {
        _ if photo.image.status != "ok" => (
            "skipped",
            texts.fill("photos.skipped", &[("reason", &photo.image.reason)]),
        ),
        Some(true) => ("right", texts.say("common.right")),
        Some(false) => ("wrong", texts.say("common.wrong")),
        None => ("", String::new()),
    };
    let picture = || Picture::input(page, photo, ORIGINAL).or("–".to_owned());
    let mut cells = vec![
        Cell::pictures(photo.detail.then(picture).into_iter().collect()),
        Cell::head(Text::link(photo.image.path.clone(), link(page, photo))),
        Cell::from(photo.image.label.as_str()),
    ];
    if page.site.has_classifier() {
        let [class, probability] = photo.first().map_or_else(Default::default, |first| {
            let probability = numbers::probability(f64::from(first.probability));
            [first.class_name.clone(), probability]
        });
        cells.extend([Cell::from(class), Cell::from(probability)]);
    }
    cells.push(Cell::from(verdict).of_class(mark));
    Row::of(cells)
}
