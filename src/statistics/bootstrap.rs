//! The bootstrap interval of a mean.

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
    let mut means = resampled_means(values, seed);
    means.sort_by(f64::total_cmp);
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let standard = Normal::standard();
    // Half of the ties count as below, as in SciPy.
    let below = means.partition_point(|m| *m < mean) + means.partition_point(|m| *m <= mean);
    let share = below as f64 / (2 * means.len()) as f64;
    let reach = 1.0 / (2 * means.len()) as f64;
    let bias = standard.inverse_cdf(share.clamp(reach, 1.0 - reach));
    let acceleration = acceleration(values, mean);
    let end = |tail: f64| {
        let z = bias + standard.inverse_cdf(tail);
        quantile(&means, standard.cdf(bias + z / (1.0 - acceleration * z)))
    };
    Some((end(0.025), end(0.975)))
}

fn resampled_means(values: &[f64], seed: u64) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let n = values.len();
    let mut drawn = || {
        let at = (u128::from(random.next_u64()) * n as u128) >> 64;
        values[at as usize]
    };
    (0..RESAMPLES)
        .map(|_| (0..n).map(|_| drawn()).sum::<f64>() / n as f64)
        .collect()
}

/// The jackknife's estimate; for a mean it is a sixth of the skewness over √n.
fn acceleration(values: &[f64], mean: f64) -> f64 {
    let power = |exponent| {
        values
            .iter()
            .map(|v| (v - mean).powi(exponent))
            .sum::<f64>()
    };
    power(3) / (6.0 * power(2).powf(1.5))
}

/// With linear interpolation between the ordered values.
fn quantile(ascending: &[f64], share: f64) -> f64 {
    let position = share.clamp(0.0, 1.0) * (ascending.len() - 1) as f64;
    let low = position.floor() as usize;
    let high = (low + 1).min(ascending.len() - 1);
    ascending[low] + (position - low as f64) * (ascending[high] - ascending[low])
}
