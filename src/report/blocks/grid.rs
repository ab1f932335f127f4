//! Grids of pictures, as the replication shows them: photo × layer.

use serde::Serialize;

use super::{Link, Picture};

/// A table of pictures.
#[derive(Debug, Serialize)]
pub(crate) struct Grid {
    label: String,
    corner: String,
    columns: Vec<Link>,
    rows: Vec<GridRow>,
    caption: String,
}

/// A row: what it is of, and its pictures.
#[derive(Debug, Serialize)]
pub(crate) struct GridRow {
    head: Link,
    cells: Vec<Pictures>,
}

/// The pictures of a cell: one, or a whole one above parts of it beside each other.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Pictures(Vec<Picture>);

impl From<Picture> for Pictures {
    fn from(picture: Picture) -> Self {
        Self(vec![picture])
    }
}

impl From<[Picture; 3]> for Pictures {
    fn from(pictures: [Picture; 3]) -> Self {
        Self(pictures.into())
    }
}

impl Grid {
    /// A grid of these columns and rows; `corner` says what the rows are of.
    pub(crate) fn new(
        (label, corner): (String, String),
        columns: impl IntoIterator<Item = Link>,
        rows: Vec<GridRow>,
        caption: String,
    ) -> Self {
        Self {
            label,
            corner,
            columns: columns.into_iter().collect(),
            rows,
            caption,
        }
    }
}

impl GridRow {
    /// A row of these pictures, one or several a cell.
    pub(crate) fn new<C: Into<Pictures>>(name: String, note: String, cells: Vec<C>) -> Self {
        Self {
            head: Link::new(name, String::new()).noted(note),
            cells: cells.into_iter().map(Into::into).collect(),
        }
    }

    /// With a link from its name.
    pub(crate) fn linked(mut self, href: String) -> Self {
        self.head.href = href;
        self
    }

    /// Called something else.
    pub(crate) fn named(mut self, name: String, note: String) -> Self {
        self.head = Link::new(name, String::new()).noted(note);
        self
    }

    /// Whether any picture but the first is there.
    pub(crate) fn has_projections(&self) -> bool {
        let mut pictures = self.cells.iter().skip(1).flat_map(|cell| &cell.0);
        pictures.any(Picture::is_there)
    }
}
