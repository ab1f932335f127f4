//! The mean of values, and how far off it may be.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::proportion::score_interval;
use super::Z95;

/// Part of a value that its rounding may be.
const ROUNDING: f64 = 1e-12;

/// A figure's mean over splits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resampled {
    /// Mean over the splits.
    pub mean: f64,
    /// Standard deviation over them; `None` for a single one.
    pub deviation: Option<f64>,
    /// The interval (95 %) around the mean; `None` for a single one, and where all are equal, which says nothing of how they scatter.
    pub interval: Option<(f64, f64)>,
}

/// The mean of independent values and Student's t interval (95 %) around it; no interval for fewer than two values or where all are
/// equal, which says nothing of how they scatter; no mean without any.
pub fn mean(values: &[f64]) -> Option<(f64, Option<(f64, f64)>)> {
    resampled(values, (1, 0)).map(|found| (found.mean, found.interval))
}

/// The same of values that lie between two bounds, as correlations and shares do: the interval ends there. Where all of
/// several values are equal it is Wilson's for a share: no values between the bounds scatter more around their
/// mean than those that lie at either.
pub fn bounded_mean(values: &[f64], [low, high]: [f64; 2]) -> Option<(f64, Option<(f64, f64)>)> {
    let (mean, interval) = mean(values)?;
    let interval = match alike(values) && values.len() > 1 {
        true => {
            let share = ((mean - low) / (high - low)).clamp(0.0, 1.0);
            let (from, to) = score_interval(share, values.len(), Z95);
            Some((low + from * (high - low), low + to * (high - low)))
        }
        false => interval.map(|(from, to)| (from.max(low), to.min(high))),
    };
    Some((mean, interval))
}

/// Of values split by split, each measured on `tested` photographs by what was trained on `trained`; `None` without any. The
/// interval is Student's t with the variance corrected for splits that overlap, `s² (1/r + tested / trained)` (Nadeau & Bengio,
/// Machine Learning 2003).
pub fn resampled(values: &[f64], (trained, tested): (usize, usize)) -> Option<Resampled> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let (deviation, interval) = match values.len() {
        0 => return None,
        1 => (None, None),
        _ => {
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let variance = squares / (count - 1.0);
            let overlap = tested as f64 / trained.max(1) as f64;
            let t = StudentsT::new(0.0, 1.0, count - 1.0).ok();
            let t = t.filter(|_| !alike(values));
            let interval = t.map(|t| {
                let reach = t.inverse_cdf(0.975) * (variance * (1.0 / count + overlap)).sqrt();
                (mean - reach, mean + reach)
            });
            (Some(variance.sqrt()), interval)
        }
    };
    Some(Resampled {
        mean,
        deviation,
        interval,
    })
}

/// Whether all are equal but for rounding.
fn alike(values: &[f64]) -> bool {
    let rounding = ROUNDING * values[0].abs();
    values
        .iter()
        .all(|value| (value - values[0]).abs() <= rounding)
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
        let alike = resampled(&[0.1; 3], (1, 1)).unwrap();
        assert_eq!(
            (alike.deviation.map(|d| d < 1e-12), alike.interval),
            (Some(true), None)
        );
        assert_eq!(resampled(&[], (1, 1)), None);
    }
}
