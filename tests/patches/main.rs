//! Units projected on their receptive fields alone against projections of whole images: networks drawn by lot, and the
//! zoo's.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

#[path = "../common/mod.rs"]
mod common;

use common::random::Random;
use common::{drawn, engine, folded, model, random_input, random_weights, trace};
use deconvscope::engine::patches::{Patch, Place};
use deconvscope::engine::seeds::Unit;
use deconvscope::engine::{to_values, Engine, Recording, ReluRule, Seed, Trace};
use deconvscope::network::shape::Shape;
use deconvscope::network::{passage, reach, shape, zoo};
use tch::{Kind, Tensor};

/// Relative to the greatest value of the projection.
const BOUND: f64 = 1e-5;

fn whole_image(engine: &Engine, trace: &Trace, node: usize, place: &Place) -> Vec<f32> {
    let shape = engine.shape(node);
    let [channels, height, width] = shape.axes().map(|length| length as i64);
    let signal = Tensor::zeros([1, channels, height, width], (Kind::Float, engine.device()));
    let Unit { feature, y, x, .. } = place.unit;
    let _ = signal
        .get(0)
        .get(feature as i64)
        .get(y as i64)
        .get(x as i64)
        .fill_(f64::from(place.unit.activation));
    let seed = Seed {
        image: place.image,
        node,
        signal,
    };
    to_values(&engine.project(trace, &[seed], ReluRule::Deconvnet).unwrap()).unwrap()
}

/// The patch laid into an empty image.
fn laid_out(patch: &Patch, input: Shape) -> Vec<f32> {
    let mut image = vec![0.0; input.cells()];
    let rows = patch.values.chunks_exact(patch.width.max(1));
    for (at, row) in rows.enumerate() {
        let (channel, y) = (at / patch.height, at % patch.height);
        let first = (channel * input.height + patch.y + y) * input.width + patch.x;
        image[first..first + patch.width].copy_from_slice(row);
    }
    image
}

/// Holds patches against whole images; how many of the projections were not zero.
fn hold(engine: &Engine, trace: &Trace, node: usize, places: &[Place], what: &str) -> usize {
    let projector = engine.unit_projector(node).unwrap();
    let patches = projector.project(Some(trace), places).unwrap();
    assert_eq!(patches.len(), places.len());
    let mut telling = 0;
    for (place, patch) in places.iter().zip(&patches) {
        let expected = whole_image(engine, trace, node, place);
        let found = laid_out(patch, engine.network().input);
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
        let blocked = reach::blocked(engine.network());
        let shapes = shape::shapes(engine.network()).unwrap();
        for node in 1..engine.network().nodes.len() {
            if blocked[node].is_some() {
                continue;
            }
            let places = places(shapes[node], 2, 5, &mut random);
            let fields = passage::passages(engine.network(), &shapes, node).is_some();
            by_fields += usize::from(fields);
            telling += hold(
                &engine,
                &trace,
                node,
                &places,
                &format!("seed {seed}, node {node}"),
            );
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
        for stage in engine.network().select_stages(None).unwrap() {
            let places = places(engine.shape(stage.node), 2, 4, &mut random);
            let what = format!("{name} {}", stage.name);
            assert!(
                hold(&engine, &trace, stage.node, &places, &what) > 0,
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
    let first = engine.unit_projector(stage("conv1")).unwrap();
    assert_eq!(first.last_switches(), None);
    let seen = places(engine.shape(stage("conv1")), 1, 3, &mut random);
    assert_eq!(first.project(None, &seen).unwrap().len(), 3);
    let third = engine.unit_projector(stage("conv3")).unwrap();
    let last = third.last_switches().unwrap();
    assert!(last < stage("conv3"));
    let seen = places(engine.shape(stage("conv3")), 1, 40, &mut random);
    let missing = third.project(None, &seen).unwrap_err().to_string();
    assert!(missing.contains("trace"), "{missing}");
    let recording = Recording {
        rule: Some(ReluRule::Deconvnet),
        until: Some(last),
        ..Recording::default()
    };
    let input = random_input(engine.network(), 1, &mut random);
    let trace = engine.forward(&input, &recording).unwrap();
    let together = third.project(Some(&trace), &seen).unwrap();
    let again = third.project(Some(&trace), &seen).unwrap();
    assert_eq!(together, again);
    assert!(third.project(Some(&trace), &[]).unwrap().is_empty());
}
