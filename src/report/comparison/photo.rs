//! A photo in two runs: what the network saw, said and reacted to in each, and the difference.

use std::path::Path;

use serde::Serialize;

use super::super::blocks::Picture;
use super::super::frame::{Leaf, Press};
use super::super::grid::{file_name, Grid, Row};
use super::super::numbers;
use super::super::paging::Neighbours;
use super::super::tile::Tile;
use super::{photo_page, PHOTOS};
use crate::comparison::{Comparison, PhotoLine, Seen, Side};
use crate::error::Result;
use crate::figures::pair::SIDES;
use crate::figures::photo::{find, Subject};
use crate::records::ProjectionKind;

#[derive(Serialize)]
struct PhotoPage {
    path: String,
    lead: String,
    answers: Vec<AnswerLine>,
    grid: Option<Grid>,
    scale: String,
    photos: String,
    beside: Neighbours,
}

#[derive(Serialize)]
struct AnswerLine {
    run: String,
    class: String,
    probability: String,
    label: String,
    reference: String,
    verdict: String,
    /// `right`, `wrong` or empty: the style sheet's class.
    mark: &'static str,
}

/// Writes a page for each photo that is shown.
pub(super) fn write_all(press: &Press, comparison: &Comparison, root: &Path) -> Result<()> {
    for (place, &at) in comparison.shown.iter().enumerate() {
        let line = &comparison.lineup.photos[at];
        let leaf = Leaf::new(press, photo_page(&line.image_id), "nav.photos");
        let content = PhotoPage {
            path: line.path.clone(),
            lead: lead(&leaf, comparison, at),
            answers: answers(&leaf, comparison, line),
            grid: grid(&leaf, comparison, line, root),
            scale: leaf.texts().say(match comparison.layers.is_empty() {
                true => "compare.own_scale",
                false => "compare.common_scale",
            }),
            photos: leaf.href(PHOTOS),
            beside: Neighbours::new(place, comparison.shown.len(), |place| {
                let other = &comparison.lineup.photos[comparison.shown[place]];
                leaf.href(&photo_page(&other.image_id))
            }),
        };
        leaf.write("compare/photo.html", file_name(&line.path), &content)?;
    }
    Ok(())
}

/// `dog: 0.98 → 0.21 (−0.77)`, or the first class in the label's place.
fn change_in_words(comparison: &Comparison, at: usize) -> Option<String> {
    let (_, _, difference) = comparison.two()?;
    let line = &comparison.lineup.photos[at];
    let found = difference.headline()?.values.iter().find(|v| v.0 == at)?;
    let name = match &difference.label {
        Some(_) => line.label.clone(),
        None => line.seen[0].as_ref()?.class_name.clone(),
    };
    Some(format!(
        "{name}: {} → {} ({})",
        numbers::probability(found.1),
        numbers::probability(found.2),
        numbers::change(found.2 - found.1)
    ))
}

fn lead(leaf: &Leaf<'_>, comparison: &Comparison, at: usize) -> String {
    match change_in_words(comparison, at) {
        Some(change) => leaf
            .texts()
            .fill("compare.photo_lead", &[("change", &change)]),
        None => leaf.texts().say("compare.photo_no_change"),
    }
}

fn answers(leaf: &Leaf<'_>, comparison: &Comparison, line: &PhotoLine) -> Vec<AnswerLine> {
    let texts = leaf.texts();
    let answer = |(side, seen): (&Side, &Option<Seen>)| {
        let seen = seen.as_ref()?;
        let (mark, verdict) = match seen.right {
            Some(true) => ("right", texts.say("common.right")),
            Some(false) => ("wrong", texts.say("common.wrong")),
            None => ("", String::new()),
        };
        Some(AnswerLine {
            run: side.name.clone(),
            class: seen.class_name.clone(),
            probability: numbers::probability(seen.probability),
            label: numbers::or_dash(seen.label_probability, numbers::probability),
            reference: numbers::or_dash(seen.reference_probability, numbers::probability),
            verdict,
            mark,
        })
    };
    let sides = comparison.lineup.sides.iter().zip(&line.seen);
    sides.filter_map(answer).collect()
}

fn picture(
    leaf: &Leaf<'_>,
    root: &Path,
    line: &PhotoLine,
    side: &str,
    subject: Subject<'_>,
    alt: String,
    pixels: u32,
) -> Picture {
    let file = find(root, &line.image_id, side, subject);
    let src = file.map_or_else(String::new, |file| leaf.href(&file));
    Picture::new(src, alt, (pixels, pixels))
}

fn grid(leaf: &Leaf<'_>, comparison: &Comparison, line: &PhotoLine, root: &Path) -> Option<Grid> {
    let (a, b, _) = comparison.two()?;
    let texts = leaf.texts();
    let pixels = a.run.manifest.preprocessing.crop;
    let kind = ProjectionKind::Layer;
    let has = |subject: Subject<'_>| {
        SIDES
            .iter()
            .any(|side| find(root, &line.image_id, side, subject).is_some())
    };
    let stages: Vec<&String> = a
        .run
        .manifest
        .model
        .stages
        .iter()
        .filter(|stage| has(Subject::Projection(kind, stage)))
        .collect();
    let mut columns = vec![(texts.say("grid.input"), texts.say("grid.input_note"))];
    columns.extend(stages.iter().map(|&stage| (stage.clone(), String::new())));
    let row = |side: &Side, name: &'static str| {
        let gaps = |layer: &'_ str| {
            let photo = line.path.clone();
            let (layer, run) = (layer.to_owned(), side.name.clone());
            move |key: &str| texts.fill(key, &[("photo", &photo), ("layer", &layer), ("run", &run)])
        };
        let input = gaps("")("alt.run_input");
        let mut cells = vec![picture(
            leaf,
            root,
            line,
            name,
            Subject::Input,
            input,
            pixels,
        )];
        cells.extend(stages.iter().map(|stage| {
            let alt = gaps(stage)("alt.run_layer");
            picture(
                leaf,
                root,
                line,
                name,
                Subject::Projection(kind, stage),
                alt,
                pixels,
            )
        }));
        let note = line.seen[usize::from(name == SIDES[1])].as_ref();
        let note = note.map_or_else(String::new, |seen| {
            format!(
                "{} {}",
                seen.class_name,
                numbers::probability(seen.probability)
            )
        });
        Row::plain(side.name.clone(), note, cells)
    };
    let mut rows = vec![row(a, SIDES[0]), row(b, SIDES[1])];
    if stages.iter().any(|stage| has(Subject::Difference(stage))) {
        let alt = texts.fill("alt.run_input_difference", &[("photo", line.path.as_str())]);
        let subject = Subject::InputDifference;
        let mut cells = vec![picture(leaf, root, line, SIDES[1], subject, alt, pixels)];
        cells.extend(stages.iter().map(|stage| {
            let gaps = [("photo", line.path.as_str()), ("layer", stage)];
            let alt = texts.fill("alt.run_difference", &gaps);
            picture(
                leaf,
                root,
                line,
                SIDES[1],
                Subject::Difference(stage),
                alt,
                pixels,
            )
        }));
        rows.push(Row::plain(
            texts.say("grid.difference"),
            texts.say("compare.difference_note"),
            cells,
        ));
    }
    Some(Grid::plain(
        texts.say("grid.label"),
        texts.say("compare.run"),
        columns,
        rows,
        String::new(),
    ))
}

/// A card for the front page.
pub(super) fn tile(leaf: &Leaf<'_>, comparison: &Comparison, at: usize) -> Tile {
    let line = &comparison.lineup.photos[at];
    let root = leaf.press.root();
    let sides = comparison.lineup.sides.iter().zip(SIDES);
    let pictures = sides.map(|(side, name)| {
        let gaps = [("photo", line.path.as_str()), ("run", side.name.as_str())];
        let alt = leaf.texts().fill("alt.run_input", &gaps);
        let pixels = side.run.manifest.preprocessing.crop;
        picture(leaf, root, line, name, Subject::Input, alt, pixels)
    });
    let seen = line.seen.iter().flatten();
    let classes: Vec<String> = seen.map(|seen| seen.class_name.clone()).collect();
    let classes = match &classes[..] {
        [a, b] if a == b => Some(a.clone()),
        [] => None,
        classes => Some(classes.join(" → ")),
    };
    Tile {
        pictures: pictures.collect(),
        name: file_name(&line.path).to_owned(),
        href: leaf.href(&photo_page(&line.image_id)),
        lines: [change_in_words(comparison, at), classes]
            .into_iter()
            .flatten()
            .collect(),
    }
}
