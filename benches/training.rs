//! Trainings without photographs, to be held against PyTorch's (`scripts/training_twin.py`).
//!
//! `training states NETWORK STATES FOLDER` leaves `FOLDER/K.safetensors` for each state K along a run: what a step began with and
//! came to, in float32 and from the same state in float64, and what the bound on filters makes of it. `training row NETWORK STEPS FOLDER`
//! leaves `start.safetensors` and of each step what was shown and its loss, in float32 and in float64. Both wait for a file to be taken away before they leave the
//! one behind the next.

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use common::{arguments, Failure};
use deconvscope::engine::device;
use deconvscope::engine::learn::{Descent, Gradients, Learner, Learning, MicroBatch, Norms};
use deconvscope::engine::Precision;
use deconvscope::experiments::training::Init;
use deconvscope::network::weights::{Array, Weights};
use deconvscope::network::{Anatomy, ModelSource, Trainable};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

const CLASSES: usize = 10;
/// Pixels by which crops are moved.
const ROOM: usize = 16;
/// Root mean square that filters are held to (ZF §3.1).
const FILTER_RMS: f64 = 0.1;
/// Images of a step and of its micro-batches.
const BATCH: usize = 8;
const MICRO: usize = 4;
const LEARNING: Learning = Learning {
    dropout: 0.5,
    smoothing: 0.0,
    norms: Norms::Trained,
    norm_momentum: 0.1,
    precision: Precision::Float32,
};

fn main() -> Result<(), Failure> {
    let arguments = arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    device::one_thread_here();
    match arguments[..] {
        ["states", network, count, folder] => states(network, count.parse()?, Path::new(folder)),
        ["row", network, count, folder] => row(network, count.parse()?, Path::new(folder)),
        _ => Err("usage: training states|row NETWORK COUNT FOLDER".into()),
    }
}

fn descent(rate: f64) -> Descent {
    Descent {
        rate,
        momentum: 0.9,
        decay: 5e-4,
    }
}

/// A network for ten classes, with He's weights.
fn begun(network: &str) -> Result<(Arc<Anatomy>, Learner), Failure> {
    let source = ModelSource {
        name: network.into(),
        ..ModelSource::default()
    };
    let trainable = Trainable::of(&source, CLASSES)?;
    let weights = Init::He.weights_of(&trainable, 1)?;
    let anatomy = Arc::new(Anatomy::of(trainable.network)?);
    let learner = Learner::new(&anatomy, &weights, Device::Cpu, LEARNING, &BTreeSet::new())?;
    Ok((anatomy, learner))
}

/// Ten pictures of coarse colours, each a class, of which crops are shown.
struct Pictures {
    all: Tensor,
    sides: [i64; 2],
}

/// What a step is shown: images, their classes, and what dropout is drawn by.
struct Shown {
    images: Tensor,
    classes: Vec<usize>,
    draws: Vec<u64>,
}

impl Pictures {
    fn of(anatomy: &Anatomy) -> Self {
        let [channels, height, width] = anatomy.network().input.axes().map(|length| length as i64);
        let coarse = noise(
            &mut ChaCha8Rng::seed_from_u64(0),
            &[CLASSES as i64, channels, 8, 8],
        );
        let (sides, room) = ([height, width], ROOM as i64);
        let all = coarse.upsample_bilinear2d([height + room, width + room], false, None, None);
        Self { all, sides }
    }

    /// Crops, half of them mirrored, under noise.
    fn shown(&self, step: usize, count: usize) -> Shown {
        let mut random = ChaCha8Rng::seed_from_u64(100 + step as u64);
        let mut below = |bound: usize| (random.next_u64() % bound as u64) as i64;
        let [height, width] = self.sides;
        let mut classes = Vec::new();
        let crops = (0..count).map(|_| {
            let class = below(CLASSES);
            classes.push(class as usize);
            let rows = self.all.get(class).narrow(1, below(ROOM), height);
            let crop = rows.narrow(2, below(ROOM), width);
            match below(2) {
                0 => crop.flip([2]),
                _ => crop,
            }
        });
        let crops = Tensor::stack(&crops.collect::<Vec<_>>(), 0);
        let images = &crops + 0.5 * noise(&mut random, &crops.size());
        let draws = (0..count).map(|image| (step * count + image) as u64);
        Shown {
            images,
            classes,
            draws: draws.collect(),
        }
    }
}

/// Uniform in ±1.7, so that the variance is about 1.
fn noise(random: &mut ChaCha8Rng, shape: &[i64]) -> Tensor {
    let unit = |number: u32| f64::from(number) / 4_294_967_296.0;
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_: i64| (3.4 * unit(random.next_u32()) - 1.7) as f32)
        .collect();
    Tensor::from_slice(&values).view(shape)
}

/// A step, its micro-batches one after another; its gradients and its mean loss.
fn passed(learner: &Learner, shown: &Shown) -> Result<(Gradients, f64), Failure> {
    let mut sum: Option<Gradients> = None;
    let mut loss = 0.0;
    let of = shown.classes.len();
    for first in (0..of).step_by(MICRO) {
        let part = first..of.min(first + MICRO);
        let count = part.len() as i64;
        let gradients = learner.gradients(&MicroBatch {
            images: &shown.images.narrow(0, first as i64, count),
            classes: &shown.classes[part.clone()],
            dropped: &learner.dropped(&shown.draws[part])?,
            step: of,
        })?;
        loss += learner.hear(&gradients.said())?.losses.iter().sum::<f64>() / of as f64;
        match &mut sum {
            None => sum = Some(gradients),
            Some(sum) => sum.add(gradients)?,
        }
    }
    Ok((sum.ok_or("a step of no images")?, loss))
}

fn states(network: &str, states: usize, folder: &Path) -> Result<(), Failure> {
    let (anatomy, mut learner) = begun(network)?;
    let pictures = Pictures::of(&anatomy);
    for state in 0..states {
        let mut shown = pictures.shown(state, BATCH);
        let (before, velocities) = (learner.weights()?, learner.velocities()?);
        let mut double = Learner::in_double(&anatomy, &before, LEARNING, &BTreeSet::new())?;
        double.go_on_with(&velocities)?;
        let mut kept = told(&learner, &shown)?;
        kept.extend(tensors("before", &before));
        kept.extend(tensors("velocity", &velocities));
        let (sum, _) = passed(&learner, &shown)?;
        learner.descend(&sum, &descent(0.01))?;
        kept.extend(tensors("after/float32", &learner.weights()?));
        learner.hold_filters(FILTER_RMS)?;
        kept.extend(tensors("held", &learner.weights()?));

        shown.images = shown.images.to_kind(Kind::Double);
        let (sum, _) = passed(&double, &shown)?;
        double.descend(&sum, &descent(0.01))?;
        for (name, value) in double.tensors() {
            let shape: Vec<i64> = before[&name].shape.iter().map(|&n| n as i64).collect();
            kept.push((
                format!("after/float64/{name}"),
                value.copy().view(&shape[..]),
            ));
        }
        leave(folder, state, &kept)?;
    }
    Ok(())
}

fn row(network: &str, steps: usize, folder: &Path) -> Result<(), Failure> {
    let (anatomy, mut learner) = begun(network)?;
    let start = learner.weights()?;
    let mut double = Learner::in_double(&anatomy, &start, LEARNING, &BTreeSet::new())?;
    let pictures = Pictures::of(&anatomy);
    write(folder, "start", &tensors("before", &start))?;
    for step in 0..steps {
        let mut shown = pictures.shown(step, BATCH);
        let mut kept = told(&learner, &shown)?;
        for (precision, learner) in [("float32", &mut learner), ("float64", &mut double)] {
            let (sum, loss) = passed(learner, &shown)?;
            learner.descend(&sum, &descent(0.002))?;
            kept.push((format!("loss/{precision}"), Tensor::from(loss)));
            shown.images = shown.images.to_kind(Kind::Double);
        }
        leave(folder, step, &kept)?;
    }
    Ok(())
}

/// What a step was shown.
fn told(learner: &Learner, shown: &Shown) -> Result<Vec<(String, Tensor)>, Failure> {
    let classes: Vec<i64> = shown.classes.iter().map(|&class| class as i64).collect();
    let masks = learner.masks(&learner.dropped(&shown.draws)?)?.into_iter();
    let mut told: Vec<_> = masks
        .map(|(name, mask)| (format!("mask/{name}"), mask))
        .collect();
    told.push(("images".into(), shown.images.copy()));
    told.push(("classes".into(), Tensor::from_slice(&classes)));
    Ok(told)
}

fn tensors<'a>(what: &'a str, weights: &'a Weights) -> Vec<(String, Tensor)> {
    let tensor = |array: &Array| {
        let shape: Vec<i64> = array.shape.iter().map(|&length| length as i64).collect();
        Tensor::from_slice(&array.data).view(&shape[..])
    };
    let named = weights.iter();
    named
        .map(|(name, array)| (format!("{what}/{name}"), tensor(array)))
        .collect()
}

/// Leaves a file when the one before is gone.
fn leave(folder: &Path, number: usize, kept: &[(String, Tensor)]) -> Result<(), Failure> {
    let before = number.checked_sub(1);
    let before = before.map(|number| folder.join(format!("{number}.safetensors")));
    while before.as_ref().is_some_and(|path| path.exists()) {
        std::thread::sleep(Duration::from_millis(20));
    }
    write(folder, &number.to_string(), kept)
}

/// There whole or not at all.
fn write(folder: &Path, name: &str, kept: &[(String, Tensor)]) -> Result<(), Failure> {
    let part = folder.join("part");
    Tensor::write_safetensors(kept, &part)?;
    std::fs::rename(part, folder.join(format!("{name}.safetensors")))?;
    Ok(())
}
