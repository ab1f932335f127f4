//! What hiding one photograph piece by piece does: ZF's figure 7 for it, with deletion and insertion curves.

use figures::charts::lines::{self, Axis};
use figures::occlusion::{path, Subject};
use network::Scores;
use records::file_stem;
use records::tables::{OcclusionCurveRow, OcclusionExampleRow, OcclusionRegionRow};

use super::found::{is_fast, Found};
use super::{readings, Occluded, SCRIPT};
use crate::frame::Asset;
use crate::photograph::{field_outline, tile};
use crate::prelude::*;
use crate::site::{occlusion_page, OCCLUSION};
use crate::telling;

/// The page of photo `at`.
pub(super) fn content(page: &Page<'_>, photos: &[Occluded<'_>], at: usize) -> Result<Content> {
    let (photo, row) = photos[at];
    let found = Found::new(page, photo, row)?;
    let no_class = row.class_index.is_none();
    let reading = Block::Reading {
        data: file_stem(photo.id()),
        text: readings::worst(&found),
        hint: page.say("occlusion.hint"),
        blocks: vec![answer(&found)?, map(&found)?],
    };
    let above = Link::new(page.say("front.open_photo"), link(page, photo));
    let (names, place) = (["photo.previous", "photo.next"], (at, photos.len()));
    let beside = page.neighbours("occlusion.title", names, place, Some(above), |other| {
        occlusion_page(photos[other].0.id())
    });
    let content = Content::new(&photo.image.path, lead(&found))
        .below([page.crumb("occlusion.title", OCCLUSION)])
        .with(no_class.then(|| page.notice("occlusion.no_classifier")))
        .with(is_fast(row).then(|| page.notice("occlusion.fast_page")))
        .with([reading])
        .with(curves(&found)?)
        .with(regions(&found))
        .with([how(&found), page.caveat(), beside]);
    let script = include_str!("../../../../templates/maps.js");
    Ok(Content {
        files: vec![
            Asset::new(readings::path(photo), readings::script(&found)?),
            Asset::new(SCRIPT, script),
        ],
        ..content
    })
}

/// What happened, in a few sentences.
fn lead(found: &Found<'_>) -> Vec<String> {
    let row = found.row;
    let Some((clean, worst)) = row.probability.zip(row.worst_probability) else {
        let left = numbers::whole_percent(telling::map_left(row));
        return vec![found.page.fill("occlusion.lead_map", &[("left", &left)])];
    };
    let gaps: [Gap<'_>; 4] = [
        ("class", &row.class_name),
        ("clean", &numbers::probability(clean)),
        ("worst", &numbers::probability(worst)),
        ("other", &row.worst_class_name),
    ];
    let followed = match (found.page.site.scores(), row.class_source.as_str()) {
        (Some(Scores::None), _) => "occlusion.lead_score",
        (_, "label") => "occlusion.lead_label",
        (Some(Scores::Sigmoid), _) => "occlusion.lead_each",
        _ => "occlusion.lead_predicted",
    };
    let then = match row.worst_class_index == row.class_index {
        true => "occlusion.lead_same",
        false => "occlusion.lead_other",
    };
    let mut lead = vec![
        found.page.fill(followed, &gaps),
        found.page.fill(then, &gaps),
    ];
    lead.extend(row.changed_share.map(|share| {
        let share = numbers::whole_percent(share);
        found
            .page
            .fill("occlusion.lead_changed", &[("share", &share)])
    }));
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
    let panels = Block::Panels(panels.into_iter().flatten().collect());
    let blocks = [page.paragraph("occlusion.answer_text"), panels];
    Ok(page.section("answer", heading, blocks))
}

fn map(found: &Found<'_>) -> Result<Block> {
    let page = found.page;
    let gaps: [Gap<'_>; 2] = [("map", &found.row.map), ("layer", &found.row.layer)];
    let panels = vec![found.activation_panel()?, found.projection_panel()];
    let mut blocks = vec![
        Block::text(found.page.fill("occlusion.map_text", &gaps)),
        Block::Panels(panels),
        Block::Subheading(found.page.say("occlusion.examples")),
    ];
    let examples = examples(found);
    match examples.is_empty() {
        true => blocks.push(page.paragraph("occlusion.no_examples")),
        false => blocks.extend([
            page.paragraph("occlusion.examples_text"),
            Block::tiles("pairs", examples),
        ]),
    }
    Ok(page.section("map", "occlusion.map", blocks))
}

/// Other photos that excite the map.
fn examples(found: &Found<'_>) -> Vec<Tile> {
    let page = found.page;
    let mut rows = found.photo.rows::<OcclusionExampleRow>();
    rows.sort_by_key(|row| row.rank);
    let example = |row: &&OcclusionExampleRow| {
        let other = page.site.lookup.photo(&row.example_id)?;
        let picture = |subject, key: &str| {
            let alt = found.page.fill(key, &[("photo", &other.image.path)]);
            Picture::of_file(page, &path(found.photo.id(), subject), alt)
                .or(found.page.say("occlusion.no_picture"))
                .outlined(field_outline(other, *row))
        };
        let pictures = vec![
            picture(
                Subject::ExampleInput(row.rank),
                "occlusion.alt_example_input",
            ),
            picture(Subject::Example(row.rank), "occlusion.alt_example"),
        ];
        let activation = numbers::activation(row.activation);
        let line = found
            .page
            .fill("layer.activation", &[("value", &activation)]);
        let tile = tile(page, other, pictures, vec![line]);
        Some(match other.occluded() {
            Some(_) => {
                let href = page.href(&occlusion_page(other.id()));
                let name = Text::link(file_name(&other.image.path), href);
                Tile { name, ..tile }
            }
            None => tile,
        })
    };
    rows.iter().filter_map(example).collect()
}

/// The curves; `None` where none were followed.
fn curves(found: &Found<'_>) -> Result<Option<Block>> {
    let page = found.page;
    let rows = found.photo.read_rows::<OcclusionCurveRow>();
    let drawn = ["insertion", "deletion"].map(|curve| points(&rows, curve));
    if drawn.iter().all(Vec::is_empty) {
        return Ok(None);
    }
    let across = Axis::over([0.0, 1.0], &found.page.say("occlusion.curve_axis"))
        .printed(|share| format!("{:.0}", share * 100.0));
    let up = lines::probabilities(&drawn, &found.page.say("common.probability"));
    let svg = lines::draw(&drawn, across, up)?;
    let [insertion, deletion] = [found.row.insertion_area, found.row.deletion_area]
        .map(|area| numbers::or_dash(area, numbers::probability));
    let class = &found.row.class_name;
    let gaps: [Gap<'_>; 3] = [
        ("class", class),
        ("insertion", &insertion),
        ("deletion", &deletion),
    ];
    let alt = found.page.fill("occlusion.alt_curves", &gaps);
    let stem = file_stem(found.photo.id());
    let chart = page.chart(&format!("assets/occlusion/{stem}/curves.svg"), &svg, alt)?;
    let title = found
        .page
        .fill("occlusion.probability_of", &[("class", class)]);
    let areas = [
        found
            .page
            .fill("occlusion.insertion_area", &[("area", &insertion)]),
        found
            .page
            .fill("occlusion.deletion_area", &[("area", &deletion)]),
    ];
    let blocks = [
        page.paragraph("occlusion.curves_text"),
        Block::charts(vec![chart.titled(title)], String::new()),
        Block::Swatches(Swatches::of_lines(areas)),
    ];
    Ok(Some(page.section("curves", "occlusion.curves", blocks)))
}

/// The points of a curve: share of the photo, and probability.
fn points(rows: &[OcclusionCurveRow], curve: &str) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = rows
        .iter()
        .filter(|row| row.curve == curve)
        .map(|row| (row.share, f64::from(row.probability)))
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}

/// Whether the most harmful position lies in the regions; `None` where none are marked.
fn regions(found: &Found<'_>) -> Option<Block> {
    let page = found.page;
    let rows = found.photo.rows::<OcclusionRegionRow>();
    (!rows.is_empty()).then(|| {
        let table = page
            .columns(rows)
            .text("occlusion.region", |row| words(&row.region))
            .text("occlusion.hit", |row| match row.hit {
                true => found.page.say("occlusion.yes"),
                false => found.page.say("occlusion.no"),
            })
            .whole_percent("occlusion.chance", |row| row.chance)
            .whole_percent("occlusion.overlap", |row| row.overlap)
            .table("occlusion.regions", "occlusion.region_caption");
        page.section("regions", "occlusion.regions", [table])
    })
}

fn how(found: &Found<'_>) -> Block {
    let page = found.page;
    let how = [
        found.geometry(),
        found.page.say("occlusion.how_cells"),
        found.page.say("occlusion.how_scale"),
        found.page.say("occlusion.how_file"),
    ];
    let limits = page.href(&format!("{OCCLUSION}#limits"));
    let blocks = [
        Block::prose(how),
        Block::text(Text::link(found.page.say("occlusion.limits"), limits)),
    ];
    page.section("how", "occlusion.how", blocks)
}
