//! The occluder's positions and the regions of `--masks`: whether the most harmful one lies in them, the pointing game (Zhang et
//! al., ECCV 2016), and how much more those inside cost than the others.

use dataset::{Geometry, Rect, Region};
use engine::occlude::Occluder;
use records::occlusion::{OccludedClasses, RegionRecord};

/// Holds the occluder at (y, x), and what the class loses at every position, against each region that the network sees a part of.
pub(super) fn held_against(
    regions: &[Region],
    geometry: &Geometry,
    occluder: &Occluder,
    (y, x): (usize, usize),
    classes: Option<&OccludedClasses>,
) -> Vec<RegionRecord> {
    let square = |y: usize, x: usize| {
        let input = Rect {
            x: x as f64,
            y: y as f64,
            width: occluder.size as f64,
            height: occluder.size as f64,
        };
        geometry.to_photo(&input)
    };
    let centred = |region: &Region, y: usize, x: usize| {
        let square = square(y, x);
        let (x, y) = (
            square.x + square.width / 2.0,
            square.y + square.height / 2.0,
        );
        region
            .boxes
            .iter()
            .any(|rect| (rect.x..rect.right()).contains(&x) && (rect.y..rect.bottom()).contains(&y))
    };
    let visible = regions
        .iter()
        .filter(|region| region.visible_share(geometry) > 0.0);
    let record = |region: &Region| {
        let rows = occluder.rows.iter();
        let all = rows.flat_map(|&y| occluder.columns.iter().map(move |&x| (y, x)));
        let inside: Vec<bool> = all.map(|(y, x)| centred(region, y, x)).collect();
        let hits = inside.iter().filter(|inside| **inside).count();
        let drop = |wanted: bool| mean_drop(classes?, &inside, wanted);
        RegionRecord {
            region: region.name.clone(),
            hit: centred(region, y, x),
            overlap: rounded(region.overlap(&square(y, x))),
            chance: hits as f64 / occluder.positions() as f64,
            drop_inside: drop(true),
            drop_outside: drop(false),
        }
    };
    visible.map(record).collect()
}

/// What the class loses at the positions that are inside, or those that are not, on the average.
fn mean_drop(classes: &OccludedClasses, inside: &[bool], wanted: bool) -> Option<f64> {
    let positions = classes.probability.iter().zip(inside);
    let wanted = positions.filter(|(_, is_inside)| **is_inside == wanted);
    let lost = wanted.map(|(left, _)| f64::from(classes.clean) - f64::from(*left));
    statistics::mean(&lost.collect::<Vec<f64>>()).map(|(mean, _)| mean)
}

/// Without the last digits, in which a whole is not quite a whole.
fn rounded(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}
