//! Units projected on their receptive fields alone against projections of whole images, both held against float64:
//! networks drawn by lot, and the zoo's.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

#[path = "../common/mod.rs"]
mod common;

use std::cell::Cell;

use common::random::Random;
use common::rounding::Rounding;
use common::{
    doubles, drawn, engine, folded, model, networks, random_input, random_weights, trace,
};
use deconvscope::engine::patches::{Patch, Place, UnitProjector};
use deconvscope::engine::seeds::Unit;
use deconvscope::engine::{to_values, waits, Engine, Machine, Recording, ReluRule, Seed, Trace};
use deconvscope::network::shape::Shape;
use deconvscope::network::{zoo, Builder, Model, Network, Op, Reduction, Window};
use tch::{Kind, Tensor};

/// Of networks with one batch of inputs: the trace of the whole way, and what is asked of it.
struct Subject<'a> {
    engine: &'a Engine,
    /// The same network in float64.
    exact: Engine,
    input: &'a Tensor,
    trace: &'a Trace,
    /// The same pass in float64, with the same switches.
    exact_trace: Trace,
    /// Of all that was held, as a part of what is allowed.
    worst: Cell<f64>,
}

impl<'a> Subject<'a> {
    fn new(model: &Model, engine: &'a Engine, input: &'a Tensor, trace: &'a Trace) -> Self {
        Self {
            engine,
            exact: Engine::in_double(model).unwrap(),
            input,
            trace,
            exact_trace: trace.in_kind(Kind::Double).unwrap(),
            worst: Cell::new(0.0),
        }
    }

    /// The projections of whole images, in float32 and in float64.
    fn whole_images(&self, node: usize, places: &[Place]) -> [Tensor; 2] {
        let ways = [(self.engine, self.trace), (&self.exact, &self.exact_trace)];
        ways.map(|(engine, trace)| {
            let seed = |place: &Place| Seed::unit(place.image, node, &place.unit);
            let seeds: Vec<Seed> = places.iter().map(seed).collect();
            engine.project(trace, &seeds, ReluRule::Deconvnet).unwrap()
        })
    }

    /// Patches made with no more of the way forward than is asked for, the work cut for a kind of device.
    fn patches(&self, node: usize, places: &[Place], machine: Machine) -> Vec<Patch> {
        let projector = projector(&self.engine.clone().cut_for(machine), node);
        let trace = projector.until().map(|until| {
            let recording = Recording {
                rule: Some(ReluRule::Deconvnet),
                until: Some(until),
                ..Recording::default()
            };
            self.engine.forward(self.input, &recording).unwrap()
        });
        projector.project(trace.as_ref(), places).unwrap()
    }

    /// First and length of what a unit sees of the input along an axis.
    fn seen(&self, node: usize, axis: usize, index: usize) -> (usize, usize) {
        let input = self.engine.network().input;
        let length = [input.height, input.width][axis] as i64;
        let (first, size) = self.engine.anatomy().signal_fields()[node].of(index, axis);
        let (low, high) = (first.clamp(0, length), (first + size).clamp(0, length));
        (low as usize, (high - low) as usize)
    }

    /// Holds patches against whole images and receptive fields, as a processor and as a GPU makes them; how many of the
    /// projections were not zero.
    fn hold(&self, node: usize, places: &[Place], what: &str) -> usize {
        let whole = self.whole_images(node, places);
        let ways = [Machine::PROCESSOR, Machine::GPU];
        let telling = ways.map(|machine| {
            let patches = self.patches(node, places, machine);
            assert_eq!(patches.len(), places.len());
            self.hold_patches(node, (places, &patches), &whole, what)
        });
        assert_eq!(telling[0], telling[1], "{what}");
        telling[0]
    }

    fn hold_patches(
        &self,
        node: usize,
        (places, patches): (&[Place], &[Patch]),
        whole: &[Tensor; 2],
        what: &str,
    ) -> usize {
        let (mut telling, mut all) = (0, Vec::new());
        for (row, (place, patch)) in places.iter().zip(patches).enumerate() {
            let unit = &place.unit;
            assert_eq!(
                (patch.y, patch.height),
                self.seen(node, 0, unit.y),
                "{what}"
            );
            assert_eq!((patch.x, patch.width), self.seen(node, 1, unit.x), "{what}");
            let [single, exact] = whole.each_ref().map(|all| doubles(&all.get(row as i64)));
            let found = patch.in_input(self.engine.network().input);
            let found: Vec<f64> = found.into_iter().map(f64::from).collect();
            let rounding = Rounding::of(&found, &single, &exact);
            telling += usize::from(rounding.scale > 0.0);
            all.push(rounding);
        }
        let worst = Rounding::worst(all);
        assert!(worst.part() <= 1.0, "{what}: {worst}");
        self.worst.set(self.worst.get().max(worst.part()));
        telling
    }
}

fn projector(engine: &Engine, node: usize) -> UnitProjector {
    engine.unit_projectors(&[node]).unwrap().remove(0)
}

/// Units at the corners, the borders and anywhere, with values as large as activations are.
fn places(shape: Shape, images: i64, count: usize, random: &mut Random) -> Vec<Place> {
    let end = |random: &mut Random, length: usize| match random.count(0, 3) {
        0 => 0,
        1 => length - 1,
        _ => random.count(0, length - 1),
    };
    let place = |_| Place {
        image: random.whole(0, images - 1),
        unit: Unit {
            feature: random.count(0, shape.channels - 1),
            y: end(random, shape.height),
            x: end(random, shape.width),
            activation: random.normal().abs() as f32 + 0.1,
        },
    };
    (0..count).map(place).collect()
}

/// Its signal goes to all channels of a cell alike.
#[test]
fn a_mean_over_channels_agrees() {
    let mut net = Builder::new("mean", 17);
    let x = net.conv("conv", 0, 5, Window::square(3, 1, 1));
    let x = net.relu("relu", x);
    let by = Reduction::Mean;
    let x = net.node("mean", Op::ReduceChannels { by }, &[x]);
    let x = net.conv("above", x, 3, Window::square(3, 2, 1));
    net.relu("relu2", x);
    let held = at_every_node(net.finish(), 3);
    assert_eq!(held.len(), 5);
    assert!(held.iter().all(|node| node.by_fields && node.telling > 0));
}

/// What holding a node's patches came to.
struct Held {
    name: String,
    /// Whether they were made on receptive fields alone.
    by_fields: bool,
    /// Projections that are not zero.
    telling: usize,
}

/// Holds some units of every node that can be projected, in two images.
fn at_every_node(network: Network, seed: u64) -> Vec<Held> {
    let mut random = Random(seed);
    let weights = random_weights(&network, &mut random);
    let model = model(network, weights);
    let engine = engine(&model);
    let input = random_input(engine.network(), 2, &mut random);
    let trace = trace(&engine, &input, &[], ReluRule::Deconvnet);
    let subject = Subject::new(&model, &engine, &input, &trace);
    let anatomy = engine.anatomy();
    let mut held = Vec::new();
    for (node, of) in engine.network().nodes.iter().enumerate().skip(1) {
        if anatomy.blocked()[node].is_none() {
            let places = places(engine.shape(node), 2, 5, &mut random);
            held.push(Held {
                name: of.name.clone(),
                by_fields: anatomy.passages(node).is_some(),
                telling: subject.hold(node, &places, &of.name),
            });
        }
    }
    held
}

/// Through gates and normalisations on the fields of the signal alone, up to the first map that is resampled.
#[test]
fn what_newer_networks_are_made_of_agrees() {
    for seed in 0..8 {
        let held = at_every_node(networks::gates(), seed);
        let by_fields = |name: &str| held.iter().any(|node| node.name == name && node.by_fields);
        for name in [
            "excited",
            "layer_norm",
            "linear_unit",
            "quotient",
            "group_norm",
            "prelu",
        ] {
            assert!(by_fields(name), "{name}");
        }
        let telling: usize = held.iter().map(|node| node.telling).sum();
        assert!(telling > 60, "only {telling} projections are not zero");
    }
}

/// Every node of graphs drawn by lot that can be projected, with two images in the trace.
#[test]
fn drawn_graphs_agree() {
    graphs_agree(40);
}

fn graphs_agree(drawn: u64) {
    let (mut by_fields, mut telling, mut worst) = (0, 0, 0.0_f64);
    for seed in 0..drawn {
        let mut random = Random(seed);
        let network = drawn::network(&mut random);
        let weights = random_weights(&network, &mut random);
        let model = match random.coin() {
            true => folded(&network, &weights),
            false => model(network, weights),
        };
        let engine = engine(&model);
        let input = random_input(engine.network(), 2, &mut random);
        let trace = trace(&engine, &input, &[], ReluRule::Deconvnet);
        let subject = Subject::new(&model, &engine, &input, &trace);
        let anatomy = engine.anatomy();
        for node in 1..engine.network().nodes.len() {
            if anatomy.blocked()[node].is_some() {
                continue;
            }
            let places = places(engine.shape(node), 2, 5, &mut random);
            let fields = anatomy.passages(node).is_some();
            by_fields += usize::from(fields);
            telling += subject.hold(node, &places, &format!("seed {seed}, node {node}"));
        }
        worst = worst.max(subject.worst.get());
    }
    println!("worst of all, as a part of what is allowed: {worst:.3}");
    assert!(
        by_fields as f64 > 1.5 * drawn as f64,
        "only {by_fields} nodes by fields"
    );
    assert!(
        telling as f64 > 7.5 * drawn as f64,
        "only {telling} projections are not zero"
    );
}

#[test]
fn squeezenets_stages_agree_at_borders_too() {
    stages_agree(&["squeezenet1_1"]);
}

/// All of what is drawn by lot, and more of the zoo.
mod proofs {
    use super::*;

    #[test]
    fn all_drawn_graphs_agree() {
        graphs_agree(400);
    }

    #[test]
    fn stages_of_the_zoo_agree_at_borders_too() {
        stages_agree(&["alexnet", "zfnet", "resnet18", "vgg16", "mobilenet_v2"]);
    }
}

fn stages_agree(networks: &[&str]) {
    for name in networks {
        let network = zoo::find(name).unwrap().network();
        let mut random = Random(7);
        let weights = random_weights(&network, &mut random);
        let model = folded(&network, &weights);
        let engine = engine(&model);
        let input = random_input(engine.network(), 2, &mut random);
        let trace = trace(&engine, &input, &[], ReluRule::Deconvnet);
        let subject = Subject::new(&model, &engine, &input, &trace);
        let last = engine.network().nodes.len() - 2;
        let scores = subject.hold(last, &places(engine.shape(last), 2, 4, &mut random), name);
        assert!(scores > 0, "{name}: all zero");
        for stage in engine.anatomy().select_stages(None).unwrap() {
            let places = places(engine.shape(stage.node), 2, 4, &mut random);
            let what = format!("{name} {}", stage.name);
            assert!(
                subject.hold(stage.node, &places, &what) > 0,
                "{what}: all zero"
            );
        }
        let worst = subject.worst.get();
        println!("{name}: worst of all, as a part of what is allowed: {worst:.3}");
    }
}

/// A first layer needs no trace, a later one says that it is missing; and what comes out does not depend on the batch.
#[test]
fn traces_are_asked_for_where_they_are_needed() {
    let network = zoo::find("alexnet").unwrap().network();
    let mut random = Random(3);
    let weights = random_weights(&network, &mut random);
    let model = model(network, weights);
    let engine = engine(&model);
    let stage = |name: &str| {
        let stages = &engine.network().stages;
        stages.iter().find(|stage| stage.name == name).unwrap().node
    };
    let first = projector(&engine, stage("conv1"));
    assert_eq!(first.until(), None);
    let seen = places(engine.shape(stage("conv1")), 1, 3, &mut random);
    assert_eq!(first.project(None, &seen).unwrap().len(), 3);
    let third = projector(&engine, stage("conv3"));
    assert!(third.until().unwrap() < stage("conv3"));
    let seen = places(engine.shape(stage("conv3")), 1, 40, &mut random);
    let missing = third.project(None, &seen).unwrap_err().to_string();
    assert!(missing.contains("trace"), "{missing}");
    let input = to_values(&random_input(engine.network(), 1, &mut random)).unwrap();
    let trace = engine.trace_for([&first, &third].into_iter(), &[&input]);
    let trace = trace.unwrap();
    let together = third.project(trace.as_ref(), &seen).unwrap();
    let exact = Engine::in_double(&model).unwrap();
    let in_double = trace.as_ref().unwrap().in_kind(Kind::Double).unwrap();
    for (place, patch) in seen.iter().zip(&together) {
        let alone = third.project(trace.as_ref(), &[*place]).unwrap().remove(0);
        assert_eq!((alone.y, alone.x), (patch.y, patch.x));
        let seed = Seed::unit(place.image, stage("conv3"), &place.unit);
        let seeds = [seed];
        let exact = exact.project(&in_double, &seeds, ReluRule::Deconvnet);
        let [alone, patch] = [&alone, patch].map(|patch| {
            let values = patch.in_input(engine.network().input);
            values.into_iter().map(f64::from).collect::<Vec<f64>>()
        });
        let rounding = Rounding::of(&alone, &patch, &doubles(&exact.unwrap()));
        assert!(rounding.part() <= 1.0, "{place:?}: {rounding}");
    }
    assert!(third.project(trace.as_ref(), &[]).unwrap().is_empty());
    assert!(engine
        .trace_for([&first].into_iter(), &[&input])
        .unwrap()
        .is_none());
}

/// As a GPU is fed, the units of several layers in many photographs are waited for once, whatever their number; and what
/// comes is what comes of each alone.
#[test]
fn a_gpu_is_waited_for_once_a_batch() {
    let network = zoo::find("tiny").unwrap().network();
    let mut random = Random(11);
    let weights = random_weights(&network, &mut random);
    let model = model(network, weights);
    let engine = engine(&model).cut_for(Machine::GPU);
    let stages: Vec<usize> = engine
        .network()
        .stages
        .iter()
        .map(|stage| stage.node)
        .collect();
    let projectors = engine.unit_projectors(&stages).unwrap();
    let inputs = to_values(&random_input(engine.network(), 6, &mut random)).unwrap();
    let inputs: Vec<&[f32]> = inputs.chunks_exact(inputs.len() / 6).collect();
    let exact = Engine::in_double(&model).unwrap();
    for (images, units) in [(2, 3), (6, 150)] {
        let trace = engine
            .trace_for(projectors.iter(), &inputs[..images])
            .unwrap();
        let wanted: Vec<(&UnitProjector, Vec<Place>)> = stages
            .iter()
            .zip(&projectors)
            .map(|(&stage, projector)| {
                let places = places(engine.shape(stage), images as i64, units, &mut random);
                (projector, places)
            })
            .collect();
        let before = waits();
        let mut found = Vec::new();
        let give = &mut |uncut: deconvscope::engine::patches::Uncut| {
            found.extend(uncut.cut()?);
            Ok(())
        };
        engine.project_units(trace.as_ref(), &wanted, give).unwrap();
        assert_eq!(
            waits() - before,
            1,
            "{images} images, {units} units a layer"
        );
        assert_eq!(found.len(), units * stages.len());
        let places = wanted
            .iter()
            .flat_map(|(projector, places)| places.iter().map(move |place| (*projector, *place)));
        let in_double = trace.as_ref().unwrap().in_kind(Kind::Double).unwrap();
        let nodes = stages
            .iter()
            .flat_map(|stage| std::iter::repeat_n(*stage, units));
        let mut all = Vec::new();
        for (((projector, place), patch), node) in places.zip(&found).zip(nodes).step_by(7) {
            let alone = projector
                .project(trace.as_ref(), &[place])
                .unwrap()
                .remove(0);
            assert_eq!((alone.y, alone.x), (patch.y, patch.x));
            let seed = Seed::unit(place.image, node, &place.unit);
            let whole = exact
                .project(&in_double, &[seed], ReluRule::Deconvnet)
                .unwrap();
            let [alone, patch] = [&alone, patch].map(|patch| {
                let values = patch.in_input(engine.network().input);
                values.into_iter().map(f64::from).collect::<Vec<f64>>()
            });
            all.push(Rounding::of(&patch, &alone, &doubles(&whole)));
        }
        let worst = Rounding::worst(all);
        assert!(worst.part() <= 1.0, "{worst}");
    }
}
