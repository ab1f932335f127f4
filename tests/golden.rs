//! SqueezeNet 1.1 against what PyTorch and Captum computed from the same inputs: tests/fixtures/golden, made by
//! scripts/golden/projections.py. The weights are those that `make setup` installs.
//!
//! In float64 the engine gives PyTorch's and Captum's numbers; in float32 it rounds no worse than PyTorch does; and where
//! float32 chooses another cell of a pooling window, rounding cannot tell the two apart.

#![allow(clippy::unwrap_used, reason = "a test may stop")]
#![allow(clippy::panic, reason = "a test may stop")]

mod common;

use std::path::{Path, PathBuf};

use common::choices::turned;
use common::rounding::Rounding;
use common::{doubles, engine, relative_error, trace};
use deconvscope::engine::{Engine, ReluRule, Seed};
use deconvscope::network::{Model, ModelSource, Op};
use safetensors::SafeTensors;
use tch::{Kind, Tensor};

/// Of two float64 ways, relative: sums of some thousand terms in thirty layers.
const EXACT: f64 = 1e-10;
const MEAN_BGR: [f32; 3] = [104.006, 116.669, 122.679];

/// One input and what PyTorch made of it.
struct Golden {
    image: PathBuf,
    bytes: Vec<u8>,
}

impl Golden {
    fn read(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/golden");
        Self {
            image: folder.join(format!("{name}.png")),
            bytes: std::fs::read(folder.join(format!("{name}.safetensors"))).unwrap(),
        }
    }

    /// BGR from 0 to 255, less the mean.
    fn input(&self) -> Tensor {
        let picture = image::open(&self.image).unwrap().into_rgb8();
        let (width, height) = picture.dimensions();
        let plane = |channel: usize| {
            let level =
                move |pixel: &image::Rgb<u8>| f32::from(pixel[2 - channel]) - MEAN_BGR[channel];
            picture.pixels().map(level).collect::<Vec<f32>>()
        };
        let values: Vec<f32> = (0..3).flat_map(plane).collect();
        Tensor::from_slice(&values).view([1, 3, i64::from(height), i64::from(width)])
    }

    /// Where a projection was sampled.
    fn positions(&self, kind: &str, key: &str) -> Vec<usize> {
        let positions = match kind {
            "layer" => self.tensor("layer/positions"),
            _ => self.tensor(&format!("{key}/positions")),
        };
        positions.into_iter().map(|at| at as usize).collect()
    }

    /// A tensor of f32, f64 or i32.
    fn tensor(&self, name: &str) -> Vec<f64> {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let tensor = file.tensor(name).unwrap();
        let data = tensor.data();
        match tensor.dtype() {
            safetensors::Dtype::F32 => {
                let value = |b: &[u8]| f64::from(f32::from_le_bytes(b.try_into().unwrap()));
                data.chunks(4).map(value).collect()
            }
            safetensors::Dtype::F64 => {
                let value = |b: &[u8]| f64::from_le_bytes(b.try_into().unwrap());
                data.chunks(8).map(value).collect()
            }
            safetensors::Dtype::I32 => {
                let value = |b: &[u8]| f64::from(i32::from_le_bytes(b.try_into().unwrap()));
                data.chunks(4).map(value).collect()
            }
            other => panic!("{name} is {other:?}"),
        }
    }
}

fn squeezenet() -> Model {
    let source = ModelSource {
        name: "squeezenet1_1".into(),
        ..ModelSource::default()
    };
    // What is missing and how to install it is in the message.
    Model::load(&source).unwrap_or_else(|error| panic!("{error}"))
}

fn agrees_with_pytorch_and_captum(name: &str) {
    let golden = Golden::read(name);
    let model = squeezenet();
    let (engine, exact) = (engine(&model), Engine::in_double(&model).unwrap());
    let network = engine.network().clone();
    let pools = inputs_of_pools(&engine);
    let stages: Vec<usize> = network.stages.iter().map(|stage| stage.node).collect();
    let recorded: Vec<usize> = stages.iter().chain(&pools).copied().collect();
    let input = golden.input();
    let rounded = trace(&engine, &input, &recorded, ReluRule::Deconvnet);
    let in_double = trace(&exact, &input, &recorded, ReluRule::Deconvnet);
    for window in turned(&network, &rounded, &in_double) {
        println!("{name}: {window}");
        assert!(window.is_rounding(), "{name}: {window}");
    }

    let expected = golden.tensor("exact/probabilities");
    assert_eq!(expected.len(), 1000);
    let off = relative_error(&doubles(&in_double.output), &expected);
    assert!(off < EXACT, "{name}: probabilities differ by {off:.1e}");
    let probabilities = doubles(&rounded.output);
    let rounding = Rounding::of(&probabilities, &golden.tensor("probabilities"), &expected);
    println!("{name}: probabilities: {rounding}");
    assert!(rounding.part() <= 1.0, "{name}: probabilities: {rounding}");

    // The same choices in float32: what is left is rounding.
    let chosen = in_double.in_kind(Kind::Float).unwrap();
    assert_eq!(stages.len(), 5);
    for stage in &network.stages {
        let unit = exact.strongest_unit(&in_double, 0, stage.node);
        let unit = unit.unwrap().unwrap();
        let place = [unit.feature, unit.y, unit.x].map(|index| index as f64);
        assert_eq!(golden.tensor(&format!("unit/{}/place", stage.name)), place);
        let activation = exact.activation(&in_double, 0, stage.node, &unit).unwrap();
        let own = engine.strongest_unit(&rounded, 0, stage.node);
        let own = own.unwrap().unwrap();
        let there = engine.activation(&rounded, 0, stage.node, &unit).unwrap();
        let error = f64::from((there - activation).abs());
        assert!(
            f64::from(own.activation - there) <= 2.0 * error,
            "{name} {}: {own:?} instead of {unit:?}",
            stage.name
        );
        let project = |engine: &Engine, trace| {
            let seeds = [Seed::unit(0, stage.node, &unit), Seed::layer(0, stage.node)];
            engine.project(trace, &seeds, ReluRule::Deconvnet).unwrap()
        };
        let (ours, exact) = (project(&engine, &chosen), project(&exact, &in_double));
        for (row, kind) in ["unit", "layer"].into_iter().enumerate() {
            let [ours, exact] = [&ours, &exact].map(|all| doubles(&all.get(row as i64)));
            let key = format!("{kind}/{}", stage.name);
            for off in errors(&golden, kind, &key, &exact) {
                assert!(off < EXACT, "{name} {key}: off by {off:.1e}");
            }
            let at = golden.positions(kind, &key);
            let sampled = |all: Vec<f64>| at.iter().map(|&at| all[at]).collect::<Vec<f64>>();
            let theirs = golden.tensor(&format!("{key}/values"));
            let rounding = Rounding::of(&sampled(ours), &theirs, &sampled(exact));
            println!("{name} {key}: {rounding}");
            assert!(rounding.part() <= 1.0, "{name} {key}: {rounding}");
        }
    }
}

/// Relative errors of a projection's sample, norm and largest value, and of the sample against Captum's.
fn errors(golden: &Golden, kind: &str, key: &str, projection: &[f64]) -> Vec<f64> {
    let positions = golden.positions(kind, key);
    let sample: Vec<f64> = positions.iter().map(|&at| projection[at]).collect();
    let norm = projection
        .iter()
        .map(|value| value * value)
        .sum::<f64>()
        .sqrt();
    let largest = projection.iter().copied().fold(f64::MIN, f64::max);
    let whole = golden.tensor(&format!("exact/{key}/whole"));
    let mut errors = vec![
        relative_error(&sample, &golden.tensor(&format!("exact/{key}/values"))),
        relative_error(&[norm], &whole[..1]),
        relative_error(&[largest], &whole[1..]),
    ];
    if kind == "unit" {
        let captums = golden.tensor(&format!("exact/{key}/captum"));
        errors.push(relative_error(&sample, &captums));
    }
    errors
}

fn inputs_of_pools(engine: &Engine) -> Vec<usize> {
    let nodes = engine.network().nodes.iter();
    nodes
        .filter(|node| matches!(node.op, Op::MaxPool { .. }))
        .map(|node| node.inputs[0])
        .collect()
}

#[test]
fn a_photograph_agrees_with_pytorch_and_captum() {
    agrees_with_pytorch_and_captum("chelsea");
}

#[test]
fn rings_agree_with_pytorch_and_captum() {
    agrees_with_pytorch_and_captum("rings");
}
