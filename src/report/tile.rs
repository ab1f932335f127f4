//! A small card: a photograph and a line about it.

use serde::Serialize;

use super::blocks::Picture;
use super::grid::file_name;
use super::lookup::Photo;
use super::site::{photo_page, Page};

/// A photograph with a line about it.
#[derive(Debug, Serialize)]
pub(super) struct Tile {
    pub(super) pictures: Vec<Picture>,
    pub(super) name: String,
    /// Empty where the photo has no page.
    pub(super) href: String,
    pub(super) lines: Vec<String>,
}

impl Tile {
    pub(super) fn new(
        page: &Page<'_>,
        photo: &Photo<'_>,
        pictures: Vec<Picture>,
        lines: Vec<String>,
    ) -> Self {
        Self {
            pictures,
            name: file_name(&photo.image.path).to_owned(),
            href: link(page, photo),
            lines,
        }
    }
}

/// The link to a photo's page, empty where it has none.
pub(super) fn link(page: &Page<'_>, photo: &Photo<'_>) -> String {
    match photo.detail {
        true => page.href(&photo_page(photo.id())),
        false => String::new(),
    }
}
