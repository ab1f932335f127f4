//! Signs of changes, how many differ, and how many would by chance.

/// For each value of a layer whether it fell, stayed or rose: sign(before − after) ∈ {1, 0, −1}.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signs {
    values: usize,
    fell: Box<[u64]>,
    rose: Box<[u64]>,
}

impl Signs {
    pub(super) fn of_change(before: &[f32], after: &[f32]) -> Self {
        let bits = |holds: &dyn Fn(f32, f32) -> bool| {
            let words = before.chunks(64).zip(after.chunks(64));
            words
                .map(|(before, after)| {
                    let pairs = before.iter().zip(after).enumerate();
                    pairs.fold(0, |word, (at, (b, a))| {
                        word | u64::from(holds(*b, *a)) << at
                    })
                })
                .collect()
        };
        Self {
            values: before.len(),
            fell: bits(&|before, after| before > after),
            rose: bits(&|before, after| before < after),
        }
    }

    /// The same of each feature map's sum, `per_map` values a map.
    pub(super) fn of_maps(before: &[f32], after: &[f32], per_map: usize) -> Self {
        let maps = before.chunks(per_map).zip(after.chunks(per_map));
        // Differences before sums: a map that nothing changed is exactly as it was.
        let rises: Vec<f32> = maps
            .map(|(before, after)| {
                let changes = before.iter().zip(after).map(|(b, a)| f64::from(a - b));
                let rise: f64 = changes.sum();
                rise.partial_cmp(&0.0)
                    .map_or(0.0, |order| f32::from(order as i8))
            })
            .collect();
        Self::of_change(&vec![0.0; rises.len()], &rises)
    }

    /// Shares of the values that fell and that rose.
    pub(super) fn moved(&self) -> Moved {
        let share = |words: &[u64]| {
            let count: u32 = words.iter().map(|word| word.count_ones()).sum();
            f64::from(count) / self.values as f64
        };
        Moved {
            fell: share(&self.fell),
            rose: share(&self.rose),
        }
    }

    /// At how many values the signs differ.
    pub(super) fn differing(&self, other: &Self) -> u32 {
        let mine = self.fell.iter().zip(&self.rose);
        let theirs = other.fell.iter().zip(&other.rose);
        mine.zip(theirs)
            .map(|((f, r), (g, s))| ((f ^ g) | (r ^ s)).count_ones())
            .sum()
    }
}

/// At how many values the signs of two differ, summed over all pairs among many: from how many of them fell, stayed and rose
/// at each value.
pub(super) fn differing_pairs<'s>(all: impl IntoIterator<Item = &'s Signs>) -> u64 {
    let mut many = 0_u64;
    let mut counts: Vec<[u64; 2]> = Vec::new();
    for signs in all {
        many += 1;
        counts.resize(signs.values, [0; 2]);
        for (at, [fell, rose]) in counts.iter_mut().enumerate() {
            let bit = |words: &[u64]| words[at / 64] >> (at % 64) & 1;
            *fell += bit(&signs.fell);
            *rose += bit(&signs.rose);
        }
    }
    let differing = |[fell, rose]: &[u64; 2]| {
        let stayed = many - fell - rose;
        (many * many - fell * fell - rose * rose - stayed * stayed) / 2
    };
    counts.iter().map(differing).sum()
}

/// How much of a layer moved, as shares of its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moved {
    fell: f64,
    rose: f64,
}

impl Moved {
    pub(super) fn either(&self) -> f64 {
        self.fell + self.rose
    }

    /// Agreement of two changes at this `distance` beyond that of unrelated ones that moved as many values (Cohen's
    /// kappa): 1 the same, 0 unrelated; `None` where unrelated ones could not differ.
    pub(super) fn agreement(&self, other: &Self, distance: f64) -> Option<f64> {
        let stayed = (1.0 - self.either()) * (1.0 - other.either());
        let unrelated = 1.0 - (stayed + self.fell * other.fell + self.rose * other.rose);
        (unrelated > 0.0).then(|| 1.0 - distance / unrelated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rising_falling_and_staying_are_three_different_things() {
        let before = [1.0, 1.0, 1.0, 0.0, 2.0];
        let a = Signs::of_change(&before, &[0.0, 1.0, 2.0, 0.0, 1.0]); // + 0 − 0 +
        let b = Signs::of_change(&before, &[2.0, 1.0, 3.0, 1.0, 2.0]); // − 0 − − 0
        assert_eq!((a.moved().fell, a.moved().rose), (0.4, 0.2));
        assert_eq!((a.differing(&b), b.differing(&a)), (3, 3));
        assert_eq!(a.differing(&a), 0);
    }

    #[test]
    fn pairs_are_counted_value_by_value() {
        let draw = |seed: u64, at: u64| base::digest::draw(seed, &["sign", &at.to_string()]) % 3;
        let value = |number| match number {
            0 => -1.0,
            1 => 0.0,
            _ => 1.0,
        };
        let all: Vec<Signs> = (0..17)
            .map(|seed| {
                let after: Vec<f32> = (0..130).map(|at| value(draw(seed, at))).collect();
                Signs::of_change(&[0.0; 130], &after)
            })
            .collect();
        let mut one_by_one = 0;
        for (at, a) in all.iter().enumerate() {
            let later = all[at + 1..].iter();
            one_by_one += later.map(|b| u64::from(a.differing(b))).sum::<u64>();
        }
        assert_eq!(differing_pairs(&all), one_by_one);
        assert_eq!(differing_pairs(&all[..1]), 0);
    }

    #[test]
    fn agreement_is_counted_from_what_unrelated_changes_would_show() {
        // As scikit-learn's cohen_kappa_score([1, 0, -1, 0, 1], [-1, 0, -1, -1, 0]).
        let a = Moved {
            fell: 0.4,
            rose: 0.2,
        };
        let b = Moved {
            fell: 0.0,
            rose: 0.6,
        };
        assert!((a.agreement(&b, 0.6).unwrap() - 0.166_666_666_666_667).abs() < 1e-12);
        assert_eq!(a.agreement(&a, 0.0), Some(1.0));
        let nothing = Moved {
            fell: 0.0,
            rose: 0.0,
        };
        assert_eq!(nothing.agreement(&nothing, 0.0), None);
    }

    #[test]
    fn a_map_falls_or_rises_as_a_whole() {
        let before = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0];
        let after = [0.0, 1.5, 3.0, 1.0, 3.0, 3.5];
        let maps = Signs::of_maps(&before, &after, 2);
        assert_eq!(maps, Signs::of_change(&[1.0; 3], &[0.5, 1.0, 1.5]));
    }

    #[test]
    fn no_value_is_lost_at_the_end_of_a_word() {
        let before = vec![0.0; 130];
        let mut after = before.clone();
        (after[63], after[64], after[129]) = (1.0, -1.0, 1.0);
        let changed = Signs::of_change(&before, &after);
        assert_eq!(changed.moved().either(), 3.0 / 130.0);
        assert_eq!(changed.differing(&Signs::of_change(&before, &before)), 3);
    }
}
