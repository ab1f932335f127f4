//! How different the patches are that excite a map most, and how different what the map shows of them (ZF §4.1): where patches vary
//! and projections do not, the map is invariant to what varies.

use ndarray::Array2;
use records::maps::Planes;
use records::tables::{MetricRow, SpreadRow};
use serde::{Deserialize, Serialize};

use super::cosine;
use super::tables::{by_layer, layer_metrics, layer_trend};

/// Rows and columns that patches and projections are brought to, whatever part of its field a unit has in the input.
const SIDE: usize = 24;

/// A unit's patch and projection, small and of one size.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Look {
    /// Around its mean, one for all planes: how bright it is does not count, its colours do.
    patch: Vec<f32>,
    /// Around 0, which is nothing.
    projection: Vec<f32>,
}

impl Look {
    pub(super) fn of(patch: &Planes, projection: &Planes) -> Self {
        let mut patch = at_one_size(patch);
        let mean = patch.iter().sum::<f32>() / patch.len().max(1) as f32;
        patch.iter_mut().for_each(|value| *value -= mean);
        Self {
            patch,
            projection: at_one_size(projection),
        }
    }
}

/// Planes brought to [`SIDE`] rows and columns: means over the areas that their cells cover.
pub(crate) fn at_one_size(planes: &Planes) -> Vec<f32> {
    let (height, width) = planes.size;
    let (down, along) = (covered(height), covered(width));
    let planes = planes.values.chunks_exact((height * width).max(1));
    let of_plane = |plane: &[f32]| {
        let plane = Array2::from_shape_fn((height, width), |(y, x)| plane[y * width + x]);
        let cells = down.dot(&plane).dot(&along.t());
        cells.iter().copied().collect::<Vec<f32>>()
    };
    planes.flat_map(of_plane).collect()
}

/// Of each cell, how much of it each of `side` pixels covers, `[SIDE, side]`.
fn covered(side: usize) -> Array2<f32> {
    let scale = side as f64 / SIDE as f64;
    Array2::from_shape_fn((SIDE, side), |(cell, pixel)| {
        let first = (cell as f64 * scale).max(pixel as f64);
        let end = ((cell + 1) as f64 * scale).min((pixel + 1) as f64);
        ((end - first).max(0.0) / scale) as f32
    })
}

/// A map's spreads over its units; `None` for fewer than two.
pub(super) fn of_map(layer: &str, map: usize, looks: &[&Look]) -> Option<SpreadRow> {
    let patches: Vec<&[f32]> = looks.iter().map(|look| &*look.patch).collect();
    let projections: Vec<&[f32]> = looks.iter().map(|look| &*look.projection).collect();
    Some(SpreadRow {
        layer: layer.to_owned(),
        map,
        units: looks.len(),
        patches: spread(&patches)?,
        projections: spread(&projections)?,
    })
}

/// 1 less the mean cosine of all pairs; `None` for fewer than two.
fn spread(pictures: &[&[f32]]) -> Option<f64> {
    let mut cosines = Vec::new();
    for (at, a) in pictures.iter().enumerate() {
        let later = pictures.iter().skip(at + 1);
        cosines.extend(later.map(|b| cosine(a, b)));
    }
    statistics::mean(&cosines).map(|(mean, _)| 1.0 - mean)
}

/// Means over the maps by layer, and how much more than the projections the patches vary from one layer to the next; `layers`
/// stand from the input upwards.
pub(super) fn metrics<'a>(layers: &[&'a str], rows: &'a [SpreadRow]) -> Vec<MetricRow> {
    let of = |value: fn(&SpreadRow) -> f64| {
        let values = rows.iter().map(|row| (row.layer.as_str(), value(row)));
        by_layer(layers, values)
    };
    let differences = of(|row| row.patches - row.projections);
    let trend = layer_trend("top9_invariance_trend", &differences);
    let named = [
        ("top9_patch_spread", of(|row| row.patches), [0.0, 2.0]),
        (
            "top9_projection_spread",
            of(|row| row.projections),
            [0.0, 2.0],
        ),
        ("top9_invariance", differences, [-2.0, 2.0]),
    ];
    let by_layer = named
        .iter()
        .flat_map(|(name, layers, bounds)| layer_metrics(name, layers, *bounds));
    by_layer.chain(trend).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;
    use crate::grids::tests::{golden, numbers};

    #[test]
    fn planes_of_any_size_become_what_numpy_makes_of_them() {
        for entry in golden("sizes").as_array().unwrap() {
            let size = numbers(&entry["size"]);
            let values = numbers(&entry["values"]);
            let values = values.iter().map(|value| *value as f32).collect();
            let planes = Planes::of([2, size[0] as usize, size[1] as usize], values);
            let found = at_one_size(&planes);
            let expected = numbers(&entry["small"]);
            assert_eq!(found.len(), expected.len());
            let pairs = found.iter().zip(expected);
            let off = pairs.map(|(found, expected)| (f64::from(*found) - expected).abs());
            assert!(off.fold(0.0, f64::max) < 1e-5);
        }
    }

    #[test]
    fn the_spread_is_numpy_s() {
        let entry = golden("spreads");
        let vectors = entry["vectors"].as_array().unwrap().iter().map(numbers);
        let vectors: Vec<Vec<f32>> = vectors
            .map(|vector| vector.iter().map(|value| *value as f32).collect())
            .collect();
        let vectors: Vec<&[f32]> = vectors.iter().map(Vec::as_slice).collect();
        let expected = entry["spread"].as_f64().unwrap();
        assert!((spread(&vectors).unwrap() - expected).abs() < 1e-6);
        assert_eq!(spread(&vectors[..1]), None);
    }

    /// Patches of one picture in other brightness are alike; projections are held against nothing.
    #[test]
    fn brightness_does_not_tell_patches_apart() {
        let wave = |offset: f32| (0..48).map(|at| (at % 7) as f32 + offset).collect();
        let planes = |offset| Planes::of([3, 4, 4], wave(offset));
        let looks = [0.0, 50.0].map(|offset| Look::of(&planes(offset), &planes(offset)));
        let row = of_map("conv1", 3, &[&looks[0], &looks[1]]).unwrap();
        assert_eq!((row.map, row.units), (3, 2));
        assert!(
            row.patches.abs() < 1e-6 && row.projections > 0.05,
            "{row:?}"
        );
        assert_eq!(of_map("conv1", 3, &[&looks[0]]), None);
    }

    #[test]
    fn patches_come_to_vary_more_or_less_than_projections() {
        let layers = ["conv1", "conv2", "conv3"];
        let rows = |rise: f64| -> Vec<SpreadRow> {
            let row = |(layer, map): (usize, usize)| SpreadRow {
                layer: layers[layer].into(),
                map,
                units: 9,
                patches: 0.8 + rise * layer as f64 + 0.01 * map as f64,
                projections: 0.7,
            };
            let maps = (0..3).flat_map(|layer| (0..4).map(move |map| (layer, map)));
            maps.map(row).collect()
        };
        let trend = |rise: f64| {
            let rows = metrics(&layers, &rows(rise));
            let row = rows
                .iter()
                .find(|row| row.metric == "top9_invariance_trend");
            row.unwrap().clone()
        };
        let held = trend(0.05);
        assert!((held.value - 0.05).abs() < 1e-12 && held.low.unwrap() > 0.0);
        assert_eq!((&*held.scope, held.count), ("all", 12));
        let turned = trend(-0.05);
        assert!((turned.value + 0.05).abs() < 1e-12 && turned.high.unwrap() < 0.0);
        let all = metrics(&layers, &rows(0.05));
        let of = |metric: &str, scope: &str| {
            let mut rows = all.iter();
            let row = rows.find(|row| row.metric == metric && row.scope == scope);
            row.unwrap().value
        };
        assert!((of("top9_patch_spread", "layer:conv2") - 0.865).abs() < 1e-12);
        assert!((of("top9_projection_spread", "layer:conv2") - 0.7).abs() < 1e-12);
        assert!((of("top9_invariance", "layer:conv2") - 0.165).abs() < 1e-12);
    }
}
