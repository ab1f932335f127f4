//! 95 % intervals of shares and means.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The normal distribution's 97.5 % quantile.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's score interval of a share (Wilson 1927); `None` without a trial.
pub(super) fn wilson(hits: usize, trials: usize) -> Option<(f64, f64)> {
    if trials == 0 {
        return None;
    }
    let n = trials as f64;
    let share = hits as f64 / n;
    let centre = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    // Exact where rounding would leave a hair.
    let low = if hits == 0 {
        0.0
    } else {
        (centre - spread) / scale
    };
    let high = if hits == trials {
        1.0
    } else {
        (centre + spread) / scale
    };
    Some((low, high))
}

/// The mean and Student's t interval around it; no interval for fewer than two values, no mean without any.
pub(super) fn mean(values: &[f64]) -> Option<(f64, Option<(f64, f64)>)> {
    if values.is_empty() {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    if values.len() < 2 {
        return Some((mean, None));
    }
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let interval = StudentsT::new(0.0, 1.0, n - 1.0).ok().map(|t| {
        let reach = t.inverse_cdf(0.975) * (variance / n).sqrt();
        (mean - reach, mean + reach)
    });
    Some((mean, interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `statsmodels.stats.proportion.proportion_confint(14, 20, method="wilson")`.
    #[test]
    fn wilson_agrees_with_statsmodels() {
        let (low, high) = wilson(14, 20).unwrap();
        assert!((low - 0.481_027).abs() < 1e-5, "{low}");
        assert!((high - 0.854_523).abs() < 1e-5, "{high}");
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(0, 3).unwrap().0, 0.0);
        assert_eq!(wilson(3, 3).unwrap().1, 1.0);
    }

    /// `scipy.stats.t.interval(0.95, 3, 2.5, scipy.stats.sem([1, 2, 3, 4]))`.
    #[test]
    fn the_mean_s_interval_agrees_with_scipy() {
        let (mean, interval) = mean(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        let (low, high) = interval.unwrap();
        assert_eq!(mean, 2.5);
        assert!((low - 0.445_739_743).abs() < 1e-6, "{low}");
        assert!((high - 4.554_260_257).abs() < 1e-6, "{high}");
    }
}
