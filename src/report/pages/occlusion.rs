//! What hiding photographs piece by piece does, over all of them; the list of them in parts where there are many.

use serde::Serialize;

use super::super::blocks::Picture;
use super::super::card::Card;
use super::super::charts::Chart;
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::paging::Parts;
use super::super::site::{occlusion_page, Page, Site, OCCLUSION};
use super::super::telling;
use super::occlusion_found::{is_fast, Found};
use super::occlusion_numbers::{self as figures, Region, Replacement};
use super::occlusion_panels as panels;
use super::occlusion_photo::geometry;
use crate::error::Result;
use crate::records::tables::OcclusionPhotoRow;

const PER_PAGE: usize = 200;

#[derive(Serialize)]
struct OcclusionPage {
    lead: String,
    /// What only the first part shows.
    summary: Option<Summary>,
    has_classifier: bool,
    caption: String,
    lines: Vec<Line>,
    parts: Parts,
}

#[derive(Serialize)]
struct Summary {
    geometry: String,
    fast: String,
    cards: Vec<Card>,
    chart: Option<Chart>,
    regions: Vec<Region>,
    replaced: String,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
struct Line {
    picture: Picture,
    name: String,
    href: String,
    fast: bool,
    class: String,
    clean: String,
    worst: String,
    change: String,
    other: String,
    changed: String,
    deletion: String,
    insertion: String,
    map_left: String,
}

fn part_path(part: usize) -> String {
    match part {
        0 => OCCLUSION.to_owned(),
        part => format!("pages/occlusion-{}.html", part + 1),
    }
}

/// Writes `pages/occlusion.html`, `pages/occlusion-2.html`, … where the run has the experiment.
pub(in super::super) fn write_all(site: &Site<'_>) -> Result<()> {
    let photos = telling::occluded(&site.lookup);
    let count = photos.len().div_ceil(PER_PAGE);
    for (part, shown) in photos.chunks(PER_PAGE).enumerate() {
        let page = Page::new(site, part_path(part), "nav.occlusion");
        let texts = page.texts();
        let model = [("model", site.network())];
        let has_classifier = photos.iter().any(|(_, row)| row.class_index.is_some());
        let parts = Parts::new(part, count, |other| page.href(&part_path(other)));
        let title = parts.titled(texts, texts.say("occlusion.title"));
        let content = OcclusionPage {
            lead: texts.count("occlusion.lead", photos.len(), &model),
            summary: match part {
                0 => Some(summary(&page, &photos)?),
                _ => None,
            },
            caption: texts.say(match has_classifier {
                true => "occlusion.table_caption",
                false => "occlusion.table_caption_map",
            }),
            has_classifier,
            lines: shown
                .iter()
                .map(|(photo, row)| line(&page, photo, row))
                .collect::<Result<_>>()?,
            parts,
        };
        page.write("occlusion.html", &title, &content)?;
    }
    Ok(())
}

fn summary(page: &Page<'_>, photos: &[(&Photo<'_>, &OcclusionPhotoRow)]) -> Result<Summary> {
    let texts = page.texts();
    let geometry = match photos.first() {
        Some((photo, row)) => geometry(page, &Found::new(page, photo, row)?),
        None => String::new(),
    };
    let fast = photos.iter().filter(|(_, row)| is_fast(row)).count();
    let (other, replacements) = figures::replaced(photos);
    Ok(Summary {
        geometry,
        fast: match fast {
            0 => String::new(),
            n => texts.count("occlusion.fast_summary", n, &[]),
        },
        cards: figures::cards(page),
        chart: figures::chart(page, photos)?,
        regions: figures::regions(page),
        replaced: texts.count(
            "occlusion.replaced_text",
            photos.len(),
            &[("other", &numbers::count(other))],
        ),
        replacements,
    })
}

fn line(page: &Page<'_>, photo: &Photo<'_>, row: &OcclusionPhotoRow) -> Result<Line> {
    let probability = |p: Option<f32>| numbers::or_dash(p, |p| numbers::probability(f64::from(p)));
    let area = |area: Option<f64>| numbers::or_dash(area, numbers::probability);
    let left = f64::from(row.worst_map_activation) / f64::from(row.map_activation);
    Ok(Line {
        picture: panels::input(page, photo, &Found::new(page, photo, row)?),
        name: photo.image.path.clone(),
        href: page.href(&occlusion_page(photo.id())),
        fast: is_fast(row),
        class: row.class_name.clone(),
        clean: probability(row.probability),
        worst: probability(row.worst_probability),
        change: numbers::change(-telling::lost(row)),
        other: match row.worst_class_index == row.class_index {
            true => page.texts().say("occlusion.same"),
            false => row.worst_class_name.clone(),
        },
        changed: numbers::or_dash(row.changed_share, numbers::whole_percent),
        deletion: area(row.deletion_area),
        insertion: area(row.insertion_area),
        map_left: numbers::whole_percent(left),
    })
}
