//! A layer's page: what excites it most, and what it keeps of a photograph.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::blocks::Outline;
use super::super::blocks::Picture;
use super::super::field::Field;
use super::super::grid::file_name;
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::photograph::field_outline;
use super::super::site::{layer_page, maps_page, Page, Site, METHOD};
use super::super::tab::{tabs, Tab};
use super::super::tile::{link, Tile};
use crate::error::Result;
use crate::records::tables::ProjectionRow;
use crate::records::{ProjectionKind, ORIGINAL};

/// Units and photos shown at most.
const UNITS: usize = 18;
const EXAMPLES: usize = 12;
const MAPS: usize = 10;
/// A receptive field is shown in a window of at least this part of the picture.
const LEAST_WINDOW: f64 = 0.06;

#[derive(Serialize)]
struct LayerPage {
    heading: String,
    tabs: Vec<Tab>,
    facts: Vec<String>,
    character: String,
    units: Vec<UnitCard>,
    maps_caption: String,
    maps: Vec<MapRow>,
    examples: Vec<Tile>,
    /// Of all of the layer's feature maps; empty where the run did not look at them.
    features: String,
    method: String,
}

#[derive(Serialize)]
struct UnitCard {
    pictures: [Picture; 3],
    name: String,
    href: String,
    unit: String,
    activation: String,
}

#[derive(Serialize)]
struct MapRow {
    feature: String,
    wins: String,
    greatest: String,
    href: String,
    photo: String,
}

/// Writes a page for each layer.
pub(in super::super) fn write_all(site: &Site<'_>) -> Result<()> {
    let stages = site.layers_with_pages();
    for (at, stage) in stages.iter().enumerate() {
        let page = Page::new(site, layer_page(stage), "nav.layers");
        let heading = page.texts().fill("layer.title", &[("layer", stage)]);
        let strongest = strongest(site, stage);
        let (maps_caption, maps) = maps(&page, &strongest);
        let character = match at {
            0 => "layer.first",
            last if last + 1 == stages.len() => "layer.last",
            _ => "layer.middle",
        };
        let content = LayerPage {
            tabs: tabs(&page, stages.iter().map(String::as_str), stage, layer_page),
            facts: facts(&page, at, &strongest),
            character: page.texts().say(character),
            units: strongest
                .iter()
                .take(UNITS)
                .map(|(photo, unit)| card(&page, photo, unit))
                .collect(),
            maps_caption,
            maps,
            examples: examples(&page, stage, &strongest),
            features: match site.maps.iter().any(|layer| layer.name == stage) {
                true => page.href(&maps_page(stage)),
                false => String::new(),
            },
            method: page.href(METHOD),
            heading,
        };
        page.write("layer.html", &content.heading, &content)?;
    }
    Ok(())
}

/// The strongest unit of a layer in each photo as it is, the most active first.
pub(super) fn strongest<'b, 'a>(
    site: &'b Site<'a>,
    layer: &str,
) -> Vec<(&'b Photo<'a>, &'a ProjectionRow)> {
    let photos = site.lookup.detailed();
    let mut units: Vec<_> = photos
        .filter_map(|photo| Some((photo, photo.unit(ORIGINAL, layer)?)))
        .collect();
    let activation = |unit: &ProjectionRow| unit.activation.unwrap_or(0.0);
    units.sort_by(|a, b| activation(b.1).total_cmp(&activation(a.1)));
    units
}

/// The photo with the unit's field outlined, that part of it, and the unit's projection there.
pub(super) fn unit_pictures(
    page: &Page<'_>,
    photo: &Photo<'_>,
    unit: &ProjectionRow,
) -> [Picture; 3] {
    let field = field_outline(photo, unit);
    let input = || Picture::input(page, photo, ORIGINAL);
    let projection = Picture::projection(page, photo, ORIGINAL, ProjectionKind::Unit, &unit.layer);
    let near = |picture: Picture| match &field {
        Some(field) => {
            let window = field.window(LEAST_WINDOW);
            let fills = field.rect.width.max(field.rect.height) >= window.width * 0.98;
            let outline: Option<Outline> = (!fills).then(|| field.within(&window));
            picture.zoomed(&window).outlined(outline)
        }
        None => picture,
    };
    [input().outlined(field), near(input()), near(projection)]
}

fn card(page: &Page<'_>, photo: &Photo<'_>, unit: &ProjectionRow) -> UnitCard {
    let texts = page.texts();
    let print = |value: Option<usize>| numbers::or_dash(value, |value| value.to_string());
    let (feature, y, x) = (print(unit.feature), print(unit.y), print(unit.x));
    let value = numbers::or_dash(unit.activation, |value| {
        numbers::activation(f64::from(value))
    });
    UnitCard {
        pictures: unit_pictures(page, photo, unit),
        name: file_name(&photo.image.path).to_owned(),
        href: link(page, photo),
        unit: texts.fill("layer.unit", &[("feature", &feature), ("y", &y), ("x", &x)]),
        activation: texts.fill("layer.activation", &[("value", &value)]),
    }
}

fn facts(page: &Page<'_>, at: usize, strongest: &[(&Photo<'_>, &ProjectionRow)]) -> Vec<String> {
    let stages = page.site.stages().len();
    let [k, n, deconv] = [at + 1, stages, stages - at].map(|number| number.to_string());
    let mut facts = vec![page.texts().fill(
        "layer.position",
        &[("k", &k), ("n", &n), ("deconv", &deconv)],
    )];
    facts.extend(field_note(page, strongest.iter().copied()));
    facts
}

/// How much of the network's input a unit sees at most; `None` where no field is known.
pub(super) fn field_note<'b, 'a: 'b, F: Field + 'b>(
    page: &Page<'_>,
    units: impl Iterator<Item = (&'b Photo<'a>, &'b F)>,
) -> Option<String> {
    let fields = units.filter_map(|(photo, unit)| Some(field_outline(photo, unit)?.rect));
    let (mut width, mut height) = (0.0_f64, 0.0_f64);
    for field in fields {
        width = width.max(field.width);
        height = height.max(field.height);
    }
    if width <= 0.0 {
        return None;
    }
    let crop = page.site.run.manifest.preprocessing.crop;
    let pixels = |share: f64| format!("{:.0}", share * f64::from(crop));
    let gaps = [
        ("width", pixels(width)),
        ("height", pixels(height)),
        ("crop", crop.to_string()),
    ];
    let gaps = gaps.each_ref().map(|(name, value)| (*name, value.as_str()));
    Some(page.texts().fill("layer.field", &gaps))
}

/// The maps that hold the strongest unit most often.
fn maps(page: &Page<'_>, strongest: &[(&Photo<'_>, &ProjectionRow)]) -> (String, Vec<MapRow>) {
    let mut wins: BTreeMap<usize, (usize, &Photo<'_>, f32)> = BTreeMap::new();
    for (photo, unit) in strongest {
        if let (Some(feature), Some(activation)) = (unit.feature, unit.activation) {
            wins.entry(feature).or_insert((0, photo, activation)).0 += 1;
        }
    }
    let mut order: Vec<_> = wins.into_iter().collect();
    order.sort_by_key(|(feature, (wins, ..))| (std::cmp::Reverse(*wins), *feature));
    let (n, photos) = (order.len(), strongest.len());
    order.truncate(MAPS);
    let gaps = [("shown", order.len()), ("n", n), ("photos", photos)];
    let gaps = gaps.map(|(name, number)| (name, numbers::count(number)));
    let gaps = gaps.each_ref().map(|(name, value)| (*name, value.as_str()));
    let rows = order
        .into_iter()
        .map(|(feature, (wins, photo, activation))| MapRow {
            feature: feature.to_string(),
            wins: numbers::count(wins),
            greatest: numbers::activation(f64::from(activation)),
            href: link(page, photo),
            photo: file_name(&photo.image.path).to_owned(),
        });
    (
        page.texts().fill("layer.maps_caption", &gaps),
        rows.collect(),
    )
}

/// The whole layer's projections for the same photos, or the first ones where no unit was projected.
fn examples(page: &Page<'_>, layer: &str, strongest: &[(&Photo<'_>, &ProjectionRow)]) -> Vec<Tile> {
    let photos: Vec<&Photo<'_>> = match strongest.is_empty() {
        true => page.site.lookup.detailed().collect(),
        false => strongest.iter().map(|(photo, _)| *photo).collect(),
    };
    let tile = |photo: &Photo<'_>| {
        let input = Picture::input(page, photo, ORIGINAL);
        let projection = Picture::projection(page, photo, ORIGINAL, ProjectionKind::Layer, layer);
        projection
            .is_there()
            .then(|| Tile::new(page, photo, vec![input, projection], Vec::new()))
    };
    photos.into_iter().filter_map(tile).take(EXAMPLES).collect()
}
