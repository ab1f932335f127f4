//! The engine, in float64 and in float32, against a replica of nested loops in float64: projections of every node under both
//! rules, ties in pooling windows, homogeneity, and that a batch of images and seeds gives what each gives alone.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

#[path = "../common/mod.rs"]
mod common;
mod replica;
mod today;

use common::random::Random;
use common::{
    doubles, engine, folded, model, networks, random_input, random_weights, relative_error, trace,
};
use deconvscope::engine::{Engine, ReluRule, Seed, Start, Trace};
use deconvscope::network::weights::{Array, Weights};
use deconvscope::network::{zoo, Anatomy, Builder, Network, Op, Window};
use replica::{Maps, Pass};
use tch::Tensor;

/// Of float32, relative: its unit is 6e-8, and these networks add up some hundred terms in ten layers.
const BOUND: f64 = 1e-5;
/// Of float64, relative, likewise.
const EXACT: f64 = 1e-12;
const RULES: [ReluRule; 2] = [ReluRule::Deconvnet, ReluRule::Guided];

/// Max pools that overlap and hang over, branches, groups, a shortcut; `padding` is that of the pools.
fn branching(side: usize, padding: usize) -> Network {
    let mut net = Builder::new("branching", side);
    let x = net.conv("conv1", 0, 4, Window::square(3, 1, 1));
    let x = net.relu("relu1", x);
    let x = net.max_pool("pool1", x, Window::square(3, 2, padding), true);
    let y = net.grouped_conv("conv2", x, 4, Window::square(3, 1, 1), 2);
    let y = net.relu("relu2", y);
    let y = net.node("add", Op::Add, &[y, x, y]);
    let left = net.conv("left", y, 3, Window::square(1, 1, 0));
    let left = net.relu("relu_left", left);
    let z = net.node("concat", Op::Concat, &[left, y]);
    let z = net.max_pool("pool2", z, Window::square(3, 2, padding), true);
    let z = net.conv("conv3", z, 5, Window::square(2, 1, 0));
    let z = net.relu("relu3", z);
    let z = net.max_pool("pool3", z, Window::square(2, 1, 0), false);
    let z = net.node("average", Op::GlobalAveragePool, &[z]);
    let z = net.linear("fc", z, 3);
    net.node("probability", Op::Softmax, &[z]);
    net.finish()
}

/// Small whole numbers, which float32 computes with exactly: equal sums are equal, and there are many.
fn whole_weights(network: &Network, random: &mut Random) -> Weights {
    let parameters = Anatomy::of(network.clone()).unwrap().parameters();
    let arrays = parameters.into_iter().map(|parameter| {
        let cells: usize = parameter.shape.iter().product();
        let data = (0..cells).map(|_| random.whole(-1, 1) as f32).collect();
        (
            parameter.name,
            Array {
                shape: parameter.shape,
                data,
            },
        )
    });
    arrays.collect()
}

fn whole_input(network: &Network, images: i64, random: &mut Random) -> Tensor {
    random_input(network, images, random).round()
}

fn maps(values: Vec<f64>, size: &[i64]) -> Maps {
    let length = |axis: usize| size.get(axis).map_or(1, |&n| n as usize);
    Maps {
        channels: length(1),
        height: length(2),
        width: length(3),
        values,
    }
}

/// All nodes that can be projected but the input.
fn projectable(anatomy: &Anatomy) -> Vec<usize> {
    let blocked = anatomy.blocked();
    (1..blocked.len())
        .filter(|&node| blocked[node].is_none())
        .collect()
}

/// The seeds of one image at one node: the strongest unit, the layer, that unit's map.
fn seeds(engine: &Engine, trace: &Trace, image: i64, node: usize) -> Vec<Seed> {
    let mut seeds = vec![Seed::layer(image, node)];
    if let Some(unit) = engine.strongest_unit(trace, image, node).unwrap() {
        seeds.push(Seed::unit(image, node, &unit));
        seeds.push(Seed::map(image, node, unit.feature));
    }
    seeds
}

/// The same seeds from the replica's own activations.
fn replica_seeds(pass: &Pass, node: usize) -> Vec<Maps> {
    let layer = &pass.outputs[node];
    let mut strongest = 0;
    for (cell, &value) in layer.values.iter().enumerate() {
        if value > layer.values[strongest] {
            strongest = cell;
        }
    }
    let mut seeds = vec![layer.clone()];
    if layer.values[strongest] > 0.0 {
        let mut unit = Maps::like(layer);
        // As a unit's value is kept.
        unit.values[strongest] = f64::from(layer.values[strongest] as f32);
        let mut map = Maps::like(layer);
        let plane = layer.height * layer.width;
        let cells = strongest / plane * plane..(strongest / plane + 1) * plane;
        map.values[cells.clone()].copy_from_slice(&layer.values[cells]);
        seeds.extend([unit, map]);
    }
    seeds
}

/// Projects every node in every way and in both precisions and compares with the replica; returns the replica's pass.
fn agrees<'a>(network: &'a Network, weights: &'a Weights, input: &Tensor) -> Pass<'a> {
    let model = model(network.clone(), weights.clone());
    let pass = replica::forward(network, weights, maps(doubles(input), &input.size()));
    equals(&engine(&model), &pass, input, BOUND);
    equals(&Engine::in_double(&model).unwrap(), &pass, input, EXACT);
    pass
}

fn equals(engine: &Engine, pass: &Pass, input: &Tensor, bound: f64) {
    let network = engine.network();
    let nodes = projectable(engine.anatomy());
    for rule in RULES {
        let trace = trace(engine, input, &nodes, rule);
        let output = doubles(&trace.output);
        assert!(relative_error(&output, &pass.outputs[network.nodes.len() - 1].values) < bound);
        for &node in &nodes {
            let found = seeds(engine, &trace, 0, node);
            let expected = replica_seeds(pass, node);
            assert_eq!(found.len(), expected.len());
            let projections = engine.project(&trace, &found, rule).unwrap();
            for (row, seed) in expected.iter().enumerate() {
                let expected = pass.project(node, seed, rule).values;
                let found = doubles(&projections.get(row as i64));
                let name = &network.nodes[node].name;
                if expected.iter().all(|&value| value == 0.0) {
                    assert!(
                        found.iter().all(|&value| value == 0.0),
                        "{rule:?} at {name}"
                    );
                } else {
                    let error = relative_error(&found, &expected);
                    assert!(
                        error < bound,
                        "{rule:?} at {name}, seed {row}: off by {error:.1e}"
                    );
                }
            }
        }
    }
}

#[test]
fn tiny_agrees_with_the_replica() {
    let network = zoo::find("tiny").unwrap().network();
    for seed in 0..2 {
        let mut random = Random(seed);
        let weights = random_weights(&network, &mut random);
        let input = random_input(&network, 1, &mut random);
        agrees(&network, &weights, &input);
        let folded = folded(&network, &weights);
        agrees(folded.network(), &folded.weights, &input);
    }
}

#[test]
fn ops_outside_the_zoo_agree_with_the_replica() {
    let network = networks::varied();
    for seed in 0..4 {
        let mut random = Random(seed);
        let weights = random_weights(&network, &mut random);
        agrees(&network, &weights, &random_input(&network, 1, &mut random));
    }
}

/// To the last bit: runs of different versions are compared.
#[test]
fn probabilities_are_those_of_plain_vectors() {
    let network = zoo::find("tiny").unwrap().network();
    let mut random = Random(8);
    let weights = random_weights(&network, &mut random);
    let input = random_input(&network, 16, &mut random);
    let last = network.nodes.len() - 1;
    let logits = network.nodes[last].inputs[0];
    let engine = engine(&model(network, weights));
    let trace = trace(&engine, &input, &[logits], ReluRule::Deconvnet);
    let plain = trace.activations[&logits].flatten(1, -1).softmax(1, None);
    assert_eq!(doubles(&trace.output), doubles(&plain));
}

/// Through gates, smooth rectifiers and normalisations, by the rules that extend the paper's.
#[test]
fn ops_of_newer_networks_agree_with_the_replica() {
    let network = networks::gates();
    let anatomy = Anatomy::of(network.clone()).unwrap();
    let walls = network.nodes.iter().zip(anatomy.blocked());
    let walls: Vec<&str> = walls
        .filter(|(_, wall)| wall.is_some())
        .map(|(node, _)| &*node.name)
        .collect();
    assert_eq!(walls, ["gate", "gate_linear", "positive", "probability"]);
    for seed in 0..4 {
        let mut random = Random(seed);
        let weights = random_weights(&network, &mut random);
        agrees(&network, &weights, &random_input(&network, 1, &mut random));
    }
}

/// Forward at every node; back only where nothing is in the way, and an error with its name elsewhere.
#[test]
fn saturating_curves_compute_and_stop_a_projection() {
    let walls = [
        "sigmoid",
        "hard_sigmoid",
        "tanh",
        "gate_mean",
        "clip",
        "stack",
        "above",
        "average",
        "probability",
    ];
    computes_and_stops(networks::gated(), &walls);
}

#[test]
fn ops_of_todays_networks_compute_and_stop_a_projection() {
    let walls = [
        "softsign",
        "abs",
        "erf",
        "positive",
        "sqrt",
        "exp",
        "log",
        "reciprocal",
        "power",
        "largest",
        "maximum",
        "minimum",
        "greater",
        "greater_or_equal",
        "equal",
        "powers",
        "choose",
        "stack",
        "above",
        "average",
        "probability",
    ];
    computes_and_stops(networks::today(), &walls);
}

fn computes_and_stops(network: Network, walls: &[&str]) {
    let mut random = Random(5);
    let weights = random_weights(&network, &mut random);
    let input = random_input(&network, 1, &mut random);
    let pass = agrees(&network, &weights, &input);
    let engine = engine(&model(network.clone(), weights.clone()));
    let nodes: Vec<usize> = (0..network.nodes.len()).collect();
    let blocked = engine.anatomy().blocked();
    let found = network.nodes.iter().zip(blocked);
    let found = found.filter(|(_, wall)| wall.is_some());
    let found: Vec<&str> = found.map(|(node, _)| &*node.name).collect();
    assert_eq!(found, walls);
    let exact = Engine::in_double(&model(network.clone(), weights.clone())).unwrap();
    let exact = trace(&exact, &input, &nodes, ReluRule::Deconvnet);
    for &node in &nodes {
        let found = doubles(&exact.activations[&node]);
        let error = relative_error(&found, &pass.outputs[node].values);
        let name = &network.nodes[node].name;
        assert!(error < EXACT, "{name} in float64: off by {error:.1e}");
    }
    for rule in [ReluRule::Deconvnet, ReluRule::Guided, ReluRule::Gradient] {
        let trace = trace(&engine, &input, &nodes, rule);
        for &node in &nodes {
            let found = doubles(&trace.activations[&node]);
            let error = relative_error(&found, &pass.outputs[node].values);
            let name = &network.nodes[node].name;
            assert!(error < BOUND, "{name}: off by {error:.1e}");
            if blocked[node].is_none() {
                continue;
            }
            let seed = Seed::layer(0, node);
            let error = engine.project(&trace, &[seed], rule).unwrap_err();
            let message = error.to_string();
            let wall = &network.nodes[blocked[node].unwrap()].name;
            assert!(message.contains(&format!("'{wall}'")), "{name}: {message}");
        }
    }
}

/// Windows of zeros and other ties: the first cell in row-major order is the switch, and the signal passes.
#[test]
fn ties_agree_with_the_replica() {
    let (mut zeros, mut others) = (0, 0);
    for (seed, (side, padding)) in [(13, 0), (14, 0), (16, 1), (19, 1), (20, 0)]
        .into_iter()
        .enumerate()
    {
        let mut random = Random(seed as u64);
        let network = branching(side, padding);
        let weights = whole_weights(&network, &mut random);
        let input = whole_input(&network, 1, &mut random);
        let pass = agrees(&network, &weights, &input);
        for (&pool, switches) in &pass.switches {
            let below = &pass.outputs[network.nodes[pool].inputs[0]];
            zeros += switches
                .iter()
                .filter(|&&cell| below.values[cell] == 0.0)
                .count();
            others += tied_elsewhere(&network, &pass, pool);
        }
    }
    assert!(zeros > 100, "only {zeros} windows of zeros");
    assert!(
        others > 100,
        "only {others} windows with several equal maxima above zero"
    );
}

/// Windows whose maximum above zero stands in more than one cell.
fn tied_elsewhere(network: &Network, pass: &Pass, pool: usize) -> usize {
    let Op::MaxPool { window, .. } = network.nodes[pool].op else {
        return 0;
    };
    let (x, y) = (
        &pass.outputs[network.nodes[pool].inputs[0]],
        &pass.outputs[pool],
    );
    let cells = |c: usize, i: usize, j: usize| {
        let along = move |at: usize, axis: usize, length: usize| {
            let first = at * window.stride[axis];
            (first..first + window.kernel[axis])
                .filter_map(move |cell| cell.checked_sub(window.padding[axis]))
                .filter(move |&cell| cell < length)
        };
        along(i, 0, x.height).flat_map(move |row| {
            along(j, 1, x.width).map(move |column| x.values[x.at(c, row, column)])
        })
    };
    let mut count = 0;
    for c in 0..y.channels {
        for i in 0..y.height {
            for j in 0..y.width {
                let largest = y.values[y.at(c, i, j)];
                let equal = cells(c, i, j).filter(|&value| value == largest).count();
                count += usize::from(largest > 0.0 && equal > 1);
            }
        }
    }
    count
}

/// One window of zeros, seen by hand: what comes down arrives at its first cell.
#[test]
fn a_window_of_zeros_sends_its_signal_to_its_first_cell() {
    let mut net = Builder::new("zeros", 4);
    let pool = net.max_pool("pool", 0, Window::square(2, 2, 0), false);
    let engine = engine(&model(net.finish(), Weights::new()));
    let trace = trace(
        &engine,
        &Tensor::zeros([1, 3, 4, 4], (tch::Kind::Float, tch::Device::Cpu)),
        &[pool],
        ReluRule::Deconvnet,
    );
    let seed = Seed {
        image: 0,
        node: pool,
        start: Start::Signal(
            Tensor::from_slice(&[1f32, 2.0, 3.0, 4.0])
                .view([1, 1, 2, 2])
                .expand([1, 3, 2, 2], false),
        ),
    };
    let projection = doubles(
        &engine
            .project(&trace, &[seed], ReluRule::Deconvnet)
            .unwrap(),
    );
    let plane = [
        1.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    ];
    assert_eq!(projection, plane.repeat(3));
}

/// The networks, weights and three images that the tests below use.
fn cases() -> Vec<(Network, Weights, Tensor)> {
    let mut random = Random(7);
    let tiny = zoo::find("tiny").unwrap().network();
    let weights = random_weights(&tiny, &mut random);
    let input = random_input(&tiny, 3, &mut random);
    let branching = branching(17, 1);
    let whole = whole_weights(&branching, &mut random);
    let whole_input = whole_input(&branching, 3, &mut random);
    let varied = networks::varied();
    let other_weights = random_weights(&varied, &mut random);
    let other_input = random_input(&varied, 3, &mut random);
    let gates = networks::gates();
    let gates_weights = random_weights(&gates, &mut random);
    let gates_input = random_input(&gates, 3, &mut random);
    vec![
        (tiny, weights, input),
        (branching, whole, whole_input),
        (varied, other_weights, other_input),
        (gates, gates_weights, gates_input),
    ]
}

#[test]
fn a_seed_twice_as_strong_projects_twice_as_strongly() {
    for (network, weights, input) in cases() {
        let engine = engine(&model(network.clone(), weights));
        let nodes = projectable(engine.anatomy());
        for rule in RULES {
            let trace = trace(&engine, &input, &nodes, rule);
            for &node in &nodes {
                let once = seeds(&engine, &trace, 1, node);
                let stronger = |by: f64| -> Vec<Seed> {
                    let times = |seed: &Seed| Seed {
                        start: Start::Signal(engine.signal(&trace, seed).unwrap() * by),
                        ..*seed
                    };
                    once.iter().map(times).collect()
                };
                let expected = engine.project(&trace, &once, rule).unwrap();
                for by in [2.0, 0.3] {
                    let found = engine.project(&trace, &stronger(by), rule).unwrap();
                    let expected = doubles(&(&expected * by));
                    if expected.iter().any(|&value| value != 0.0) {
                        assert!(relative_error(&doubles(&found), &expected) < 1e-6);
                    }
                }
            }
        }
    }
}

/// All seeds of three images in one call, in an order drawn by lot, against each image and seed by itself.
#[test]
fn a_batch_of_images_and_seeds_gives_what_each_gives_alone() {
    for (network, weights, input) in cases() {
        let engine = engine(&model(network.clone(), weights));
        let nodes = projectable(engine.anatomy());
        for rule in [ReluRule::Deconvnet, ReluRule::Guided, ReluRule::Gradient] {
            let together = trace(&engine, &input, &nodes, rule);
            let mut many = Vec::new();
            let mut alone: Vec<Vec<f64>> = Vec::new();
            for image in 0..3 {
                let single = trace(&engine, &input.narrow(0, image, 1), &nodes, rule);
                for &node in &nodes {
                    many.extend(seeds(&engine, &together, image, node));
                    for seed in seeds(&engine, &single, 0, node) {
                        alone.push(doubles(&engine.project(&single, &[seed], rule).unwrap()));
                    }
                }
            }
            assert_eq!(many.len(), alone.len());
            let mut random = Random(3);
            for _ in 0..3 {
                shuffle(&mut many, &mut alone, &mut random);
                let projections = engine.project(&together, &many, rule).unwrap();
                for (row, expected) in alone.iter().enumerate() {
                    let found = doubles(&projections.get(row as i64));
                    if expected.iter().any(|&value| value != 0.0) {
                        let error = relative_error(&found, expected);
                        assert!(
                            error < BOUND,
                            "{} {rule:?} row {row}: off by {error:.1e}",
                            network.name
                        );
                    }
                }
            }
        }
    }
}

/// Both in the same new order.
fn shuffle<A, B>(a: &mut [A], b: &mut [B], random: &mut Random) {
    for at in (1..a.len()).rev() {
        let other = random.whole(0, at as i64) as usize;
        a.swap(at, other);
        b.swap(at, other);
    }
}
