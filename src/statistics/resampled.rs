//! The mean of a figure over random splits of the same photographs.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// A figure's mean over splits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resampled {
    /// Mean over the splits.
    pub mean: f64,
    /// Standard deviation over them; `None` for a single one.
    pub deviation: Option<f64>,
    /// The interval (95 %) around the mean: Student's t with the variance corrected for splits that overlap, `s² (1/r + tested /
    /// trained)` (Nadeau & Bengio, Machine Learning 2003).
    pub interval: Option<(f64, f64)>,
}

/// Of values split by split, each measured on `tested` photographs by what was trained on `trained`; `None` without any.
pub fn resampled(values: &[f64], (trained, tested): (usize, usize)) -> Option<Resampled> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    match values.len() {
        0 => None,
        1 => Some(Resampled {
            mean,
            deviation: None,
            interval: None,
        }),
        _ => {
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let variance = squares / (count - 1.0);
            let corrected = variance * (1.0 / count + tested as f64 / trained.max(1) as f64);
            let t = StudentsT::new(0.0, 1.0, count - 1.0).ok();
            Some(Resampled {
                mean,
                deviation: Some(variance.sqrt()),
                interval: t.map(|t| {
                    let reach = t.inverse_cdf(0.975) * corrected.sqrt();
                    (mean - reach, mean + reach)
                }),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 1, 2, 3, 4: s² = 5/3; with half as many tested as trained s² (1/4 + 1/2) = 1.25; t(3) = 3.182446.
    #[test]
    fn overlap_widens_the_interval() {
        let found = resampled(&[1.0, 2.0, 3.0, 4.0], (20, 10)).unwrap();
        let (low, high) = found.interval.unwrap();
        assert_eq!(found.mean, 2.5);
        assert!((found.deviation.unwrap() - 1.290_994).abs() < 1e-6);
        assert!((high - 2.5 - 3.182_446 * 1.25_f64.sqrt()).abs() < 1e-5);
        assert!((low + high - 5.0).abs() < 1e-12);
        assert_eq!(resampled(&[0.5], (1, 1)).unwrap().interval, None);
        assert_eq!(resampled(&[], (1, 1)), None);
    }
}
