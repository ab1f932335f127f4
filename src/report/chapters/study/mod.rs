//! A study: what variants of a network cost, beside what was published (ZF tables 2 and 3, fig. 6). Its front page takes the place
//! of the report's; a page more shows the trainings beside each other.

mod claims;
mod front;
mod layers;
mod trainings;

pub(super) use front::content as front;

use records::tables::{StudyRow, StudyRunRow};

use super::{Chapter, Plan};
use crate::prelude::*;

const TRAININGS: &str = "pages/study.html";

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.study",
    holds: "front.contents_study",
    pages: |site| match site.rows::<StudyRow>().is_empty() {
        true => Vec::new(),
        false => vec![Plan::new(TRAININGS, trainings::content)],
    },
};

/// What a variant changes, in words.
fn edits(page: &Page<'_>, row: &StudyRow) -> String {
    let removed = row.removed.replace(' ', ", ");
    let removed = match removed.is_empty() {
        true => String::new(),
        false => page.fill("study.without", &[("layers", &removed)]),
    };
    let parts = [removed, row.changed.clone(), row.recipe.clone()];
    let told: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    match told.is_empty() {
        true => page.say("study.unchanged"),
        false => told.join("; "),
    }
}

/// A variant's name, and where its first training's own report lies.
fn link_to(page: &Page<'_>, variant: &str) -> Text {
    let runs = page.site.rows::<StudyRunRow>().iter();
    let mut of_variant = runs.filter(|run| run.variant == variant);
    let folder = of_variant.next().map_or("", |run| run.folder.as_str());
    Text::link(variant, page.href(&format!("{folder}/index.html")))
}

/// Both ends of an interval in percentage points.
fn interval(page: &Page<'_>, ends: Option<(f64, f64)>) -> Option<String> {
    let (low, high) = ends?;
    let word = page.say("common.to");
    Some(format!(
        "{} {word} {}",
        numbers::points(low),
        numbers::points(high)
    ))
}
