//! Which spatial frequencies filters respond to, and what of them a stride cannot sample (ZF §4.1, fig. 6).

use std::f64::consts::TAU;

use network::Window;

/// Frequencies along each axis that a filter's spectrum is taken at, its surroundings as zeros.
const GRID: usize = 32;
/// Where low frequencies end, in cycles a pixel.
pub(crate) const FINE: f64 = 0.125;
/// Bounds of low, middle and high frequencies, in cycles a pixel.
const BANDS: [f64; 2] = [FINE, 0.25];
/// A filter whose planes vary by less than this part of its power is constant but for rounding.
const CONSTANT: f64 = 1e-12;
/// The names of the shares.
pub(crate) const NAMES: [&str; 4] = ["low", "middle", "high", "aliased"];

/// Shares of power: low, middle, high, and beyond what the stride can sample.
pub(crate) type Shares = [f64; 4];

/// A filter's power at each of [`GRID`]² frequencies, summed over its planes.
#[derive(Debug)]
pub(crate) struct Spectrum(Vec<f64>);

impl Spectrum {
    /// Of a filter `[planes, height, width]`.
    pub(crate) fn of(filter: &[f32], [height, width]: [usize; 2]) -> Self {
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
        Self(power)
    }

    /// What white noise has, and random filters about: the same everywhere.
    pub(crate) fn noise() -> Self {
        Self(vec![1.0; GRID * GRID])
    }

    /// Where its power lies.
    pub(crate) fn shares(&self, window: &Window) -> Shares {
        let mut shares = [0.0; 4];
        for (at, power) in self.0.iter().enumerate() {
            let band = BANDS.iter().filter(|bound| distance(at) >= **bound);
            shares[band.count()] += power;
            if is_aliased(at, window) {
                shares[3] += power;
            }
        }
        let total: f64 = self.0.iter().sum();
        match total > 0.0 {
            true => shares.map(|share| share / total),
            false => [0.0; 4],
        }
    }

    /// Of what a filter passes on of photographs, whose power falls with the square of the frequency (Field 1987), the share
    /// that its stride cannot sample, so that it is taken for coarser patterns. The constant part, which no stride changes,
    /// is left out; 0 for a filter that passes on nothing else.
    pub(crate) fn folded(&self, window: &Window) -> f64 {
        let (mut folded, mut all) = (0.0, 0.0);
        for (at, power) in self.0.iter().enumerate().skip(1) {
            let passed = power / distance(at).powi(2);
            all += passed;
            if is_aliased(at, window) {
                folded += passed;
            }
        }
        match all > 0.0 {
            true => folded / all,
            false => 0.0,
        }
    }
}

/// Cycles a pixel along rows and columns of a frequency of the grid.
fn cycles(at: usize) -> [f64; 2] {
    [at / GRID, at % GRID].map(|number| number.min(GRID - number) as f64 / GRID as f64)
}

/// Cycles a pixel of a frequency of the grid, whatever its direction.
fn distance(at: usize) -> f64 {
    let [rows, columns] = cycles(at);
    rows.hypot(columns)
}

/// Whether a stride is too wide for a frequency of the grid: more than half a cycle a stride along an axis.
fn is_aliased(at: usize, window: &Window) -> bool {
    let along = cycles(at);
    (0..2).any(|axis| along[axis] * 2.0 * window.stride[axis] as f64 > 1.0)
}

/// The centre of gravity of the spectrum of what varies in a filter.
pub(crate) fn frequency(filter: &[f32], kernel: [usize; 2]) -> Option<f64> {
    let cells = (kernel[0] * kernel[1]).max(1);
    let mut varying = filter.to_vec();
    for plane in varying.chunks_exact_mut(cells) {
        let sum: f64 = plane.iter().map(|value| f64::from(*value)).sum();
        let mean = (sum / cells as f64) as f32;
        plane.iter_mut().for_each(|value| *value -= mean);
    }
    if energy(&varying) <= CONSTANT * energy(filter) {
        return None;
    }
    let Spectrum(power) = Spectrum::of(&varying, kernel);
    let total: f64 = power.iter().sum();
    let weighted = power.iter().enumerate();
    let weighted = weighted.map(|(at, power)| power * distance(at));
    Some(weighted.sum::<f64>() / total)
}

fn energy(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value).powi(2)).sum()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Three planes of 11×11 with this many cycles a pixel along the rows.
    pub(crate) fn grating(cycles: f64) -> Vec<f32> {
        let wave = |cell: usize| (TAU * cycles * (cell % 11) as f64).cos() as f32;
        (0..3 * 121).map(wave).collect()
    }

    /// The same as filters that were learnt are: fading towards the edges, so that nothing leaks to other frequencies.
    pub(crate) fn faded(cycles: f64) -> Vec<f32> {
        let fade = |at: usize| (-(at as f64 - 5.0).powi(2) / 8.0).exp();
        let wave = |cell: usize| {
            let (row, column) = (cell % 121 / 11, cell % 11);
            let phase = TAU * cycles * (column as f64 - 5.0);
            (phase.cos() * fade(row) * fade(column)) as f32
        };
        (0..3 * 121).map(wave).collect()
    }

    /// A grating's power lies at its frequency, spread over about a cycle in eleven pixels.
    #[test]
    fn gratings_are_told_apart_by_their_frequency() {
        let window = Window::square(11, 4, 2);
        for (cycles, band) in [(0.0, 0), (0.19, 1), (0.4, 2)] {
            let filter = grating(cycles);
            let shares = Spectrum::of(&filter, [11, 11]).shares(&window);
            assert!(shares[band] > 0.7, "{cycles}: {shares:?}");
            assert!((shares[..3].iter().sum::<f64>() - 1.0).abs() < 1e-9);
            let found = frequency(&filter, [11, 11]);
            assert_eq!(found.is_none(), cycles == 0.0);
            assert!(found.is_none_or(|found| (found - cycles).abs() < 0.06));
        }
        // A stride of 4 samples up to an eighth of a cycle a pixel.
        let shares = Spectrum::of(&grating(0.19), [11, 11]).shares(&window);
        assert!(shares[3] > 0.7, "{shares:?}");
    }

    /// What a stride folds back is what is finer than it samples, and nothing where it is 1 or the filter is constant.
    #[test]
    fn fine_gratings_are_folded_by_wide_strides() {
        let folded = |cycles: f64, stride: usize| {
            Spectrum::of(&faded(cycles), [11, 11]).folded(&Window::square(11, stride, 2))
        };
        for (cycles, stride, is) in [(0.2, 4, true), (0.2, 2, false), (0.45, 2, true)] {
            assert_eq!(folded(cycles, stride) > 0.5, is, "{cycles} {stride}");
        }
        assert_eq!(folded(0.45, 1), 0.0);
        assert!(folded(0.0, 4) < 0.5);
        // ∫ df / f over all frequencies against those above a quarter of a cycle along an axis: about a fifth.
        let noise = Spectrum::noise().folded(&Window::square(11, 2, 2));
        assert!((noise - 0.2).abs() < 0.03, "{noise}");
    }

    #[test]
    fn a_constant_filter_has_no_frequency() {
        for value in [0.1, 0.3, 1.0 / 3.0, 0.7, 1e-6, 0.0] {
            assert_eq!(frequency(&[value; 3 * 121], [11, 11]), None, "{value}");
        }
    }
}
