//! What hiding photographs piece by piece does, over all of them; the list of them in parts where there are many.

use network::Scores;
use records::tables::OcclusionPhotoRow;

use super::found::{is_fast, Found};
use super::{totals, Occluded, PER_PAGE};
use crate::prelude::*;
use crate::site::{occlusion_page, OCCLUSION};
use crate::telling;

/// Where a part of the list lies.
pub(super) fn path(part: usize) -> String {
    match part {
        0 => OCCLUSION.to_owned(),
        part => format!("pages/occlusion-{}.html", part + 1),
    }
}

/// A part of the list; the first begins with what all photographs come to.
pub(super) fn content(page: &Page<'_>, photos: &[Occluded<'_>], part: usize) -> Result<Content> {
    let place = (part, photos.len().div_ceil(PER_PAGE));
    let lead = page.count(
        "occlusion.lead",
        photos.len(),
        &[("model", &page.site.network())],
    );
    let title = page.part_title(page.say("occlusion.title"), place);
    let shown = photos.iter().skip(part * PER_PAGE).take(PER_PAGE);
    let list = [
        table(page, shown, has_class(photos))?,
        page.parts(place, path),
    ];
    let mut content = Content::new(title, lead);
    if part == 0 {
        content = content.with(summary(page, photos)?);
    }
    content = content.with([page.section("table", "occlusion.table", list)]);
    if part == 0 {
        let class = match page.site.scores() {
            Some(Scores::Softmax) | None => "occlusion.limit_class",
            Some(Scores::Sigmoid) => "occlusion.limit_each",
            Some(Scores::None) => "occlusion.limit_scores",
        };
        let limits = page.sentences([
            "occlusion.limit_why",
            "occlusion.limit_grey",
            "occlusion.limit_size",
            "occlusion.limit_one",
            class,
        ]);
        content = content.with([page.section("limits", "occlusion.limits", [limits])]);
    }
    Ok(content)
}

fn has_class(photos: &[Occluded<'_>]) -> bool {
    photos.iter().any(|(_, row)| row.class_index.is_some())
}

fn summary(page: &Page<'_>, photos: &[Occluded<'_>]) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    if !has_class(photos) {
        blocks.push(page.notice("occlusion.no_classifier"));
    }
    match photos.iter().filter(|(_, row)| is_fast(row)).count() {
        0 => {}
        n => {
            let fast = page.count("occlusion.fast_summary", n, &[]);
            blocks.push(Block::Notice(fast.into()));
        }
    }
    let cards = totals::cards(page);
    if !cards.is_empty() {
        blocks.push(Block::QuietHeading(page.say("front.numbers")));
        blocks.push(Block::Cards(cards));
    }
    blocks.push(how(page, photos)?);
    blocks.extend(totals::chart(page, photos)?.map(|chart| {
        let caption = page.say("occlusion.effect_text");
        let plot = Block::plot(page.say("occlusion.effect"), chart, caption);
        page.section("effect", "occlusion.effect", [plot])
    }));
    blocks.extend(totals::regions(page));
    if has_class(photos) {
        blocks.push(totals::replaced(page, photos));
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
    how.extend(keys.iter().map(|key| page.say(key)));
    let how = Block::prose(how);
    Ok(page.section("how", "occlusion.how_read", [how]))
}

fn table<'s>(
    page: &Page<'_>,
    photos: impl Iterator<Item = &'s Occluded<'s>>,
    has_class: bool,
) -> Result<Block> {
    let seen = photos.map(|(photo, row)| Ok((photo, row, Found::new(page, photo, row)?.input())));
    let picture = |picture: &Picture| vec![picture.clone().or(numbers::DASH.to_owned())];
    let mut columns = page
        .columns(seen.collect::<Result<Vec<_>>>()?)
        .column(Column::thumb(page.say("photos.picture")), |(.., input)| {
            picture(input)
        })
        .text("common.photo", |(photo, row, _)| name(page, photo, row));
    if has_class {
        columns = columns
            .text("occlusion.followed", |(_, row, _)| row.class_name.clone())
            .probability("masks.before", |(_, row, _)| row.probability)
            .probability("occlusion.at_worst", |(_, row, _)| row.worst_probability)
            .number("photo.change", |(_, row, _)| {
                numbers::change(-telling::lost(row))
            })
            .text("occlusion.named_there", |(_, row, _)| {
                match row.worst_class_index == row.class_index {
                    true => page.say("occlusion.same"),
                    false => row.worst_class_name.clone(),
                }
            })
            .whole_percent("occlusion.changed_column", |(_, row, _)| row.changed_share)
            .probability("occlusion.deletion_column", |(_, row, _)| row.deletion_area)
            .probability("occlusion.insertion_column", |(_, row, _)| {
                row.insertion_area
            });
    }
    let caption = match has_class {
        true => "occlusion.table_caption",
        false => "occlusion.table_caption_map",
    };
    Ok(columns
        .whole_percent("occlusion.map_left", |(_, row, _)| telling::map_left(row))
        .of_class("index")
        .table("occlusion.table", caption))
}

fn name(page: &Page<'_>, photo: &Photo<'_>, row: &OcclusionPhotoRow) -> Text {
    let name = Text::link(&photo.image.path, page.href(&occlusion_page(photo.id())));
    match is_fast(row) {
        true => name.and(Text::of_class("tag", page.say("occlusion.approximate"))),
        false => name,
    }
}
