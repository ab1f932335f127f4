//! The jackknife's interval of a figure that is no mean of independent values.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The interval (95 %) around a figure of several units, such as a mean over pairs of photographs, from what it is `without` each
/// of them in turn: Student's t with Tukey's (1958) standard error. `None` for fewer than three units, where nothing scatters, and
/// where a value is not finite.
pub fn jackknife(figure: f64, without: &[f64]) -> Option<(f64, f64)> {
    let units = without.len() as f64;
    let mean = without.iter().sum::<f64>() / units;
    let squares: f64 = without.iter().map(|value| (value - mean).powi(2)).sum();
    let variance = (units - 1.0) / units * squares;
    if without.len() < 3 || !(variance > 0.0 && variance.is_finite()) {
        return None;
    }
    let t = StudentsT::new(0.0, 1.0, units - 1.0).ok()?;
    let reach = t.inverse_cdf(0.975) * variance.sqrt();
    Some((figure - reach, figure + reach))
}
