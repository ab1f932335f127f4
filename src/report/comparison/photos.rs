//! All common photos with what each run said, the most changed first.

use comparison::Comparison;

use super::photo::Pair;
use super::{photo_page, words, PHOTOS};
use crate::frame::Press;
use crate::prelude::*;

/// Photos listed at most; all are in the table.
const ROWS: usize = 500;

/// Writes `pages/photos.html`.
pub(super) fn write(press: &Press, comparison: &Comparison) -> Result<()> {
    let leaf = Leaf::new(press, PHOTOS, "nav.photos");
    let photos = comparison.lineup.photos.len();
    let lead = leaf.count("compare.photos_lead", photos, &[]);
    let more = (photos > ROWS).then(|| leaf.more_in(&["data/photos.csv"]));
    let content = Content::new(leaf.say("photos.title"), lead)
        .with([table(&leaf, comparison)])
        .with(more);
    leaf.put(&content)
}

fn table(leaf: &Leaf<'_>, comparison: &Comparison) -> Block {
    let line = |at: &usize| &comparison.lineup.photos[*at];
    let is_shown = |at: &usize| comparison.shown.contains(at);
    let two = comparison.two().is_some();
    let mut columns = leaf.columns(comparison.by_change().into_iter().take(ROWS));
    if two {
        columns = columns.column(Column::thumbs(String::new()), |at| {
            let pair = is_shown(at).then(|| Pair::new(leaf, comparison, *at));
            let mut pictures = pair.map_or_else(Vec::new, |pair| pair.inputs());
            pictures.retain(Picture::is_there);
            pictures
        });
    }
    columns = columns
        .text("common.photo", |at| {
            let page = is_shown(at).then(|| leaf.href(&photo_page(&line(at).image_id)));
            Text::link(&line(at).path, page.unwrap_or_default())
        })
        .text("common.label", |at| line(at).label.as_str());
    for (run, side) in comparison.lineup.sides.iter().enumerate() {
        columns = columns.column(Column::text(&side.name), |at| {
            line(at).seen[run].as_ref().map(words::answer)
        });
    }
    if two {
        columns = columns.number("compare.change_column", |at| {
            words::change_of(comparison, *at)
        });
    }
    let caption = match two {
        true => "compare.photos_caption",
        false => "compare.photos_caption_many",
    };
    columns.of_class("index").table("photos.title", caption)
}
