//! What the engine's tests share: random numbers, networks with random weights, distances.

#![allow(dead_code, reason = "each test uses its own part of it")]

pub(crate) mod choices;
pub(crate) mod drawn;
pub(crate) mod judged;
pub(crate) mod networks;
pub(crate) mod random;
pub(crate) mod rounding;

use std::path::PathBuf;
use std::sync::Arc;

use deconvscope::engine::occlude::FeatureMap;
use deconvscope::engine::{read_back, Engine, Recording, ReluRule, Trace};
use deconvscope::network::weights::{Array, Weights};
use deconvscope::network::{fold_batch_norm, Anatomy, Model, Network, Op, Preprocessing};
use random::Random;
use tch::{Device, Kind, Tensor};

/// A network with weights of its own making; nothing is read from disk.
pub(crate) fn model(network: Network, weights: Weights) -> Model {
    Model {
        anatomy: Arc::new(Anatomy::of(network).unwrap()),
        weights,
        weights_path: PathBuf::new(),
        weights_sha256: String::new(),
        source: String::new(),
        output: None,
        preprocessing: Preprocessing::torchvision(),
        classes: Vec::new(),
        notes: Vec::new(),
    }
}

/// He-normal filters, small biases, and running statistics as a trained batch norm may have them.
pub(crate) fn random_weights(network: &Network, random: &mut Random) -> Weights {
    let parameters = Anatomy::of(network.clone()).unwrap().parameters();
    let arrays = parameters.into_iter().map(|parameter| {
        let cells = parameter.shape.iter().product();
        let (node, field) = parameter.name.rsplit_once('.').unwrap();
        let op = &network.nodes.iter().find(|at| at.name == node).unwrap().op;
        let mut draw = |mean: f64, deviation: f64| -> Vec<f32> {
            let draws = (0..cells).map(|_| (mean + deviation * random.normal()) as f32);
            draws.collect()
        };
        let data = match (op, field) {
            (Op::BatchNorm { .. }, "weight") => draw(1.0, 0.3),
            (Op::Scale { .. }, _) => draw(0.5, 1.0),
            (Op::PRelu { .. }, _) => draw(0.2, 0.3),
            (Op::Constant { .. }, _) => draw(0.0, 1.0),
            (_, "running_var") => draw(0.0, 0.5).iter().map(|v| v.exp()).collect(),
            (_, "weight") => {
                let inputs: usize = parameter.shape[1..].iter().product();
                draw(0.0, (2.0 / inputs as f64).sqrt())
            }
            _ => draw(0.0, 0.1),
        };
        let shape = parameter.shape;
        (parameter.name, Array { shape, data })
    });
    arrays.collect()
}

/// The same network and weights with its batch norms folded.
pub(crate) fn folded(network: &Network, weights: &Weights) -> Model {
    let (mut network, mut weights) = (network.clone(), weights.clone());
    fold_batch_norm(&mut network, &mut weights);
    model(network, weights)
}

/// Normally distributed network inputs, `[images, C, H, W]`.
pub(crate) fn random_input(network: &Network, images: i64, random: &mut Random) -> Tensor {
    let [channels, height, width] = network.input.axes().map(|length| length as i64);
    let values: Vec<f32> = (0..images * channels * height * width)
        .map(|_| random.normal() as f32)
        .collect();
    Tensor::from_slice(&values).view([images, channels, height, width])
}

/// The engine on the CPU.
pub(crate) fn engine(model: &Model) -> Engine {
    Engine::new(model, Device::Cpu).unwrap()
}

/// Runs forward, keeping the outputs of `nodes`.
pub(crate) fn trace(engine: &Engine, input: &Tensor, nodes: &[usize], rule: ReluRule) -> Trace {
    let recording = Recording {
        activations: nodes.to_vec(),
        rule: Some(rule),
        ..Recording::default()
    };
    engine.forward(input, &recording).unwrap()
}

/// A tensor's values, of either precision, in float64, row-major.
pub(crate) fn doubles(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.to_kind(Kind::Double).contiguous().view([-1]);
    Vec::try_from(&flat).unwrap()
}

/// L2 of the difference over L2 of what is expected, which must not be zero.
pub(crate) fn relative_error(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    let scale = norm(&mut expected.iter().copied());
    assert!(scale > 0.0, "nothing to compare with: all zero");
    norm(&mut found.iter().zip(expected).map(|(a, b)| a - b)) / scale
}

/// The map of a node that is strongest in sum for the first image.
pub(crate) fn strongest_map(engine: &Engine, trace: &Trace, node: usize) -> FeatureMap {
    let found = engine.map_peaks(trace, node).unwrap();
    let read = read_back(&found.each_ref()).unwrap();
    let feature = engine.peaks_told(node, &read).unwrap()[0].strongest;
    FeatureMap { node, feature }
}
