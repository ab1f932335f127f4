//! The photograph that the front page opens with, and what the network says to it.

use serde::Serialize;

use super::super::charts::{self, Chart};
use super::super::grid::{Grid, Row};
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::site::{photo_page, words, Page};
use super::super::telling;
use crate::error::Result;
use crate::records::tables::MaskedClassRow;
use crate::records::ORIGINAL;

#[derive(Serialize)]
pub(super) struct Example {
    heading: String,
    story: Vec<String>,
    grid: Grid,
    charts: Vec<Chart>,
    href: String,
}

/// The photo layer by layer, with and without its regions.
pub(super) fn example(page: &Page<'_>, photo: &Photo<'_>) -> Result<Example> {
    let regions = photo.regions();
    let (heading, caption) = match regions.is_empty() {
        true => ("front.example_plain", "front.grid_caption_plain"),
        false => ("front.example_masked", "front.grid_caption"),
    };
    let texts = page.texts();
    let mut rows = vec![Row::of_condition(page, photo, ORIGINAL, &[])];
    // The region that costs most comes first; more than two would hide the point.
    let mut shown = regions;
    let drop = |region: &str| photo.masked_class(region).map_or(0.0, telling::drop_of);
    shown.sort_by(|a, b| drop(b).total_cmp(&drop(a)));
    shown.truncate(2);
    rows.extend(
        shown
            .iter()
            .map(|region| Row::of_condition(page, photo, region, &[*region])),
    );
    Ok(Example {
        heading: texts.say(heading),
        story: story(page, photo, &shown),
        grid: Grid::new(page, "grid.condition_corner", texts.say(caption), rows),
        charts: charts::top_classes(page, photo, &shown)?,
        href: page.href(&photo_page(photo.id())),
    })
}

/// What the network says to the photo, with and without its regions.
fn story(page: &Page<'_>, photo: &Photo<'_>, regions: &[&str]) -> Vec<String> {
    let texts = page.texts();
    let Some(first) = photo.first() else {
        return vec![texts.say("front.says_nothing")];
    };
    let printed = numbers::probability(f64::from(first.probability));
    let gaps = [
        ("class", first.class_name.as_str()),
        ("probability", &printed),
        ("label", &photo.image.label),
    ];
    let says = match photo.right {
        Some(true) => "front.says_right",
        Some(false) => "front.says_wrong",
        None => "front.says",
    };
    let mut story = vec![texts.fill(says, &gaps)];
    for region in regions {
        let Some(row) = photo.masked_class(region) else {
            continue;
        };
        let mut told = masked_story(page, photo, row);
        if let Some(control) = photo.control(region) {
            if let (Some(p), Some(rank)) = (control.probability_control, control.rank_control) {
                let printed = numbers::probability(f64::from(p));
                let gaps = [
                    ("probability", printed.as_str()),
                    ("rank", &numbers::count(rank)),
                ];
                told = format!("{told} {}", texts.fill("front.control", &gaps));
            }
        }
        story.push(told);
    }
    story
}

fn masked_story(page: &Page<'_>, photo: &Photo<'_>, row: &MaskedClassRow) -> String {
    let now = photo.top(&row.region).next();
    let gaps = [
        ("region", words(&row.region)),
        (
            "probability",
            numbers::probability(f64::from(row.probability_masked)),
        ),
        ("rank", numbers::count(row.rank_masked)),
        (
            "first",
            now.map_or_else(String::new, |now| now.class_name.clone()),
        ),
        (
            "first_probability",
            now.map_or_else(String::new, |now| {
                numbers::probability(f64::from(now.probability))
            }),
        ),
    ];
    let gaps: Vec<(&str, &str)> = gaps
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let key = match row.rank_masked {
        1 => "front.still_first",
        2..=5 => "front.falls",
        _ => "front.out",
    };
    page.texts().fill(key, &gaps)
}
