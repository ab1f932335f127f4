//! Which photographs are held against each other.

use std::collections::BTreeSet;

use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Pairs that are looked at one by one; of more so many are drawn.
pub(super) const MOST: usize = 20_000;

/// Pairs among so many photographs.
pub(super) fn count(photos: usize) -> usize {
    photos * photos.saturating_sub(1) / 2
}

/// Pairs of the numbers below `photos`, the lower number first, in order: all, or [`MOST`] of them drawn by `seed`.
pub(super) fn of(photos: usize, seed: u64) -> Vec<(usize, usize)> {
    let all = count(photos);
    if all <= MOST {
        let later = |a: usize| (a + 1..photos).map(move |b| (a, b));
        return (0..photos).flat_map(later).collect();
    }
    // Floyd 1987: each set of so many is as likely.
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut drawn = BTreeSet::new();
    for last in all - MOST..all {
        let below = (last + 1) as u128;
        let number = ((u128::from(random.next_u64()) * below) >> 64) as usize;
        if !drawn.insert(number) {
            drawn.insert(last);
        }
    }
    let mut pairs: Vec<(usize, usize)> = drawn.into_iter().map(pair).collect();
    pairs.sort_unstable();
    pairs
}

/// The pair of a number: 0 is (0, 1), 1 and 2 are (0, 2) and (1, 2), the next three those that end with 3.
fn pair(number: usize) -> (usize, usize) {
    let mut later = ((2.0 * number as f64 + 0.25).sqrt() + 0.5) as usize;
    // The root may be off by one where numbers are large.
    while count(later) > number {
        later -= 1;
    }
    while count(later + 1) <= number {
        later += 1;
    }
    (number - count(later), later)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_a_pair_of_its_own() {
        let numbered: BTreeSet<_> = (0..count(50)).map(pair).collect();
        let all: BTreeSet<_> = of(50, 0).into_iter().collect();
        assert_eq!(numbered, all);
        let last = count(3_000_000_000) - 1;
        assert_eq!(pair(last), (2_999_999_998, 2_999_999_999));
    }

    #[test]
    fn of_many_pairs_some_are_drawn_each_once_and_all_over() {
        assert_eq!(of(200, 3).len(), 19_900);
        let drawn = of(1000, 3);
        assert_eq!(drawn.len(), MOST);
        assert!(drawn.windows(2).all(|two| two[0] < two[1]));
        assert!(drawn.iter().all(|(a, b)| a < b && *b < 1000));
        assert_eq!(drawn, of(1000, 3));
        assert_ne!(drawn, of(1000, 4));
        // Each photograph is in 40 of them, give or take five standard deviations.
        for photo in 0..1000 {
            let with = drawn.iter().filter(|(a, b)| *a == photo || *b == photo);
            assert!((8..=72).contains(&with.count()), "{photo}");
        }
    }
}
