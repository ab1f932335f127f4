//! SqueezeNet 1.1 against what PyTorch and Captum computed from the same inputs: tests/fixtures/golden, made by
//! scripts/golden/projections.py. The weights are those that `make setup` installs.

#![allow(clippy::unwrap_used, reason = "a test may stop")]
#![allow(clippy::panic, reason = "a test may stop")]

mod common;

use std::path::{Path, PathBuf};

use common::{doubles, engine, model, relative_error, trace};
use deconvscope::engine::{Engine, ReluRule, Trace};
use deconvscope::network::weights::Weights;
use deconvscope::network::{Builder, Model, ModelSource, Op, Window};
use safetensors::SafeTensors;
use tch::Tensor;

const PROBABILITY: f64 = 1e-4;
const PROJECTION: f64 = 1e-4;
/// For a projection that hangs on a window in which two values are all but equal.
const TIED: f64 = 2e-2;
/// How near, relative to the larger of the two.
const NEAR: f64 = 1e-5;
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
    // What is missing, and that `make setup` installs it, is in the message.
    Model::load(&source).unwrap_or_else(|error| panic!("{error}"))
}

fn agrees_with_pytorch_and_captum(name: &str) {
    let golden = Golden::read(name);
    let engine = engine(&squeezenet());
    let network = engine.network().clone();
    let pools = inputs_of_pools(&engine);
    let stages: Vec<usize> = network.stages.iter().map(|stage| stage.node).collect();
    let recorded: Vec<usize> = stages.iter().chain(&pools).copied().collect();
    let trace = trace(&engine, &golden.input(), &recorded, ReluRule::Deconvnet);

    let probabilities = doubles(&trace.output);
    let expected = golden.tensor("probabilities");
    assert_eq!(expected.len(), 1000);
    let difference = |(a, b): (&f64, &f64)| (a - b).abs();
    let largest = probabilities
        .iter()
        .zip(&expected)
        .map(difference)
        .fold(0.0, f64::max);
    assert!(
        largest < PROBABILITY,
        "{name}: probabilities differ by {largest:.1e}"
    );

    assert_eq!(stages.len(), 5);
    for stage in &network.stages {
        let unit = engine
            .strongest_unit(&trace, 0, stage.node)
            .unwrap()
            .unwrap();
        let place = [unit.feature, unit.y, unit.x].map(|index| index as f64);
        assert_eq!(golden.tensor(&format!("unit/{}/place", stage.name)), place);
        let seeds = [
            engine.unit_seed(0, stage.node, &unit).unwrap(),
            engine.layer_seed(&trace, 0, stage.node).unwrap(),
        ];
        let projections = engine.project(&trace, &seeds, ReluRule::Deconvnet).unwrap();
        for (row, kind) in ["unit", "layer"].into_iter().enumerate() {
            let projection = doubles(&projections.get(row as i64));
            let key = format!("{kind}/{}", stage.name);
            let errors = errors(&golden, kind, &key, &projection);
            let worst = errors.into_iter().fold(0.0, f64::max);
            if worst > PROJECTION {
                let ties = near_ties(&engine, &trace, stage.node);
                assert!(
                    worst < TIED,
                    "{name} {key}: off by {worst:.1e}; ties: {ties:#?}"
                );
                assert!(
                    !ties.is_empty(),
                    "{name} {key}: off by {worst:.1e}, and no pooling window is tied"
                );
                eprintln!("{name} {key}: off by {worst:.1e}, with tied windows: {ties:#?}");
            }
        }
    }
}

/// Relative errors of a projection's sample, norm and largest value, and of the sample against Captum's.
fn errors(golden: &Golden, kind: &str, key: &str, projection: &[f64]) -> Vec<f64> {
    let positions = match kind {
        "layer" => golden.tensor("layer/positions"),
        _ => golden.tensor(&format!("{key}/positions")),
    };
    let sample: Vec<f64> = positions
        .iter()
        .map(|&at| projection[at as usize])
        .collect();
    let norm = projection
        .iter()
        .map(|value| value * value)
        .sum::<f64>()
        .sqrt();
    let largest = projection.iter().copied().fold(f64::MIN, f64::max);
    let whole = golden.tensor(&format!("{key}/whole"));
    let mut errors = vec![
        relative_error(&sample, &golden.tensor(&format!("{key}/values"))),
        relative_error(&[norm], &whole[..1]),
        relative_error(&[largest], &whole[1..]),
    ];
    if kind == "unit" {
        errors.push(relative_error(
            &sample,
            &golden.tensor(&format!("{key}/captum")),
        ));
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

/// The windows under a stage whose two largest values lie within [`NEAR`] of each other, with both values.
fn near_ties(engine: &Engine, trace: &Trace, stage: usize) -> Vec<String> {
    let mut ties = Vec::new();
    for (index, node) in engine.network().nodes[..=stage].iter().enumerate() {
        let Op::MaxPool { window, .. } = node.op else {
            continue;
        };
        let (input, output) = (engine.shape(node.inputs[0]), engine.shape(index));
        let values = doubles(&trace.activations[&node.inputs[0]]);
        for feature in 0..output.channels {
            for y in 0..output.height {
                for x in 0..output.width {
                    let mut cells = Vec::new();
                    for row in y * window.stride[0]
                        ..(y * window.stride[0] + window.kernel[0]).min(input.height)
                    {
                        for column in x * window.stride[1]
                            ..(x * window.stride[1] + window.kernel[1]).min(input.width)
                        {
                            cells.push(
                                values[(feature * input.height + row) * input.width + column],
                            );
                        }
                    }
                    cells.sort_by(|a, b| b.total_cmp(a));
                    if cells[0] > 0.0 && cells.len() > 1 && cells[1] >= cells[0] * (1.0 - NEAR) {
                        ties.push(format!(
                            "{} map {feature} window ({y}, {x}): {} and {}",
                            node.name, cells[0], cells[1]
                        ));
                    }
                }
            }
        }
    }
    ties
}

#[test]
fn a_photograph_agrees_with_pytorch_and_captum() {
    agrees_with_pytorch_and_captum("chelsea");
}

#[test]
fn rings_agree_with_pytorch_and_captum() {
    agrees_with_pytorch_and_captum("rings");
}

/// What would explain a difference: of four windows one is nearly tied, one exactly, one of zeros and one not at all.
#[test]
fn near_tied_windows_are_named() {
    let mut net = Builder::new("ties", 4);
    let pool = net.max_pool("pool", 0, Window::square(2, 2, 0), false);
    let engine = engine(&model(net.finish(), Weights::new()));
    let plane = [
        1.0f32, 0.999_999, 3.0, 2.0, //
        0.0, 0.5, 1.0, 3.0, //
        0.0, 0.0, 7.0, 6.9, //
        0.0, 0.0, 0.0, 0.0,
    ];
    let mut values = vec![0.0; 48];
    values[16..32].copy_from_slice(&plane);
    let input = Tensor::from_slice(&values).view([1, 3, 4, 4]);
    let trace = trace(&engine, &input, &[0], ReluRule::Deconvnet);
    assert_eq!(
        near_ties(&engine, &trace, pool),
        [
            "pool map 1 window (0, 0): 1 and 0.9999989867210388",
            "pool map 1 window (0, 1): 3 and 3",
        ]
    );
}
