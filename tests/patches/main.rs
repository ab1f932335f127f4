//! Units projected on their receptive fields alone against projections of whole images: networks drawn by lot, and the
//! zoo's.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

#[path = "../common/mod.rs"]
mod common;

use common::random::Random;
use common::{drawn, engine, folded, model, random_input, random_weights, trace};
use deconvscope::engine::patches::{Patch, Place, UnitProjector};
use deconvscope::engine::seeds::Unit;
use deconvscope::engine::{to_values, Engine, Recording, ReluRule, Trace};
use deconvscope::network::receptive_field::{self, Field};
use deconvscope::network::shape::Shape;
use deconvscope::network::{passage, reach, shape, zoo};
use tch::Tensor;

/// Relative to the greatest value of the projection.
const BOUND: f64 = 1e-5;

/// Of networks with one batch of inputs: the trace of the whole way, and what is asked of it.
struct Subject<'a> {
    engine: &'a Engine,
    input: &'a Tensor,
    trace: &'a Trace,
    fields: Vec<Field>,
}

impl<'a> Subject<'a> {
    fn new(engine: &'a Engine, input: &'a Tensor, trace: &'a Trace) -> Self {
        Self {
            engine,
            input,
            trace,
            fields: receptive_field::fields(engine.network()).unwrap(),
        }
    }

    fn whole_image(&self, node: usize, place: &Place) -> Vec<f32> {
        let seed = self.engine.unit_seed(place.image, node, &place.unit);
        let seeds = [seed.unwrap()];
        let whole = self.engine.project(self.trace, &seeds, ReluRule::Deconvnet);
        to_values(&whole.unwrap()).unwrap()
    }

    /// Patches made with no more of the way forward than is asked for.
    fn patches(&self, node: usize, places: &[Place]) -> Vec<Patch> {
        let projector = projector(self.engine, node);
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
        let (first, size) = self.fields[node].of(index, axis);
        let (low, high) = (first.clamp(0, length), (first + size).clamp(0, length));
        (low as usize, (high - low) as usize)
    }

    /// Holds patches against whole images and receptive fields; how many of the projections were not zero.
    fn hold(&self, node: usize, places: &[Place], what: &str) -> usize {
        let patches = self.patches(node, places);
        assert_eq!(patches.len(), places.len());
        let mut telling = 0;
        for (place, patch) in places.iter().zip(&patches) {
            let unit = &place.unit;
            assert_eq!(
                (patch.y, patch.height),
                self.seen(node, 0, unit.y),
                "{what}"
            );
            assert_eq!((patch.x, patch.width), self.seen(node, 1, unit.x), "{what}");
            let expected = self.whole_image(node, place);
            let found = patch.in_input(self.engine.network().input);
            let greatest = expected
                .iter()
                .fold(0.0_f64, |most, v| most.max(f64::from(v.abs())));
            let pairs = found.iter().zip(&expected);
            let worst = pairs.fold(0.0_f64, |most, (a, b)| most.max(f64::from((a - b).abs())));
            assert!(
                worst <= BOUND * greatest,
                "{what}, {place:?}: {worst:e} of {greatest:e}"
            );
            telling += usize::from(greatest > 0.0);
        }
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

/// Every node of graphs drawn by lot that can be projected, with two images in the trace.
#[test]
fn drawn_graphs_agree() {
    let (mut by_fields, mut telling) = (0, 0);
    for seed in 0..400 {
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
        let subject = Subject::new(&engine, &input, &trace);
        let blocked = reach::blocked(engine.network());
        let shapes = shape::shapes(engine.network()).unwrap();
        for node in 1..engine.network().nodes.len() {
            if blocked[node].is_some() {
                continue;
            }
            let places = places(shapes[node], 2, 5, &mut random);
            let fields = passage::passages(engine.network(), &shapes, node).is_some();
            by_fields += usize::from(fields);
            telling += subject.hold(node, &places, &format!("seed {seed}, node {node}"));
        }
    }
    assert!(by_fields > 600, "only {by_fields} nodes by fields");
    assert!(telling > 3000, "only {telling} projections are not zero");
}

#[test]
fn stages_of_the_zoo_agree_at_borders_too() {
    for name in [
        "alexnet",
        "zfnet",
        "squeezenet1_1",
        "resnet18",
        "vgg16",
        "mobilenet_v2",
    ] {
        let network = zoo::find(name).unwrap().network();
        let mut random = Random(7);
        let weights = random_weights(&network, &mut random);
        let model = folded(&network, &weights);
        let engine = engine(&model);
        let input = random_input(engine.network(), 2, &mut random);
        let trace = trace(&engine, &input, &[], ReluRule::Deconvnet);
        let subject = Subject::new(&engine, &input, &trace);
        let last = engine.network().nodes.len() - 2;
        let scores = subject.hold(last, &places(engine.shape(last), 2, 2, &mut random), name);
        assert!(scores > 0, "{name}: all zero");
        for stage in engine.network().select_stages(None).unwrap() {
            let places = places(engine.shape(stage.node), 2, 4, &mut random);
            let what = format!("{name} {}", stage.name);
            assert!(
                subject.hold(stage.node, &places, &what) > 0,
                "{what}: all zero"
            );
        }
    }
}

/// A first layer needs no trace, a later one says that it is missing; and what comes out does not depend on the batch.
#[test]
fn traces_are_asked_for_where_they_are_needed() {
    let network = zoo::find("alexnet").unwrap().network();
    let mut random = Random(3);
    let weights = random_weights(&network, &mut random);
    let engine = engine(&model(network, weights));
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
    for (place, patch) in seen.iter().zip(&together) {
        let alone = third.project(trace.as_ref(), &[*place]).unwrap().remove(0);
        assert_eq!((alone.y, alone.x), (patch.y, patch.x));
        let greatest = patch
            .values
            .iter()
            .fold(0.0_f32, |most, v| most.max(v.abs()));
        let pairs = alone.values.iter().zip(&patch.values);
        let worst = pairs.fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
        assert!(f64::from(worst) <= BOUND * f64::from(greatest), "{place:?}");
    }
    assert!(third.project(trace.as_ref(), &[]).unwrap().is_empty());
    assert!(engine
        .trace_for([&first].into_iter(), &[&input])
        .unwrap()
        .is_none());
}
