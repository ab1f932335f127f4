//! What hiding one photograph piece by piece does: ZF's figure 7 for it, with deletion and insertion curves.

use super::found::{is_fast, Found};
use super::{readings, Occluded, SCRIPT};
use crate::error::Result;
use crate::figures::charts::lines::{self, Axis};
use crate::figures::occlusion::{path, Subject};
use crate::records::file_stem;
use crate::records::tables::{OcclusionCurveRow, OcclusionExampleRow, OcclusionRegionRow};
use crate::report::blocks::{
    Block, Charts, Column, List, Neighbours, Picture, Row, Swatch, Swatches, Table, Text, Tile,
    Tiles,
};
use crate::report::frame::{Asset, Content};
use crate::report::numbers;
use crate::report::photograph::{field_outline, file_name, link, tile};
use crate::report::site::{occlusion_page, words, Page, OCCLUSION};

/// The page of photo `at`.
pub(super) fn content(page: &Page<'_>, photos: &[Occluded<'_>], at: usize) -> Result<Content> {
    let texts = page.texts();
    let (photo, row) = photos[at];
    let found = Found::new(page, photo, row)?;
    let mut blocks = vec![
        Block::Crumbs(vec![Text::link(
            texts.say("occlusion.title"),
            page.href(OCCLUSION),
        )]),
        Block::Heading(photo.image.path.clone()),
        Block::Lead(lead(&found).into()),
    ];
    if row.class_index.is_none() {
        blocks.push(Block::Notice(texts.say("occlusion.no_classifier").into()));
    }
    if is_fast(row) {
        blocks.push(Block::Notice(texts.say("occlusion.fast_page").into()));
    }
    let data = Asset {
        path: readings::path(photo),
        text: readings::script(&found)?,
    };
    let script = Asset {
        path: SCRIPT.to_owned(),
        text: include_str!("../../../../templates/maps.js").to_owned(),
    };
    blocks.push(Block::Reading {
        data: file_stem(photo.id()),
        text: readings::worst(&found),
        hint: texts.say("occlusion.hint"),
        blocks: vec![answer(&found)?, map(&found)?],
    });
    blocks.extend(curves(&found)?);
    blocks.extend(regions(&found));
    blocks.push(how(&found));
    blocks.push(page.caveat());
    let names = (texts.say("photo.previous"), texts.say("photo.next"));
    let beside = |other: usize| page.href(&occlusion_page(photos[other].0.id()));
    let label = texts.say("occlusion.title");
    blocks.push(Block::Neighbours(
        Neighbours::new(label, names, (at, photos.len()), beside)
            .below(texts.say("front.open_photo"), link(page, photo)),
    ));
    Ok(Content {
        title: photo.image.path.clone(),
        blocks,
        files: vec![data, script],
    })
}

/// What happened, in a few sentences.
fn lead(found: &Found<'_>) -> String {
    let (row, texts) = (found.row, found.page.texts());
    let Some((clean, worst)) = row.probability.zip(row.worst_probability) else {
        let left = f64::from(row.worst_map_activation) / f64::from(row.map_activation);
        let left = numbers::whole_percent(left);
        return texts.fill("occlusion.lead_map", &[("left", &left)]);
    };
    let [clean, worst] = [clean, worst].map(|p| numbers::probability(f64::from(p)));
    let other = row.worst_class_index != row.class_index;
    let gaps = [
        ("class", row.class_name.as_str()),
        ("clean", &clean),
        ("worst", &worst),
        ("other", &row.worst_class_name),
    ];
    let mut lead = texts.fill(
        match row.class_source.as_str() {
            "label" => "occlusion.lead_label",
            _ => "occlusion.lead_predicted",
        },
        &gaps,
    );
    let then = match other {
        true => "occlusion.lead_other",
        false => "occlusion.lead_same",
    };
    lead.push(' ');
    lead.push_str(&texts.fill(then, &gaps));
    if let Some(share) = row.changed_share {
        let share = numbers::whole_percent(share);
        lead.push(' ');
        lead.push_str(&texts.fill("occlusion.lead_changed", &[("share", &share)]));
    }
    lead
}

fn answer(found: &Found<'_>) -> Result<Block> {
    let page = found.page;
    let panels = [
        Some(found.input_panel()),
        Some(found.worst_panel()),
        found.probability_panel()?,
        found.classes_panel()?,
    ];
    let heading = match found.row.class_index {
        Some(_) => "occlusion.answer",
        None => "occlusion.where",
    };
    let blocks = vec![
        page.say("occlusion.answer_text"),
        Block::Panels(panels.into_iter().flatten().collect()),
    ];
    Ok(page.section("answer", heading, blocks))
}

fn map(found: &Found<'_>) -> Result<Block> {
    let (page, texts) = (found.page, found.page.texts());
    let map = found.row.map.to_string();
    let gaps = [("map", map.as_str()), ("layer", &found.row.layer)];
    let panels = vec![found.activation_panel()?, found.projection_panel()];
    let mut blocks = vec![
        Block::text(texts.fill("occlusion.map_text", &gaps)),
        Block::Panels(panels),
        Block::Subheading(texts.say("occlusion.examples")),
    ];
    let examples = examples(found);
    match examples.is_empty() {
        true => blocks.push(page.say("occlusion.no_examples")),
        false => blocks.extend([
            page.say("occlusion.examples_text"),
            Block::Tiles(Tiles::new("pairs", examples)),
        ]),
    }
    Ok(page.section("map", "occlusion.map", blocks))
}

/// Other photos that excite the map.
fn examples(found: &Found<'_>) -> Vec<Tile> {
    let (page, texts) = (found.page, found.page.texts());
    let mut rows = found.photo.rows::<OcclusionExampleRow>();
    rows.sort_by_key(|row| row.rank);
    let example = |row: &&OcclusionExampleRow| {
        let other = page.site.lookup.photo(&row.example_id)?;
        let picture = |subject, key: &str| {
            let alt = texts.fill(key, &[("photo", &other.image.path)]);
            Picture::of_file(page, &path(found.photo.id(), subject), alt)
                .or(texts.say("occlusion.no_picture"))
                .outlined(field_outline(other, *row))
        };
        let pictures = vec![
            picture(
                Subject::ExampleInput(row.rank),
                "occlusion.alt_example_input",
            ),
            picture(Subject::Example(row.rank), "occlusion.alt_example"),
        ];
        let activation = numbers::activation(f64::from(row.activation));
        let line = texts.fill("layer.activation", &[("value", &activation)]);
        let tile = tile(page, other, pictures, vec![line]);
        Some(match other.occluded() {
            Some(_) => Tile {
                name: Text::link(
                    file_name(&other.image.path),
                    page.href(&occlusion_page(other.id())),
                ),
                ..tile
            },
            None => tile,
        })
    };
    rows.iter().filter_map(example).collect()
}

/// The curves; `None` where none were followed.
fn curves(found: &Found<'_>) -> Result<Option<Block>> {
    let (page, texts) = (found.page, found.page.texts());
    let drawn = ["insertion", "deletion"].map(|curve| points(found, curve));
    if drawn.iter().all(Vec::is_empty) {
        return Ok(None);
    }
    let across = Axis::over([0.0, 1.0], &texts.say("occlusion.curve_axis"))
        .printed(|share| format!("{:.0}", share * 100.0));
    let up = Axis::from_zero(1.0, &texts.say("common.probability"));
    let svg = lines::draw(&drawn, across, up)?;
    let [insertion, deletion] = [found.row.insertion_area, found.row.deletion_area]
        .map(|area| numbers::or_dash(area, numbers::probability));
    let class = found.row.class_name.as_str();
    let gaps = [
        ("class", class),
        ("insertion", &insertion),
        ("deletion", &deletion),
    ];
    let alt = texts.fill("occlusion.alt_curves", &gaps);
    let stem = file_stem(found.photo.id());
    let chart = page.chart(&format!("assets/occlusion/{stem}/curves.svg"), &svg, alt)?;
    let title = texts.fill("occlusion.probability_of", &[("class", class)]);
    let areas = [
        texts.fill("occlusion.insertion_area", &[("area", &insertion)]),
        texts.fill("occlusion.deletion_area", &[("area", &deletion)]),
    ];
    let swatch = |(number, name): (usize, String)| Swatch {
        class: format!("line-{number}"),
        name,
        value: String::new(),
    };
    let blocks = vec![
        page.say("occlusion.curves_text"),
        Block::Charts(Charts {
            charts: vec![chart.titled(title)],
            caption: String::new(),
        }),
        Block::Swatches(Swatches {
            in_line: true,
            entries: areas.into_iter().enumerate().map(swatch).collect(),
        }),
    ];
    Ok(Some(page.section("curves", "occlusion.curves", blocks)))
}

/// The points of a curve: share of the photo, and probability.
fn points(found: &Found<'_>, curve: &str) -> Vec<(f64, f64)> {
    let rows = found.photo.rows::<OcclusionCurveRow>().into_iter();
    let mut points: Vec<(f64, f64)> = rows
        .filter(|row| row.curve == curve)
        .map(|row| (row.share, f64::from(row.probability)))
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}

/// Whether the most harmful position lies in the regions; `None` where none are marked.
fn regions(found: &Found<'_>) -> Option<Block> {
    let (page, texts) = (found.page, found.page.texts());
    let row = |row: &&OcclusionRegionRow| {
        let hit = match row.hit {
            true => "occlusion.yes",
            false => "occlusion.no",
        };
        let cells = [
            texts.say(hit),
            numbers::whole_percent(row.chance),
            numbers::whole_percent(row.overlap),
        ];
        Row::new(words(&row.region), cells)
    };
    let rows = found.photo.rows::<OcclusionRegionRow>();
    let rows: Vec<Row> = rows.iter().map(row).collect();
    let columns = vec![
        Column::text(texts.say("occlusion.region")),
        Column::text(texts.say("occlusion.hit")),
        Column::number(texts.say("occlusion.chance")),
        Column::number(texts.say("occlusion.overlap")),
    ];
    (!rows.is_empty()).then(|| {
        let label = texts.say("occlusion.regions");
        let caption = texts.say("occlusion.region_caption");
        let table = Block::Table(Table::new(label, caption, columns, rows));
        page.section("regions", "occlusion.regions", vec![table])
    })
}

fn how(found: &Found<'_>) -> Block {
    let (page, texts) = (found.page, found.page.texts());
    let how = [
        found.geometry(),
        texts.say("occlusion.how_cells"),
        texts.say("occlusion.how_scale"),
        texts.say("occlusion.how_file"),
    ];
    let limits = page.href(&format!("{OCCLUSION}#limits"));
    let blocks = vec![
        Block::List(List::prose(how)),
        Block::text(Text::link(texts.say("occlusion.limits"), limits)),
    ];
    page.section("how", "occlusion.how", blocks)
}
