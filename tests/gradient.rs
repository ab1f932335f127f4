//! The plain-gradient rule equals automatic differentiation on every network of the zoo. The oracle is an interpreter
//! of its own: it shares the network's description with the engine and no code.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod common;

use common::random::Random;
use common::{
    doubles, engine, folded, model, networks, random_input, random_weights, relative_error, trace,
};
use deconvscope::engine::ReluRule;
use deconvscope::network::weights::Weights;
use deconvscope::network::{zoo, Builder, Model, Network, Op, Window};
use tch::Tensor;

const BOUND: f64 = 1e-5;

/// Outputs of all nodes, computed with autograd's tape on. Each is the engine's to the bit: where rounding differs, a
/// deep network has rectifiers that are open in the one and shut in the other.
fn interpret(network: &Network, weights: &Weights, input: &Tensor) -> Vec<Tensor> {
    let pair = |values: [usize; 2]| values.map(|value| value as i64);
    let mut values: Vec<Tensor> = Vec::new();
    for node in &network.nodes {
        let x = node.inputs.first().map_or(input, |&at| &values[at]);
        let parameter = |field: &str| {
            let array = weights.get(&format!("{}.{field}", node.name))?;
            let shape: Vec<i64> = array.shape.iter().map(|&n| n as i64).collect();
            Some(Tensor::from_slice(&array.data).view(&shape[..]))
        };
        let all = || node.inputs.iter().map(|&at| &values[at]);
        let value = match &node.op {
            Op::Input => input.shallow_clone(),
            Op::Conv { window, groups, .. } => x.conv2d(
                &parameter("weight").unwrap(),
                parameter("bias"),
                pair(window.stride),
                pair(window.padding),
                pair(window.dilation),
                *groups as i64,
            ),
            Op::Linear { .. } => x
                .flatten(1, -1)
                .linear(&parameter("weight").unwrap(), parameter("bias"))
                .view([1, -1, 1, 1]),
            Op::Relu => x.relu(),
            Op::LeakyRelu { slope } => x.where_self(&x.gt(0.0), &(x * *slope)),
            Op::Clip { min, max } => x.clamp(*min, *max),
            Op::MaxPool { window, ceil } => x.max_pool2d(
                pair(window.kernel),
                pair(window.stride),
                pair(window.padding),
                pair(window.dilation),
                *ceil,
            ),
            Op::AveragePool {
                window,
                ceil,
                padding_counts,
            } => x.avg_pool2d(
                pair(window.kernel),
                pair(window.stride),
                pair(window.padding),
                *ceil,
                *padding_counts,
                None,
            ),
            Op::GlobalAveragePool => x.adaptive_avg_pool2d([1, 1]),
            Op::Lrn {
                size,
                alpha,
                beta,
                k,
            } => contrast_norm(x, *size as i64, *alpha, *beta, *k),
            Op::BatchNorm { epsilon } => {
                let field = |name: &str| parameter(name).unwrap().to_kind(tch::Kind::Double);
                let scale = field("weight") / (field("running_var") + *epsilon).sqrt();
                let shift = field("bias") - field("running_mean") * &scale;
                let [scale, shift] = [scale, shift]
                    .map(|tensor| tensor.to_kind(tch::Kind::Float).view([1, -1, 1, 1]));
                x * scale + shift
            }
            Op::Concat => Tensor::cat(&all().collect::<Vec<_>>(), 1),
            Op::Add => all()
                .skip(1)
                .fold(x.shallow_clone(), |sum, other| sum + other),
            Op::Scale { .. } => x * parameter("weight").unwrap(),
            Op::Shift { .. } => x + parameter("bias").unwrap(),
            Op::Pad {
                edges: [[front, back], [top, bottom], [left, right]],
                value,
            } => x.pad(
                [*left, *right, *top, *bottom, *front, *back],
                "constant",
                *value,
            ),
            Op::Select { axis, indices } => {
                let slice = |&at: &usize| x.narrow(axis.number() as i64 + 1, at as i64, 1);
                let slices: Vec<Tensor> = indices.iter().map(slice).collect();
                Tensor::cat(&slices, axis.number() as i64 + 1)
            }
            Op::Permute { order: [a, b, c] } => {
                x.permute([0, a + 1, b + 1, c + 1].map(|axis| axis as i64))
            }
            Op::Reshape { shape } => {
                let [channels, height, width] = shape.axes().map(|length| length as i64);
                x.reshape([1, channels, height, width])
            }
            Op::Flatten => x.reshape([1, -1, 1, 1]),
            Op::Dropout => x.shallow_clone(),
            Op::Softmax => x.softmax(1, None),
            Op::Curve(_) | Op::Multiply | Op::Divide => {
                panic!("'{}' has no way back to compare", node.name)
            }
        };
        values.push(value);
    }
    values
}

/// As `torch.nn.functional.local_response_norm` computes it.
fn contrast_norm(x: &Tensor, size: i64, alpha: f64, beta: f64, k: f64) -> Tensor {
    let squares = x.square().unsqueeze(1);
    let padded = squares.constant_pad_nd([0, 0, 0, 0, size / 2, (size - 1) / 2]);
    let mean = padded.avg_pool3d([size, 1, 1], [1, 1, 1], [0, 0, 0], false, true, None);
    x / (mean.squeeze_dim(1) * alpha + k).pow_tensor_scalar(beta)
}

/// Projects a unit, a whole layer and one map of several stages and compares each with the gradient of ⟨seed, layer⟩.
fn equals_autograd(model: &Model, random: &mut Random) {
    let network = &model.network;
    let input = random_input(network, 1, random).set_requires_grad(true);
    let values = interpret(network, &model.weights, &input);
    let engine = engine(model);
    let stages = &network.stages;
    let last = stages.len() - 1;
    let mut nodes: Vec<usize> = [0, last / 2, last].map(|at| stages[at].node).to_vec();
    nodes.dedup();
    let trace = trace(&engine, &input.detach(), &nodes, ReluRule::Gradient);
    let output = relative_error(
        &doubles(&trace.output),
        &doubles(&values[network.nodes.len() - 1]),
    );
    assert!(
        output < BOUND,
        "{}: output off by {output:.1e}",
        network.name
    );
    for node in nodes {
        let activation = values[node].detach();
        let strongest = activation.argmax(None, false).int64_value(&[]);
        let alone = activation.zeros_like();
        let _ = alone
            .view([-1])
            .narrow(0, strongest, 1)
            .fill_(activation.max().double_value(&[]));
        let feature = strongest / (activation.numel() as i64 / activation.size()[1]);
        let map = activation.zeros_like();
        map.narrow(1, feature, 1)
            .copy_(&activation.narrow(1, feature, 1));

        let unit = engine.strongest_unit(&trace, 0, node).unwrap().unwrap();
        assert_eq!(unit.feature as i64, feature);
        let seeds = [
            engine.unit_seed(0, node, &unit).unwrap(),
            engine.layer_seed(&trace, 0, node).unwrap(),
            engine.map_seed(&trace, 0, node, unit.feature).unwrap(),
        ];
        let projections = engine.project(&trace, &seeds, ReluRule::Gradient).unwrap();
        for (row, (kind, seed)) in [("unit", alone), ("layer", activation), ("map", map)]
            .iter()
            .enumerate()
        {
            let inner = (&values[node] * seed).sum(tch::Kind::Float);
            let gradient = Tensor::run_backward(&[inner], &[&input], true, false).remove(0);
            let found = doubles(&projections.get(row as i64));
            let gradient = doubles(&gradient);
            let name = &network.nodes[node].name;
            // Nothing goes through a unit that is clipped.
            if *kind == "unit" && gradient.iter().all(|&value| value == 0.0) {
                assert!(found.iter().all(|&value| value == 0.0), "{name}");
                continue;
            }
            let error = relative_error(&found, &gradient);
            assert!(
                error < BOUND,
                "{} {kind} at {name}: off by {error:.1e}",
                network.name
            );
        }
    }
}

fn zoo_network(name: &str) -> Network {
    zoo::find(name).unwrap().network()
}

/// Batch norms stand alone if there are any.
fn check(network: Network, seed: u64) {
    let mut random = Random(seed);
    let weights = random_weights(&network, &mut random);
    equals_autograd(&model(network, weights), &mut random);
}

fn check_folded(name: &str, seed: u64) {
    let mut random = Random(seed);
    let network = zoo_network(name);
    let weights = random_weights(&network, &mut random);
    let model = folded(&network, &weights);
    let norms = |network: &Network| {
        let is_norm = |node: &&deconvscope::network::Node| matches!(node.op, Op::BatchNorm { .. });
        network.nodes.iter().filter(is_norm).count()
    };
    assert!(norms(&network) > 0);
    assert_eq!(norms(&model.network), 0);
    equals_autograd(&model, &mut random);
}

#[test]
fn tiny() {
    (1..20).for_each(|seed| check(zoo_network("tiny"), seed));
}

#[test]
fn tiny_folded() {
    (1..20).for_each(|seed| check_folded("tiny", seed));
}

/// Every op that can be projected and is not in `tiny`.
#[test]
fn varied() {
    (1..20).for_each(|seed| check(networks::varied(), seed));
}

#[test]
fn squeezenet1_0() {
    check(zoo_network("squeezenet1_0"), 2);
}

#[test]
fn squeezenet1_1() {
    check(zoo_network("squeezenet1_1"), 3);
}

#[test]
fn alexnet() {
    check(zoo_network("alexnet"), 4);
}

#[test]
fn alexnet_original() {
    check(zoo_network("alexnet_original"), 5);
}

#[test]
fn zfnet() {
    check(zoo_network("zfnet"), 6);
}

/// Without its 124 million parameters of linear layers, which AlexNet and ZFNet have alike.
#[test]
fn vgg16() {
    check(zoo_network("vgg16").without_classifier(), 7);
}

#[test]
fn resnet18() {
    check(zoo_network("resnet18"), 8);
}

#[test]
fn googlenet_folded() {
    check_folded("googlenet", 30);
}

#[test]
fn mobilenet_v2_folded() {
    check_folded("mobilenet_v2", 31);
}

#[test]
fn efficientnet_lite0_folded() {
    check_folded("efficientnet_lite0", 32);
}

#[test]
fn densenet121() {
    check(zoo_network("densenet121"), 33);
}

#[test]
fn resnet18_folded() {
    check_folded("resnet18", 9);
}

/// Over an even number of channels the window of a contrast norm is not symmetric, nor is that of its derivative. With
/// an exponent of 1/2 or more the derivative at the strongest unit vanishes, and there would be rounding to compare.
#[test]
fn contrast_norm_of_any_size_and_strength() {
    for size in 1..=6 {
        let mut net = Builder::new("norm", 9);
        let x = net.conv("conv", 0, 7, Window::square(3, 1, 1));
        let op = Op::Lrn {
            size,
            alpha: 2.0,
            beta: 0.4,
            k: 1.0,
        };
        let x = net.node("norm", op, &[x]);
        net.stage("norm", x);
        check(net.finish(), 10 + size as u64);
    }
}

/// Folding changes rounding alone: probabilities before and after agree.
#[test]
fn folding_leaves_the_function_as_it_was() {
    for name in ["tiny", "resnet18", "densenet121"] {
        let mut random = Random(20);
        let network = zoo_network(name);
        let weights = random_weights(&network, &mut random);
        let input = random_input(&network, 2, &mut random);
        let folded = engine(&folded(&network, &weights));
        let plain = engine(&model(network, weights));
        let [a, b] = [folded, plain]
            .map(|engine| doubles(&trace(&engine, &input, &[], ReluRule::Deconvnet).output));
        let error = relative_error(&a, &b);
        assert!(error < 1e-4, "{name}: {error:.1e}");
    }
}
