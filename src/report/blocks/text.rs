//! Running text with links.

use serde::Serialize;

use crate::numbers::DASH;

/// A piece of text; a link where it leads somewhere.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct Span {
    text: String,
    /// Empty where it is no link.
    href: String,
    /// The style sheet's class; empty for plain text.
    class: &'static str,
    /// What is told beside it to those who point at it.
    title: String,
}

/// Text of which parts may be links or stand out.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Text(Vec<Span>);

impl Text {
    /// A link; plain text where `href` is empty.
    pub(crate) fn link(text: impl Into<String>, href: String) -> Self {
        Self::default().and_link(text, href)
    }

    /// A link that stands out, as at the end of a section.
    pub(crate) fn more(text: impl Into<String>, href: String) -> Self {
        Self::span(text, href, "more")
    }

    /// Text in a class of the style sheet: `strong`, `small`, `tag`, `code`.
    pub(crate) fn of_class(class: &'static str, text: impl Into<String>) -> Self {
        Self::span(text, String::new(), class)
    }

    fn span(text: impl Into<String>, href: String, class: &'static str) -> Self {
        Self(vec![Span {
            text: text.into(),
            href,
            class,
            title: String::new(),
        }])
    }

    /// With a link behind it, apart by a space.
    pub(crate) fn and_link(self, text: impl Into<String>, href: String) -> Self {
        self.and(Self::span(text, href, ""))
    }

    /// With more text behind it, apart by a space.
    pub(crate) fn and(mut self, more: impl Into<Text>) -> Self {
        self.0.extend(more.into().0);
        self
    }

    /// Whether it says nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// With words for those who point at it.
    pub(crate) fn titled(mut self, title: String) -> Self {
        if let Some(last) = self.0.last_mut() {
            last.title = title;
        }
        self
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::span(text, String::new(), "")
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Option<String>> for Text {
    /// A dash where there is nothing to tell.
    fn from(text: Option<String>) -> Self {
        text.unwrap_or_else(|| DASH.to_owned()).into()
    }
}

impl From<Vec<String>> for Text {
    /// Sentences, one after another.
    fn from(sentences: Vec<String>) -> Self {
        sentences.join(" ").into()
    }
}
