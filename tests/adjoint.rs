//! The adjoint identity ⟨A x, y⟩ = ⟨x, Aᵀ y⟩ for every linear op: the way back is the transpose of the way forward, for
//! strides, paddings, dilations, groups and overhanging windows drawn by lot. Biases are zero.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod common;

use common::random::Random;
use common::{doubles, engine, folded, model, networks, random_input, random_weights, trace};
use deconvscope::engine::{Engine, ReluRule, Seed, Start, Trace};
use deconvscope::network::shape::Shape;
use deconvscope::network::{
    zoo, Anatomy, Axis, Builder, Coordinates, Curve, Filter, Model, Nearest, Network, Op,
    Resampling, Window,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tch::{Kind, Tensor};

/// Of the product of the norms, the larger of the two: that of Ax alone says nothing where Ax is a sum that cancels.
/// In float64, whose unit is 1e-16; in float32, whose unit is 6e-8, sums of some hundred terms round to about 1e-6 of it.
const EXACT: f64 = 1e-13;
const BOUND: f64 = 1e-5;
const RULES: [ReluRule; 3] = [ReluRule::Deconvnet, ReluRule::Guided, ReluRule::Gradient];

fn inner(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn same_inner_product(
    [ax, y]: [&[f64]; 2],
    [x, aty]: [&[f64]; 2],
    bound: f64,
) -> Result<(), TestCaseError> {
    let (left, right) = (inner(ax, y), inner(x, aty));
    let norms = |a: &[f64], b: &[f64]| (inner(a, a) * inner(b, b)).sqrt();
    let scale = norms(ax, y).max(norms(x, aty));
    prop_assert!(scale > 0.0);
    prop_assert!(
        (left - right).abs() <= bound * scale,
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
    for (engine, bound) in in_both(&model(network, weights)) {
        for rule in RULES {
            let trace = trace(&engine, &x, &[last], rule);
            let y = random_like(&trace.output, &mut random);
            let (ax, y_values) = (doubles(&trace.output), doubles(&y));
            let seed = Seed {
                image: 0,
                node: last,
                start: Start::Signal(y.to_kind(trace.output.kind())),
            };
            let aty = engine.project(&trace, &[seed], rule).unwrap();
            same_inner_product([&ax, &y_values], [&doubles(&x), &doubles(&aty)], bound)?;
        }
    }
    Ok(())
}

/// Draws an input that is seen, and x and y, for a network that multiplies its input with what `held` reads in the trace of
/// what is seen: `[recorded, multiplied]` are nodes.
fn is_adjoint_with(
    network: Network,
    [recorded, multiplied]: [usize; 2],
    held: impl Fn(&Trace) -> Tensor,
    seed: u64,
) -> Result<(), TestCaseError> {
    let mut random = Random(seed);
    let seen = random_input(&network, 1, &mut random);
    let x = random_like(&seen, &mut random).to_kind(Kind::Double);
    for (engine, bound) in in_both(&model(network, Default::default())) {
        for rule in [ReluRule::Deconvnet, ReluRule::Guided] {
            let trace = trace(&engine, &seen, &[recorded, multiplied], rule);
            let ax = &x * held(&trace).to_kind(Kind::Double);
            let y = random_like(&ax, &mut random);
            let seed = Seed {
                image: 0,
                node: multiplied,
                start: Start::Signal(y.to_kind(trace.output.kind())),
            };
            let aty = engine.project(&trace, &[seed], rule).unwrap();
            let values = [&ax, &y, &x, &aty].map(doubles);
            let [ax, y, x, aty] = values.each_ref().map(Vec::as_slice);
            same_inner_product([ax, y], [x, aty], bound)?;
        }
    }
    Ok(())
}

/// The engine in either precision, with what it may be off by.
fn in_both(model: &Model) -> [(Engine, f64); 2] {
    [
        (engine(model), BOUND),
        (Engine::in_double(model).unwrap(), EXACT),
    ]
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

fn on(shape: [usize; 3]) -> Builder {
    Builder::of("adjoint", Shape::of(shape))
}

/// One op over maps of that shape.
fn single(shape: [usize; 3], op: Op) -> Network {
    let mut net = on(shape);
    net.node("op", op, &[0]);
    net.finish()
}

prop_compose! {
    /// Maps that are not square.
    fn maps(channels: usize, side: std::ops::Range<usize>)(
        shape in [1..channels + 1, side.clone(), side],
    ) -> [usize; 3] {
        shape
    }
}

/// Axes of length 1 where they are not kept.
fn shrunk(shape: [usize; 3], kept: [bool; 3]) -> [usize; 3] {
    [0, 1, 2].map(|axis| if kept[axis] { shape[axis] } else { 1 })
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn convolution(
        window in window(5, 3), sides in [13usize..20, 13usize..20], groups in 1usize..4, each in 1usize..4,
        out in 1usize..4, seed: u64,
    ) {
        let op = Op::Conv { window, channels: groups * out, groups, bias: true };
        is_adjoint(single([groups * each, sides[0], sides[1]], op), seed)?;
    }

    #[test]
    fn average_pool(
        window in window(4, 1), ceil: bool, padding_counts: bool, shape in maps(3, 7..16), seed: u64,
    ) {
        is_adjoint(single(shape, Op::AveragePool { window, ceil, padding_counts }), seed)?;
    }

    #[test]
    fn global_average_pool(shape in maps(5, 1..12), seed: u64) {
        is_adjoint(single(shape, Op::GlobalAveragePool), seed)?;
    }

    #[test]
    fn batch_norm_by_its_scale(shape in maps(5, 2..9), seed: u64) {
        is_adjoint(single(shape, Op::BatchNorm { epsilon: 1e-3 }), seed)?;
    }

    /// Input and parameter each as long as the other along an axis, or of length 1.
    #[test]
    fn scale_and_shift(shape in maps(4, 2..7), kept: [[bool; 3]; 2], seed: u64) {
        let [input, parameter] = kept.map(|kept| shrunk(shape, kept));
        is_adjoint(single(input, Op::Scale { shape: parameter }), seed)?;
        is_adjoint(single(input, Op::Shift { shape: parameter }), seed)?;
    }

    /// Edges padded, cut off, or one of each.
    #[test]
    fn pad(shape in maps(3, 7..12), channels in (0i64..3, 0i64..3), edges in [[-3i64..4, -3i64..4], [-3i64..4, -3i64..4]], seed: u64) {
        let edges = [[channels.0, channels.1], edges[0], edges[1]];
        is_adjoint(single(shape, Op::Pad { edges, value: 0.0 }), seed)?;
    }

    /// In any order, with some slices left out and others taken several times.
    #[test]
    fn select(
        shape in maps(6, 2..7), axis in prop::sample::select(vec![Axis::Channels, Axis::Rows, Axis::Columns]),
        drawn in prop::collection::vec(any::<prop::sample::Index>(), 1..9), seed: u64,
    ) {
        let length = shape[axis.number()];
        let indices = drawn.iter().map(|index| index.index(length)).collect();
        is_adjoint(single(shape, Op::Select { axis, indices }), seed)?;
    }

    #[test]
    fn select_strided_and_reversed(shape in maps(6, 3..9), step in 1usize..4, backwards: bool, seed: u64) {
        for axis in [Axis::Channels, Axis::Rows, Axis::Columns] {
            let mut indices: Vec<usize> = (0..shape[axis.number()]).step_by(step).collect();
            if backwards {
                indices.reverse();
            }
            is_adjoint(single(shape, Op::Select { axis, indices }), seed)?;
        }
    }

    #[test]
    fn permute(shape in maps(5, 2..7), order in Just([0, 1, 2]).prop_shuffle(), seed: u64) {
        is_adjoint(single(shape, Op::Permute { order }), seed)?;
    }

    #[test]
    fn reshape([channels, height, width] in maps(5, 2..7), seed: u64) {
        for shape in [[height, width, channels], [1, channels * height, width], [channels * width, 1, height]] {
            let shape = Shape::of(shape);
            is_adjoint(single([channels, height, width], Op::Reshape { shape }), seed)?;
        }
    }

    #[test]
    fn flatten_linear_and_dropout(shape in maps(3, 1..7), features in 1usize..9, seed: u64) {
        let mut net = on(shape);
        let x = net.node("flatten", Op::Flatten, &[0]);
        let x = net.node("dropout", Op::Dropout, &[x]);
        net.linear("fc", x, features);
        is_adjoint(net.finish(), seed)?;
    }

    /// Branches of different widths, one of them used twice.
    #[test]
    fn concat(shape in maps(3, 3..9), widths in [1usize..4, 1usize..4], seed: u64) {
        let mut net = on(shape);
        let left = net.conv("left", 0, widths[0], Window::square(3, 1, 1));
        let right = net.conv("right", 0, widths[1], Window::square(1, 1, 0));
        net.node("concat", Op::Concat, &[left, 0, right, left]);
        is_adjoint(net.finish(), seed)?;
    }

    /// A shortcut, and a value added to itself.
    #[test]
    fn addition(shape in maps(3, 3..9), seed: u64) {
        let mut net = on(shape);
        let y = net.conv("branch", 0, shape[0], Window::square(3, 1, 1));
        let sum = net.node("add", Op::Add, &[0, y]);
        net.node("double", Op::Add, &[sum, y, sum]);
        is_adjoint(net.finish(), seed)?;
    }

    /// Terms of length 1 along some axes, also the first one.
    #[test]
    fn broadcast_addition(shape in maps(4, 2..7), kept: [[bool; 3]; 2], seed: u64) {
        let mut net = on(shape);
        let mut terms = Vec::new();
        for (term, kept) in ["first", "second"].into_iter().zip(kept) {
            let mut x = 0;
            for (axis, kept) in [Axis::Channels, Axis::Rows, Axis::Columns].into_iter().zip(kept) {
                let indices = if kept { (0..shape[axis.number()]).collect() } else { vec![1 % shape[axis.number()]] };
                x = net.node(&format!("{term}{}", axis.number()), Op::Select { axis, indices }, &[x]);
            }
            terms.push(x);
        }
        let mean = net.node("mean", Op::GlobalAveragePool, &[0]);
        net.node("add", Op::Add, &[terms[0], mean, terms[1], 0, terms[0]]);
        is_adjoint(net.finish(), seed)?;
    }

    #[test]
    fn transposed_convolutions(
        window in window(4, 2), groups in 1usize..4, each in [1usize..3, 1usize..3], side in [2usize..7, 2usize..7],
        left_over in [0usize..4, 0usize..4], seed: u64,
    ) {
        let op = Op::ConvTranspose {
            window,
            left_over: [0, 1].map(|axis| left_over[axis] % window.stride[axis]),
            channels: groups * each[1],
            groups,
            bias: true,
        };
        let network = single([groups * each[0], side[0], side[1]], op);
        // Where the padding eats all of the output there is nothing to compare.
        if Anatomy::of(network.clone()).is_ok() {
            is_adjoint(network, seed)?;
        }
    }

    #[test]
    fn resampling(shape in maps(3, 2..8), to in [1usize..15, 1usize..15], filter in 0usize..3, antialias: bool, seed: u64) {
        let filter = [
            Filter::Nearest { rounding: Nearest::PreferFloor },
            Filter::Linear,
            Filter::Cubic { coefficient: -0.75 },
        ][filter];
        let axes = [0, 1].map(|axis| Resampling {
            antialias,
            ..networks::resampling([shape[axis + 1], to[axis]], Coordinates::HalfPixel, filter)
        });
        is_adjoint(single(shape, Op::Resample { axes }), seed)?;
    }

    /// Linear with the gate held at what it was for another input, wherever it stands and however it is repeated.
    #[test]
    fn gates_and_quotients(shape in maps(4, 2..7), kept: [bool; 3], gate_first: bool, divides: bool, seed: u64) {
        let mut net = on(shape);
        let mut gate = 0;
        for (axis, kept) in [Axis::Channels, Axis::Rows, Axis::Columns].into_iter().zip(kept) {
            let indices = if kept { (0..shape[axis.number()]).collect() } else { vec![0] };
            gate = net.node(&format!("gate{}", axis.number()), Op::Select { axis, indices }, &[gate]);
        }
        let gate = net.node("gate", Op::Curve(Curve::Sigmoid), &[gate]);
        let product = match (divides, gate_first) {
            (true, _) => net.node("quotient", Op::Divide, &[0, gate]),
            (false, true) => net.node("product", Op::Multiply, &[gate, 0]),
            (false, false) => net.node("product", Op::Multiply, &[0, gate]),
        };
        let held = |trace: &Trace| match divides {
            true => trace.activations[&gate].reciprocal(),
            false => trace.activations[&gate].shallow_clone(),
        };
        is_adjoint_with(net.finish(), [gate, product], held, seed)?;
    }

    /// Linear with the scale held that another input had, and without its mean.
    #[test]
    fn normalisations(shape in maps(3, 2..7), way in 0usize..3, seed: u64) {
        let [maps, height, width] = shape;
        let maps = 2 * maps;
        let epsilon = 1e-3;
        let mut net = on([maps, height, width]);
        let op = match way {
            0 => Op::LayerNorm { epsilon },
            1 => Op::GroupNorm { groups: 2, epsilon },
            _ => Op::GroupNorm { groups: maps, epsilon },
        };
        let norm = net.node("norm", op, &[0]);
        let scale = |trace: &Trace| {
            let x = trace.activations[&0].to_kind(Kind::Double);
            let groups = match way {
                0 => return (x.var_dim([1].as_slice(), false, true) + epsilon).rsqrt(),
                1 => 2,
                _ => maps as i64,
            };
            let together = x.view([1, groups, -1]);
            let scale = (together.var_dim([2].as_slice(), false, true) + epsilon).rsqrt();
            (together.ones_like() * scale).view_as(&x)
        };
        is_adjoint_with(net.finish(), [0, norm], scale, seed)?;
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
        for (engine, bound) in in_both(&model(network, Default::default())) {
            let trace = trace(&engine, &seen, &[op], ReluRule::Deconvnet);
            let size = trace.output.size();
            let ax = picked(&doubles(&seen), &x, side, window, [size[2] as usize, size[3] as usize]);
            let y = random_like(&trace.output, &mut random);
            let y_values = doubles(&y);
            let seed = Seed { image: 0, node: op, start: Start::Signal(y.to_kind(trace.output.kind())) };
            let aty = engine.project(&trace, &[seed], ReluRule::Deconvnet).unwrap();
            same_inner_product([&ax, &y_values], [&x, &doubles(&aty)], bound)?;
        }
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

/// Of another pass it takes where poolings have their maxima, and nothing else.
#[test]
fn a_pass_that_chooses_as_another_goes_back_its_way() {
    let random = &mut Random(7);
    let network = zoo::find("tiny").unwrap().network();
    let weights = random_weights(&network, random);
    let exact = engine(&folded(&network, &weights));
    let last = exact.network().stages[2].node;
    let [one, other] = [(); 2].map(|()| {
        let input = random_input(exact.network(), 1, random);
        trace(&exact, &input, &[last], ReluRule::Deconvnet)
    });
    let signal = exact.signal(&one, &Seed::layer(0, last)).unwrap();
    let seed = || Seed {
        start: Start::Signal(signal.shallow_clone()),
        ..Seed::layer(0, last)
    };
    let back = |trace: &Trace| {
        doubles(
            &exact
                .project(trace, &[seed()], ReluRule::Deconvnet)
                .unwrap(),
        )
    };
    let (own, others) = (back(&one), back(&other));
    assert_ne!(own, others);
    let input = random_input(exact.network(), 1, random);
    let third = trace(&exact, &input, &[last], ReluRule::Deconvnet);
    let recorded = third.activations[&last].shallow_clone();
    let chosen = third.choosing_as(&other).unwrap();
    assert_eq!(back(&chosen), others);
    assert_eq!(chosen.activations[&last], recorded);
}
