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

    /// How far another's signs are from these.
    pub(super) fn against(&self, other: &Self) -> Apart {
        let mine = self.fell.iter().zip(&self.rose);
        let theirs = other.fell.iter().zip(&other.rose);
        let mut apart = Apart::default();
        for ((f, r), (g, s)) in mine.zip(theirs) {
            apart.differing += ((f ^ g) | (r ^ s)).count_ones();
            apart.changed += (f | r | g | s).count_ones();
        }
        apart
    }
}

/// Two photos' signs held against each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Apart {
    /// Values at which they differ.
    pub(super) differing: u32,
    /// Values that changed in either.
    pub(super) changed: u32,
}

impl Apart {
    /// The share of the changed values that differ; `None` where none changed.
    pub(super) fn relative(&self) -> Option<f64> {
        (self.changed > 0).then(|| f64::from(self.differing) / f64::from(self.changed))
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
        let apart = Apart {
            differing: 3,
            changed: 4,
        };
        assert_eq!((a.against(&b), b.against(&a)), (apart, apart));
        assert_eq!((a.against(&a).differing, a.against(&a).changed), (0, 3));
        let nothing = Signs::of_change(&before, &before);
        assert_eq!(nothing.against(&nothing).relative(), None);
    }

    #[test]
    fn no_value_is_lost_at_the_end_of_a_word() {
        let before = vec![0.0; 130];
        let mut after = before.clone();
        (after[63], after[64], after[129]) = (1.0, -1.0, 1.0);
        let changed = Signs::of_change(&before, &after);
        assert_eq!(changed.changed(), 3);
        let same = Signs::of_change(&before, &before);
        assert_eq!(changed.against(&same).relative(), Some(1.0));
    }
}
