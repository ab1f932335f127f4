//! Weights for a network that has none here: He-normal, and calibrated on photographs layer by layer as
//! scripts/conformance does it, so that an occluder changes what the network says.

use std::sync::Arc;

use deconvscope::engine::{to_values, Engine, Recording};
use deconvscope::network::weights::{Array, Weights};
use deconvscope::network::{fold_batch_norm, Anatomy, Model, Network, Op};
use rayon::prelude::*;
use tch::{Device, Kind, Tensor};

use crate::answers::scores_node;
use crate::common::model;
use crate::common::random::Random;

/// Of the scores: a likely class of a thousand has about a fifth.
const SCORES: f64 = 2.5;
/// What is added after a layer differs so much from map to map, in standard deviations.
const SPREAD: f64 = 0.2;
/// What is added lies around this, in standard deviations. Around 0, rounding grows from layer to layer, as it does not in
/// trained networks, and full inference of two batch sizes differs by half of what is allowed.
const SUMMAND: f64 = 0.5;
/// Values drawn from one seed.
const DRAWN: usize = 1 << 18;

/// The network with its batch norms folded.
pub(crate) fn calibrated(network: Network, photographs: &Tensor, seed: u64) -> Model {
    let weights = he_normal(&network, seed);
    let mut random = Random(seed);
    let mut model = model(network.clone(), weights);
    for (index, node) in network.nodes.iter().enumerate() {
        let biased = model.weights.contains_key(&format!("{}.bias", node.name));
        match node.op {
            Op::BatchNorm { .. } => {
                let below = Moments::of(&network, &mut model, node.inputs[0], photographs);
                below.into_norm(&node.name, &mut model.weights, &mut random);
            }
            Op::Conv { .. } | Op::Linear { .. } if biased => {
                let here = Moments::of(&network, &mut model, index, photographs);
                let deviation = wanted_deviation(&network, index);
                here.into_bias(&node.name, deviation, &mut model.weights, &mut random);
            }
            _ => {}
        }
    }
    let mut folded = network;
    fold_batch_norm(&mut folded, &mut model.weights);
    model.anatomy = Arc::new(Anatomy::of(folded).unwrap());
    model
}

fn he_normal(network: &Network, seed: u64) -> Weights {
    let parameters = Anatomy::of(network.clone()).unwrap().parameters();
    let arrays = parameters
        .into_iter()
        .enumerate()
        .map(|(number, parameter)| {
            let shape = parameter.shape;
            let mut data = vec![0.0; shape.iter().product()];
            if shape.len() > 1 {
                let inputs: usize = shape[1..].iter().product();
                let deviation = (2.0 / inputs as f64).sqrt();
                let parts = data.par_chunks_mut(DRAWN).enumerate();
                parts.for_each(|(part, values)| {
                    let mut random = Random(seed ^ ((number as u64) << 40) ^ ((part as u64) << 20));
                    values.fill_with(|| (deviation * random.normal()) as f32);
                });
            }
            (parameter.name, Array { shape, data })
        });
    arrays.collect()
}

/// 1; for the scores what makes a few classes likely; before a contrast normalisation as much as its sum of squares
/// must be to change anything.
fn wanted_deviation(network: &Network, layer: usize) -> f64 {
    if layer == scores_node(network) {
        return SCORES;
    }
    let mut at = layer;
    loop {
        let reader = network.nodes.iter().position(|node| node.inputs == [at]);
        match reader.map(|reader| (reader, &network.nodes[reader].op)) {
            Some((_, Op::Lrn { alpha, .. })) => return alpha.powf(-0.5),
            Some((reader, Op::Relu | Op::MaxPool { .. })) => at = reader,
            _ => return 1.0,
        }
    }
}

/// Mean and variance of each of a node's maps over photographs.
struct Moments {
    mean: Vec<f32>,
    variance: Vec<f32>,
}

impl Moments {
    /// Runs the network up to the node with the weights as they are by now.
    fn of(network: &Network, model: &mut Model, node: usize, photographs: &Tensor) -> Self {
        let mut below = network.clone();
        below.nodes.truncate(node + 1);
        below.stages.clear();
        model.anatomy = Arc::new(Anatomy::of(below).unwrap());
        let engine = Engine::new(model, Device::Cpu).unwrap();
        let trace = engine.forward(photographs, &Recording::default()).unwrap();
        let maps = trace.output.to_kind(Kind::Double);
        let over = [0i64, 2, 3];
        let mean = maps.mean_dim(&over[..], true, None);
        let variance = (maps - &mean).square().mean_dim(&over[..], false, None);
        let values = |of: &Tensor| to_values(&of.to_kind(Kind::Float)).unwrap();
        Self {
            mean: values(&mean),
            variance: values(&variance),
        }
    }

    fn into_norm(self, name: &str, weights: &mut Weights, random: &mut Random) {
        let maps = self.mean.len();
        let mut near = |centre: f64| -> Vec<f32> {
            let values = (0..maps).map(|_| (centre + SPREAD * random.normal()) as f32);
            values.collect()
        };
        let (scale, summand) = (near(1.0), near(SUMMAND));
        let fields = [
            ("weight", scale),
            ("bias", summand),
            ("running_mean", self.mean),
            ("running_var", self.variance),
        ];
        for (field, data) in fields {
            weights.get_mut(&format!("{name}.{field}")).unwrap().data = data;
        }
    }

    /// Gives a layer, run with a bias of 0, maps with means near [`SUMMAND`] and the wanted deviation over all of them.
    fn into_bias(self, name: &str, deviation: f64, weights: &mut Weights, random: &mut Random) {
        let mean_variance = self.variance.iter().sum::<f32>() / self.variance.len() as f32;
        let factor = deviation as f32 / mean_variance.sqrt();
        let filters = weights.get_mut(&format!("{name}.weight")).unwrap();
        filters.data.iter_mut().for_each(|value| *value *= factor);
        let mut near =
            |mean: &f32| (deviation * (SUMMAND + SPREAD * random.normal())) as f32 - mean * factor;
        let bias = self.mean.iter().map(&mut near).collect();
        weights.get_mut(&format!("{name}.bias")).unwrap().data = bias;
    }
}
