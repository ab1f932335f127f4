//! A photograph's own page.

use serde::Serialize;

use super::super::blocks::Picture;
use super::super::charts::{self, Chart};
use super::super::grid::{Grid, Row};
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::paging::Neighbours;
use super::super::photograph::mask_outlines;
use super::super::site::{occlusion_page, photo_page, words, Page, Site, METHOD, PHOTOS};
use super::photo_region::{self, Effects, RegionSection};
use crate::error::Result;
use crate::records::tables::MaskRow;
use crate::records::ORIGINAL;

#[derive(Serialize)]
struct PhotoPage {
    name: String,
    facts: Vec<String>,
    input: Picture,
    charts: Vec<Chart>,
    layers: Grid,
    units: Vec<UnitLine>,
    effects: Option<Effects>,
    regions: Vec<RegionSection>,
    not_visible: Vec<String>,
    /// The link to what hiding it piece by piece does; empty where that was not done.
    occlusion: String,
    photos: String,
    method: String,
    beside: Neighbours,
}

#[derive(Serialize)]
struct UnitLine {
    layer: String,
    unit: String,
    activation: String,
    field: String,
}

/// Writes a page for each photo in detail.
pub(in super::super) fn write_all(site: &Site<'_>) -> Result<()> {
    let photos: Vec<&Photo<'_>> = site.lookup.detailed().collect();
    for (at, photo) in photos.iter().enumerate() {
        let page = Page::new(site, photo_page(photo.id()), "nav.photos");
        let beside = Neighbours::new(at, photos.len(), |other| {
            page.href(&photo_page(photos[other].id()))
        });
        let content = content(&page, photo, beside)?;
        page.write("photo.html", &photo.image.path, &content)?;
    }
    Ok(())
}

fn content(page: &Page<'_>, photo: &Photo<'_>, beside: Neighbours) -> Result<PhotoPage> {
    let regions = photo.regions();
    let outlines = regions
        .iter()
        .flat_map(|region| mask_outlines(photo, region));
    let mut layer_row = Row::of_condition(page, photo, ORIGINAL, &[]);
    layer_row.rename(page.texts().say("photo.layer_row"));
    let rows = vec![layer_row, Row::of_units(page, photo, ORIGINAL)];
    let caption = page.texts().say("photo.layer_caption");
    let mut not_visible: Vec<String> = Vec::new();
    for row in photo
        .rows::<MaskRow>()
        .iter()
        .filter(|row| row.visible_share <= 0.0)
    {
        let text = page
            .texts()
            .fill("photo.not_visible", &[("region", &words(&row.region))]);
        if !not_visible.contains(&text) {
            not_visible.push(text);
        }
    }
    Ok(PhotoPage {
        name: photo.image.path.clone(),
        facts: facts(page, photo),
        input: Picture::input(page, photo, ORIGINAL).outlined(outlines),
        charts: charts::top_classes(page, photo, &regions)?,
        layers: Grid::new(page, "grid.condition_corner", caption, rows),
        units: units(page, photo),
        effects: photo_region::effects(page, photo),
        regions: regions
            .iter()
            .map(|region| photo_region::section(page, photo, region))
            .collect(),
        not_visible,
        occlusion: match photo.occluded() {
            Some(_) => page.href(&occlusion_page(photo.id())),
            None => String::new(),
        },
        photos: page.href(PHOTOS),
        method: page.href(METHOD),
        beside,
    })
}

fn facts(page: &Page<'_>, photo: &Photo<'_>) -> Vec<String> {
    let texts = page.texts();
    let mut facts = Vec::new();
    if let (Some(width), Some(height)) = (photo.image.width, photo.image.height) {
        let gaps = [("width", width.to_string()), ("height", height.to_string())];
        let gaps = gaps.each_ref().map(|(name, value)| (*name, value.as_str()));
        facts.push(format!("{}.", texts.fill("photo.size", &gaps)));
    }
    let crop = page.site.run.manifest.preprocessing.crop.to_string();
    facts.push(texts.fill("photo.sees", &[("crop", &crop)]));
    facts.push(match photo.image.label.as_str() {
        "" => texts.say("photo.no_label"),
        label => texts.fill("photo.label", &[("label", label)]),
    });
    facts
}

fn units(page: &Page<'_>, photo: &Photo<'_>) -> Vec<UnitLine> {
    let number = |value: Option<usize>| numbers::or_dash(value, |value| value.to_string());
    let line = |stage: &String| {
        let unit = photo.unit(ORIGINAL, stage)?;
        let field = [
            unit.field_x,
            unit.field_y,
            unit.field_width,
            unit.field_height,
        ];
        Some(UnitLine {
            layer: stage.clone(),
            unit: [unit.feature, unit.y, unit.x].map(number).join(", "),
            activation: numbers::or_dash(unit.activation, |value| {
                numbers::activation(f64::from(value))
            }),
            field: field
                .map(|value| numbers::or_dash(value, |value| format!("{value:.0}")))
                .join(", "),
        })
    };
    page.site.stages().iter().filter_map(line).collect()
}
