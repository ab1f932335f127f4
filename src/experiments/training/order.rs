//! The order of photographs in an epoch, and how it is cut into steps and micro-batches.

use base::digest::draw;

/// A part of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Number of its step in the epoch.
    pub step: usize,
    /// Its place among the step's parts.
    pub number: usize,
    /// Whether the step has no more.
    pub is_last: bool,
    /// Images of the step.
    pub of: usize,
    /// Places of the photographs.
    pub places: Vec<usize>,
}

/// All parts of an epoch's steps, in order: every photograph once, by lot; a last step may be smaller.
pub(super) fn parts(
    paths: &[&str],
    epoch: usize,
    seed: u64,
    (batch, micro_batch): (usize, usize),
) -> Vec<Part> {
    let epoch = epoch.to_string();
    let mut order: Vec<usize> = (0..paths.len()).collect();
    order.sort_by_cached_key(|&place| draw(seed, &["order", &epoch, paths[place]]));
    let mut parts = Vec::new();
    for (step, images) in order.chunks(batch).enumerate() {
        let count = images.len().div_ceil(micro_batch);
        for (number, places) in images.chunks(micro_batch).enumerate() {
            parts.push(Part {
                step,
                number,
                is_last: number + 1 == count,
                of: images.len(),
                places: places.to_vec(),
            });
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_photograph_comes_once_an_epoch_in_another_order() {
        let paths: Vec<String> = (0..23).map(|number| number.to_string()).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let order = |epoch, seed| -> Vec<usize> {
            let parts = parts(&paths, epoch, seed, (10, 4));
            let shapes: Vec<_> = parts
                .iter()
                .map(|part| {
                    (
                        part.step,
                        part.number,
                        part.is_last,
                        part.places.len(),
                        part.of,
                    )
                })
                .collect();
            let expected = [
                (0, 0, false, 4, 10),
                (0, 1, false, 4, 10),
                (0, 2, true, 2, 10),
                (1, 0, false, 4, 10),
                (1, 1, false, 4, 10),
                (1, 2, true, 2, 10),
                (2, 0, true, 3, 3),
            ];
            assert_eq!(shapes, expected);
            parts.into_iter().flat_map(|part| part.places).collect()
        };
        let first = order(1, 0);
        let mut sorted = first.clone();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..23));
        assert_ne!(first, order(2, 0));
        assert_ne!(first, order(1, 1));
        assert_eq!(first, order(1, 0));
    }
}
