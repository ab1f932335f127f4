//! Wilcoxon's signed-rank test: whether paired differences lie around zero.

use statrs::distribution::{ContinuousCDF, Normal};

/// Up to so many differences the exact distribution is used.
const EXACT_UP_TO: usize = 50;

/// How a p-value was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// From the distribution over all signs, ties included.
    Exact,
    /// From the normal approximation with the correction for ties.
    Normal,
}

/// The test's outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wilcoxon {
    /// Sum of the ranks of the positive differences.
    pub positive_ranks: f64,
    /// Differences that are not zero: what the test rests on.
    pub count: usize,
    /// Differences that are zero, left out (Wilcoxon's own treatment).
    pub zeros: usize,
    /// Two-sided.
    pub p_value: f64,
    /// How it was found.
    pub method: Method,
}

/// The test over paired differences. Zeros are left out; equal magnitudes share their mean rank. Exact up to fifty
/// differences, else the normal approximation without continuity correction, as SciPy does. `None` where nothing but
/// zeros is left, or a difference is not finite.
pub fn wilcoxon(differences: &[f64]) -> Option<Wilcoxon> {
    if differences.iter().any(|d| !d.is_finite()) {
        return None;
    }
    let mut nonzero: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    if nonzero.is_empty() {
        return None;
    }
    nonzero.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let ranks = Ranks::of(&nonzero);
    let positive: u64 = nonzero
        .iter()
        .zip(&ranks.doubled)
        .filter(|(difference, _)| **difference > 0.0)
        .map(|(_, rank)| rank)
        .sum();
    let (p_value, method) = match nonzero.len() <= EXACT_UP_TO {
        true => (exact(&ranks.doubled, positive), Method::Exact),
        false => (normal(&ranks, positive), Method::Normal),
    };
    Some(Wilcoxon {
        positive_ranks: positive as f64 / 2.0,
        count: nonzero.len(),
        zeros: differences.len() - nonzero.len(),
        p_value,
        method,
    })
}

/// Ranks of magnitudes in ascending order, twice their value, so that mean ranks of ties are whole numbers.
struct Ranks {
    doubled: Vec<u64>,
    /// Σ (t³ − t) over groups of t equal magnitudes.
    ties: f64,
}

impl Ranks {
    fn of(ascending: &[f64]) -> Self {
        let mut ranks = Self {
            doubled: Vec::with_capacity(ascending.len()),
            ties: 0.0,
        };
        for group in ascending.chunk_by(|a, b| a.abs() == b.abs()) {
            let before = ranks.doubled.len();
            let mean_doubled = (2 * before + 1 + group.len()) as u64;
            ranks.doubled.extend(group.iter().map(|_| mean_doubled));
            let size = group.len() as f64;
            ranks.ties += size.powi(3) - size;
        }
        ranks
    }
}

/// P over all assignments of signs to these ranks, by counting sums of subsets.
fn exact(doubled: &[u64], positive: u64) -> f64 {
    let total: u64 = doubled.iter().sum();
    let mut subsets = vec![0.0_f64; total as usize + 1];
    subsets[0] = 1.0;
    for &rank in doubled {
        for sum in (rank as usize..subsets.len()).rev() {
            subsets[sum] += subsets[sum - rank as usize];
        }
    }
    let all = 2.0_f64.powi(doubled.len() as i32);
    let at = positive as usize;
    let lower: f64 = subsets[..=at].iter().sum();
    let upper: f64 = subsets[at..].iter().sum();
    (2.0 * lower.min(upper) / all).min(1.0)
}

fn normal(ranks: &Ranks, positive: u64) -> f64 {
    let n = ranks.doubled.len() as f64;
    let mean = n * (n + 1.0) / 4.0;
    let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ranks.ties / 48.0;
    let z = (positive as f64 / 2.0 - mean) / variance.sqrt();
    (2.0 * Normal::standard().cdf(-z.abs())).min(1.0)
}
