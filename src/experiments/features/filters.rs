//! The filters of the first convolution by their numbers: which spatial frequencies they respond to, and which of them say the
//! same (ZF fig. 6).

use std::f64::consts::TAU;

use base::Result;
use engine::Engine;
use network::{Op, Window};
use records::maps::{FilterMaps, Planes};
use records::tables::{FilterRow, MetricRow};

use super::dot;

/// Frequencies along each axis that a filter's spectrum is taken at, its surroundings as zeros.
const GRID: usize = 32;
/// Bounds of low, middle and high frequencies, in cycles a pixel.
const BANDS: [f64; 2] = [0.125, 0.25];
/// A filter whose planes vary by less than this part of its power is constant but for rounding.
const CONSTANT: f64 = 1e-12;

/// Shares of power: low, middle, high, and beyond what the stride can sample.
type Shares = [f64; 4];
const NAMES: [&str; 4] = ["low", "middle", "high", "aliased"];

/// The filters of the first convolution.
#[derive(Debug)]
pub struct FirstLayer {
    /// What is drawn.
    pub maps: FilterMaps,
    /// The table's rows.
    pub rows: Vec<FilterRow>,
    /// Means over the filters.
    pub metrics: Vec<MetricRow>,
}

/// Measures the filters of the first convolution; `None` where there is none or it has neither the planes of a colour picture nor that of a grey one.
///
/// # Errors
/// [`base::Error::Compute`].
pub fn first_layer(engine: &Engine) -> Result<Option<FirstLayer>> {
    let nodes = engine.network().nodes.iter().enumerate();
    let first = nodes
        .filter_map(|(at, node)| match &node.op {
            Op::Conv { window, .. } => Some((at, node, window)),
            _ => None,
        })
        .next();
    let Some((at, node, window)) = first else {
        return Ok(None);
    };
    let Some(([_, planes, height, width], values)) = engine.filters(at)? else {
        return Ok(None);
    };
    if !matches!(planes, 1 | 3) {
        return Ok(None);
    }
    let filters: Vec<&[f32]> = values.chunks_exact(planes * height * width).collect();
    let planes = |values: &&[f32]| Planes::of([planes, height, width], values.to_vec());
    let rows = measure(&node.name, &filters, window);
    Ok(Some(FirstLayer {
        maps: FilterMaps {
            filters: filters.iter().map(planes).collect(),
        },
        metrics: metrics(&node.name, &rows, window),
        rows,
    }))
}

/// The table's rows for filters `[planes, kH, kW]`.
fn measure(layer: &str, filters: &[&[f32]], window: &Window) -> Vec<FilterRow> {
    let norms: Vec<f64> = filters
        .iter()
        .map(|filter| dot(filter, filter).sqrt())
        .collect();
    let row = |(at, filter): (usize, &&[f32])| {
        let power = power(filter, window.kernel);
        let shares = shares(&power, window);
        let others = filters.iter().enumerate().filter(|(other, _)| *other != at);
        let cosines = others.filter_map(|(other, values)| {
            let norms = norms[at] * norms[other];
            (norms > 0.0).then(|| (other, dot(filter, values) / norms))
        });
        let nearest = cosines.reduce(|a, b| if b.1 > a.1 { b } else { a });
        FilterRow {
            layer: layer.to_owned(),
            filter: at,
            norm: norms[at],
            frequency: frequency(filter, window.kernel),
            low_share: shares[0],
            middle_share: shares[1],
            high_share: shares[2],
            aliased_share: shares[3],
            nearest: nearest.map(|(other, _)| other),
            nearest_cosine: nearest.map(|(_, cosine)| cosine),
        }
    };
    filters.iter().enumerate().map(row).collect()
}

/// Means over the filters, beside what filters of white noise would have.
fn metrics(layer: &str, rows: &[FilterRow], window: &Window) -> Vec<MetricRow> {
    let metric = |metric: String, value: f64| MetricRow {
        metric,
        scope: format!("layer:{layer}"),
        value,
        low: None,
        high: None,
        count: rows.len(),
    };
    let mean = |of: &dyn Fn(&FilterRow) -> f64| {
        rows.iter().map(of).sum::<f64>() / rows.len().max(1) as f64
    };
    let found = [
        mean(&|row| row.low_share),
        mean(&|row| row.middle_share),
        mean(&|row| row.high_share),
        mean(&|row| row.aliased_share),
    ];
    // Noise has the same power everywhere.
    let noise = shares(&[1.0; GRID * GRID], window);
    let mut metrics = Vec::new();
    for ((name, found), noise) in NAMES.iter().zip(found).zip(noise) {
        metrics.push(metric(format!("filter_{name}_share"), found));
        metrics.push(metric(format!("filter_{name}_share_noise"), noise));
    }
    let repeated = mean(&|row| f64::from(row.is_repeated()));
    metrics.push(metric("filter_repetition".into(), repeated));
    metrics
}

/// Power at each of [`GRID`]² frequencies, summed over the planes.
fn power(filter: &[f32], [height, width]: [usize; 2]) -> Vec<f64> {
    let wave = |frequency: usize, cell: usize| {
        (TAU * (frequency * cell % GRID) as f64 / GRID as f64).sin_cos()
    };
    let mut power = vec![0.0; GRID * GRID];
    for plane in filter.chunks_exact((height * width).max(1)) {
        for u in 0..GRID {
            // Along the rows first.
            let along: Vec<(f64, f64)> = (0..width)
                .map(|x| {
                    (0..height).fold((0.0, 0.0), |(re, im), y| {
                        let (sin, cos) = wave(u, y);
                        let value = f64::from(plane[y * width + x]);
                        (re + value * cos, im - value * sin)
                    })
                })
                .collect();
            for v in 0..GRID {
                let (re, im) = along.iter().enumerate().fold((0.0, 0.0), |sum, (x, part)| {
                    let (sin, cos) = wave(v, x);
                    (
                        sum.0 + part.0 * cos + part.1 * sin,
                        sum.1 + part.1 * cos - part.0 * sin,
                    )
                });
                power[u * GRID + v] += re * re + im * im;
            }
        }
    }
    power
}

/// Cycles a pixel along rows and columns of a frequency of the grid.
fn cycles(at: usize) -> [f64; 2] {
    [at / GRID, at % GRID].map(|number| number.min(GRID - number) as f64 / GRID as f64)
}

fn shares(power: &[f64], window: &Window) -> Shares {
    let mut shares = [0.0; 4];
    for (at, power) in power.iter().enumerate() {
        let along = cycles(at);
        let frequency = along[0].hypot(along[1]);
        let band = BANDS.iter().filter(|bound| frequency >= **bound).count();
        shares[band] += power;
        let aliased = (0..2).any(|axis| along[axis] * 2.0 * window.stride[axis] as f64 > 1.0);
        if aliased {
            shares[3] += power;
        }
    }
    let total: f64 = power.iter().sum();
    match total > 0.0 {
        true => shares.map(|share| share / total),
        false => [0.0; 4],
    }
}

/// The centre of gravity of the spectrum of what varies in a filter.
fn frequency(filter: &[f32], kernel: [usize; 2]) -> Option<f64> {
    let cells = (kernel[0] * kernel[1]).max(1);
    let mut varying = filter.to_vec();
    for plane in varying.chunks_exact_mut(cells) {
        let sum: f64 = plane.iter().map(|value| f64::from(*value)).sum();
        let mean = (sum / cells as f64) as f32;
        plane.iter_mut().for_each(|value| *value -= mean);
    }
    if dot(&varying, &varying) <= CONSTANT * dot(filter, filter) {
        return None;
    }
    let power = power(&varying, kernel);
    let total: f64 = power.iter().sum();
    let weighted = power.iter().enumerate().map(|(at, power)| {
        let [rows, columns] = cycles(at);
        power * rows.hypot(columns)
    });
    Some(weighted.sum::<f64>() / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grating(cycles: f64) -> Vec<f32> {
        let wave = |cell: usize| (TAU * cycles * (cell % 11) as f64).cos() as f32;
        (0..3 * 121).map(wave).collect()
    }

    /// A grating's power lies at its frequency, spread over about a cycle in eleven pixels.
    #[test]
    fn gratings_are_told_apart_by_their_frequency() {
        let window = Window::square(11, 4, 2);
        for (cycles, band) in [(0.0, 0), (0.19, 1), (0.4, 2)] {
            let filter = grating(cycles);
            let shares = shares(&power(&filter, [11, 11]), &window);
            assert!(shares[band] > 0.7, "{cycles}: {shares:?}");
            assert!((shares[..3].iter().sum::<f64>() - 1.0).abs() < 1e-9);
            let found = frequency(&filter, [11, 11]);
            assert_eq!(found.is_none(), cycles == 0.0);
            assert!(found.is_none_or(|found| (found - cycles).abs() < 0.06));
        }
        // A stride of 4 samples up to an eighth of a cycle a pixel.
        let shares = shares(&power(&grating(0.19), [11, 11]), &window);
        assert!(shares[3] > 0.7, "{shares:?}");
    }

    #[test]
    fn a_constant_filter_has_no_frequency() {
        for value in [0.1, 0.3, 1.0 / 3.0, 0.7, 1e-6, 0.0] {
            assert_eq!(frequency(&[value; 3 * 121], [11, 11]), None, "{value}");
        }
    }

    #[test]
    fn a_filter_that_repeats_another_is_found() {
        let (a, b) = (grating(0.1), grating(0.3));
        let twice: Vec<f32> = a.iter().map(|value| 2.0 * value).collect();
        let dead = vec![0.0; a.len()];
        let filters = [&a[..], &b, &twice, &dead];
        let rows = measure("conv1", &filters, &Window::square(11, 4, 2));
        assert_eq!((rows[0].nearest, rows[2].nearest), (Some(2), Some(0)));
        assert!((rows[0].nearest_cosine.unwrap() - 1.0).abs() < 1e-6);
        assert_eq!((rows[3].nearest, rows[3].frequency), (None, None));
        let metrics = metrics("conv1", &rows, &Window::square(11, 4, 2));
        let of = |name: &str| metrics.iter().find(|row| row.metric == name).unwrap().value;
        assert_eq!(of("filter_repetition"), 0.5);
        let noise = ["low", "middle", "high"].map(|band| of(&format!("filter_{band}_share_noise")));
        assert!((noise.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        // The area of a disc of that radius in the square of all frequencies, about.
        assert!(
            (noise[0] - std::f64::consts::PI / 64.0).abs() < 0.02,
            "{noise:?}"
        );
    }
}
