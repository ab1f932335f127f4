//! Tables of text, here and there with a small picture.

use serde::Serialize;

use super::{Block, Picture, Text};
use crate::lang::Texts;
use crate::numbers::{self, Number};

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
        let name = name.into();
        Self { name, class: "" }
    }

    /// Of numbers.
    pub(crate) fn number(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { name, class: "n" }
    }

    /// Of a small picture.
    pub(crate) fn thumb(name: String) -> Self {
        let class = "thumb";
        Self { name, class }
    }

    /// Of several small pictures.
    pub(crate) fn thumbs(name: String) -> Self {
        let class = "thumbs";
        Self { name, class }
    }

    fn is_of_pictures(&self) -> bool {
        self.class.starts_with("thumb")
    }
}

#[derive(Debug, Default, Serialize)]
struct Row {
    /// The style sheet's class.
    class: &'static str,
    cells: Vec<Cell>,
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
    /// In a class of the style sheet.
    pub(crate) fn of_class(self, class: impl Into<String>) -> Self {
        let class = class.into();
        Self { class, ..self }
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

impl From<Vec<Picture>> for Cell {
    fn from(pictures: Vec<Picture>) -> Self {
        Self {
            pictures,
            ..Self::default()
        }
    }
}

/// A table on its way: what its rows are of, and, column by column, what is told of each.
pub(crate) struct Columns<'t, T> {
    texts: &'t Texts,
    items: Vec<T>,
    class: &'static str,
    columns: Vec<Column>,
    rows: Vec<Row>,
}

impl<'t, T> Columns<'t, T> {
    /// A row for each of the items.
    pub(crate) fn of(texts: &'t Texts, items: impl IntoIterator<Item = T>) -> Self {
        let items: Vec<T> = items.into_iter().collect();
        Self {
            texts,
            class: "",
            columns: Vec::new(),
            rows: items.iter().map(|_| Row::default()).collect(),
            items,
        }
    }

    /// A column of text, called by the words of `key`.
    pub(crate) fn text<C: Into<Cell>>(self, key: &str, cell: impl Fn(&T) -> C) -> Self {
        let column = Column::text(self.texts.say(key));
        self.column(column, cell)
    }

    /// A column of numbers, called by the words of `key`.
    pub(crate) fn number<C: Into<Cell>>(self, key: &str, cell: impl Fn(&T) -> C) -> Self {
        let column = Column::number(self.texts.say(key));
        self.column(column, cell)
    }

    /// A column of whole numbers.
    pub(crate) fn count<N: Into<Option<usize>>>(self, key: &str, value: impl Fn(&T) -> N) -> Self {
        self.number(key, |item| value(item).into().map(numbers::count))
    }

    /// A column of probabilities.
    pub(crate) fn probability<N: Number>(self, key: &str, value: impl Fn(&T) -> N) -> Self {
        self.number(key, |item| value(item).known().map(numbers::probability))
    }

    /// A column of shares.
    pub(crate) fn percent<N: Number>(self, key: &str, value: impl Fn(&T) -> N) -> Self {
        self.number(key, |item| value(item).known().map(numbers::percent))
    }

    /// A column of shares without decimals.
    pub(crate) fn whole_percent<N: Number>(self, key: &str, value: impl Fn(&T) -> N) -> Self {
        self.number(key, |item| value(item).known().map(numbers::whole_percent))
    }

    /// A column of p-values.
    pub(crate) fn p_value<N: Number>(self, key: &str, value: impl Fn(&T) -> N) -> Self {
        self.number(key, |item| value(item).known().map(numbers::p_value))
    }

    /// A column of activations.
    pub(crate) fn activation<N: Number>(self, key: &str, value: impl Fn(&T) -> N) -> Self {
        self.number(key, |item| value(item).known().map(numbers::activation))
    }

    /// Any column; the first one without pictures names the rows.
    pub(crate) fn column<C: Into<Cell>>(mut self, column: Column, cell: impl Fn(&T) -> C) -> Self {
        let is_head = !column.is_of_pictures() && self.columns.iter().all(Column::is_of_pictures);
        for (row, item) in self.rows.iter_mut().zip(&self.items) {
            let cell = cell(item).into();
            row.cells.push(Cell { is_head, ..cell });
        }
        self.columns.push(column);
        self
    }

    /// Some of its rows in a class of the style sheet.
    pub(crate) fn with_rows_of(mut self, class: impl Fn(&T) -> &'static str) -> Self {
        for (row, item) in self.rows.iter_mut().zip(&self.items) {
            row.class = class(item);
        }
        self
    }

    /// In a class of the style sheet: `index`, `matrix`, `text`.
    pub(crate) fn of_class(self, class: &'static str) -> Self {
        Self { class, ..self }
    }

    /// The table, by the keys of what it is called and of what stands above it.
    pub(crate) fn table(self, label: &str, caption: &str) -> Block {
        let texts = self.texts;
        self.called(texts.say(label), texts.say(caption))
    }

    /// The table, by what it is called and what stands above it.
    pub(crate) fn called(self, label: impl Into<String>, caption: impl Into<Text>) -> Block {
        Block::Table(Table {
            label: label.into(),
            caption: caption.into(),
            class: self.class,
            columns: self.columns,
            rows: self.rows,
        })
    }
}
