//! Occluders and watched maps drawn by lot.

use deconvscope::engine::occlude::Occluder;
use deconvscope::network::shape::Shape;

use crate::common::random::Random;

/// A square from one pixel to all of the input at a few places, some of them several times or in no order; it may reach
/// beyond the input.
pub(crate) fn occluder(random: &mut Random, input: Shape) -> Occluder {
    let longest = input.height.max(input.width);
    let size = match random.coin() {
        true => random.count(1, 4),
        false => random.count(1, longest),
    };
    let mut starts = |length: usize| -> Vec<usize> {
        let regular = random.coin();
        let (first, stride) = (random.count(0, length - 1), random.count(1, 3));
        let count = random.count(1, 7);
        match regular {
            true => (first..length).step_by(stride).take(count).collect(),
            false => (0..count).map(|_| random.count(0, length - 1)).collect(),
        }
    };
    Occluder {
        size,
        rows: starts(input.height),
        columns: starts(input.width),
        fill: (0..input.channels)
            .map(|_| random.normal() as f32)
            .collect(),
    }
}

/// Nodes whose maps are watched: some of all but the input, in no order.
pub(crate) fn watched(random: &mut Random, nodes: usize) -> Vec<usize> {
    let count = random.count(0, 3);
    (0..count).map(|_| random.count(1, nodes - 1)).collect()
}
