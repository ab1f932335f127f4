//! What pages say again and again: blocks made of the keys of their words.

use super::blocks::{Block, Cell, Columns, Link, List, Term, Text};
use super::frame::Leaf;
use super::lang::Gap;

impl<'a> Leaf<'a> {
    /// The text of `key`.
    pub(super) fn say(&self, key: &str) -> String {
        self.texts().say(key)
    }

    /// The text of `key` with its gaps filled.
    pub(super) fn fill(&self, key: &str, gaps: &[Gap<'_>]) -> String {
        self.texts().fill(key, gaps)
    }

    /// The text of `key`, or of its form for one, with the number `n` and other gaps filled.
    pub(super) fn count(&self, key: &str, n: usize, gaps: &[Gap<'_>]) -> String {
        self.texts().count(key, n, gaps)
    }

    /// The text of `key` as a heading with an id, and what follows.
    pub(super) fn section(
        &self,
        id: &str,
        key: &str,
        blocks: impl IntoIterator<Item = Block>,
    ) -> Block {
        Block::section(id, self.say(key), blocks)
    }

    /// The same; `None` where nothing follows.
    pub(super) fn section_of_any(&self, id: &str, key: &str, blocks: Vec<Block>) -> Option<Block> {
        (!blocks.is_empty()).then(|| self.section(id, key, blocks))
    }

    /// The paragraph of `key`.
    pub(super) fn paragraph(&self, key: &str) -> Block {
        Block::text(self.say(key))
    }

    /// The paragraph of `key`, which must not be missed.
    pub(super) fn notice(&self, key: &str) -> Block {
        Block::Notice(self.say(key).into())
    }

    /// The sentences of these keys.
    pub(super) fn sentences<const N: usize>(&self, keys: [&str; N]) -> Block {
        Block::prose(keys.map(|key| self.say(key)))
    }

    /// The steps of these keys, one after another.
    pub(super) fn steps<const N: usize>(&self, keys: [&str; N]) -> Block {
        Block::List(List::steps(keys.map(|key| self.say(key))))
    }

    /// Words explained, each by the keys of its name and its meaning, whose gaps are filled.
    pub(super) fn terms(&self, keys: &[(&str, &str)], gaps: &[Gap<'_>]) -> Block {
        let term = |(term, text): &(&str, &str)| Term {
            term: self.say(term),
            text: self.fill(text, gaps),
        };
        Block::Terms(keys.iter().map(term).collect())
    }

    /// Whether an answer is right, as a cell; an empty one where that is not known.
    pub(super) fn verdict(&self, right: Option<bool>) -> Cell {
        match right {
            Some(true) => Cell::from(self.say("common.right")).of_class("right"),
            Some(false) => Cell::from(self.say("common.wrong")).of_class("wrong"),
            None => Cell::from(""),
        }
    }

    /// A table's columns, to be told one by one, with a row for each item.
    pub(super) fn columns<T>(&self, items: impl IntoIterator<Item = T>) -> Columns<'a, T> {
        Columns::of(self.texts(), items)
    }

    /// A link in the words of `key`, as at the end of a section.
    pub(super) fn more(&self, key: &str, target: &str) -> Block {
        Block::text(Text::more(self.say(key), self.href(target)))
    }

    /// The tables that tell more.
    pub(super) fn more_in(&self, files: &[&str]) -> Block {
        Block::text(self.fill("common.more_in", &[("file", &files.join(", "))]))
    }

    /// The pages beside this one, one for each name, of which this one is called `current`; `path` tells where they lie.
    pub(super) fn tabs<'n>(
        &self,
        label: &str,
        names: impl IntoIterator<Item = &'n str>,
        current: &str,
        path: impl Fn(&str) -> String,
    ) -> Block {
        let link = |name| Link::new(name, self.href(&path(name))).current(name == current);
        Block::Navigation {
            class: "tabs",
            label: self.say(label),
            is_headed: false,
            links: names.into_iter().map(link).collect(),
        }
    }

    /// Lists to choose from.
    pub(super) fn choices(&self, label: &str, links: Vec<Link>) -> Block {
        Block::Navigation {
            class: "parts choices",
            label: self.say(label),
            is_headed: true,
            links,
        }
    }

    /// The pages before and after page `at` among `count`, by the keys of their names, and the one above, where there is one;
    /// `path` tells where one lies by its place.
    pub(super) fn neighbours(
        &self,
        label: &str,
        [previous, next]: [&str; 2],
        place: (usize, usize),
        above: Option<Link>,
        path: impl Fn(usize) -> String,
    ) -> Block {
        let [previous, next] = [previous, next].map(|key| self.say(key));
        let names = (format!("← {previous}"), format!("{next} →"));
        let above = above.filter(|above| !above.href.is_empty());
        self.beside(label, names, place, Vec::from_iter(above), path)
    }

    /// The pages that a list fills, seen from page `at` among `count`, of many those near to it and steps to the others; `path`
    /// tells where one lies by its place.
    pub(super) fn parts(
        &self,
        (at, count): (usize, usize),
        path: impl Fn(usize) -> String,
    ) -> Block {
        let page = |other: usize| {
            let name = (other + 1).to_string();
            Link::new(name, self.href(&path(other))).current(other == at)
        };
        let pages = match count {
            0 | 1 => Vec::new(),
            _ => near(at, count).into_iter().map(page).collect(),
        };
        let [previous, next] = ["photos.previous", "photos.next"].map(|key| self.say(key));
        self.beside("photos.pages", (previous, next), (at, count), pages, path)
    }

    /// What lies before and after page `at` among `count`, and between these two.
    fn beside(
        &self,
        label: &str,
        (previous, next): (String, String),
        (at, count): (usize, usize),
        between: Vec<Link>,
        path: impl Fn(usize) -> String,
    ) -> Block {
        let link = |rel, name: String, place: Option<usize>| {
            let href = self.href(&path(place.filter(|place| *place < count)?));
            let there = Link {
                rel,
                ..Link::new(name, href)
            };
            (!there.href.is_empty()).then_some(there)
        };
        let previous = link("prev", previous, at.checked_sub(1)).into_iter();
        let next = link("next", next, Some(at + 1));
        Block::Navigation {
            class: "parts",
            label: self.say(label),
            is_headed: false,
            links: previous.chain(between).chain(next).collect(),
        }
    }

    /// `title` with the number of part `at` among `count`, where there are several.
    pub(super) fn part_title(&self, title: String, (at, count): (usize, usize)) -> String {
        match count {
            0 | 1 => title,
            _ => {
                let gaps: [Gap<'_>; 2] = [("k", &(at + 1)), ("n", &count)];
                format!("{title}, {}", self.fill("photos.page", &gaps))
            }
        }
    }

    /// A link to the page above, in the words of `key`.
    pub(super) fn crumb(&self, key: &str, target: &str) -> Block {
        let crumb = Text::link(self.say(key), self.href(target));
        Block::Crumbs(vec![crumb])
    }
}

/// Links in a row of pages at most, but for those far away.
const IN_A_ROW: usize = 20;

/// The pages that page `at` among `count` leads to: all of few; of many its neighbours, the first, the last, and those ten, a
/// hundred, … further.
fn near(at: usize, count: usize) -> Vec<usize> {
    if count <= IN_A_ROW {
        return (0..count).collect();
    }
    let steps = std::iter::successors(Some(10), |step| Some(step * 10));
    let steps: Vec<usize> = steps.take_while(|step| *step < count).collect();
    let before = steps.iter().filter_map(|step| at.checked_sub(*step));
    let after = steps.iter().map(|step| at + step);
    let mut pages: Vec<usize> = [0, count - 1]
        .into_iter()
        .chain(before)
        .chain(after)
        .collect();
    pages.extend(at.saturating_sub(3)..=at + 3);
    pages.retain(|page| *page < count);
    pages.sort_unstable();
    pages.dedup();
    pages
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_page_among_thousands_leads_to_few_and_to_all_in_few_steps() {
        assert_eq!(near(1, 3), [0, 1, 2]);
        assert_eq!(
            near(50, 2000),
            [0, 40, 47, 48, 49, 50, 51, 52, 53, 60, 150, 1050, 1999]
        );
        let count = 2000;
        let mut steps = vec![usize::MAX; count];
        let mut reached = vec![0];
        steps[0] = 0;
        for turn in 1.. {
            let next: BTreeSet<usize> =
                reached.iter().flat_map(|page| near(*page, count)).collect();
            reached = next
                .into_iter()
                .filter(|page| steps[*page] == usize::MAX)
                .collect();
            reached.iter().for_each(|page| steps[*page] = turn);
            if reached.is_empty() {
                break;
            }
        }
        assert!(
            steps.iter().all(|steps| *steps <= 12),
            "{:?}",
            steps.iter().max()
        );
        assert!((0..count).all(|page| near(page, count).len() <= 20));
    }
}
