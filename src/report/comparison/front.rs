//! Two runs held against each other: what changed, what it is worth, where it happened.

use super::super::blocks::{Block, Text, Tiles};
use super::super::frame::{Content, Leaf, Press};
use super::super::numbers;
use super::photo::Pair;
use super::{figures, sides, words, FRONT, METHOD, PHOTOS};
use crate::comparison::{Comparison, Difference};
use crate::error::Result;

/// Photos on the front page.
const TILES: usize = 12;

/// Writes `index.html`.
pub(super) fn write(press: &Press, comparison: &Comparison) -> Result<()> {
    let Some((a, b, difference)) = comparison.two() else {
        return Ok(());
    };
    let leaf = Leaf::new(press, FRONT, "nav.front");
    let texts = leaf.texts();
    let names = [("a", a.name.as_str()), ("b", b.name.as_str())];
    let title = texts.fill("compare.title", &names);
    let lead = texts.count("compare.lead", comparison.lineup.photos.len(), &names);
    let mut blocks = vec![
        Block::Heading(title.clone()),
        Block::Lead(lead.into()),
        sides::notes(&leaf, comparison),
    ];
    blocks.extend(what_changed(&leaf, difference));
    blocks.extend(most_changed(&leaf, comparison));
    blocks.extend(figures::changes(&leaf, comparison)?);
    blocks.extend(figures::flips(&leaf, difference));
    blocks.extend(figures::layers(&leaf, comparison)?);
    blocks.push(sides::table(&leaf, comparison));
    leaf.put(&Content::new(title, blocks))
}

/// The figures, and what they are worth.
fn what_changed(leaf: &Leaf<'_>, difference: &Difference) -> Vec<Block> {
    let texts = leaf.texts();
    let cards = words::figures(texts, difference);
    let mut blocks = match cards.is_empty() {
        true => vec![Block::Notice(texts.say("compare.no_figures").into())],
        false => vec![
            Block::QuietHeading(texts.say("compare.figures")),
            Block::Cards(cards),
        ],
    };
    if let Some(largest) = difference.largest {
        let gaps = [("largest", &*numbers::small(largest))];
        blocks.push(Block::text(texts.fill("compare.largest", &gaps)));
    }
    let method = leaf.href(METHOD);
    blocks.push(Block::text(Text::more(
        texts.say("compare.to_method"),
        method,
    )));
    blocks
}

/// The photos that changed most; `None` where none are shown.
fn most_changed(leaf: &Leaf<'_>, comparison: &Comparison) -> Option<Block> {
    let shown = &comparison.shown[..comparison.shown.len().min(TILES)];
    let tile = |&at: &usize| Pair::new(leaf, comparison, at).tile();
    let all = Text::more(leaf.texts().say("compare.all_photos"), leaf.href(PHOTOS));
    let blocks = vec![
        Block::Tiles(Tiles::new("pairs", shown.iter().map(tile).collect())),
        Block::text(all),
    ];
    (!shown.is_empty()).then(|| leaf.section("tiles", "compare.most_changed", blocks))
}
