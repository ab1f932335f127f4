//! Whether hiding the same part of different photographs changes a layer alike: ZF's table 1 for this run.

use dataset::Rect;
use records::tables::{CorrespondenceRow, PartRow, Row as _, MAPS, RANDOM};
use records::ORIGINAL;

use super::{Chapter, Plan};
use crate::photograph;
use crate::prelude::*;
use crate::site::CORRESPONDENCE;

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
    let site = page.site;
    let rows = site.rows::<CorrespondenceRow>();
    let photos = site.lookup.photos.iter();
    let photos: Vec<&Photo<'_>> = photos.filter(|photo| photo.has::<PartRow>()).collect();
    let seen = photos
        .iter()
        .copied()
        .filter(|photo| parts(photo, true).next().is_some());
    let seen: Vec<&Photo<'_>> = seen.collect();
    let nothing = !rows.iter().any(|row| row.part != RANDOM && row.pairs > 0);
    let how = page.steps([
        "correspondence.how_hide",
        "correspondence.how_sign",
        "correspondence.how_distance",
        "correspondence.how_mean",
        "correspondence.how_maps",
    ]);
    let tables = [ours(page, rows, seen.len()), published(page)];
    Ok(Content::new(
        page.say("correspondence.title"),
        page.say("correspondence.lead"),
    )
    .with(nothing.then(|| page.notice("correspondence.nothing")))
    .with([
        page.section("how", "correspondence.how", [how]),
        page.section(
            "table",
            "correspondence.table",
            [Block::group("beside", tables)],
        ),
        page.section("worth", "correspondence.worth", worth(page, rows)),
    ])
    .with((!seen.is_empty()).then(|| boxes(page, &seen)))
    .with(unseen(page, &photos)))
}

/// The parts of a photo that the network could see, or could not; random places are parts too.
fn parts<'a>(photo: &Photo<'a>, seen: bool) -> impl Iterator<Item = &'a PartRow> {
    let rows = photo.rows::<PartRow>().into_iter();
    rows.filter(move |row| (row.visible_share > 0.0) == seen)
}

fn boxes(page: &Page<'_>, seen: &[&Photo<'_>]) -> Block {
    let tiles = seen.iter().take(PHOTOS).map(|photo| tile(page, photo));
    let tiles = Block::tiles("", tiles.collect());
    let more = (seen.len() > PHOTOS).then(|| page.more_in(&[PartRow::FILE]));
    let blocks = [page.paragraph("correspondence.boxes_text"), tiles];
    page.section(
        "boxes",
        "correspondence.boxes",
        blocks.into_iter().chain(more),
    )
}

/// The parts that the network could not see; `None` where it could see all.
fn unseen(page: &Page<'_>, photos: &[&Photo<'_>]) -> Option<Block> {
    let of_photo = |photo: &&Photo<'_>| {
        let parts = parts(photo, false);
        distinct(parts.map(|row| format!("{}: {}", photo.image.path, words(&row.part))))
    };
    let names: Vec<String> = photos.iter().flat_map(of_photo).collect();
    (!names.is_empty()).then(|| {
        let list = Block::List(List::names(names));
        let blocks = [page.paragraph("correspondence.unseen_text"), list];
        page.section("unseen", "correspondence.unseen", blocks)
    })
}

fn part_words(page: &Page<'_>, part: &str) -> String {
    match part {
        RANDOM => page.say("correspondence.random"),
        part => words(part),
    }
}

fn layer_words(page: &Page<'_>, layer: &str) -> String {
    match layer.strip_suffix(MAPS) {
        Some(layer) => page.fill("correspondence.maps", &[("layer", &layer)]),
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
    parts: Vec<(&str, Vec<Option<String>>)>,
) -> Block {
    let mut columns = page
        .columns(parts)
        .text("correspondence.hidden", |(part, _)| part_words(page, part));
    for (at, layer) in layers.into_iter().enumerate() {
        columns = columns.column(Column::number(layer), |(_, values)| values[at].clone());
    }
    let label = page.say(name);
    let caption = Text::of_class("strong", format!("{label}.")).and(caption);
    columns.called(label, caption)
}

fn ours(page: &Page<'_>, rows: &[CorrespondenceRow], photos: usize) -> Block {
    let mut layers = layer_names(rows);
    layers.retain(|layer| !layer.ends_with(MAPS));
    let first = layers.first().copied().unwrap_or_default();
    let value = |layer: &&str, part: &str| {
        let mut rows = rows.iter();
        let row = rows.find(|row| row.layer == *layer && row.part == part)?;
        plus_minus(row.mean, row.sd)
    };
    let parts = rows.iter().filter(|row| row.layer == first);
    let parts = parts.map(|row| {
        let values = layers.iter().map(|layer| value(layer, &row.part));
        (row.part.as_str(), values.collect())
    });
    let options = &page.site.run.manifest.options;
    let places = options.number("correspondence", "random_places");
    let gaps: [Gap<'_>; 2] = [
        ("model", &page.site.network()),
        ("places", &numbers::count(places.unwrap_or(0))),
    ];
    let caption = page.count("correspondence.ours_caption", photos, &gaps);
    let names = layers.iter().map(|layer| (*layer).to_owned());
    as_published(
        page,
        ("correspondence.ours", caption),
        names,
        parts.collect(),
    )
}

fn published(page: &Page<'_>) -> Block {
    let layers = [5, 7].map(|number| page.fill("correspondence.zf_layer", &[("n", &number)]));
    let value = |value: &str| Some(value.to_owned());
    let parts = PUBLISHED.map(|(part, values)| (part, values.map(value).into()));
    let caption = page.say("correspondence.zf_caption");
    as_published(page, ("correspondence.zf", caption), layers, parts.into())
}

/// What the distances are worth, layer by layer.
fn worth(page: &Page<'_>, rows: &[CorrespondenceRow]) -> Vec<Block> {
    let said = vec![page.say("correspondence.worth_p"), least(page, rows)];
    let mut blocks = vec![
        Block::text(said),
        page.paragraph("correspondence.worth_agreement"),
    ];
    for layer in layer_names(rows) {
        blocks.extend(of_layer(page, rows, layer));
    }
    blocks.push(page.paragraph("correspondence.worth_several"));
    blocks.push(page.paragraph("correspondence.worth_place"));
    blocks
}

fn of_layer(page: &Page<'_>, rows: &[CorrespondenceRow], layer: &str) -> [Block; 3] {
    let rows = || rows.iter().filter(|row| row.layer == layer);
    let heading = page.fill("layer.title", &[("layer", &layer_words(page, layer))]);
    let says = rows().filter_map(|row| says(page, row));
    let table = page
        .columns(rows())
        .text("correspondence.hidden", |row| part_words(page, &row.part))
        .count("correspondence.photos", |row| row.photos)
        .count("correspondence.pairs", |row| row.pairs)
        .number("correspondence.distance", |row| {
            plus_minus(row.mean, row.sd)
        })
        .number("correspondence.with_random", |row| {
            plus_minus(row.random_mean, row.random_sd)
        })
        .p_value("correspondence.p_value", |row| row.p_value)
        .percent("correspondence.changed", |row| row.changed)
        .number("correspondence.agreement", |row| {
            plus_minus(row.agreement_mean, row.agreement_sd)
        })
        .number("correspondence.with_random", |row| {
            plus_minus(row.random_agreement_mean, row.random_agreement_sd)
        })
        .p_value("correspondence.p_value", |row| row.agreement_p_value)
        .called(heading.clone(), page.say("correspondence.layer_caption"));
    [Block::Subheading(heading), Block::prose(says), table]
}

/// A sentence on what a part's distances show.
fn says(page: &Page<'_>, row: &CorrespondenceRow) -> Option<String> {
    let part = words(&row.part);
    if row.part == RANDOM {
        return None;
    }
    if row.pairs == 0 {
        return Some(page.count("correspondence.says_none", row.photos, &[("part", &part)]));
    }
    let (p, agreement) = (row.p_value?, row.agreement_p_value?);
    let few = row.p_least.filter(|least| *least >= SIGNIFICANT);
    let key = match (few, p < SIGNIFICANT, agreement < SIGNIFICANT) {
        (Some(_), ..) => "correspondence.says_few",
        (_, true, true) => "correspondence.says_both",
        (_, true, false) => "correspondence.says_distance",
        (_, false, true) => "correspondence.says_agreement",
        (_, false, false) => "correspondence.says_neither",
    };
    let gaps: [Gap<'_>; 4] = [
        ("part", &part),
        ("least", &numbers::or_dash(few, numbers::p_value)),
        ("p", &numbers::p_told(p)),
        ("agreement", &numbers::p_told(agreement)),
    ];
    Some(page.fill(key, &gaps))
}

/// How small the p-values could have become.
fn least(page: &Page<'_>, rows: &[CorrespondenceRow]) -> String {
    let tested = rows.iter().filter_map(|row| Some((row.p_least?, row)));
    let Some((least, row)) = tested.min_by(|a, b| a.0.total_cmp(&b.0)) else {
        return page.say("correspondence.least_none");
    };
    let key = match row.method.as_str() {
        "exact" => "correspondence.least_exact",
        _ => "correspondence.least_drawn",
    };
    let ways = numbers::count((1.0 / least).round() as usize);
    page.fill(key, &[("ways", &ways)])
}

fn tile(page: &Page<'_>, photo: &Photo<'_>) -> Tile {
    let outline = |row: &&PartRow| {
        let marks = match row.part.as_str() {
            RANDOM => Marks::Control,
            _ => Marks::Mask,
        };
        let rect = Rect::at((row.x, row.y), (row.width, row.height));
        Outline::new(photo.geometry.as_ref()?, marks, &rect)
    };
    // Parts last, so that they lie on top.
    let mut rows = photo.rows::<PartRow>();
    rows.sort_by_key(|row| row.part != RANDOM);
    let outlines: Vec<Outline> = rows.iter().filter_map(outline).collect();
    let named = parts(photo, true).filter(|row| row.part != RANDOM);
    let names = distinct(named.map(|row| words(&row.part))).join(", ");
    let gaps: [Gap<'_>; 2] = [("photo", &photo.image.path), ("parts", &names)];
    let picture = Picture::input(page, photo, ORIGINAL)
        .outlined(outlines)
        .described(page.fill("correspondence.alt", &gaps));
    photograph::tile(page, photo, vec![picture], vec![names])
}

/// `0.067 ± 0.007`, as in the paper.
fn plus_minus(mean: Option<f64>, sd: Option<f64>) -> Option<String> {
    let mean = mean?;
    Some(match sd {
        Some(sd) => format!("{mean:.3} ± {sd:.3}"),
        None => format!("{mean:.3}"),
    })
}
