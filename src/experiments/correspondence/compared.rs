//! Photographs held against each other pair by pair, each with everything that may have been hidden of it.

use rayon::prelude::*;

use super::{pairs, Changes};

/// Pairs of photos, and what takes part of each of them: the part first, if it is one, then the random places.
pub(super) struct Compared {
    /// Places of everything of a photo that takes part, by photo.
    pub(super) candidates: Vec<Vec<usize>>,
    /// Which photos these are.
    pub(super) photos: Vec<usize>,
    /// Pairs of places among them.
    pub(super) pairs: Vec<(usize, usize)>,
    /// Pair after pair, the differing signs of every candidate of the one against every candidate of the other.
    differing: Vec<u32>,
    /// Where each pair begins there.
    starts: Vec<usize>,
}

impl Compared {
    /// Compares photos with their candidates at the view of that number; of many pairs some are drawn by `seed`.
    pub(super) fn new(
        changes: &[Changes],
        view: usize,
        candidates: Vec<(usize, Vec<usize>)>,
        seed: u64,
    ) -> Self {
        let pairs = pairs::of(candidates.len(), seed);
        let (photos, candidates): (Vec<usize>, Vec<Vec<usize>>) = candidates.into_iter().unzip();
        let signs = |photo: usize, at: usize| &changes[photos[photo]].hidden[at].signs[view];
        let of_pair = |&(a, b): &(usize, usize)| -> Vec<u32> {
            let mut differing = Vec::with_capacity(candidates[a].len() * candidates[b].len());
            for &at_a in &candidates[a] {
                let first = signs(a, at_a);
                let seconds = candidates[b].iter().map(|&at_b| signs(b, at_b));
                differing.extend(seconds.map(|second| first.differing(second)));
            }
            differing
        };
        let by_pair: Vec<Vec<u32>> = pairs.par_iter().map(of_pair).collect();
        let begin = |start: &mut usize, of_pair: &Vec<u32>| {
            let begun = *start;
            *start += of_pair.len();
            Some(begun)
        };
        Self {
            starts: by_pair.iter().scan(0, begin).collect(),
            differing: by_pair.concat(),
            candidates,
            photos,
            pairs,
        }
    }

    /// Differing signs of a pair by its number, each photo with one of its candidates.
    pub(super) fn between(&self, pair: usize, (first, second): (usize, usize)) -> u32 {
        let columns = self.candidates[self.pairs[pair].1].len();
        self.differing[self.starts[pair] + first * columns + second]
    }
}
