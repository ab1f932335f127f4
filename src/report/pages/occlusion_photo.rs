//! What hiding one photograph piece by piece does: ZF's figure 7 for it, with deletion and insertion curves.

use serde::Serialize;

use super::super::charts::Chart;
use super::super::grid::file_name;
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::paging::Neighbours;
use super::super::picture::{field_outline, Picture};
use super::super::site::{occlusion_page, words, Page, Site, METHOD, OCCLUSION};
use super::super::telling;
use super::super::tile::{link, Tile};
use super::occlusion_found::{is_fast, Found};
use super::occlusion_panels::{self as panels, Panel};
use super::occlusion_readings as readings;
use crate::error::Result;
use crate::figures::charts::lines::{self, Axis};
use crate::figures::occlusion::{path, Subject};
use crate::figures::photo::file_stem;
use crate::records::tables::{OcclusionExampleRow, OcclusionRegionRow};

#[derive(Serialize)]
struct OcclusionPhotoPage {
    name: String,
    lead: String,
    geometry: String,
    /// Whether the maps are approximate.
    fast: bool,
    has_classifier: bool,
    input: Picture,
    answer: Vec<Panel>,
    map_text: String,
    map: Vec<Panel>,
    /// Other photos that excite the map.
    examples: Vec<Tile>,
    regions: Vec<Region>,
    curves: Option<Curves>,
    /// JSON, escaped for a script element.
    readings: String,
    reading: String,
    overview: String,
    photo: String,
    method: String,
    beside: Neighbours,
}

#[derive(Serialize)]
struct Region {
    name: String,
    hit: String,
    overlap: String,
    chance: String,
}

#[derive(Serialize)]
struct Curves {
    chart: Chart,
    /// Of insertion, then of deletion: as the lines of the chart.
    areas: [String; 2],
}

/// Writes a page for each photo of the experiment.
pub(in super::super) fn write_all(site: &Site<'_>) -> Result<()> {
    let photos = telling::occluded(&site.lookup);
    for (at, (photo, row)) in photos.iter().enumerate() {
        let page = Page::new(site, occlusion_page(photo.id()), "nav.occlusion");
        let beside = Neighbours::new(at, photos.len(), |other| {
            page.href(&occlusion_page(photos[other].0.id()))
        });
        let found = Found::new(&page, photo, row)?;
        let content = content(&page, photo, &found, beside)?;
        page.write("occlusion_photo.html", &photo.image.path, &content)?;
    }
    Ok(())
}

fn content(
    page: &Page<'_>,
    photo: &Photo<'_>,
    found: &Found<'_>,
    beside: Neighbours,
) -> Result<OcclusionPhotoPage> {
    let texts = page.texts();
    let answer = [
        Some(panels::worst(page, photo, found)),
        panels::probability(page, photo, found)?,
        panels::most_probable(page, photo, found)?,
    ];
    let map = found.row.map.to_string();
    Ok(OcclusionPhotoPage {
        name: photo.image.path.clone(),
        lead: lead(page, found),
        geometry: geometry(page, found),
        fast: is_fast(found.row),
        has_classifier: found.row.class_index.is_some(),
        input: panels::input(page, photo, found),
        answer: answer.into_iter().flatten().collect(),
        map_text: texts.fill(
            "occlusion.map_text",
            &[("map", map.as_str()), ("layer", &found.row.layer)],
        ),
        map: vec![
            panels::activation(page, photo, found)?,
            panels::projection(page, photo, found),
        ],
        examples: examples(page, photo),
        regions: regions(page, photo),
        curves: curves(page, photo, found)?,
        readings: readings::json(texts, photo, found)?,
        reading: readings::worst(texts, found),
        overview: page.href(OCCLUSION),
        photo: link(page, photo),
        method: page.href(METHOD),
        beside,
    })
}

/// What happened, in a few sentences.
fn lead(page: &Page<'_>, found: &Found<'_>) -> String {
    let (row, texts) = (found.row, page.texts());
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

/// How the positions lie, in words.
pub(super) fn geometry(page: &Page<'_>, found: &Found<'_>) -> String {
    let positions = &found.positions;
    let gaps = [
        ("occluder", positions.occluder.to_string()),
        ("stride", positions.stride.to_string()),
        ("side", positions.side.to_string()),
        ("rows", positions.rows.to_string()),
        ("columns", positions.columns.to_string()),
    ];
    let gaps = gaps.each_ref().map(|(gap, text)| (*gap, text.as_str()));
    page.texts()
        .count("occlusion.geometry", positions.count(), &gaps)
}

fn examples(page: &Page<'_>, photo: &Photo<'_>) -> Vec<Tile> {
    let texts = page.texts();
    let mut rows = photo.occlusion_examples.clone();
    rows.sort_by_key(|row| row.rank);
    let example = |row: &&OcclusionExampleRow| {
        let other = page.site.lookup.photo(&row.example_id)?;
        let outline = field_outline(other, *row);
        let picture = |subject, key: &str| {
            let alt = texts.fill(key, &[("photo", &other.image.path)]);
            Picture::of_file(page, &path(photo.id(), subject), alt).outlined(outline)
        };
        let activation = numbers::activation(f64::from(row.activation));
        Some(Tile {
            pictures: vec![
                picture(
                    Subject::ExampleInput(row.rank),
                    "occlusion.alt_example_input",
                ),
                picture(Subject::Example(row.rank), "occlusion.alt_example"),
            ],
            name: file_name(&other.image.path).to_owned(),
            href: match other.occluded() {
                Some(_) => page.href(&occlusion_page(other.id())),
                None => link(page, other),
            },
            lines: vec![texts.fill("layer.activation", &[("value", &activation)])],
        })
    };
    rows.iter().filter_map(example).collect()
}

fn regions(page: &Page<'_>, photo: &Photo<'_>) -> Vec<Region> {
    let region = |row: &&OcclusionRegionRow| Region {
        name: words(&row.region),
        hit: match row.hit {
            true => page.texts().say("occlusion.yes"),
            false => page.texts().say("occlusion.no"),
        },
        overlap: numbers::whole_percent(row.overlap),
        chance: numbers::whole_percent(row.chance),
    };
    photo.occlusion_regions.iter().map(region).collect()
}

fn curves(page: &Page<'_>, photo: &Photo<'_>, found: &Found<'_>) -> Result<Option<Curves>> {
    let texts = page.texts();
    let points = |curve: &str| {
        let rows = photo
            .occlusion_curves
            .iter()
            .filter(|row| row.curve == curve);
        let mut points: Vec<(f64, f64)> = rows
            .map(|row| (row.share, f64::from(row.probability)))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points
    };
    let drawn = ["insertion", "deletion"].map(points);
    if drawn.iter().all(Vec::is_empty) {
        return Ok(None);
    }
    let across = Axis::over([0.0, 1.0], &texts.say("occlusion.curve_axis"))
        .printed(|share| format!("{:.0}", share * 100.0));
    let up = Axis::from_zero(1.0, &texts.say("common.probability"));
    let [insertion, deletion] = [found.row.insertion_area, found.row.deletion_area]
        .map(|area| numbers::or_dash(area, numbers::probability));
    let gaps = [
        ("class", found.row.class_name.as_str()),
        ("insertion", &insertion),
        ("deletion", &deletion),
    ];
    let alt = texts.fill("occlusion.alt_curves", &gaps);
    let svg = lines::draw(&drawn, across, up)?;
    let file = format!("assets/occlusion/{}/curves.svg", file_stem(photo.id()));
    let title = texts.fill(
        "occlusion.probability_of",
        &[("class", &found.row.class_name)],
    );
    Ok(Some(Curves {
        chart: Chart::write(page, &file, &svg, alt)?.titled(title),
        areas: [
            texts.fill("occlusion.insertion_area", &[("area", &insertion)]),
            texts.fill("occlusion.deletion_area", &[("area", &deletion)]),
        ],
    }))
}
