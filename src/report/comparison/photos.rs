//! All common photos with what each run said, the most changed first.

use super::super::blocks::{Block, Cell, Column, Picture, Row, Table, Text};
use super::super::frame::{Content, Leaf, Press};
use super::photo::Pair;
use super::{photo_page, words, PHOTOS};
use crate::comparison::Comparison;
use crate::error::Result;

/// Photos listed at most; all are in the table.
const ROWS: usize = 500;

/// Writes `pages/photos.html`.
pub(super) fn write(press: &Press, comparison: &Comparison) -> Result<()> {
    let leaf = Leaf::new(press, PHOTOS, "nav.photos");
    let texts = leaf.texts();
    let photos = comparison.lineup.photos.len();
    let title = texts.say("photos.title");
    let lead = texts.count("compare.photos_lead", photos, &[]);
    let mut blocks = vec![
        Block::Heading(title.clone()),
        Block::Lead(lead.into()),
        Block::Table(table(&leaf, comparison)),
    ];
    if photos > ROWS {
        let gaps = [("file", "data/photos.csv")];
        blocks.push(Block::text(texts.fill("common.more_in", &gaps)));
    }
    leaf.put(&Content::new(title, blocks))
}

fn table(leaf: &Leaf<'_>, comparison: &Comparison) -> Table {
    let texts = leaf.texts();
    let two = comparison.two().is_some();
    let mut columns = vec![
        Column::text(texts.say("common.photo")),
        Column::text(texts.say("common.label")),
    ];
    let sides = comparison.lineup.sides.iter();
    columns.extend(sides.map(|side| Column::text(side.name.clone())));
    if two {
        columns.insert(0, Column::thumbs(""));
        columns.push(Column::number(texts.say("compare.change_column")));
    }
    let order = comparison.by_change().into_iter().take(ROWS);
    let rows = order.map(|at| row(leaf, comparison, at)).collect();
    let caption = texts.say(match two {
        true => "compare.photos_caption",
        false => "compare.photos_caption_many",
    });
    Table::new(texts.say("photos.title"), caption, columns, rows).of_class("index")
}

fn row(leaf: &Leaf<'_>, comparison: &Comparison, at: usize) -> Row {
    let line = &comparison.lineup.photos[at];
    let is_shown = comparison.shown.contains(&at);
    let href = match is_shown {
        true => leaf.href(&photo_page(&line.image_id)),
        false => String::new(),
    };
    let mut cells = vec![
        Cell::head(Text::link(line.path.clone(), href)),
        line.label.clone().into(),
    ];
    let dash = || "–".to_owned();
    let answers = line.seen.iter().map(Option::as_ref);
    cells.extend(answers.map(|seen| seen.map_or_else(dash, words::answer).into()));
    if comparison.two().is_some() {
        let mut pictures = match is_shown {
            true => Pair::new(leaf, comparison, at).inputs(),
            false => Vec::new(),
        };
        pictures.retain(Picture::is_there);
        cells.insert(0, Cell::pictures(pictures));
        let change = words::change_of(comparison, at);
        cells.push(change.unwrap_or_else(dash).into());
    }
    Row::of(cells)
}
