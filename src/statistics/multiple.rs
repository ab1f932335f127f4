//! What many tests at once are worth, and a test behind an interval.

use statrs::distribution::{ContinuousCDF, Normal};

use super::Z95;

/// The two-sided p-value of a figure against `bound`, by its 95 % interval: the half of the interval that points to the bound is
/// taken for 1.96 standard errors (Altman & Bland, BMJ 2011; 343:d2304). Below 0.05 exactly where the bound lies outside the interval.
/// `None` where one of the numbers is not finite.
pub fn p_of_interval(value: f64, (low, high): (f64, f64), bound: f64) -> Option<f64> {
    let distance = value - bound;
    if ![value, low, high, bound].iter().all(|x| x.is_finite()) {
        return None;
    }
    if distance == 0.0 {
        return Some(1.0);
    }
    let half = match distance > 0.0 {
        true => value - low,
        false => high - value,
    };
    if half <= 0.0 {
        return Some(0.0);
    }
    let normal = Normal::standard();
    Some((2.0 * normal.cdf(-Z95 * distance.abs() / half)).min(1.0))
}

/// Holm's step-down correction (Holm 1979) of p-values that belong together, in their order: each is below a level exactly where it
/// may be called significant at it with all tests reckoned with.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut corrected = vec![1.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, at) in order.into_iter().enumerate() {
        let remaining = (p_values.len() - rank) as f64;
        largest = largest.max((remaining * p_values[at]).min(1.0));
        corrected[at] = largest;
    }
    corrected
}
