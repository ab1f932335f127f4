//! Whether hiding the same part of different photographs changes a layer alike: ZF's table 1 for this run.

use super::super::blocks::{
    Block, Column, List, Marks, Outline, Picture, Row, Table, Text, Tile, Tiles,
};
use super::super::frame::Content;
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::photograph;
use super::super::site::{words, Page, CORRESPONDENCE};
use super::{Chapter, Plan};
use crate::dataset::Rect;
use crate::error::Result;
use crate::records::tables::{CorrespondenceRow, PartRow, Row as _, MAPS, RANDOM};
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

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.correspondence",
    holds: "front.contents_correspondence",
    pages: |site| match site.rows::<CorrespondenceRow>().is_empty() {
        true => Vec::new(),
        false => vec![Plan::new(CORRESPONDENCE, content)],
    },
};

fn content(page: &Page<'_>) -> Result<Content> {
    let (site, texts) = (page.site, page.texts());
    let rows = site.rows::<CorrespondenceRow>();
    let photos = site.lookup.photos.iter();
    let photos: Vec<&Photo<'_>> = photos.filter(|photo| photo.has::<PartRow>()).collect();
    let is_seen = |row: &&PartRow| row.visible_share > 0.0;
    let seen: Vec<&Photo<'_>> = photos
        .iter()
        .copied()
        .filter(|photo| photo.rows::<PartRow>().iter().any(is_seen))
        .collect();
    let title = texts.say("correspondence.title");
    let mut blocks = vec![
        Block::Heading(title.clone()),
        Block::Lead(texts.say("correspondence.lead").into()),
    ];
    if !rows.iter().any(|row| row.part != RANDOM && row.pairs > 0) {
        blocks.push(Block::Notice(texts.say("correspondence.nothing").into()));
    }
    let how = [
        "correspondence.how_hide",
        "correspondence.how_sign",
        "correspondence.how_distance",
        "correspondence.how_mean",
        "correspondence.how_maps",
    ];
    let how = List::steps(how.map(|key| texts.say(key)));
    let beside = Block::Group {
        class: "beside",
        blocks: vec![ours(page, rows, seen.len()), published(page)],
    };
    blocks.extend([
        page.section("how", "correspondence.how", vec![Block::List(how)]),
        page.section("table", "correspondence.table", vec![beside]),
        page.section("worth", "correspondence.worth", worth(page, rows)),
    ]);
    if !seen.is_empty() {
        blocks.push(page.section("boxes", "correspondence.boxes", boxes(page, &seen)));
    }
    let unseen: Vec<String> = photos.iter().flat_map(|photo| unseen(photo)).collect();
    if !unseen.is_empty() {
        let told = vec![
            page.say("correspondence.unseen_text"),
            Block::List(List::names(unseen)),
        ];
        blocks.push(page.section("unseen", "correspondence.unseen", told));
    }
    Ok(Content::new(title, blocks))
}

fn boxes(page: &Page<'_>, seen: &[&Photo<'_>]) -> Vec<Block> {
    let tiles = seen.iter().take(PHOTOS).map(|photo| tile(page, photo));
    let mut blocks = vec![
        page.say("correspondence.boxes_text"),
        Block::Tiles(Tiles::new("", tiles.collect())),
    ];
    if seen.len() > PHOTOS {
        let file = [("file", PartRow::FILE)];
        blocks.push(Block::text(page.texts().fill("common.more_in", &file)));
    }
    blocks
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

/// Parts by layers, value by value, as in the paper.
fn as_published(
    page: &Page<'_>,
    (name, caption): (&str, String),
    layers: impl IntoIterator<Item = String>,
    rows: Vec<Row>,
) -> Block {
    let texts = page.texts();
    let label = texts.say(name);
    let mut columns = vec![Column::text(texts.say("correspondence.hidden"))];
    columns.extend(layers.into_iter().map(Column::number));
    let caption = Text::of_class("strong", format!("{label}.")).and(caption);
    Block::Table(Table::new(label, caption, columns, rows))
}

fn ours(page: &Page<'_>, rows: &[CorrespondenceRow], photos: usize) -> Block {
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
    let row = |row: &CorrespondenceRow| {
        let cells = layers.iter().map(|layer| cell(layer, &row.part));
        Row::new(part_words(page, &row.part), cells)
    };
    let rows = parts.map(row).collect();
    let options = &page.site.run.manifest.options;
    let places = options.number("correspondence", "random_places");
    let places = places.unwrap_or(0);
    let gaps = [
        ("model", page.site.network()),
        ("places", &numbers::count(places)),
    ];
    let caption = page
        .texts()
        .count("correspondence.ours_caption", photos, &gaps);
    let layers = layers.into_iter().map(str::to_owned);
    as_published(page, ("correspondence.ours", caption), layers, rows)
}

fn published(page: &Page<'_>) -> Block {
    let texts = page.texts();
    let layer = |number| texts.fill("correspondence.zf_layer", &[("n", number)]);
    let rows = PUBLISHED.map(|(part, cells)| Row::new(part_words(page, part), cells));
    let caption = texts.say("correspondence.zf_caption");
    let layers = ["5", "7"].map(layer);
    as_published(page, ("correspondence.zf", caption), layers, rows.into())
}

/// What the distances are worth, layer by layer.
fn worth(page: &Page<'_>, rows: &[CorrespondenceRow]) -> Vec<Block> {
    let said = vec![
        page.texts().say("correspondence.worth_p"),
        least(page, rows),
    ];
    let mut blocks = vec![
        Block::text(said),
        page.say("correspondence.worth_agreement"),
    ];
    for layer in layer_names(rows) {
        blocks.extend(of_layer(page, rows, layer));
    }
    blocks.push(page.say("correspondence.worth_several"));
    blocks.push(page.say("correspondence.worth_place"));
    blocks
}

fn of_layer(page: &Page<'_>, rows: &[CorrespondenceRow], layer: &str) -> [Block; 3] {
    let texts = page.texts();
    let rows: Vec<&CorrespondenceRow> = rows.iter().filter(|row| row.layer == layer).collect();
    let line = |row: &&CorrespondenceRow| {
        let cells = [
            numbers::count(row.photos),
            numbers::count(row.pairs),
            plus_minus(row.mean, row.sd),
            plus_minus(row.random_mean, row.random_sd),
            numbers::or_dash(row.p_value, numbers::p_value),
            numbers::or_dash(row.changed, numbers::percent),
            plus_minus(row.agreement_mean, row.agreement_sd),
            plus_minus(row.random_agreement_mean, row.random_agreement_sd),
            numbers::or_dash(row.agreement_p_value, numbers::p_value),
        ];
        Row::new(part_words(page, &row.part), cells)
    };
    let numbers = [
        "correspondence.photos",
        "correspondence.pairs",
        "correspondence.distance",
        "correspondence.with_random",
        "correspondence.p_value",
        "correspondence.changed",
        "correspondence.agreement",
        "correspondence.with_random",
        "correspondence.p_value",
    ];
    let mut columns = vec![Column::text(texts.say("correspondence.hidden"))];
    columns.extend(numbers.map(|key| Column::number(texts.say(key))));
    let heading = texts.fill("layer.title", &[("layer", &layer_words(page, layer))]);
    let says = rows.iter().filter_map(|row| says(page, row));
    let caption = texts.say("correspondence.layer_caption");
    let lines = rows.iter().map(line).collect();
    [
        Block::Subheading(heading.clone()),
        Block::List(List::prose(says)),
        Block::Table(Table::new(heading, caption, columns, lines)),
    ]
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
    let picture = Picture::input(page, photo, ORIGINAL).outlined(outlines);
    let picture = picture.described(page.texts().fill(
        "correspondence.alt",
        &[("photo", &photo.image.path), ("parts", &names)],
    ));
    photograph::tile(page, photo, vec![picture], vec![names])
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
