//! The fast mode: every second row and column of positions, all positions around the most harmful one, and lines between
//! them (Krypton's adaptive drill-down). How near that comes is measured on the photo itself.

use super::look::{Followed, Seen};
use crate::digest::draw;
use crate::engine::occlude::Slider;
use crate::engine::Trace;
use crate::error::Result;
use crate::records::occlusion::Similarity;

/// Rows and columns of positions on each side of the most harmful one that are all computed.
const AROUND: usize = 3;
/// Rows and columns in the sample.
const SAMPLED: usize = 5;
/// Axes of fewer positions are computed as they are.
const FEWEST: usize = 8;

/// Watches what is followed at some of the slider's positions and puts the others in between; `None` where there are so
/// few positions that all were computed.
pub(super) fn watch(
    slider: &Slider,
    clean: &Trace,
    followed: Followed,
    seed: u64,
    image_id: &str,
) -> Result<(Seen, Option<Similarity>)> {
    let occluder = slider.occluder();
    let (high, wide) = (occluder.rows.len(), occluder.columns.len());
    if high < FEWEST || wide < FEWEST {
        return Ok((followed.watch(slider, clean)?, None));
    }
    let compute = |rows: &[usize], columns: &[usize]| -> Result<Seen> {
        let pick = |all: &[usize], some: &[usize]| some.iter().map(|&at| all[at]).collect();
        let slider =
            slider.elsewhere(pick(&occluder.rows, rows), pick(&occluder.columns, columns))?;
        followed.watch(&slider, clean)
    };
    let (rows, columns) = (every_second(high), every_second(wide));
    let coarse = compute(&rows, &columns)?;
    let mut seen = between(&coarse, &rows, &columns, (high, wide));

    let left = match seen.probability.is_empty() {
        true => &seen.map_activation,
        false => &seen.probability,
    };
    let worst = (0..left.len()).min_by(|&a, &b| left[a].total_cmp(&left[b]));
    let worst = worst.unwrap_or(0);
    let around = |at: usize, length: usize| -> Vec<usize> {
        let first = at.saturating_sub(AROUND).min(length - (2 * AROUND + 1));
        (first..first + 2 * AROUND + 1).collect()
    };
    let (near_rows, near_columns) = (around(worst / wide, high), around(worst % wide, wide));
    let near = compute(&near_rows, &near_columns)?;
    put(&mut seen, &near, &near_rows, &near_columns, wide);

    // Rows that are put in between everywhere, but for the ones around the most harmful position.
    let drawn = |name: &str, from: &[usize]| -> Vec<usize> {
        let mut order: Vec<usize> = from.to_vec();
        order.sort_by_cached_key(|at| draw(seed, &["occlusion", image_id, name, &at.to_string()]));
        order.truncate(SAMPLED);
        order.sort_unstable();
        order
    };
    let other_rows: Vec<usize> = (0..high)
        .filter(|at| !rows.contains(at) && !near_rows.contains(at))
        .collect();
    let (sample_rows, sample_columns) = (
        drawn("rows", &other_rows),
        drawn("columns", &(0..wide).collect::<Vec<_>>()),
    );
    let exact = compute(&sample_rows, &sample_columns)?;
    let places = || {
        let columns = &sample_columns;
        sample_rows
            .iter()
            .flat_map(move |row| columns.iter().map(move |column| row * wide + column))
    };
    let compared = |fast: &[f32], exact: &[f32]| -> (f64, f64) {
        let at_sample: Vec<f32> = places().map(|at| fast[at]).collect();
        similarity(&at_sample, exact, fast)
    };
    let map = compared(&seen.map_activation, &exact.map_activation);
    let (low, high_value) = range(&seen.map_activation);
    let spread = (high_value - low).max(f64::MIN_POSITIVE);
    let told = Similarity {
        sampled: exact.map_activation.len(),
        probability: (!seen.probability.is_empty())
            .then(|| compared(&seen.probability, &exact.probability)),
        map: (map.0, map.1 / spread),
    };
    put(&mut seen, &exact, &sample_rows, &sample_columns, wide);
    Ok((seen, Some(told)))
}

/// Numbers of every second position, and of the last one.
fn every_second(length: usize) -> Vec<usize> {
    let mut some: Vec<usize> = (0..length).step_by(2).collect();
    if length % 2 == 0 {
        some.push(length - 1);
    }
    some
}

/// Writes what was computed over what was put in between.
fn put(seen: &mut Seen, some: &Seen, rows: &[usize], columns: &[usize], wide: usize) {
    let places = rows
        .iter()
        .flat_map(|row| columns.iter().map(move |column| row * wide + column));
    for (from, to) in places.enumerate() {
        seen.map_activation[to] = some.map_activation[from];
        if !some.probability.is_empty() {
            seen.probability[to] = some.probability[from];
            seen.first[to] = some.first[from];
            seen.first_probability[to] = some.first_probability[from];
        }
    }
}

/// Values on straight lines between the computed ones; the first class is that of the nearest computed position.
fn between(coarse: &Seen, rows: &[usize], columns: &[usize], (high, wide): (usize, usize)) -> Seen {
    let lines = |values: &[f32]| -> Vec<f32> {
        let at = |r: usize, c: usize| values[r * columns.len() + c];
        let mut all = Vec::with_capacity(high * wide);
        for row in 0..high {
            let (top, bottom, down) = neighbours(rows, row);
            for column in 0..wide {
                let (left, right, across) = neighbours(columns, column);
                let mix = |a: f32, b: f32, share: f32| a + (b - a) * share;
                let upper = mix(at(top, left), at(top, right), across);
                let lower = mix(at(bottom, left), at(bottom, right), across);
                all.push(mix(upper, lower, down));
            }
        }
        all
    };
    let mut seen = Seen {
        map_activation: lines(&coarse.map_activation),
        ..Seen::default()
    };
    if !coarse.probability.is_empty() {
        seen.probability = lines(&coarse.probability);
        seen.first_probability = lines(&coarse.first_probability);
        let nearest = |some: &[usize], at: usize| {
            let (low, high, share) = neighbours(some, at);
            if share > 0.5 {
                high
            } else {
                low
            }
        };
        seen.first = (0..high * wide)
            .map(|at| {
                let (r, c) = (nearest(rows, at / wide), nearest(columns, at % wide));
                coarse.first[r * columns.len() + c]
            })
            .collect();
    }
    seen
}

/// The computed numbers on both sides of one, by their places, and how far it lies from the first to the second.
fn neighbours(some: &[usize], at: usize) -> (usize, usize, f32) {
    let after = some.partition_point(|&other| other <= at);
    let low = after.saturating_sub(1);
    let high = after.min(some.len() - 1);
    let gap = some[high] - some[low];
    let share = match gap {
        0 => 0.0,
        gap => (at - some[low]) as f32 / gap as f32,
    };
    (low, high, share)
}

fn range(values: &[f32]) -> (f64, f64) {
    let values = values.iter().map(|&value| f64::from(value));
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

/// Structural similarity (Wang et al. 2004, its usual constants; the range is that of `all`) of two lists taken as one
/// window, and their greatest difference.
pub(super) fn similarity(found: &[f32], exact: &[f32], all: &[f32]) -> (f64, f64) {
    let count = exact.len().max(1) as f64;
    let mean = |values: &[f32]| values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    let (a, b) = (mean(found), mean(exact));
    let pairs = || {
        let pairs = found.iter().zip(exact);
        pairs.map(|(&x, &y)| (f64::from(x), f64::from(y)))
    };
    let spread = |of: &dyn Fn(f64, f64) -> f64| pairs().map(|(x, y)| of(x, y)).sum::<f64>() / count;
    let (aa, bb) = (
        spread(&|x, _| (x - a).powi(2)),
        spread(&|_, y| (y - b).powi(2)),
    );
    let ab = spread(&|x, y| (x - a) * (y - b));
    let (low, high) = range(all);
    let (c1, c2) = ((0.01 * (high - low)).powi(2), (0.03 * (high - low)).powi(2));
    let worst = pairs().map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
    let above = (2.0 * a * b + c1) * (2.0 * ab + c2);
    let below = (a * a + b * b + c1) * (aa + bb + c2);
    match below > 0.0 {
        true => (above / below, worst),
        false => (1.0, worst),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_is_put_in_between_exactly() {
        let (rows, columns) = (every_second(8), every_second(9));
        assert_eq!(rows, [0, 2, 4, 6, 7]);
        let value = |row: usize, column: usize| 3.0 * row as f32 - column as f32;
        let coarse = Seen {
            map_activation: rows
                .iter()
                .flat_map(|&r| columns.iter().map(move |&c| value(r, c)))
                .collect(),
            ..Seen::default()
        };
        let seen = between(&coarse, &rows, &columns, (8, 9));
        for (at, found) in seen.map_activation.iter().enumerate() {
            assert!((found - value(at / 9, at % 9)).abs() < 1e-5);
        }
    }

    #[test]
    fn similarity_is_one_for_the_same_and_less_for_others() {
        let values = [0.1, 0.5, 0.9, 0.3];
        assert_eq!(similarity(&values, &values, &values), (1.0, 0.0));
        let (unlike, worst) = similarity(&[0.9, 0.5, 0.1, 0.3], &values, &values);
        assert!(unlike < 0.0, "{unlike}");
        assert!((worst - 0.8).abs() < 1e-6);
        assert_eq!(similarity(&[2.0; 3], &[2.0; 3], &[2.0; 3]), (1.0, 0.0));
    }
}
