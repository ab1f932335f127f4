//! The tests' small networks of every op, at every position, with all their maps watched.

use deconvscope::engine::occlude::{Cut, Occluder};
use deconvscope::engine::Machine;
use deconvscope::network::{zoo, Network};

use crate::case::Case;
use crate::common::networks::{gated, today, varied};
use crate::common::random::Random;
use crate::common::{folded, random_input, random_weights};

/// Positions over all of an input that need not be square.
fn grid(network: &Network, size: usize, stride: usize) -> Occluder {
    let starts = |length: usize| (0..=length - size).step_by(stride).collect();
    let colour = |channel: usize| 0.3 - 0.2 * channel as f32;
    Occluder {
        size,
        fill: (0..network.input.channels).map(colour).collect(),
        rows: starts(network.input.height),
        columns: starts(network.input.width),
    }
}

#[test]
fn every_op_of_the_small_networks_agrees() {
    let mut random = Random(11);
    for network in [
        varied(),
        gated(),
        today(),
        zoo::find("tiny").unwrap().network(),
    ] {
        let weights = random_weights(&network, &mut random);
        let model = folded(&network, &weights);
        let input = random_input(&network, 1, &mut random);
        let shapes = model.anatomy.shapes();
        let maps: Vec<usize> = (1..shapes.len())
            .filter(|&node| shapes[node].height > 1)
            .collect();
        let case = Case::new(&model, &input, &maps);
        for size in [1, 2, 3, 5] {
            for stride in [1, 2, 3] {
                let occluder = grid(model.network(), size, stride);
                let all: Vec<usize> = (0..occluder.positions()).collect();
                let others = case.others(&occluder, &all);
                let cut = Cut::default();
                let small_passes = Cut {
                    threads: 2,
                    bytes: 1 << 20,
                    ..cut
                };
                for cut in [cut, small_passes, Cut::on(Machine::GPU)] {
                    let found = case.windows(&occluder, cut);
                    let name = &network.name;
                    for (what, rounding) in case.roundings(&found, &others) {
                        assert!(
                            rounding.part() <= 1.0,
                            "{name}, {size} pixels by {stride}, {what}: {rounding}"
                        );
                    }
                }
            }
        }
    }
}
