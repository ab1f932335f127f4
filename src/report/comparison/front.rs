//! Two runs held against each other: what changed, what it is worth, where it happened.

use serde::Serialize;

use super::super::frame::{Leaf, Press};
use super::super::numbers;
use super::super::tile::Tile;
use super::figures::{self, Changes, Flips, Layers};
use super::photo;
use super::sides::{self, Fact};
use super::words::{self, Figure};
use super::{FRONT, METHOD, PHOTOS};
use crate::comparison::Comparison;
use crate::error::Result;

/// Photos on the front page.
const TILES: usize = 12;

#[derive(Serialize)]
struct Front {
    lead: String,
    notes: Vec<String>,
    figures: Vec<Figure>,
    nothing: String,
    largest: String,
    names: Vec<String>,
    facts: Vec<Fact>,
    changes: Option<Changes>,
    layers: Option<Layers>,
    flips: Option<Flips>,
    tiles: Vec<Tile>,
    photos: String,
    method: String,
}

/// Writes `index.html`.
pub(super) fn write(press: &Press, comparison: &Comparison) -> Result<()> {
    let Some((a, b, difference)) = comparison.two() else {
        return Ok(());
    };
    let leaf = Leaf::new(press, FRONT, "nav.front");
    let texts = leaf.texts();
    let names = [("a", a.name.as_str()), ("b", b.name.as_str())];
    let figures = words::figures(texts, difference);
    let content = Front {
        lead: texts.count("compare.lead", comparison.lineup.photos.len(), &names),
        notes: sides::notes(&leaf, comparison),
        nothing: match figures.is_empty() {
            true => texts.say("compare.no_figures"),
            false => String::new(),
        },
        figures,
        largest: difference.largest.map_or_else(String::new, |largest| {
            texts.fill("compare.largest", &[("largest", &numbers::small(largest))])
        }),
        names: vec![a.name.clone(), b.name.clone()],
        facts: sides::facts(&leaf, comparison),
        changes: figures::changes(&leaf, comparison)?,
        layers: figures::layers(&leaf, comparison)?,
        flips: figures::flips(&leaf, difference),
        tiles: comparison
            .shown
            .iter()
            .take(TILES)
            .map(|&at| photo::tile(&leaf, comparison, at))
            .collect(),
        photos: leaf.href(PHOTOS),
        method: leaf.href(METHOD),
    };
    let title = texts.fill("compare.title", &names);
    leaf.write("compare/front.html", &title, &content)
}
