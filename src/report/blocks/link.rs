//! Links to other pages.

use serde::Serialize;

/// A link to a page; its name alone where `href` is empty.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Link {
    pub(crate) name: String,
    pub(crate) href: String,
    /// What is said beside its name; empty for nothing.
    pub(crate) note: String,
    /// Which page of an order it leads to, `prev` or `next`; empty for others.
    pub(crate) rel: &'static str,
    /// Whether it leads to the page that it stands on.
    pub(crate) current: bool,
}

impl Link {
    /// A link without anything beside it.
    pub(crate) fn new(name: impl Into<String>, href: String) -> Self {
        Self {
            name: name.into(),
            href,
            ..Self::default()
        }
    }

    /// With something said beside its name.
    pub(crate) fn noted(self, note: String) -> Self {
        Self { note, ..self }
    }

    /// Whether it leads to the page that it stands on.
    pub(crate) fn current(self, current: bool) -> Self {
        Self { current, ..self }
    }
}
