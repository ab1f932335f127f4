//! One page of many: links to the one before and the one after, and through a list that fills several pages.

use serde::Serialize;

use super::lang::Texts;

/// Links to the pages before and after; empty where there is none.
#[derive(Serialize)]
pub(super) struct Neighbours {
    previous: String,
    next: String,
}

impl Neighbours {
    /// Those of page `at` among `count`; `href` links to one by its place.
    pub(super) fn new(at: usize, count: usize, href: impl Fn(usize) -> String) -> Self {
        let link = |other: Option<usize>| {
            let other = other.filter(|other| *other < count);
            other.map_or_else(String::new, &href)
        };
        Self {
            previous: link(at.checked_sub(1)),
            next: link(Some(at + 1)),
        }
    }
}

/// The pages that a list fills, seen from one of them.
#[derive(Serialize)]
pub(super) struct Parts {
    list: Vec<Part>,
    beside: Neighbours,
}

#[derive(Serialize)]
struct Part {
    number: String,
    href: String,
    current: bool,
}

impl Parts {
    /// Seen from page `at` among `count`; `href` links to one by its place.
    pub(super) fn new(at: usize, count: usize, href: impl Fn(usize) -> String) -> Self {
        let part = |other: usize| Part {
            number: (other + 1).to_string(),
            href: href(other),
            current: other == at,
        };
        Self {
            list: (0..count).map(part).collect(),
            beside: Neighbours::new(at, count, &href),
        }
    }

    /// `title` with the part's number, where there are several.
    pub(super) fn titled(&self, texts: &Texts, title: String) -> String {
        match self.list.iter().find(|part| part.current) {
            Some(part) if self.list.len() > 1 => {
                let count = self.list.len().to_string();
                let gaps = [("k", part.number.as_str()), ("n", &count)];
                format!("{title}, {}", texts.fill("photos.page", &gaps))
            }
            _ => title,
        }
    }
}
