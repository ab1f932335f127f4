//! What hiding photographs piece by piece does, over all of them; the list of them in parts where there are many.

use super::found::{is_fast, Found};
use super::{numbers as figures, Occluded, PER_PAGE};
use crate::error::Result;
use crate::report::blocks::{Block, Cell, Column, List, Parts, Plot, Row, Table, Text};
use crate::report::frame::Content;
use crate::report::numbers;
use crate::report::site::{occlusion_page, Page, OCCLUSION};
use crate::report::telling;

/// Where a part of the list lies.
pub(super) fn path(part: usize) -> String {
    match part {
        0 => OCCLUSION.to_owned(),
        part => format!("pages/occlusion-{}.html", part + 1),
    }
}

/// A part of the list; the first begins with what all photographs come to.
pub(super) fn content(page: &Page<'_>, photos: &[Occluded<'_>], part: usize) -> Result<Content> {
    let texts = page.texts();
    let count = photos.len().div_ceil(PER_PAGE);
    let parts = Parts::new(texts, (part, count), |other| page.href(&path(other)));
    let title = parts.titled(texts, texts.say("occlusion.title"));
    let model = [("model", page.site.network())];
    let lead = texts.count("occlusion.lead", photos.len(), &model);
    let mut blocks = vec![Block::Heading(title.clone()), Block::Lead(lead.into())];
    if part == 0 {
        blocks.extend(summary(page, photos)?);
    }
    let shown = photos.iter().skip(part * PER_PAGE).take(PER_PAGE);
    let rows = shown.map(|photo| line(page, photo, has_class(photos)));
    let table = table(page, has_class(photos), rows.collect::<Result<_>>()?);
    let list = vec![Block::Table(table), Block::Parts(parts)];
    blocks.push(page.section("table", "occlusion.table", list));
    if part == 0 {
        let limits = [
            "occlusion.limit_why",
            "occlusion.limit_grey",
            "occlusion.limit_size",
            "occlusion.limit_one",
            "occlusion.limit_class",
        ];
        let limits = List::prose(limits.map(|key| texts.say(key)));
        let limits = vec![Block::List(limits)];
        blocks.push(page.section("limits", "occlusion.limits", limits));
    }
    Ok(Content::new(title, blocks))
}

fn has_class(photos: &[Occluded<'_>]) -> bool {
    photos.iter().any(|(_, row)| row.class_index.is_some())
}

fn summary(page: &Page<'_>, photos: &[Occluded<'_>]) -> Result<Vec<Block>> {
    let texts = page.texts();
    let mut blocks = Vec::new();
    if !has_class(photos) {
        blocks.push(Block::Notice(texts.say("occlusion.no_classifier").into()));
    }
    match photos.iter().filter(|(_, row)| is_fast(row)).count() {
        0 => {}
        n => {
            let fast = texts.count("occlusion.fast_summary", n, &[]);
            blocks.push(Block::Notice(fast.into()));
        }
    }
    let cards = figures::cards(page);
    if !cards.is_empty() {
        blocks.push(Block::QuietHeading(texts.say("front.numbers")));
        blocks.push(Block::Cards(cards));
    }
    blocks.push(how(page, photos)?);
    if let Some(chart) = figures::chart(page, photos)? {
        let plot = Block::Plot(Plot {
            label: texts.say("occlusion.effect"),
            chart,
            caption: texts.say("occlusion.effect_text"),
        });
        blocks.push(page.section("effect", "occlusion.effect", vec![plot]));
    }
    blocks.extend(figures::regions(page));
    if has_class(photos) {
        blocks.push(figures::replaced(page, photos));
    }
    Ok(blocks)
}

fn how(page: &Page<'_>, photos: &[Occluded<'_>]) -> Result<Block> {
    let mut how = Vec::new();
    if let Some((photo, row)) = photos.first() {
        how.push(Found::new(page, photo, row)?.geometry());
    }
    let keys: &[&str] = match has_class(photos) {
        true => &[
            "occlusion.how_maps",
            "occlusion.how_cells",
            "occlusion.how_class",
            "occlusion.curves_text",
        ],
        false => &["occlusion.how_maps", "occlusion.how_cells"],
    };
    how.extend(keys.iter().map(|key| page.texts().say(key)));
    let how = vec![Block::List(List::prose(how))];
    Ok(page.section("how", "occlusion.how_read", how))
}

fn table(page: &Page<'_>, has_class: bool, rows: Vec<Row>) -> Table {
    let texts = page.texts();
    let text = |key: &str| Column::text(texts.say(key));
    let number = |key: &str| Column::number(texts.say(key));
    let mut columns = vec![
        Column::thumb(texts.say("photos.picture")),
        text("common.photo"),
    ];
    if has_class {
        columns.extend([
            text("occlusion.followed"),
            number("masks.before"),
            number("occlusion.at_worst"),
            number("photo.change"),
            text("occlusion.named_there"),
            number("occlusion.changed_column"),
            number("occlusion.deletion_column"),
            number("occlusion.insertion_column"),
        ]);
    }
    columns.push(number("occlusion.map_left"));
    let caption = texts.say(match has_class {
        true => "occlusion.table_caption",
        false => "occlusion.table_caption_map",
    });
    Table::new(texts.say("occlusion.table"), caption, columns, rows).of_class("index")
}

fn line(page: &Page<'_>, (photo, row): &Occluded<'_>, has_class: bool) -> Result<Row> {
    let texts = page.texts();
    let probability = |p: Option<f32>| numbers::or_dash(p, |p| numbers::probability(f64::from(p)));
    let area = |area: Option<f64>| numbers::or_dash(area, numbers::probability);
    let left = f64::from(row.worst_map_activation) / f64::from(row.map_activation);
    let picture = Found::new(page, photo, row)?.input().or("–".to_owned());
    let mut name = Text::link(&photo.image.path, page.href(&occlusion_page(photo.id())));
    if is_fast(row) {
        name = name.and(Text::of_class("tag", texts.say("occlusion.approximate")));
    }
    let mut cells = vec![Cell::pictures(vec![picture]), Cell::head(name)];
    if has_class {
        let other = match row.worst_class_index == row.class_index {
            true => texts.say("occlusion.same"),
            false => row.worst_class_name.clone(),
        };
        let told = [
            row.class_name.clone(),
            probability(row.probability),
            probability(row.worst_probability),
            numbers::change(-telling::lost(row)),
            other,
            numbers::or_dash(row.changed_share, numbers::whole_percent),
            area(row.deletion_area),
            area(row.insertion_area),
        ];
        cells.extend(told.map(Cell::from));
    }
    cells.push(numbers::whole_percent(left).into());
    Ok(Row::of(cells))
}
