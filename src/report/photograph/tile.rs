//! A photograph with a line about it.

use crate::prelude::*;
use crate::site::photo_page;

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

/// The photo's path, with the link to its page where it has one.
pub(in super::super) fn photo_link(page: &Page<'_>, photo: &Photo<'_>) -> Text {
    Text::link(&photo.image.path, link(page, photo))
}

/// The last part of a path.
pub(in super::super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
