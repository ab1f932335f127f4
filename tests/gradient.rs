//! The plain-gradient rule equals automatic differentiation on every network of the zoo. The oracle is an interpreter
//! of its own: it shares the network's description with the engine and no code. In float64 the two agree to float64's
//! rounding; in float32 the engine rounds no worse than automatic differentiation does.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod common;

use std::path::Path;

use common::random::Random;
use common::rounding::{distance, largest, Rounding};
use common::{
    doubles, engine, folded, model, networks, random_input, random_weights, relative_error, trace,
};
use deconvscope::engine::{Engine, ReluRule, Seed, Trace};
use deconvscope::network::weights::Weights;
use deconvscope::network::{
    fold_batch_norm, onnx, zoo, Anatomy, Builder, Curve, Model, Network, Op, Pairing, Reduction,
    Resampling, Tap, Window,
};
use tch::{Kind, Tensor};

/// Of two float64 ways, relative.
const EXACT: f64 = 1e-9;
/// What folding may change of the probabilities, relative, computed in float64.
const FOLDED: f64 = 1e-4;

/// Outputs of all nodes, computed with autograd's tape on, in the input's precision. Each is the engine's to the bit: where
/// rounding differs, a deep network has rectifiers that are open in the one and shut in the other.
fn interpret(network: &Network, weights: &Weights, input: &Tensor) -> Vec<Tensor> {
    let pair = |values: [usize; 2]| values.map(|value| value as i64);
    let mut values: Vec<Tensor> = Vec::new();
    for node in &network.nodes {
        let x = node.inputs.first().map_or(input, |&at| &values[at]);
        let parameter = |field: &str| {
            let array = weights.get(&format!("{}.{field}", node.name))?;
            let shape: Vec<i64> = array.shape.iter().map(|&n| n as i64).collect();
            let values = Tensor::from_slice(&array.data).view(&shape[..]);
            Some(values.to_kind(input.kind()))
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
                let [scale, shift] =
                    [scale, shift].map(|tensor| tensor.to_kind(input.kind()).view([1, -1, 1, 1]));
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
            Op::ReduceChannels {
                by: Reduction::Mean,
            } => {
                // Along neighbouring values, which rounds as the engine does.
                let cells = x.movedim_int(1, -1).contiguous();
                let mean = cells.mean_dim([-1i64].as_slice(), true, None);
                mean.movedim_int(-1, 1)
            }
            Op::ReduceChannels {
                by: Reduction::Maximum,
            } => x.amax([1i64].as_slice(), true),
            Op::Curve(kind) => curve(*kind, x),
            Op::PRelu { .. } => x.relu() + x.clamp_max(0.0) * parameter("slope").unwrap(),
            Op::ConvTranspose {
                window,
                left_over,
                groups,
                ..
            } => x.conv_transpose2d(
                &parameter("weight").unwrap(),
                parameter("bias"),
                pair(window.stride),
                pair(window.padding),
                pair(*left_over),
                *groups as i64,
                pair(window.dilation),
            ),
            Op::Resample { axes } => {
                let length = |axis: i64| x.size()[axis as usize] as usize;
                let axes = axes.iter().zip(2..);
                let axes = axes.filter(|(axis, at)| !axis.is_none(length(*at)));
                let mixed = |x: Tensor, (axis, at): (&Resampling, i64)| {
                    let taps = axis.taps(x.size()[at as usize] as usize);
                    resampled(&x, &taps, at)
                };
                axes.fold(x.shallow_clone(), mixed)
            }
            // Along neighbouring values, as the engine does.
            Op::LayerNorm { epsilon } => {
                let cells = x.movedim_int(1, -1).contiguous();
                let none = None::<&Tensor>;
                cells
                    .layer_norm([x.size()[1]], none, none, *epsilon, false)
                    .movedim_int(-1, 1)
            }
            Op::GroupNorm { groups, epsilon } => {
                let none = None::<&Tensor>;
                x.contiguous()
                    .flatten(2, -1)
                    .group_norm(*groups as i64, none, none, *epsilon, false)
                    .view_as(x)
            }
            Op::Multiply => x * &values[node.inputs[1]],
            Op::Divide => x / &values[node.inputs[1]],
            Op::Pairwise { by } => {
                let other = &values[node.inputs[1]];
                match by {
                    Pairing::Maximum => x.maximum(other),
                    Pairing::Minimum => x.minimum(other),
                    Pairing::Power => x.pow(other),
                    Pairing::Greater => x.gt_tensor(other).to_kind(x.kind()),
                    Pairing::GreaterOrEqual => x.ge_tensor(other).to_kind(x.kind()),
                    Pairing::Equal => x.eq_tensor(other).to_kind(x.kind()),
                }
            }
            Op::Choose => {
                let [yes, no] = [1, 2].map(|place| &values[node.inputs[place]]);
                yes.where_self(&x.ne(0.0), no)
            }
            Op::Constant { .. } => parameter("value").unwrap() + x.zeros_like(),
        };
        values.push(value);
    }
    values
}

fn curve(curve: Curve, x: &Tensor) -> Tensor {
    let softplus = |x: &Tensor| x.relu() + x.abs().neg().exp().log1p();
    match curve {
        Curve::Sigmoid => x.sigmoid(),
        Curve::HardSigmoid { slope, offset } => (x * slope + offset).clamp(0.0, 1.0),
        Curve::HardSwish => x.hardswish(),
        Curve::Tanh => x.tanh(),
        Curve::Elu {
            alpha,
            scale,
            width,
        } => x.relu() * scale + (x.clamp_max(0.0) / width).expm1() * (scale * alpha),
        Curve::Softplus => softplus(x),
        Curve::Softsign => x / (x.abs() + 1.0),
        Curve::Silu { slope: 1.0 } => x.silu(),
        Curve::Silu { slope } => x * (x * slope).sigmoid(),
        Curve::Mish => x * softplus(x).tanh(),
        Curve::Gelu { tanh } => x.gelu(if tanh { "tanh" } else { "none" }),
        Curve::Threshold { above } => x.threshold(above, 0.0),
        Curve::Abs => x.abs(),
        Curve::Sqrt => x.sqrt(),
        Curve::Exp => x.exp(),
        Curve::Log => x.log(),
        Curve::Reciprocal => x.reciprocal(),
        Curve::Power { exponent } => x.pow_tensor_scalar(exponent),
        Curve::Erf => x.erf(),
    }
}

/// Each cell of an axis mixed from some of the input's: the first of each, then the second and so on.
fn resampled(x: &Tensor, taps: &[Tap], axis: i64) -> Tensor {
    let most = taps.iter().map(|tap| tap.weights.len()).max().unwrap();
    let part = |place: usize| {
        let each = taps.iter().map(|tap| match tap.weights.get(place) {
            Some(&weight) => ((tap.first + place) as i64, weight),
            None => (tap.first as i64, 0.0),
        });
        let (numbers, weights): (Vec<i64>, Vec<f32>) = each.unzip();
        let mut size = vec![1; 4];
        size[axis as usize] = -1;
        let weights = Tensor::from_slice(&weights).to_kind(x.kind());
        x.index_select(axis, &Tensor::from_slice(&numbers)) * weights.view(size.as_slice())
    };
    (1..most).fold(part(0), |sum, place| sum + part(place))
}

/// As `torch.nn.functional.local_response_norm` computes it.
fn contrast_norm(x: &Tensor, size: i64, alpha: f64, beta: f64, k: f64) -> Tensor {
    let squares = x.square().unsqueeze(1);
    let padded = squares.constant_pad_nd([0, 0, 0, 0, size / 2, (size - 1) / 2]);
    let mean = padded.avg_pool3d([size, 1, 1], [1, 1, 1], [0, 0, 0], false, true, None);
    x / (mean.squeeze_dim(1) * alpha + k).pow_tensor_scalar(beta)
}

/// The stages that are looked at: the first, one in the middle, the last.
fn looked_at(network: &Network) -> Vec<usize> {
    let stages = &network.stages;
    let last = stages.len() - 1;
    let mut nodes: Vec<usize> = [0, last / 2, last].map(|at| stages[at].node).to_vec();
    nodes.dedup();
    nodes
}

/// What starts a projection at a node: its strongest unit, all of the layer, that unit's map, as the interpreter's values have
/// them.
fn signals(activation: &Tensor) -> [(&'static str, Tensor); 3] {
    let activation = &activation.contiguous();
    let strongest = activation.argmax(None, false).int64_value(&[]);
    let alone = activation.zeros_like();
    let value = activation.max().to_kind(Kind::Float).double_value(&[]);
    let _ = alone.view([-1]).narrow(0, strongest, 1).fill_(value);
    let feature = strongest / (activation.numel() as i64 / activation.size()[1]);
    let map = activation.zeros_like();
    map.narrow(1, feature, 1)
        .copy_(&activation.narrow(1, feature, 1));
    [("unit", alone), ("layer", activation.copy()), ("map", map)]
}

/// Gradients of ⟨signal, node⟩ by automatic differentiation.
fn gradients(values: &[Tensor], input: &Tensor, node: usize) -> Vec<Vec<f64>> {
    let signals = signals(&values[node].detach());
    let gradient = |(_, signal): &(&str, Tensor)| {
        let inner = (&values[node] * signal).sum(values[node].kind());
        doubles(&Tensor::run_backward(&[inner], &[input], true, false).remove(0))
    };
    signals.iter().map(gradient).collect()
}

/// The same three by the engine.
fn projections(engine: &Engine, trace: &Trace, node: usize) -> Vec<Vec<f64>> {
    let unit = engine.strongest_unit(trace, 0, node).unwrap().unwrap();
    let seeds = [
        Seed::unit(0, node, &unit),
        Seed::layer(0, node),
        Seed::map(0, node, unit.feature),
    ];
    let projections = engine.project(trace, &seeds, ReluRule::Gradient).unwrap();
    let rows = 0..seeds.len() as i64;
    rows.map(|row| doubles(&projections.get(row))).collect()
}

fn equals_autograd(model: &Model, random: &mut Random) {
    let input = random_input(model.network(), 1, random);
    in_double(model, &input);
    in_single(model, &input);
}

fn in_double(model: &Model, input: &Tensor) {
    let network = model.network();
    let input = input.to_kind(Kind::Double).set_requires_grad(true);
    let values = interpret(network, &model.weights, &input);
    let engine = Engine::in_double(model).unwrap();
    let nodes = looked_at(network);
    let trace = trace(&engine, &input.detach(), &nodes, ReluRule::Gradient);
    let last = doubles(&values[network.nodes.len() - 1]);
    let output = relative_error(&doubles(&trace.output), &last);
    let name = &network.name;
    assert!(output < EXACT, "{name}: output off by {output:.1e}");
    for node in nodes {
        let expected = gradients(&values, &input, node);
        for (row, found) in projections(&engine, &trace, node).iter().enumerate() {
            let what = format!(
                "{name}, {} of three, at {}",
                row + 1,
                network.nodes[node].name
            );
            // Nothing goes through a unit that is clipped.
            if row == 0 && expected[row].iter().all(|&value| value == 0.0) {
                assert!(found.iter().all(|&value| value == 0.0), "{what}");
                continue;
            }
            let error = relative_error(found, &expected[row]);
            assert!(error < EXACT, "{what}: off by {error:.1e}");
        }
    }
}

/// Through the rectifiers and switches of float32, whose gradient float64 computes as well.
fn in_single(model: &Model, input: &Tensor) {
    let network = model.network();
    let input = input.copy().set_requires_grad(true);
    let values = interpret(network, &model.weights, &input);
    let (engine, exact) = (engine(model), Engine::in_double(model).unwrap());
    let nodes = looked_at(network);
    let trace = trace(&engine, &input.detach(), &nodes, ReluRule::Gradient);
    let in_double = trace.in_kind(Kind::Double).unwrap();
    for node in nodes {
        let name = &network.nodes[node].name;
        assert_eq!(
            doubles(&trace.activations[&node]),
            doubles(&values[node]),
            "{name}"
        );
        let ours = projections(&engine, &trace, node);
        let theirs = gradients(&values, &input, node);
        let exact = projections(&exact, &in_double, node);
        for (row, ours) in ours.iter().enumerate() {
            let rounding = Rounding::of(ours, &theirs[row], &exact[row]);
            println!("{} {row} at {name}: {rounding}", network.name);
            assert!(
                rounding.part() <= 1.0,
                "{} {row} at {name}: {rounding}",
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
    assert_eq!(norms(model.network()), 0);
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

/// Gates, smooth rectifiers and normalisations: the derivative goes through the gates' own branches as well.
#[test]
fn what_newer_networks_are_made_of() {
    (1..20).for_each(|seed| check(networks::gates(), seed));
}

/// Networks as PyTorch exports them today.
#[test]
fn exported_networks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/today");
    for name in [
        "convnext-20",
        "efficientnet-12",
        "focus-20",
        "prelu-20",
        "unet-20",
    ] {
        let path = folder.join(format!("{name}.onnx"));
        let imported = onnx::import(&path, &onnx::Reading::default()).unwrap();
        let (mut network, mut weights) = (imported.network, imported.weights);
        fold_batch_norm(&mut network, &mut weights);
        assert!(Anatomy::of(network.clone()).unwrap().walls().is_empty());
        equals_autograd(&model(network, weights), &mut Random(1));
    }
}

#[test]
fn a_mean_over_channels() {
    let mut net = Builder::new("mean", 9);
    let x = net.conv("conv", 0, 5, Window::square(3, 1, 1));
    let x = net.relu("relu", x);
    net.stage("relu", x);
    let by = Reduction::Mean;
    let mean = net.node("mean", Op::ReduceChannels { by }, &[x]);
    let x = net.node("add", Op::Add, &[x, mean]);
    let x = net.conv("above", x, 4, Window::square(3, 2, 1));
    let x = net.relu("relu2", x);
    net.stage("relu2", x);
    let x = net.node("average", Op::GlobalAveragePool, &[x]);
    net.node("probability", Op::Softmax, &[x]);
    let network = net.finish();
    (1..8).for_each(|seed| check(network.clone(), seed));
}

#[test]
fn squeezenet1_1() {
    check(zoo_network("squeezenet1_1"), 3);
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

/// Folding leaves the function as it was, up to the rounding of the folded weights themselves, which are float32: float64
/// tells how much that is. And computed in float32, the folded network rounds no worse than the plain one.
#[test]
fn folding_leaves_the_function_as_it_was() {
    for name in ["tiny", "resnet18", "densenet121"] {
        let mut random = Random(20);
        let network = zoo_network(name);
        let weights = random_weights(&network, &mut random);
        let input = random_input(&network, 2, &mut random);
        let output =
            |engine: &Engine| doubles(&trace(engine, &input, &[], ReluRule::Deconvnet).output);
        let both_ways = |model: &Model| {
            let exact = output(&Engine::in_double(model).unwrap());
            (output(&engine(model)), exact)
        };
        let (folded, folded_exact) = both_ways(&folded(&network, &weights));
        let (plain, plain_exact) = both_ways(&model(network, weights));
        let error = relative_error(&folded_exact, &plain_exact);
        assert!(error < FOLDED, "{name}: {error:.1e}");
        let (ours, theirs) = (
            distance(&folded, &folded_exact),
            distance(&plain, &plain_exact),
        );
        let rounding = Rounding::known(ours, theirs, largest(&plain_exact));
        println!("{name}: weights rounded {error:.1e}; {rounding}");
        assert!(rounding.part() <= 1.0, "{name}: {rounding}");
    }
}

/// The zoo's other networks.
mod proofs {
    use super::*;

    #[test]
    fn squeezenet1_0() {
        check(zoo_network("squeezenet1_0"), 2);
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

    #[test]
    fn convnext_tiny() {
        check(zoo_network("convnext_tiny"), 34);
    }

    /// A small member of each other family with batch norms.
    #[test]
    fn families_folded() {
        let names = [
            "efficientnet_b0",
            "efficientnet_v2_s",
            "inception_v3",
            "mnasnet0_5",
            "mobilenet_v3_small",
            "regnet_x_400mf",
            "regnet_y_400mf",
            "resnext50_32x4d",
            "shufflenet_v2_x0_5",
        ];
        for (name, seed) in names.into_iter().zip(35..) {
            check_folded(name, seed);
        }
    }
}
