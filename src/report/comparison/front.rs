//! Two runs held against each other: what changed, what it is worth, where it happened.

use comparison::{Comparison, Difference};

use super::photo::Pair;
use super::{claims, figures, sides, words, FRONT, METHOD, PHOTOS};
use crate::frame::Press;
use crate::prelude::*;

/// Photos on the front page.
const TILES: usize = 12;

/// Writes `index.html`.
pub(super) fn write(press: &Press, comparison: &Comparison) -> Result<()> {
    let Some((a, b, difference)) = comparison.two() else {
        return Ok(());
    };
    let leaf = Leaf::new(press, FRONT, "nav.front");
    let names: [Gap<'_>; 2] = [("a", &a.name), ("b", &b.name)];
    let lead = leaf.count("compare.lead", comparison.lineup.photos.len(), &names);
    let content = Content::new(leaf.fill("compare.title", &names), lead)
        .with([sides::notes(&leaf, comparison)])
        .with(what_changed(&leaf, difference))
        .with(claims::section(&leaf, comparison))
        .with(most_changed(&leaf, comparison))
        .with(figures::changes(&leaf, comparison)?)
        .with(figures::flips(&leaf, difference))
        .with(figures::layers(&leaf, comparison)?)
        .with([sides::table(&leaf, comparison)]);
    leaf.put(&content)
}

/// The figures, and what they are worth.
fn what_changed(leaf: &Leaf<'_>, difference: &Difference) -> Vec<Block> {
    let cards = words::figures(leaf.texts(), difference);
    let mut blocks = match cards.is_empty() {
        true => vec![leaf.notice("compare.no_figures")],
        false => vec![
            Block::QuietHeading(leaf.say("compare.figures")),
            Block::Cards(cards),
        ],
    };
    blocks.extend(
        difference
            .largest
            .map(numbers::small)
            .map(|largest| Block::text(leaf.fill("compare.largest", &[("largest", &largest)]))),
    );
    blocks.push(leaf.more("compare.to_method", METHOD));
    blocks
}

/// The photos that changed most; `None` where none are shown.
fn most_changed(leaf: &Leaf<'_>, comparison: &Comparison) -> Option<Block> {
    let shown = comparison.shown.iter().take(TILES);
    let tiles = shown.map(|at| Pair::new(leaf, comparison, *at).tile());
    let blocks = [
        Block::tiles("pairs", tiles.collect()),
        leaf.more("compare.all_photos", PHOTOS),
    ];
    (!comparison.shown.is_empty()).then(|| leaf.section("tiles", "compare.most_changed", blocks))
}
