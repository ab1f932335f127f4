//! A photograph's own page.

use super::region;
use crate::error::Result;
use crate::records::tables::MaskRow;
use crate::records::ORIGINAL;
use crate::report::blocks::{Block, Cell, Charts, Column, Neighbours, Picture, Row, Table, Text};
use crate::report::frame::Content;
use crate::report::lookup::Photo;
use crate::report::numbers;
use crate::report::photograph::{unit_pictures, layers, mask_outlines, of_condition, top_classes, units};
use crate::report::site::{occlusion_page, photo_page, words, Page, PHOTOS};

/// The page of photo `at` among those in detail.
pub(super) fn content(page: &Page<'_>, photos: &[&Photo<'_>], at: usize) -> Result<Content> {
    let (texts, photo) = (page.texts(), photos[at]);
    let title = photo.image.path.clone();
    let all = texts.say("nav.photos");
    let mut blocks = vec![
        Block::Crumbs(vec![Text::link(all.clone(), page.href(PHOTOS))]),
        Block::Heading(title.clone()),
        portrait(page, photo),
        page.section("classes", "photo.classes", vec![classes(page, photo)?]),
        page.section("layers", "photo.layers", vec![all_layers(page, photo)]),
    ];
    let regions = photo.regions().into_iter();
    blocks.extend(regions.map(|region| region::section(page, photo, region)));
    blocks.extend(strongest(page, photo));
    let beside = (texts.say("photo.previous"), texts.say("photo.next"));
    let beside = Neighbours::new(all, beside, (at, photos.len()), |other| {
        page.href(&photo_page(photos[other].id()))
    });
    blocks.extend([page.caveat(), Block::Neighbours(beside)]);
    Ok(Content::new(title, blocks))
}

/// The photo with its hidden regions, and what is known about it.
fn portrait(page: &Page<'_>, photo: &Photo<'_>) -> Block {
    let texts = page.texts();
    let regions = photo.regions();
    let outlines = regions
        .iter()
        .flat_map(|region| mask_outlines(photo, region));
    let mut about = vec![Block::text(facts(page, photo))];
    let mut hidden: Vec<&str> = Vec::new();
    for row in photo.rows::<MaskRow>() {
        if row.visible_share <= 0.0 && !hidden.contains(&row.region.as_str()) {
            hidden.push(&row.region);
            let text = texts.fill("photo.not_visible", &[("region", &words(&row.region))]);
            about.push(Block::Notice(text.into()));
        }
    }
    if photo.occluded().is_some() {
        let href = page.href(&occlusion_page(photo.id()));
        about.push(Block::text(Text::more(texts.say("photo.occlusion"), href)));
    }
    about.extend(region::effects(page, photo));
    let picture = Block::Picture {
        class: "",
        picture: Picture::input(page, photo, ORIGINAL).outlined(outlines),
        caption: String::new(),
    };
    let about = Block::Group {
        class: "",
        blocks: about,
    };
    Block::Group {
        class: "portrait",
        blocks: vec![picture, about],
    }
}

fn facts(page: &Page<'_>, photo: &Photo<'_>) -> Vec<String> {
    let texts = page.texts();
    let mut facts = Vec::new();
    if let (Some(width), Some(height)) = (photo.image.width, photo.image.height) {
        let (width, height) = (width.to_string(), height.to_string());
        let gaps = [("width", width.as_str()), ("height", &height)];
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

fn classes(page: &Page<'_>, photo: &Photo<'_>) -> Result<Block> {
    let charts = top_classes(page, photo, &photo.regions())?;
    Ok(match charts.is_empty() {
        true => Block::Notice(page.texts().say("photo.classes_missing").into()),
        false => Block::Charts(Charts {
            charts,
            caption: page.texts().say("photo.classes_caption"),
        }),
    })
}

fn all_layers(page: &Page<'_>, photo: &Photo<'_>) -> Block {
    let texts = page.texts();
    let whole = of_condition(page, photo, ORIGINAL, &[]);
    let whole = whole.named(texts.say("photo.layer_row"), String::new());
    let rows = vec![whole, units(page, photo, ORIGINAL)];
    let caption = texts.say("photo.layer_caption");
    Block::Grid(layers(page, "grid.condition_corner", caption, rows))
}

/// The strongest unit of each layer: where it looks, what it sees there and its projection, enlarged; `None` where none
/// was projected.
fn strongest(page: &Page<'_>, photo: &Photo<'_>) -> Option<Block> {
    let texts = page.texts();
    let number = |value: Option<usize>| numbers::or_dash(value, |value| value.to_string());
    let row = |stage: &String| {
        let unit = photo.unit(ORIGINAL, stage)?;
        let activation = numbers::or_dash(unit.activation, |value| {
            numbers::activation(f64::from(value))
        });
        let field = [
            unit.field_x,
            unit.field_y,
            unit.field_width,
            unit.field_height,
        ];
        let field = field.map(|value| numbers::or_dash(value, |value| format!("{value:.0}")));
        let place = [unit.feature, unit.y, unit.x].map(number);
        let pictures = unit_pictures(page, photo, unit).into();
        let cells = [place.join(", "), activation, field.join(", ")].map(Cell::from);
        let cells = std::iter::once(Cell::pictures(pictures)).chain(cells);
        Some(Row::new(stage.as_str(), cells))
    };
    let rows: Vec<Row> = page.site.stages().iter().filter_map(row).collect();
    if rows.is_empty() {
        return None;
    }
    let mut columns = vec![
        Column::text(texts.say("common.layer")),
        Column::thumbs(texts.say("photos.picture")),
    ];
    let numbers = ["photo.unit", "photo.activation", "photo.field"];
    columns.extend(numbers.map(|key| Column::number(texts.say(key))));
    let caption = texts.say("photo.looks_caption");
    let table = Table::new(texts.say("photo.looks"), caption, columns, rows);
    Some(page.section("units", "photo.looks", vec![Block::Table(table)]))
}
