//! What grids of projections show (R §5), as numbers: how fine a stage's projection is, and how much of the input it covers.

use std::f64::consts::TAU;

use ndarray::Array2;
use records::tables::MetricRow;
use records::GridRecord;

use super::spectrum::FINE;

/// The part of a projection's energy whose area is told.
const MOST: f64 = 0.9;

/// Measures a projection `[C, H, W]`; `None` where it is zero.
pub(super) fn measure(projection: &[f32], [height, width]: [usize; 2]) -> Option<GridRecord> {
    let pixels = (height * width).max(1);
    let mut energies = vec![0.0; pixels];
    for plane in projection.chunks_exact(pixels) {
        for (energy, value) in energies.iter_mut().zip(plane) {
            *energy += f64::from(*value).powi(2);
        }
    }
    let all: f64 = energies.iter().sum();
    if all.is_nan() || all <= 0.0 {
        return None;
    }
    let waves = [height, width].map(waves);
    let planes = projection.chunks_exact(pixels);
    let coarse: f64 = planes
        .map(|plane| coarse_energy(plane, [height, width], &waves))
        .sum();
    Some(GridRecord {
        fine_share: (1.0 - coarse / all).max(0.0),
        area: holding(energies, MOST * all) as f64 / pixels as f64,
    })
}

/// Cosines and, below them, sines of the frequencies under [`FINE`] along a side, the constant first, `[2 frequencies, side]`.
fn waves(side: usize) -> Array2<f64> {
    let frequencies = (0..side)
        .take_while(|number| (*number as f64) < FINE * side as f64)
        .count();
    let angles = (0..side).map(|number| TAU * number as f64 / side as f64);
    let of_one: Vec<(f64, f64)> = angles.map(f64::sin_cos).collect();
    Array2::from_shape_fn((2 * frequencies, side), |(row, cell)| {
        let (sin, cos) = of_one[row % frequencies * cell % side];
        match row < frequencies {
            true => cos,
            false => sin,
        }
    })
}

/// The energy of a plane at frequencies below [`FINE`], whatever their direction (Parseval).
fn coarse_energy(
    plane: &[f32],
    [height, width]: [usize; 2],
    [down, along]: &[Array2<f64>; 2],
) -> f64 {
    let plane = Array2::from_shape_fn((height, width), |(y, x)| f64::from(plane[y * width + x]));
    let parts = down.dot(&plane).dot(&along.t());
    let (rows, columns) = (down.nrows() / 2, along.nrows() / 2);
    let mut energy = 0.0;
    for u in 0..rows {
        for v in 0..columns {
            let distance = (u as f64 / height as f64).hypot(v as f64 / width as f64);
            if distance < FINE {
                // Each with its mirror images; the constant has none.
                let images = [u, v].map(|number| if number == 0 { 1.0 } else { 2.0 });
                let squares = [
                    (u, v),
                    (u, columns + v),
                    (rows + u, v),
                    (rows + u, columns + v),
                ]
                .map(|at| parts[at].powi(2));
                energy += images[0] * images[1] * squares.iter().sum::<f64>();
            }
        }
    }
    energy / (height * width) as f64
}

/// How many pixels, those with most of it first, hold so much energy.
fn holding(mut energies: Vec<f64>, wanted: f64) -> usize {
    let descending = |a: &f64, b: &f64| b.total_cmp(a);
    let (mut held, mut count) = (0.0, 0);
    // Few hold most of it: the rest is put in order only where these do not.
    let mut rest = &mut energies[..];
    while !rest.is_empty() {
        let some = rest.len().div_ceil(8);
        rest.select_nth_unstable_by(some - 1, descending);
        let (first, others) = std::mem::take(&mut rest).split_at_mut(some);
        first.sort_unstable_by(descending);
        for energy in first {
            if held >= wanted {
                return count;
            }
            held += *energy;
            count += 1;
        }
        rest = others;
    }
    count
}

/// How much each photograph's projections become coarser, and smaller, from the input upwards.
#[derive(Debug, Default)]
pub(super) struct GridTrends {
    fine_share: Vec<f64>,
    area: Vec<f64>,
}

impl GridTrends {
    /// Takes in the stages of a photo, from the input upwards; `None` where a projection was zero.
    pub(super) fn add(&mut self, stages: &[Option<GridRecord>]) {
        let places = stages.iter().enumerate();
        let (places, measures): (Vec<f64>, Vec<&GridRecord>) = places
            .filter_map(|(place, measure)| Some((place as f64, measure.as_ref()?)))
            .unzip();
        let trend = |of: fn(&GridRecord) -> f64| {
            let values: Vec<f64> = measures.iter().map(|measure| of(measure)).collect();
            statistics::rank_correlation(&places, &values)
        };
        self.fine_share.extend(trend(|measure| measure.fine_share));
        self.area.extend(trend(|measure| measure.area));
    }

    /// The mean rank correlations with the stages' places.
    pub(super) fn metrics(&self) -> Vec<MetricRow> {
        let metric = |(name, values): (&str, &Vec<f64>)| {
            let mean = statistics::bounded_mean(values, [-1.0, 1.0])?;
            Some(MetricRow::new(name, "all", mean, values.len()))
        };
        [
            ("projection_fine_share_trend", &self.fine_share),
            ("projection_area_trend", &self.area),
        ]
        .into_iter()
        .filter_map(metric)
        .collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
pub(crate) mod tests {
    use std::path::Path;

    use super::*;

    /// Of `scripts/golden/measures.py`.
    pub(crate) fn golden(name: &str) -> serde_json::Value {
        let path = "../../tests/fixtures/golden/measures.json";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let all: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        all[name].clone()
    }

    pub(crate) fn numbers(list: &serde_json::Value) -> Vec<f64> {
        let list = list.as_array().unwrap().iter();
        list.map(|value| value.as_f64().unwrap()).collect()
    }

    #[test]
    fn fineness_and_area_are_numpy_s() {
        for entry in golden("grids").as_array().unwrap() {
            let size = numbers(&entry["size"]);
            let values = numbers(&entry["values"]);
            let values: Vec<f32> = values.iter().map(|value| *value as f32).collect();
            let found = measure(&values, [size[0] as usize, size[1] as usize]).unwrap();
            let fine_share = entry["fine_share"].as_f64().unwrap();
            assert!((found.fine_share - fine_share).abs() < 1e-6, "{found:?}");
            // A pixel may be on either side of nine tenths.
            let area = entry["area"].as_f64().unwrap();
            assert!(
                (found.area - area).abs() < 1.5 / (size[0] * size[1]),
                "{found:?}"
            );
        }
        assert_eq!(measure(&[0.0; 48], [4, 4]), None);
    }

    fn grid(fine_share: f64, area: f64) -> Option<GridRecord> {
        Some(GridRecord { fine_share, area })
    }

    #[test]
    fn projections_become_coarser_and_smaller_or_finer_and_larger() {
        let mut stages = [
            grid(0.9, 0.5),
            grid(0.6, 0.6),
            None,
            grid(0.5, 0.3),
            grid(0.1, 0.2),
        ];
        let found = |stages: &[Option<GridRecord>]| {
            let mut trends = GridTrends::default();
            (0..12).for_each(|_| trends.add(stages));
            trends.add(&[None, grid(0.5, 0.5)]);
            trends.metrics()
        };
        let held = found(&stages);
        let names: Vec<&str> = held.iter().map(|row| &*row.metric).collect();
        assert_eq!(
            names,
            ["projection_fine_share_trend", "projection_area_trend"]
        );
        // 1 − 6 Σ d² / (n (n² − 1)) of the ranks 4 3 2 1, and 3 4 2 1, against 1 2 3 4.
        assert!((held[0].value + 1.0).abs() < 1e-12);
        assert!((held[1].value + 0.8).abs() < 1e-12, "{}", held[1].value);
        assert!(held
            .iter()
            .all(|row| row.high.unwrap() < 0.0 && row.count == 12));
        stages.reverse();
        let turned = found(&stages);
        assert!((turned[0].value - 1.0).abs() < 1e-12);
        assert!((turned[1].value - 0.8).abs() < 1e-12);
    }
}
