//! Occlusion by windows against full inference of every occluded image.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

#[path = "../common/mod.rs"]
mod common;
mod reference;

use common::networks::{gated, varied};
use common::random::Random;
use common::{folded, random_input, random_weights};
use deconvscope::network::{zoo, Network};
use reference::{grid, Case};

fn check(network: &Network, sizes: &[usize], strides: &[usize], random: &mut Random) {
    let weights = random_weights(network, random);
    let model = folded(network, &weights);
    let input = random_input(network, 1, random);
    for &size in sizes {
        for &stride in strides {
            Case::new(&model, &input).agrees(&grid(&model.network, size, stride));
        }
    }
}

#[test]
fn every_op_of_the_small_networks_agrees() {
    let mut random = Random(11);
    for network in [varied(), gated(), zoo::find("tiny").unwrap().network()] {
        check(&network, &[1, 2, 3, 5], &[1, 2, 3], &mut random);
    }
}
