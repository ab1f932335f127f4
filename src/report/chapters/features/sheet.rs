//! A feature map's sheet as pages show it, whole and in parts.

use dataset::Rect;
use figures::features::{sheet_path, Half, TILE};

use crate::maps::{Map, MapLayer};
use crate::photograph::field_note;
use crate::prelude::*;

/// The whole sheet.
pub(super) fn sheet(page: &Page<'_>, map: &Map<'_>, alt: String) -> Picture {
    let size = page.site.sheets.size();
    picture(page, &sheet_path(&map.row.layer, map.row.map), alt).sized(size)
}

/// A picture of the experiment, by its file in the run folder.
pub(super) fn picture(page: &Page<'_>, file: &str, alt: String) -> Picture {
    Picture::of_file(page, file, alt).or(page.say("features.no_picture"))
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
    let corner = (f64::from(x) / width, f64::from(y) / height);
    let extent = (f64::from(TILE) / width, f64::from(TILE) / height);
    sheet(page, map, alt).zoomed(&Rect::at(corner, extent))
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
        "dead" => Some(page.say("features.dead")),
        "saturated" => Some(page.say("features.saturated")),
        _ => None,
    }
}

/// The dead and the saturated maps of a layer, each in the words of a key.
pub(super) fn in_states(
    page: &Page<'_>,
    layer: &MapLayer<'_>,
    [dead, saturated]: [&str; 2],
) -> Vec<String> {
    let told = |(state, key): (&str, &str)| {
        let gaps: [Gap<'_>; 2] = [
            ("layer", &layer.name),
            ("maps", &named(page, layer, state)?),
        ];
        Some(page.fill(key, &gaps))
    };
    let states = [("dead", dead), ("saturated", saturated)];
    states.into_iter().filter_map(told).collect()
}

/// The numbers of maps in a state, as many as can be read; `None` where there are none.
fn named(page: &Page<'_>, layer: &MapLayer<'_>, state: &str) -> Option<String> {
    const NAMED: usize = 40;
    let numbers = layer.in_state(state);
    let shown: Vec<String> = numbers.iter().take(NAMED).map(usize::to_string).collect();
    let shown = shown.join(", ");
    match numbers.len().saturating_sub(NAMED) {
        0 => (!numbers.is_empty()).then_some(shown),
        more => Some(page.count("features.and_more", more, &[("maps", &shown)])),
    }
}

/// How much of the network's input a unit of the layer sees; `None` where no field is known.
pub(super) fn field(page: &Page<'_>, layer: &MapLayer<'_>) -> Option<String> {
    let features = layer.maps.iter().flat_map(|map| &map.features);
    let units = features.filter_map(|row| Some((page.site.lookup.photo(&row.image_id)?, *row)));
    field_note(page, units)
}
