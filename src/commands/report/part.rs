//! The part of a run that one machine carries out.

/// A part of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) struct Part {
    /// From 0.
    pub(in crate::commands) number: usize,
    /// How many there are.
    pub(in crate::commands) of: usize,
}

impl Part {
    /// All of it.
    pub(in crate::commands) const WHOLE: Self = Self { number: 0, of: 1 };

    /// Its share of some groups, which stay whole: neighbours, as many as of any other part or one more; none where there are more
    /// parts than groups.
    pub(in crate::commands) fn of<'a, T>(&self, groups: &'a [T]) -> &'a [T] {
        let edge = |number: usize| {
            let at = groups.len() as u128 * number as u128 / self.of.max(1) as u128;
            at as usize
        };
        &groups[edge(self.number)..edge(self.number + 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_all_of_it_and_differ_by_one_at_most() {
        for groups in [0, 1, 7, 37, 400] {
            let all: Vec<usize> = (0..groups).collect();
            for of in [1, 2, 6, 37, 500] {
                let parts: Vec<&[usize]> =
                    (0..of).map(|number| Part { number, of }.of(&all)).collect();
                assert_eq!(parts.concat(), all);
                let sizes = parts.iter().map(|part| part.len());
                let most = sizes.clone().max().unwrap_or(0);
                assert!(most - sizes.min().unwrap_or(0) <= 1);
            }
        }
    }
}
