//! A feature map's sheet as pages show it, whole and in parts.

use super::super::blocks::Picture;
use super::super::maps::{Map, MapLayer};
use super::super::numbers;
use super::super::site::Page;
use crate::dataset::Rect;
use crate::figures::features::{sheet_path, Half, TILE};

/// The whole sheet.
pub(super) fn sheet(page: &Page<'_>, map: &Map<'_>, alt: String) -> Picture {
    let size = page.site.sheets.size();
    Picture::of_file(page, &sheet_path(&map.row.layer, map.row.map), alt).sized(size)
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

/// A map's state in words, empty for one that works.
pub(super) fn state(page: &Page<'_>, map: &Map<'_>) -> String {
    match map.row.state.as_str() {
        "dead" => page.texts().say("features.dead"),
        "saturated" => page.texts().say("features.saturated"),
        _ => String::new(),
    }
}

/// The numbers of maps in a state, as many as can be read; empty where there are none.
pub(super) fn named(page: &Page<'_>, layer: &MapLayer<'_>, state: &str) -> String {
    const NAMED: usize = 40;
    let numbers = layer.in_state(state);
    let shown: Vec<String> = numbers.iter().take(NAMED).map(usize::to_string).collect();
    let shown = shown.join(", ");
    match numbers.len().saturating_sub(NAMED) {
        0 => shown,
        more => page
            .texts()
            .count("features.and_more", more, &[("maps", &shown)]),
    }
}
