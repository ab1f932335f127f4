//! A photograph's own page.

use network::Resize;
use records::tables::{MaskRow, ProjectionRow};
use records::ORIGINAL;

use super::region;
use crate::photograph::{class_charts, layers, mask_outlines, of_condition, unit_pictures, units};
use crate::prelude::*;
use crate::site::{occlusion_page, photo_page, PHOTOS};

/// The page of photo `at` among those in detail.
pub(super) fn content(page: &Page<'_>, photos: &[&Photo<'_>], at: usize) -> Result<Content> {
    let photo = photos[at];
    let regions = photo.regions().into_iter();
    let (names, place) = (["photo.previous", "photo.next"], (at, photos.len()));
    let beside = page.neighbours("nav.photos", names, place, None, |other| {
        photo_page(photos[other].id())
    });
    Ok(Content::new(&photo.image.path, Text::default())
        .below([page.crumb("nav.photos", PHOTOS)])
        .with([
            portrait(page, photo),
            page.section("classes", "photo.classes", [classes(page, photo)?]),
            page.section("layers", "photo.layers", [all_layers(page, photo)]),
        ])
        .with(regions.map(|region| region::section(page, photo, region)))
        .with(strongest(page, photo))
        .with([page.caveat(), beside]))
}

/// The photo with its hidden regions, and what is known about it.
fn portrait(page: &Page<'_>, photo: &Photo<'_>) -> Block {
    let regions = photo.regions();
    let outlines = regions
        .iter()
        .flat_map(|region| mask_outlines(photo, region));
    let mut about = vec![Block::text(facts(page, photo))];
    let hidden = photo.rows::<MaskRow>().into_iter();
    let hidden = hidden.filter(|row| row.visible_share <= 0.0);
    about.extend(
        distinct(hidden.map(|row| &row.region))
            .into_iter()
            .map(|region| {
                let text = page.fill("photo.not_visible", &[("region", &words(region))]);
                Block::Notice(text.into())
            }),
    );
    if photo.occluded().is_some() {
        about.push(page.more("photo.occlusion", &occlusion_page(photo.id())));
    }
    about.extend(region::effects(page, photo));
    let picture = Picture::input(page, photo, ORIGINAL).outlined(outlines);
    let picture = Block::picture("", picture, String::new());
    Block::group("portrait", [picture, Block::group("", about)])
}

fn facts(page: &Page<'_>, photo: &Photo<'_>) -> Vec<String> {
    let image = photo.image;
    let mut facts = Vec::new();
    if let Some((width, height)) = image.width.zip(image.height) {
        let size = page.fill("photo.size", &[("width", &width), ("height", &height)]);
        facts.push(format!("{size}."));
    }
    let preprocessing = &page.site.run.manifest.preprocessing;
    let sees = match preprocessing.resize {
        Resize::Squash => "photo.sees_all",
        Resize::Shorter(_) | Resize::Cover(_) => "photo.sees",
    };
    facts.push(page.fill(sees, &[("crop", &numbers::size(preprocessing.crop))]));
    facts.push(match image.label.as_str() {
        "" => page.say("photo.no_label"),
        label => page.fill("photo.label", &[("label", &label)]),
    });
    facts
}

fn classes(page: &Page<'_>, photo: &Photo<'_>) -> Result<Block> {
    let charts = class_charts(page, photo, &photo.regions(), "photo.classes_caption")?;
    Ok(charts.unwrap_or_else(|| page.notice("photo.classes_missing")))
}

fn all_layers(page: &Page<'_>, photo: &Photo<'_>) -> Block {
    let whole = of_condition(page, photo, ORIGINAL, &[]);
    let whole = whole.named(page.say("photo.layer_row"), String::new());
    let rows = vec![whole, units(page, photo, ORIGINAL)];
    let caption = page.say("photo.layer_caption");
    layers(page, "grid.condition_corner", caption, rows)
}

/// The strongest unit of each layer: where it looks, what it sees there and its projection, enlarged; `None` where none
/// was projected.
fn strongest(page: &Page<'_>, photo: &Photo<'_>) -> Option<Block> {
    let place = |unit: &ProjectionRow| {
        let place = [unit.feature, unit.y, unit.x];
        let place = place.map(|it| numbers::or_dash(it, |it| it.to_string()));
        place.join(", ")
    };
    let field = |unit: &ProjectionRow| {
        let field = [
            unit.field_x,
            unit.field_y,
            unit.field_width,
            unit.field_height,
        ];
        let field = field.map(|side| numbers::or_dash(side, |side| format!("{side:.0}")));
        field.join(", ")
    };
    let stages = page.site.stages().iter();
    let units: Vec<_> = stages
        .filter_map(|stage| photo.unit(ORIGINAL, stage))
        .collect();
    (!units.is_empty()).then(|| {
        let table = page
            .columns(units)
            .text("common.layer", |unit| unit.layer.as_str())
            .column(Column::thumbs(page.say("photos.picture")), |unit| {
                unit_pictures(page, photo, unit).to_vec()
            })
            .number("photo.unit", |unit| place(unit))
            .activation("photo.activation", |unit| unit.activation)
            .number("photo.field", |unit| field(unit))
            .table("photo.looks", "photo.looks_caption");
        page.section("units", "photo.looks", [table])
    })
}
