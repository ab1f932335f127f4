//! Tables of text, here and there with a small picture.

use serde::Serialize;

use super::{Picture, Text};

/// Rows under named columns. Each row's head names it.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    /// What it is called where it is read aloud.
    label: String,
    caption: Text,
    /// The style sheet's class.
    class: &'static str,
    columns: Vec<Column>,
    rows: Vec<Row>,
}

/// What a column is called, and how it is set.
#[derive(Debug, Serialize)]
pub(crate) struct Column {
    name: String,
    class: &'static str,
}

impl Column {
    /// Of text.
    pub(crate) fn text(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            class: "",
        }
    }

    /// Of numbers.
    pub(crate) fn number(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            class: "n",
        }
    }

    /// Of a small picture.
    pub(crate) fn thumb(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            class: "thumb",
        }
    }

    /// Of several small pictures.
    pub(crate) fn thumbs(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            class: "thumbs",
        }
    }
}

/// A row of a table.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    /// The style sheet's class.
    pub(crate) class: &'static str,
    cells: Vec<Cell>,
}

impl Row {
    /// The first cell names the row.
    pub(crate) fn new<C: Into<Cell>>(
        head: impl Into<Text>,
        cells: impl IntoIterator<Item = C>,
    ) -> Self {
        let cells = cells.into_iter().map(Into::into);
        Self {
            class: "",
            cells: std::iter::once(Cell::head(head)).chain(cells).collect(),
        }
    }

    /// Any of the cells names it.
    pub(crate) fn of(cells: Vec<Cell>) -> Self {
        Self { class: "", cells }
    }

    /// In a class of the style sheet.
    pub(crate) fn of_class(self, class: &'static str) -> Self {
        Self { class, ..self }
    }
}

/// A cell of a table.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Cell {
    text: Text,
    pictures: Vec<Picture>,
    /// Whether it names its row.
    is_head: bool,
    /// The style sheet's class beside the column's.
    class: String,
    /// The language, where it is not the page's.
    lang: &'static str,
}

impl Cell {
    /// One that names its row.
    pub(crate) fn head(text: impl Into<Text>) -> Self {
        Self {
            text: text.into(),
            is_head: true,
            ..Self::default()
        }
    }

    /// One of small pictures.
    pub(crate) fn pictures(pictures: Vec<Picture>) -> Self {
        Self {
            pictures,
            ..Self::default()
        }
    }

    /// In a class of the style sheet.
    pub(crate) fn of_class(self, class: impl Into<String>) -> Self {
        Self {
            class: class.into(),
            ..self
        }
    }

    /// A share of a whole, from 0 to 1, as the strength of the cell's colour.
    pub(crate) fn shaded(self, tone: &str, share: f64) -> Self {
        let step = (share.clamp(0.0, 1.0) * 20.0).round();
        self.of_class(format!("{tone} share-{step}"))
    }

    /// In another language than the page.
    pub(crate) fn in_language(self, lang: &'static str) -> Self {
        Self { lang, ..self }
    }
}

impl<T: Into<Text>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

impl Table {
    /// A table of numbers and names.
    pub(crate) fn new(
        label: impl Into<String>,
        caption: impl Into<Text>,
        columns: Vec<Column>,
        rows: Vec<Row>,
    ) -> Self {
        Self {
            label: label.into(),
            caption: caption.into(),
            class: "",
            columns,
            rows,
        }
    }

    /// In a class of the style sheet: `index`, `matrix`, `text`.
    pub(crate) fn of_class(self, class: &'static str) -> Self {
        Self { class, ..self }
    }
}
