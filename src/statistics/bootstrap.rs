//! Bootstrap intervals, bias-corrected and accelerated (Efron 1987).

use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, Normal};

/// Resamples that [`mean_interval`] draws.
pub const RESAMPLES: usize = 9_999;

/// The bias-corrected and accelerated bootstrap interval (95 %; Efron 1987) of the values' mean, from [`RESAMPLES`]
/// resamples drawn by `seed`: the same seed gives the same interval everywhere. `None` for fewer than two values, for
/// values that are all equal, and where one is not finite.
pub fn mean_interval(values: &[f64], seed: u64) -> Option<(f64, f64)> {
    let first = *values.first()?;
    if values.iter().all(|v| *v == first) || values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let count = values.len() as f64;
    let mean = |drawn: &[usize]| Some(drawn.iter().map(|&at| values[at]).sum::<f64>() / count);
    let means = resampled(values.len(), seed, mean);
    let mean = values.iter().sum::<f64>() / count;
    Some(corrected(means, mean, acceleration(values, mean)))
}

/// The same of any figure of so many units, such as photographs or maps: `figure` is told which of them were drawn, some several
/// times. Resamples of which there is no figure are left out. `None` for fewer than two units, where a tenth of the resamples or more
/// have no figure, and where none differs from another.
pub fn interval(
    units: usize,
    seed: u64,
    figure: impl Fn(&[usize]) -> Option<f64>,
) -> Option<(f64, f64)> {
    if units < 2 {
        return None;
    }
    let all: Vec<usize> = (0..units).collect();
    let whole = figure(&all)?;
    let figures = resampled(units, seed, &figure);
    if figures.len() * 10 <= RESAMPLES * 9 || figures.iter().all(|it| *it == figures[0]) {
        return None;
    }
    let without = |left: usize| {
        let others: Vec<usize> = all.iter().copied().filter(|at| *at != left).collect();
        figure(&others)
    };
    // The influence of a unit is what the figure loses without it.
    let influences: Vec<f64> = all
        .iter()
        .filter_map(|&at| without(at).map(|left| -left))
        .collect();
    let mean = influences.iter().sum::<f64>() / influences.len().max(1) as f64;
    Some(corrected(figures, whole, acceleration(&influences, mean)))
}

/// The ends of the interval around `figure`, from what it is of resamples.
fn corrected(mut figures: Vec<f64>, figure: f64, acceleration: f64) -> (f64, f64) {
    figures.sort_by(f64::total_cmp);
    let standard = Normal::standard();
    // Half of the ties count as below, as in SciPy.
    let below =
        figures.partition_point(|it| *it < figure) + figures.partition_point(|it| *it <= figure);
    let share = below as f64 / (2 * figures.len()) as f64;
    let reach = 1.0 / (2 * figures.len()) as f64;
    let bias = standard.inverse_cdf(share.clamp(reach, 1.0 - reach));
    let end = |tail: f64| {
        let z = bias + standard.inverse_cdf(tail);
        quantile(&figures, standard.cdf(bias + z / (1.0 - acceleration * z)))
    };
    (end(0.025), end(0.975))
}

fn resampled(units: usize, seed: u64, figure: impl Fn(&[usize]) -> Option<f64>) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut drawn = vec![0; units];
    let mut figures = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        for at in &mut drawn {
            *at = ((u128::from(random.next_u64()) * units as u128) >> 64) as usize;
        }
        figures.extend(figure(&drawn).filter(|it| it.is_finite()));
    }
    figures
}

/// The jackknife's estimate from the units' influences; for a mean these are the values, and it is a sixth of their skewness over √n.
/// 0 where none differs.
fn acceleration(values: &[f64], mean: f64) -> f64 {
    let power = |exponent| {
        values
            .iter()
            .map(|v| (v - mean).powi(exponent))
            .sum::<f64>()
    };
    match power(2) > 0.0 {
        true => power(3) / (6.0 * power(2).powf(1.5)),
        false => 0.0,
    }
}

/// With linear interpolation between the ordered values.
fn quantile(ascending: &[f64], share: f64) -> f64 {
    let position = share.clamp(0.0, 1.0) * (ascending.len() - 1) as f64;
    let low = position.floor() as usize;
    let high = (low + 1).min(ascending.len() - 1);
    ascending[low] + (position - low as f64) * (ascending[high] - ascending[low])
}
