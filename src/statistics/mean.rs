//! The mean of independent values.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The mean and Student's t interval (95 %) around it; no interval for fewer than two values, no mean without any.
pub fn mean(values: &[f64]) -> Option<(f64, Option<(f64, f64)>)> {
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
