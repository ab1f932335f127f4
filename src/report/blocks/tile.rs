//! Cards of pictures with a line or two.

use serde::Serialize;

use super::{Picture, Text};

/// Pictures with a name and lines about them.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tile {
    /// Where links and orders find it; empty where none do.
    pub(crate) id: String,
    pub(crate) pictures: Vec<Picture>,
    pub(crate) name: Text,
    pub(crate) lines: Vec<String>,
}

/// Tiles beside each other.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tiles {
    /// The style sheet's class beside `tiles`: `pairs`, `units`, `sheets`.
    class: &'static str,
    /// Whether their order says something.
    ordered: bool,
    tiles: Vec<Tile>,
    /// The orders that the reader may choose; none for most.
    sorted: Option<Sorted>,
}

/// Orders that the reader may choose from.
#[derive(Debug, Serialize)]
pub(crate) struct Sorted {
    /// What the choices are called together; no other on the page is called so.
    pub(crate) name: String,
    pub(crate) legend: String,
    /// Value of the choice (empty for the order in which they stand), and its name.
    pub(crate) orders: Vec<(&'static str, String)>,
}

impl Tiles {
    /// In a class of the style sheet.
    pub(crate) fn new(class: &'static str, tiles: Vec<Tile>) -> Self {
        Self {
            class,
            tiles,
            ..Self::default()
        }
    }

    /// In orders that the reader chooses from.
    pub(crate) fn sorted(self, sorted: Sorted) -> Self {
        let sorted = Some(sorted);
        Self { sorted, ..self }
    }

    /// In an order that says something.
    pub(crate) fn ordered(self) -> Self {
        Self {
            ordered: true,
            ..self
        }
    }
}

/// A line of a chart and what it is of.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    /// The style sheet's class of its colour; empty where it is grey.
    pub(crate) line: String,
    pub(crate) picture: Picture,
    pub(crate) name: Text,
    pub(crate) note: String,
}
