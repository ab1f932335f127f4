//! What hiding a region does to one photograph.

use crate::records::tables::{MaskRow, MaskedClassRow, MaskingRow};
use crate::records::ORIGINAL;
use crate::report::blocks::{Block, Column, GridRow, Picture, Row, Table};
use crate::report::lookup::Photo;
use crate::report::numbers;
use crate::report::photograph::{
    control_outline, differences, layers, mask_outlines, of_condition, units,
};
use crate::report::site::{words, Page};

/// The first class with nothing, each region and each control hidden; `None` where no class probabilities were taken
/// under a mask.
pub(super) fn effects(page: &Page<'_>, photo: &Photo<'_>) -> Option<Block> {
    let texts = page.texts();
    let first = photo.first()?;
    let printed = |p: f32| numbers::probability(f64::from(p));
    let clean = [printed(first.probability), String::new(), "1".to_owned()];
    let mut rows = vec![Row::new(texts.say("photo.nothing_hidden"), clean)];
    for row in photo.rows::<MaskedClassRow>() {
        let line = |hidden: String, p: f32, rank: usize| {
            let change = f64::from(p) - f64::from(row.probability_original);
            let cells = [printed(p), numbers::change(change), numbers::count(rank)];
            Row::new(hidden, cells)
        };
        let region = words(&row.region);
        rows.push(line(
            region.clone(),
            row.probability_masked,
            row.rank_masked,
        ));
        let control = photo.control(&row.region);
        let control = control.and_then(|it| it.probability_control.zip(it.rank_control));
        rows.extend(control.map(|(p, rank)| {
            let hidden = texts.fill("masks.control_of", &[("region", &region)]);
            line(hidden, p, rank).of_class("control")
        }));
    }
    if rows.len() == 1 {
        return None;
    }
    let probability = texts.fill("photo.probability", &[("class", &first.class_name)]);
    let columns = vec![
        Column::text(texts.say("photo.hidden")),
        Column::number(probability.clone()),
        Column::number(texts.say("photo.change")),
        Column::number(texts.say("photo.rank")),
    ];
    let caption = texts.say("photo.effect_caption");
    Some(Block::Table(Table::new(
        probability,
        caption,
        columns,
        rows,
    )))
}

/// The region's pictures and numbers.
pub(super) fn section(page: &Page<'_>, photo: &Photo<'_>, region: &str) -> Block {
    let texts = page.texts();
    let name = words(region);
    let heading = texts.fill("photo.region", &[("region", &name)]);
    let mut rows = vec![
        of_condition(page, photo, ORIGINAL, &[]),
        of_condition(page, photo, region, &[region]),
        differences(page, photo, region),
        units(page, photo, region),
    ];
    rows.retain(GridRow::has_projections);
    let caption = texts.fill("photo.region_caption", &[("region", &name)]);
    let grid = layers(page, "grid.condition_corner", caption, rows);
    let control = control_outline(photo, region).map(|control| {
        let outlines = mask_outlines(photo, region).into_iter().chain([control]);
        Block::Picture {
            class: "",
            picture: Picture::input(page, photo, ORIGINAL).outlined(outlines),
            caption: texts.say("photo.control_caption"),
        }
    });
    let remains = remains(page, photo, region, &heading);
    let beside = Block::Group {
        class: "beside",
        blocks: control.into_iter().chain(remains).collect(),
    };
    let mut blocks: Vec<Block> = about(page, photo, region).into_iter().collect();
    blocks.extend([Block::Grid(grid), beside]);
    Block::section("", heading, blocks)
}

/// How much of the region the network sees, and whether it has a control box, where there is something to say.
fn about(page: &Page<'_>, photo: &Photo<'_>, region: &str) -> Option<Block> {
    let texts = page.texts();
    let rows = photo.rows::<MaskRow>();
    let visible = rows.iter().find(|row| row.region == region);
    let visible = visible.map_or(1.0, |row| row.visible_share);
    let mut sentences = Vec::new();
    if visible < 0.995 {
        let share = numbers::whole_percent(visible);
        sentences.push(texts.fill("photo.visible", &[("share", &share)]));
    }
    if photo.control(region).is_none() {
        sentences.push(texts.say("photo.no_control"));
    }
    (!sentences.is_empty()).then(|| Block::text(sentences))
}

/// What each layer keeps inside and outside the region; `None` where that was not measured.
fn remains(page: &Page<'_>, photo: &Photo<'_>, region: &str, label: &str) -> Option<Block> {
    let texts = page.texts();
    let pair = |before: Option<f32>, after: Option<f32>, print: fn(f64) -> String| match before
        .zip(after)
    {
        Some((before, after)) => {
            format!("{} → {}", print(f64::from(before)), print(f64::from(after)))
        }
        None => "–".to_owned(),
    };
    let line = |stage: &String| {
        let mut rows = photo.rows::<MaskingRow>().into_iter();
        let row = rows.find(|row| row.region == region && row.layer == *stage)?;
        let unit = photo.masked_unit(region, stage);
        let cells = [
            pair(
                row.activation_inside_original,
                row.activation_inside_masked,
                numbers::activation,
            ),
            pair(
                row.activation_outside_original,
                row.activation_outside_masked,
                numbers::activation,
            ),
            pair(
                row.share_inside_original,
                row.share_inside_masked,
                numbers::whole_percent,
            ),
            pair(
                unit.map(|unit| unit.activation_original),
                unit.map(|unit| unit.activation_masked),
                numbers::activation,
            ),
        ];
        Some(Row::new(stage.as_str(), cells))
    };
    let rows: Vec<Row> = page.site.stages().iter().filter_map(line).collect();
    let numbers = [
        "photo.inside",
        "photo.outside",
        "photo.share",
        "photo.unit_left",
    ];
    let mut columns = vec![Column::text(texts.say("common.layer"))];
    columns.extend(numbers.map(|key| Column::number(texts.say(key))));
    let caption = texts.say("photo.remains_caption");
    (!rows.is_empty()).then(|| Block::Table(Table::new(label, caption, columns, rows)))
}
