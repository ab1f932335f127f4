//! Ways to other pages.

use serde::Serialize;

use crate::report::lang::Texts;

/// Pages beside this one.
#[derive(Debug, Serialize)]
pub(crate) struct Tabs {
    pub(crate) label: String,
    pub(crate) tabs: Vec<Tab>,
}

impl Tabs {
    /// One for each name; `href` links to its page.
    pub(crate) fn new<'n>(
        label: String,
        names: impl IntoIterator<Item = &'n str>,
        current: &str,
        href: impl Fn(&str) -> String,
    ) -> Self {
        let tab = |name: &str| Tab {
            name: name.to_owned(),
            href: href(name),
            current: name == current,
        };
        Self {
            label,
            tabs: names.into_iter().map(tab).collect(),
        }
    }
}

/// A page among those beside it.
#[derive(Debug, Serialize)]
pub(crate) struct Tab {
    pub(crate) name: String,
    pub(crate) href: String,
    pub(crate) current: bool,
}

/// Links to the pages before, above and after; none where the link is empty.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Neighbours {
    label: String,
    previous: Link,
    up: Link,
    next: Link,
}

#[derive(Debug, Default, Serialize)]
struct Link {
    name: String,
    href: String,
}

impl Neighbours {
    /// Those of page `at` among `count`; `href` links to one by its place.
    pub(crate) fn new(
        label: String,
        (previous, next): (String, String),
        (at, count): (usize, usize),
        href: impl Fn(usize) -> String,
    ) -> Self {
        let link = |name: String, other: Option<usize>| Link {
            name,
            href: other
                .filter(|other| *other < count)
                .map_or_else(String::new, &href),
        };
        Self {
            label,
            previous: link(previous, at.checked_sub(1)),
            up: Link::default(),
            next: link(next, Some(at + 1)),
        }
    }

    /// With a link to the page above.
    pub(crate) fn below(self, name: String, href: String) -> Self {
        Self {
            up: Link { name, href },
            ..self
        }
    }
}

/// The pages that a list fills, seen from one of them.
#[derive(Debug, Serialize)]
pub(crate) struct Parts {
    label: String,
    pages: Vec<Tab>,
    previous: Link,
    next: Link,
}

impl Parts {
    /// Seen from page `at` among `count`; `href` links to one by its place.
    pub(crate) fn new(
        texts: &Texts,
        (at, count): (usize, usize),
        href: impl Fn(usize) -> String,
    ) -> Self {
        let names = (texts.say("photos.previous"), texts.say("photos.next"));
        let page = |other: usize| Tab {
            name: (other + 1).to_string(),
            href: href(other),
            current: other == at,
        };
        let label = texts.say("photos.pages");
        let pages = (0..count).map(page).collect();
        let beside = Neighbours::new(label, names, (at, count), &href);
        Self {
            label: beside.label,
            pages,
            previous: beside.previous,
            next: beside.next,
        }
    }

    /// `title` with the part's number, where there are several.
    pub(crate) fn titled(&self, texts: &Texts, title: String) -> String {
        match self.pages.iter().find(|page| page.current) {
            Some(page) if self.pages.len() > 1 => {
                let count = self.pages.len().to_string();
                let gaps = [("k", page.name.as_str()), ("n", &count)];
                format!("{title}, {}", texts.fill("photos.page", &gaps))
            }
            _ => title,
        }
    }
}

/// Lists to choose from.
#[derive(Debug, Serialize)]
pub(crate) struct Choices {
    pub(crate) heading: String,
    pub(crate) choices: Vec<Choice>,
}

/// One of them.
#[derive(Debug, Serialize)]
pub(crate) struct Choice {
    pub(crate) label: String,
    pub(crate) count: String,
    pub(crate) href: String,
    pub(crate) current: bool,
}

/// What a site holds.
#[derive(Debug, Serialize)]
pub(crate) struct Contents(pub(crate) Vec<Entry>);

/// A chapter and what it holds.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) href: String,
    pub(crate) text: String,
}
