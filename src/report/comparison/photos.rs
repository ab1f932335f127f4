//! All common photos with what each run said, the most changed first.

use std::path::Path;

use serde::Serialize;

use super::super::blocks::Picture;
use super::super::frame::{Leaf, Press};
use super::super::numbers;
use super::{photo_page, PHOTOS};
use crate::comparison::{Comparison, PhotoLine};
use crate::error::Result;
use crate::figures::pair::SIDES;
use crate::figures::photo::{find, Subject};

/// Photos listed at most; all are in the table.
const ROWS: usize = 500;

#[derive(Serialize)]
struct PhotosPage {
    lead: String,
    caption: String,
    runs: Vec<String>,
    lines: Vec<Line>,
    more: String,
    two: bool,
}

#[derive(Serialize)]
struct Line {
    pictures: Vec<Picture>,
    name: String,
    href: String,
    label: String,
    answers: Vec<String>,
    change: String,
}

/// Writes `pages/photos.html`.
pub(super) fn write(press: &Press, comparison: &Comparison, root: &Path) -> Result<()> {
    let leaf = Leaf::new(press, PHOTOS, "nav.photos");
    let texts = leaf.texts();
    let photos = &comparison.lineup.photos;
    let order = comparison.by_change();
    let two = comparison.two().is_some();
    let shown = order.len().min(ROWS);
    let content = PhotosPage {
        lead: texts.count("compare.photos_lead", photos.len(), &[]),
        caption: texts.say(match two {
            true => "compare.photos_caption",
            false => "compare.photos_caption_many",
        }),
        runs: comparison
            .lineup
            .sides
            .iter()
            .map(|side| side.name.clone())
            .collect(),
        lines: order[..shown]
            .iter()
            .map(|&at| line(&leaf, comparison, at, root))
            .collect(),
        more: match order.len() > shown {
            true => texts.fill("common.more_in", &[("file", "data/photos.csv")]),
            false => String::new(),
        },
        two,
    };
    leaf.write("compare/photos.html", &texts.say("photos.title"), &content)
}

fn line(leaf: &Leaf<'_>, comparison: &Comparison, at: usize, root: &Path) -> Line {
    let line = &comparison.lineup.photos[at];
    let is_shown = comparison.shown.contains(&at);
    let answer = |seen: &Option<crate::comparison::Seen>| {
        seen.as_ref().map_or_else(
            || "–".to_owned(),
            |seen| {
                format!(
                    "{} {}",
                    seen.class_name,
                    numbers::probability(seen.probability)
                )
            },
        )
    };
    let headline = comparison.two().and_then(|(_, _, d)| d.headline());
    let change = headline.and_then(|change| {
        let found = change.values.iter().find(|value| value.0 == at)?;
        Some(format!(
            "{} → {} ({})",
            numbers::probability(found.1),
            numbers::probability(found.2),
            numbers::change(found.2 - found.1)
        ))
    });
    Line {
        pictures: match is_shown {
            true => inputs(leaf, comparison, line, root),
            false => Vec::new(),
        },
        name: line.path.clone(),
        href: match is_shown {
            true => leaf.href(&photo_page(&line.image_id)),
            false => String::new(),
        },
        label: line.label.clone(),
        answers: line.seen.iter().map(answer).collect(),
        change: change.unwrap_or_else(|| "–".to_owned()),
    }
}

fn inputs(leaf: &Leaf<'_>, comparison: &Comparison, line: &PhotoLine, root: &Path) -> Vec<Picture> {
    let sides = comparison.lineup.sides.iter().zip(SIDES);
    let input = sides.filter_map(|(side, name)| {
        let file = find(root, &line.image_id, name, Subject::Input)?;
        let gaps = [("photo", line.path.as_str()), ("run", side.name.as_str())];
        let alt = leaf.texts().fill("alt.run_input", &gaps);
        let pixels = side.run.manifest.preprocessing.crop;
        Some(Picture::new(leaf.href(&file), alt, (pixels, pixels)))
    });
    input.collect()
}
