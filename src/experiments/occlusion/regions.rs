//! The most harmful position and the regions of `--masks`: the pointing game (Zhang et al., ECCV 2016).

use dataset::{Geometry, Rect, Region};
use engine::occlude::Occluder;
use records::occlusion::RegionRecord;

/// Holds the occluder at (y, x) against each region that the network sees a part of.
pub(super) fn held_against(
    regions: &[Region],
    geometry: &Geometry,
    occluder: &Occluder,
    (y, x): (usize, usize),
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
        let all = occluder
            .rows
            .iter()
            .flat_map(|&y| occluder.columns.iter().map(move |&x| (y, x)));
        let hits = all.filter(|&(y, x)| centred(region, y, x)).count();
        RegionRecord {
            region: region.name.clone(),
            hit: centred(region, y, x),
            overlap: rounded(region.overlap(&square(y, x))),
            chance: hits as f64 / occluder.positions() as f64,
        }
    };
    visible.map(record).collect()
}

/// Without the last digits, in which a whole is not quite a whole.
fn rounded(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}
