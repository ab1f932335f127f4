//! A permutation test of "this one is like its alternatives".

use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Choices that are enumerated at most; beyond, [`DRAWS`] are drawn.
const MOST_ENUMERATED: u64 = 1_000_000;
/// Choices that are drawn.
pub const DRAWS: usize = 9_999;
/// Of them so many are in memory at a time.
const BLOCK: usize = 1_000;

/// What [`lower`] found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exchange {
    /// Share of the choices whose statistic is as low as that of the real ones.
    pub p_value: f64,
    /// The least value that it could have had.
    pub least: f64,
    /// Whether every choice was looked at.
    pub exact: bool,
}

/// Whether a statistic is lower for the real ones than chance explains. There is one real candidate (number 0) and some
/// alternatives in each group, `sizes` in all; where real and alternative are exchangeable within every group, each
/// choice of one candidate a group was equally likely to be the real one. All choices are looked at where they are few,
/// otherwise `(hits + 1) / (draws + 1)` is told of choices drawn by `seed`. `None` where there is no alternative.
///
/// # Source
/// Phipson & Smyth 2010, "Permutation P-values should never be zero".
pub fn lower<T: PartialOrd + Sync>(
    sizes: &[usize],
    seed: u64,
    statistic: impl Fn(&[usize]) -> T + Sync,
) -> Option<Exchange> {
    if sizes.contains(&0) || sizes.iter().all(|size| *size == 1) {
        return None;
    }
    let all = sizes.iter().try_fold(1_u64, |product, size| {
        product
            .checked_mul(*size as u64)
            .filter(|product| *product <= MOST_ENUMERATED)
    });
    let real = statistic(&vec![0; sizes.len()]);
    let is_hit = |choice: &Vec<usize>| statistic(choice) <= real;
    if let Some(all) = all {
        let numbered = |number: u64| {
            let mut rest = number;
            let chosen = sizes.iter().map(|size| {
                let chosen = (rest % *size as u64) as usize;
                rest /= *size as u64;
                chosen
            });
            chosen.collect::<Vec<usize>>()
        };
        let choices = (0..all).into_par_iter().map(numbered);
        let hits = choices.filter(is_hit).count();
        return Some(Exchange {
            p_value: hits as f64 / all as f64,
            least: 1.0 / all as f64,
            exact: true,
        });
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut drawn = || -> Vec<usize> {
        let below = |size: &usize| ((u128::from(random.next_u64()) * *size as u128) >> 64) as usize;
        sizes.iter().map(below).collect()
    };
    let mut hits = 0;
    for start in (0..DRAWS).step_by(BLOCK) {
        let block: Vec<Vec<usize>> = (start..DRAWS.min(start + BLOCK)).map(|_| drawn()).collect();
        hits += block.par_iter().filter(|choice| is_hit(choice)).count();
    }
    let draws = (DRAWS + 1) as f64;
    Some(Exchange {
        p_value: (hits + 1) as f64 / draws,
        least: 1.0 / draws,
        exact: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_choices_are_enumerated() {
        let values = [[3, 1, 5], [2, 4, 6]];
        let sum = |choice: &[usize]| values[0][choice[0]] + values[1][choice[1]];
        // The sums are 5 7 9, 3 5 7, 7 9 11: three of nine are at most 5.
        let found = lower(&[3, 3], 0, sum).unwrap();
        assert_eq!(found.p_value, 3.0 / 9.0);
        assert_eq!((found.least, found.exact), (1.0 / 9.0, true));
    }

    #[test]
    fn without_alternatives_there_is_no_test() {
        assert_eq!(lower(&[1, 1], 0, |_| 0), None);
        assert_eq!(lower(&[], 0, |_| 0), None);
        assert_eq!(lower(&[2, 0], 0, |_| 0), None);
        // All alike: no choice is lower.
        assert_eq!(lower(&[2, 2], 0, |_| 7).unwrap().p_value, 1.0);
    }

    #[test]
    fn many_choices_are_drawn_and_agree_with_the_exact_value() {
        // 1 for every group whose candidate is not the real one: only the real choice has the sum 0.
        let strangers = |choice: &[usize]| choice.iter().filter(|at| **at > 0).count() as u64;
        let found = lower(&[11; 10], 5, strangers).unwrap();
        assert_eq!((found.p_value, found.exact), (1e-4, false));
        assert_eq!(found.least, 1e-4);
        // The first group alone decides: an eleventh of all choices.
        let first = |choice: &[usize]| choice[0].min(1) as u64;
        let drawn = lower(&[11; 10], 5, first).unwrap().p_value;
        assert!((drawn - 1.0 / 11.0).abs() < 0.015, "{drawn}");
        assert_eq!(lower(&[11; 10], 5, first).unwrap().p_value, drawn);
    }
}
