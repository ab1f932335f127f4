//! The adjoint identity ⟨A x, y⟩ = ⟨x, Aᵀ y⟩ for every linear op: the way back is the transpose of the way forward, for
//! strides, paddings, dilations, groups and overhanging windows drawn by lot. Biases are zero.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod common;

use common::random::Random;
use common::{doubles, engine, model, random_input, random_weights, trace};
use deconvscope::engine::{ReluRule, Seed};
use deconvscope::network::{Builder, Network, Op, Window};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tch::Tensor;

/// Of the product of the norms, the larger of the two: that of Ax alone says nothing where Ax is a sum that cancels.
/// float32 rounds sums of some hundred terms to about 1e-6 of it.
const BOUND: f64 = 1e-5;
const RULES: [ReluRule; 3] = [ReluRule::Deconvnet, ReluRule::Guided, ReluRule::Gradient];

fn inner(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn same_inner_product(ax: &[f64], y: &[f64], x: &[f64], aty: &[f64]) -> Result<(), TestCaseError> {
    let (left, right) = (inner(ax, y), inner(x, aty));
    let norms = |a: &[f64], b: &[f64]| (inner(a, a) * inner(b, b)).sqrt();
    let scale = norms(ax, y).max(norms(x, aty));
    prop_assert!(scale > 0.0);
    prop_assert!(
        (left - right).abs() <= BOUND * scale,
        "⟨Ax, y⟩ = {left}, ⟨x, Aᵀy⟩ = {right}"
    );
    Ok(())
}

/// Draws x and y for a network without ReLU and compares the two products under every rule.
fn is_adjoint(network: Network, seed: u64) -> Result<(), TestCaseError> {
    let mut random = Random(seed);
    let mut weights = random_weights(&network, &mut random);
    for (name, array) in &mut weights {
        if name.ends_with(".bias") || name.ends_with(".running_mean") {
            array.data.fill(0.0);
        }
    }
    let last = network.nodes.len() - 1;
    let x = random_input(&network, 1, &mut random);
    let engine = engine(&model(network, weights));
    for rule in RULES {
        let trace = trace(&engine, &x, &[last], rule);
        let y = random_like(&trace.output, &mut random);
        let (ax, y_values) = (doubles(&trace.output), doubles(&y));
        let seed = Seed {
            image: 0,
            node: last,
            signal: y,
        };
        let aty = engine.project(&trace, &[seed], rule).unwrap();
        same_inner_product(&ax, &y_values, &doubles(&x), &doubles(&aty))?;
    }
    Ok(())
}

fn random_like(tensor: &Tensor, random: &mut Random) -> Tensor {
    let values: Vec<f32> = (0..tensor.numel())
        .map(|_| random.normal() as f32)
        .collect();
    Tensor::from_slice(&values).view_as(tensor)
}

prop_compose! {
    /// Windows that differ along the axes; padding up to half the kernel, as pools demand it.
    fn window(max_kernel: usize, max_dilation: usize)(
        kernel in [1..=max_kernel, 1..=max_kernel],
    )(
        kernel in Just(kernel),
        stride in [1..=4usize, 1..=4usize],
        padding in [0..=kernel[0] / 2, 0..=kernel[1] / 2],
        dilation in [1..=max_dilation, 1..=max_dilation],
    ) -> Window {
        Window { kernel, stride, padding, dilation }
    }
}

/// An input widened or narrowed to `channels` by 1×1 filters, themselves linear.
fn widened(input_size: usize, channels: usize) -> (Builder, usize) {
    let mut net = Builder::new("adjoint", input_size);
    let x = net.conv("widen", 0, channels, Window::square(1, 1, 0));
    (net, x)
}

/// One op over `channels` maps.
fn single(input_size: usize, channels: usize, op: Op) -> Network {
    let (mut net, x) = widened(input_size, channels);
    net.node("op", op, &[x]);
    net.finish()
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn convolution(
        window in window(5, 3), side in 13usize..20, groups in 1usize..4, each in 1usize..4, out in 1usize..4, seed: u64,
    ) {
        let op = Op::Conv { window, channels: groups * out, groups, bias: true };
        is_adjoint(single(side, groups * each, op), seed)?;
    }

    #[test]
    fn average_pool(window in window(4, 1), side in 7usize..16, channels in 1usize..4, seed: u64) {
        is_adjoint(single(side, channels, Op::AveragePool { window }), seed)?;
    }

    #[test]
    fn global_average_pool(side in 1usize..12, channels in 1usize..6, seed: u64) {
        is_adjoint(single(side, channels, Op::GlobalAveragePool), seed)?;
    }

    #[test]
    fn batch_norm_by_its_scale(side in 2usize..9, channels in 1usize..6, seed: u64) {
        is_adjoint(single(side, channels, Op::BatchNorm { epsilon: 1e-3 }), seed)?;
    }

    #[test]
    fn flatten_linear_and_dropout(side in 1usize..7, channels in 1usize..4, features in 1usize..9, seed: u64) {
        let (mut net, x) = widened(side, channels);
        let x = net.node("flatten", Op::Flatten, &[x]);
        let x = net.node("dropout", Op::Dropout, &[x]);
        net.linear("fc", x, features);
        is_adjoint(net.finish(), seed)?;
    }

    /// Branches of different widths, one of them used twice.
    #[test]
    fn concat(side in 3usize..9, widths in [1usize..4, 1usize..4, 1usize..4], seed: u64) {
        let (mut net, x) = widened(side, widths[0]);
        let left = net.conv("left", x, widths[1], Window::square(3, 1, 1));
        let right = net.conv("right", x, widths[2], Window::square(1, 1, 0));
        net.node("concat", Op::Concat, &[left, x, right, left]);
        is_adjoint(net.finish(), seed)?;
    }

    /// A shortcut, and a value added to itself.
    #[test]
    fn addition(side in 3usize..9, channels in 1usize..4, seed: u64) {
        let (mut net, x) = widened(side, channels);
        let y = net.conv("branch", x, channels, Window::square(3, 1, 1));
        let sum = net.node("add", Op::Add, &[x, y]);
        net.node("double", Op::Add, &[sum, y, sum]);
        is_adjoint(net.finish(), seed)?;
    }

    /// Linear once its switches are set: A picks, for any x, the cells that were the maxima of another input. They are
    /// found here by looking; small whole numbers make many equal maxima, of which the first counts.
    #[test]
    fn max_pool_with_its_switches(
        window in window(4, 2), ceil: bool, side in 7usize..16, levels in 1i64..40, seed: u64,
    ) {
        let mut random = Random(seed);
        let mut net = Builder::new("adjoint", side);
        let op = net.max_pool("pool", 0, window, ceil);
        let network = net.finish();
        let length = side as i64;
        let whole: Vec<f32> = (0..3 * side * side).map(|_| random.whole(-levels, levels) as f32).collect();
        let seen = Tensor::from_slice(&whole).view([1, 3, length, length]);
        let x = doubles(&random_input(&network, 1, &mut random));
        let engine = engine(&model(network, Default::default()));
        let trace = trace(&engine, &seen, &[op], ReluRule::Deconvnet);
        let size = trace.output.size();
        let ax = picked(&doubles(&seen), &x, side, window, [size[2] as usize, size[3] as usize]);
        let y = random_like(&trace.output, &mut random);
        let y_values = doubles(&y);
        let seed = Seed { image: 0, node: op, signal: y };
        let aty = engine.project(&trace, &[seed], ReluRule::Deconvnet).unwrap();
        same_inner_product(&ax, &y_values, &x, &doubles(&aty))?;
    }
}

/// For every window over the three planes of `seen` the value that `x` has where `seen` is largest.
fn picked(seen: &[f64], x: &[f64], side: usize, window: Window, size: [usize; 2]) -> Vec<f64> {
    let cell = |axis: usize, step: usize, offset: usize| {
        let at = step * window.stride[axis] + offset * window.dilation[axis];
        at.checked_sub(window.padding[axis]).filter(|&at| at < side)
    };
    let mut values = Vec::new();
    for plane in 0..3 {
        for row in 0..size[0] {
            for column in 0..size[1] {
                let mut best: Option<usize> = None;
                for i in (0..window.kernel[0]).filter_map(|i| cell(0, row, i)) {
                    for j in (0..window.kernel[1]).filter_map(|j| cell(1, column, j)) {
                        let at = (plane * side + i) * side + j;
                        if best.is_none_or(|best| seen[at] > seen[best]) {
                            best = Some(at);
                        }
                    }
                }
                values.push(x[best.unwrap()]);
            }
        }
    }
    values
}
