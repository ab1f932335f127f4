//! A feature map's sheet as pages show it, whole and in parts.

use crate::dataset::Rect;
use crate::figures::features::{sheet_path, Half, TILE};
use crate::report::blocks::{Block, Picture};
use crate::report::maps::{Map, MapLayer};
use crate::report::numbers;
use crate::report::photograph::field_note;
use crate::report::site::Page;

/// The whole sheet.
pub(super) fn sheet(page: &Page<'_>, map: &Map<'_>, alt: String) -> Picture {
    let size = page.site.sheets.size();
    picture(page, &sheet_path(&map.row.layer, map.row.map), alt).sized(size)
}

/// A picture of the experiment, by its file in the run folder.
pub(super) fn picture(page: &Page<'_>, file: &str, alt: String) -> Picture {
    Picture::of_file(page, file, alt).or(page.texts().say("features.no_picture"))
}

/// One tile of it.
pub(super) fn tile(
    page: &Page<'_>,
    map: &Map<'_>,
    (half, rank): (Half, usize),
    alt: String,
) -> Picture {
    let layout = page.site.sheets;
    let ((width, height), (x, y)) = (layout.size(), layout.place(half, rank));
    let [width, height] = [width, height].map(f64::from);
    sheet(page, map, alt).zoomed(&Rect {
        x: f64::from(x) / width,
        y: f64::from(y) / height,
        width: f64::from(TILE) / width,
        height: f64::from(TILE) / height,
    })
}

/// The label that most of a map's strongest photos have, and their share; `None` without labels, and where no two of several
/// photos have the same.
pub(super) fn common_label<'a>(map: &Map<'a>) -> Option<(&'a str, f64)> {
    let share = map.row.top_label_share?;
    let shown = map.features.len();
    let with_label = (share * shown as f64).round();
    (with_label > 1.0 || shown == 1).then_some((map.row.top_label.as_str(), share))
}

/// The same in words.
pub(super) fn purity(map: &Map<'_>) -> Option<String> {
    let (label, share) = common_label(map)?;
    Some(format!("{label} {}", numbers::whole_percent(share)))
}

/// A map's state in words; `None` for one that works.
pub(super) fn state(page: &Page<'_>, map: &Map<'_>) -> Option<String> {
    match map.row.state.as_str() {
        "dead" => Some(page.texts().say("features.dead")),
        "saturated" => Some(page.texts().say("features.saturated")),
        _ => None,
    }
}

/// The numbers of maps in a state, as many as can be read; `None` where there are none.
pub(super) fn named(page: &Page<'_>, layer: &MapLayer<'_>, state: &str) -> Option<String> {
    const NAMED: usize = 40;
    let numbers = layer.in_state(state);
    let shown: Vec<String> = numbers.iter().take(NAMED).map(usize::to_string).collect();
    let gaps = [("maps", &*shown.join(", "))];
    match numbers.len().saturating_sub(NAMED) {
        0 => (!numbers.is_empty()).then(|| shown.join(", ")),
        more => Some(page.texts().count("features.and_more", more, &gaps)),
    }
}

/// How much of the network's input a unit of the layer sees; `None` where no field is known.
pub(super) fn field(page: &Page<'_>, layer: &MapLayer<'_>) -> Option<String> {
    let features = layer.maps.iter().flat_map(|map| &map.features);
    let units = features.filter_map(|row| Some((page.site.lookup.photo(&row.image_id)?, *row)));
    field_note(page, units)
}

/// The tables that tell more.
pub(super) fn more_in(page: &Page<'_>, files: &[&str]) -> Block {
    let gaps = [("file", &*files.join(", "))];
    Block::text(page.texts().fill("common.more_in", &gaps))
}
