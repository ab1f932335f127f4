//! Whether hiding the same part of different photographs changes a layer alike: ZF's table 1 for this run.

use serde::Serialize;

use super::super::boxes::{Marks, Outline};
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::picture::Picture;
use super::super::site::{words, Page, Site, CORRESPONDENCE};
use super::super::tile::Tile;

use crate::dataset::Rect;
use crate::error::Result;
use crate::records::tables::{CorrespondenceRow, PartRow, MAPS, RANDOM};
use crate::records::ORIGINAL;

/// ZF's table 1: what was hidden of five dogs, then mean and deviation at layers 5 and 7.
const PUBLISHED: [(&str, [&str; 2]); 4] = [
    ("right_eye", ["0.067 ± 0.007", "0.069 ± 0.015"]),
    ("left_eye", ["0.069 ± 0.007", "0.068 ± 0.013"]),
    ("nose", ["0.079 ± 0.017", "0.069 ± 0.011"]),
    (RANDOM, ["0.107 ± 0.017", "0.073 ± 0.014"]),
];
/// Below it a p-value is taken for more than chance.
const SIGNIFICANT: f64 = 0.05;
/// Photographs shown at most.
const PHOTOS: usize = 24;

#[derive(Serialize)]
struct CorrespondencePage {
    /// Why there is nothing to show.
    nothing: String,
    ours: Table,
    published: Table,
    ours_caption: String,
    layers: Vec<Layer>,
    least: String,
    tiles: Vec<Tile>,
    tiles_more: String,
    unseen: Vec<String>,
}

/// Parts by layers, value by value, as in the paper.
#[derive(Serialize)]
struct Table {
    layers: Vec<String>,
    rows: Vec<TableRow>,
}

#[derive(Serialize)]
struct TableRow {
    part: String,
    cells: Vec<String>,
}

/// What one layer's distances are worth.
#[derive(Serialize)]
struct Layer {
    heading: String,
    says: Vec<String>,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    part: String,
    photos: String,
    pairs: String,
    distance: String,
    random: String,
    p_value: String,
    changed: String,
    agreement: String,
    random_agreement: String,
    agreement_p_value: String,
}

/// Writes `pages/correspondence.html` where the run has the experiment.
pub(in super::super) fn write(site: &Site<'_>) -> Result<()> {
    let rows = site.rows::<CorrespondenceRow>();
    if rows.is_empty() {
        return Ok(());
    }
    let page = Page::new(site, CORRESPONDENCE, "nav.correspondence");
    let texts = page.texts();
    let photos: Vec<&Photo<'_>> = site
        .lookup
        .photos
        .iter()
        .filter(|photo| photo.has::<PartRow>())
        .collect();
    let seen: Vec<&&Photo<'_>> = photos
        .iter()
        .filter(|photo| {
            photo
                .rows::<PartRow>()
                .iter()
                .any(|row| row.visible_share > 0.0)
        })
        .collect();
    let options = &site.run.manifest.options;
    let places = options
        .number("correspondence", "random_places")
        .unwrap_or(0);
    let content = CorrespondencePage {
        nothing: match rows.iter().any(|row| row.part != RANDOM && row.pairs > 0) {
            true => String::new(),
            false => texts.say("correspondence.nothing"),
        },
        ours: ours(&page, rows),
        published: published(&page),
        ours_caption: texts.count(
            "correspondence.ours_caption",
            seen.len(),
            &[
                ("model", site.network()),
                ("places", &numbers::count(places)),
            ],
        ),
        layers: layer_names(rows)
            .into_iter()
            .map(|layer| of_layer(&page, rows, layer))
            .collect(),
        least: least(&page, rows),
        tiles: seen.iter().take(PHOTOS).map(|p| tile(&page, p)).collect(),
        tiles_more: match seen.len() > PHOTOS {
            true => texts.fill("common.more_in", &[("file", "data/parts.csv")]),
            false => String::new(),
        },
        unseen: photos.iter().flat_map(|photo| unseen(photo)).collect(),
    };
    let title = texts.say("correspondence.title");
    page.write("correspondence.html", &title, &content)
}

fn part_words(page: &Page<'_>, part: &str) -> String {
    match part {
        RANDOM => page.texts().say("correspondence.random"),
        part => words(part),
    }
}

fn layer_words(page: &Page<'_>, layer: &str) -> String {
    match layer.strip_suffix(MAPS) {
        Some(layer) => page
            .texts()
            .fill("correspondence.maps", &[("layer", layer)]),
        None => layer.to_owned(),
    }
}

fn layer_names(rows: &[CorrespondenceRow]) -> Vec<&str> {
    let mut names: Vec<&str> = rows.iter().map(|row| row.layer.as_str()).collect();
    names.dedup();
    names
}

fn ours(page: &Page<'_>, rows: &[CorrespondenceRow]) -> Table {
    let mut layers = layer_names(rows);
    layers.retain(|layer| !layer.ends_with(MAPS));
    let first = layers.first().copied().unwrap_or_default();
    let parts = rows.iter().filter(|row| row.layer == first);
    let cell = |layer: &str, part: &str| {
        let row = rows
            .iter()
            .find(|row| row.layer == layer && row.part == part);
        plus_minus(row.and_then(|row| row.mean), row.and_then(|row| row.sd))
    };
    let row = |row: &CorrespondenceRow| TableRow {
        part: part_words(page, &row.part),
        cells: layers.iter().map(|layer| cell(layer, &row.part)).collect(),
    };
    Table {
        rows: parts.map(row).collect(),
        layers: layers.into_iter().map(str::to_owned).collect(),
    }
}

fn published(page: &Page<'_>) -> Table {
    let layer = |number| {
        page.texts()
            .fill("correspondence.zf_layer", &[("n", number)])
    };
    let row = |(part, cells): (&str, [&str; 2])| TableRow {
        part: part_words(page, part),
        cells: cells.map(str::to_owned).to_vec(),
    };
    Table {
        layers: ["5", "7"].map(layer).to_vec(),
        rows: PUBLISHED.map(row).into(),
    }
}

fn of_layer(page: &Page<'_>, rows: &[CorrespondenceRow], layer: &str) -> Layer {
    let texts = page.texts();
    let rows: Vec<&CorrespondenceRow> = rows.iter().filter(|row| row.layer == layer).collect();
    let line = |row: &&CorrespondenceRow| Line {
        part: part_words(page, &row.part),
        photos: numbers::count(row.photos),
        pairs: numbers::count(row.pairs),
        distance: plus_minus(row.mean, row.sd),
        random: plus_minus(row.random_mean, row.random_sd),
        p_value: numbers::or_dash(row.p_value, numbers::p_value),
        changed: numbers::or_dash(row.changed, numbers::percent),
        agreement: plus_minus(row.agreement_mean, row.agreement_sd),
        random_agreement: plus_minus(row.random_agreement_mean, row.random_agreement_sd),
        agreement_p_value: numbers::or_dash(row.agreement_p_value, numbers::p_value),
    };
    Layer {
        heading: texts.fill("layer.title", &[("layer", &layer_words(page, layer))]),
        says: rows.iter().filter_map(|row| says(page, row)).collect(),
        lines: rows.iter().map(line).collect(),
    }
}

/// A sentence on what a part's distances show.
fn says(page: &Page<'_>, row: &CorrespondenceRow) -> Option<String> {
    let texts = page.texts();
    let part = words(&row.part);
    if row.part == RANDOM {
        return None;
    }
    if row.pairs == 0 {
        let gaps = [("part", part.as_str())];
        return Some(texts.count("correspondence.says_none", row.photos, &gaps));
    }
    let (p, agreement) = (row.p_value?, row.agreement_p_value?);
    let least = row.p_least.filter(|least| *least >= SIGNIFICANT);
    if let Some(least) = least.map(numbers::p_value) {
        let gaps = [("part", part.as_str()), ("least", least.as_str())];
        return Some(texts.fill("correspondence.says_few", &gaps));
    }
    let key = match (p < SIGNIFICANT, agreement < SIGNIFICANT) {
        (true, true) => "correspondence.says_both",
        (true, false) => "correspondence.says_distance",
        (false, true) => "correspondence.says_agreement",
        (false, false) => "correspondence.says_neither",
    };
    let (p, agreement) = (numbers::p_value(p), numbers::p_value(agreement));
    Some(texts.fill(
        key,
        &[
            ("part", part.as_str()),
            ("p", p.as_str()),
            ("agreement", agreement.as_str()),
        ],
    ))
}

/// How small the p-values could have become.
fn least(page: &Page<'_>, rows: &[CorrespondenceRow]) -> String {
    let tested = rows.iter().filter_map(|row| Some((row.p_least?, row)));
    let Some((least, row)) = tested.min_by(|a, b| a.0.total_cmp(&b.0)) else {
        return page.texts().say("correspondence.least_none");
    };
    let key = match row.method.as_str() {
        "exact" => "correspondence.least_exact",
        _ => "correspondence.least_drawn",
    };
    let ways = numbers::count((1.0 / least).round() as usize);
    page.texts().fill(key, &[("ways", &ways)])
}

fn tile(page: &Page<'_>, photo: &Photo<'_>) -> Tile {
    let outline = |row: &&PartRow| {
        let marks = match row.part.as_str() {
            RANDOM => Marks::Control,
            _ => Marks::Mask,
        };
        let rect = Rect {
            x: row.x,
            y: row.y,
            width: row.width,
            height: row.height,
        };
        Outline::new(photo.geometry.as_ref()?, marks, &rect)
    };
    // Parts last, so that they lie on top.
    let mut rows = photo.rows::<PartRow>();
    rows.sort_by_key(|row| row.part != RANDOM);
    let outlines: Vec<Outline> = rows.iter().filter_map(outline).collect();
    let mut names: Vec<String> = Vec::new();
    for row in photo
        .rows::<PartRow>()
        .iter()
        .filter(|row| row.visible_share > 0.0)
    {
        let name = words(&row.part);
        if row.part != RANDOM && !names.contains(&name) {
            names.push(name);
        }
    }
    let names = names.join(", ");
    let mut picture = Picture::input(page, photo, ORIGINAL).outlined(outlines);
    picture.describe(page.texts().fill(
        "correspondence.alt",
        &[("photo", &photo.image.path), ("parts", &names)],
    ));
    Tile::new(page, photo, vec![picture], vec![names])
}

fn unseen(photo: &Photo<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for row in photo
        .rows::<PartRow>()
        .iter()
        .filter(|row| row.visible_share <= 0.0)
    {
        let name = format!("{}: {}", photo.image.path, words(&row.part));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// `0.067 ± 0.007`, as in the paper.
fn plus_minus(mean: Option<f64>, sd: Option<f64>) -> String {
    match (mean, sd) {
        (None, _) => "–".to_owned(),
        (Some(mean), None) => format!("{mean:.3}"),
        (Some(mean), Some(sd)) => format!("{mean:.3} ± {sd:.3}"),
    }
}
