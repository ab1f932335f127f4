//! Signs of changes, and how many differ.

/// For each value of a layer whether it fell, stayed or rose: sign(before − after) ∈ {1, 0, −1}.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signs {
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
            fell: bits(&|before, after| before > after),
            rose: bits(&|before, after| before < after),
        }
    }

    /// How many values did not stay.
    pub(super) fn changed(&self) -> u32 {
        let words = self.fell.iter().zip(&self.rose);
        words.map(|(fell, rose)| (fell | rose).count_ones()).sum()
    }

    /// At how many places the signs differ.
    pub(super) fn differing(&self, other: &Self) -> u32 {
        let mine = self.fell.iter().zip(&self.rose);
        let theirs = other.fell.iter().zip(&other.rose);
        mine.zip(theirs)
            .map(|((f, r), (g, s))| ((f ^ g) | (r ^ s)).count_ones())
            .sum()
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
        assert_eq!((a.changed(), b.changed()), (3, 3));
        assert_eq!((a.differing(&b), b.differing(&a)), (3, 3));
        assert_eq!(a.differing(&a), 0);
    }

    #[test]
    fn no_value_is_lost_at_the_end_of_a_word() {
        let before = vec![0.0; 130];
        let mut after = before.clone();
        (after[63], after[64], after[129]) = (1.0, -1.0, 1.0);
        let changed = Signs::of_change(&before, &after);
        assert_eq!(changed.changed(), 3);
        assert_eq!(changed.differing(&Signs::of_change(&before, &before)), 3);
    }
}
