//! Sentences, words explained, names with their values.

use serde::Serialize;

use super::Text;

/// Sentences or names, one below another.
#[derive(Debug, Default, Serialize)]
pub(crate) struct List {
    ordered: bool,
    /// Names are set without the room that sentences need.
    prose: bool,
    /// The language, where it is not the page's.
    lang: &'static str,
    items: Vec<Text>,
}

impl List {
    fn new<T: Into<Text>>(items: impl IntoIterator<Item = T>) -> Self {
        Self {
            items: items.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Names.
    pub(crate) fn names<T: Into<Text>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::new(items)
    }

    /// Sentences.
    pub(crate) fn prose<T: Into<Text>>(items: impl IntoIterator<Item = T>) -> Self {
        Self {
            prose: true,
            ..Self::new(items)
        }
    }

    /// Steps, one after another.
    pub(crate) fn steps<T: Into<Text>>(items: impl IntoIterator<Item = T>) -> Self {
        Self {
            ordered: true,
            ..Self::prose(items)
        }
    }

    /// In another language than the page.
    pub(crate) fn in_language(self, lang: &'static str) -> Self {
        Self { lang, ..self }
    }
}

/// A word and what it means.
#[derive(Debug, Serialize)]
pub(crate) struct Term {
    pub(crate) term: String,
    pub(crate) text: String,
}

/// A name and a value.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Fact {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Whether the name is set in a fixed width.
    pub(crate) name_is_code: bool,
    /// Whether the value is.
    pub(crate) is_code: bool,
}
