//! A photograph with a line about it.

use super::super::blocks::{Picture, Text, Tile};
use super::super::lookup::Photo;
use super::super::site::{photo_page, Page};
use super::file_name;

/// The photograph's tile, with the link to its page where it has one.
pub(in super::super) fn tile(
    page: &Page<'_>,
    photo: &Photo<'_>,
    pictures: Vec<Picture>,
    lines: Vec<String>,
) -> Tile {
    Tile {
        pictures,
        name: Text::link(file_name(&photo.image.path), link(page, photo)),
        lines,
        ..Tile::default()
    }
}

/// The link to a photo's page, empty where it has none.
pub(in super::super) fn link(page: &Page<'_>, photo: &Photo<'_>) -> String {
    match photo.detail {
        true => page.href(&photo_page(photo.id())),
        false => String::new(),
    }
}
