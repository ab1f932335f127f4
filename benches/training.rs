//! Training without photographs: what a step costs, and states of a run to be held against PyTorch's.
//!
//! `training speed NETWORK BATCH MICRO [--threads 2] [--steps 5]` prints one JSON object: photographs a second of steps on drawn
//! pictures in memory, median of the steps but the first.
//!
//! `training steps NETWORK STATES FOLDER` leaves `FOLDER/K.safetensors` for each state K along a run, and waits for the one before to
//! be taken away (`scripts/training_twin.py`).

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{arguments, median, option, Failure};
use deconvscope::engine::device;
use deconvscope::engine::learn::{
    images, Descent, Gradients, Learner, Learning, MicroBatch, Norms,
};
use deconvscope::experiments::training::Init;
use deconvscope::network::weights::Weights;
use deconvscope::network::{Anatomy, ModelSource, Trainable};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

const CLASSES: usize = 10;
/// Images and micro-batches of the states' steps.
const BATCH: usize = 8;
const MICRO: usize = 4;
const LEARNING: Learning = Learning {
    dropout: 0.5,
    smoothing: 0.0,
    norms: Norms::Trained,
    norm_momentum: 0.1,
};
const DESCENT: Descent = Descent {
    rate: 0.01,
    momentum: 0.9,
    decay: 5e-4,
};

fn main() -> Result<(), Failure> {
    let arguments = arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    device::one_thread_here();
    match arguments[..] {
        ["steps", network, states, folder] => steps(network, states.parse()?, Path::new(folder)),
        ["speed", network, batch, micro, ref options @ ..] => {
            let threads = option(options, "--threads").unwrap_or("2").parse()?;
            let steps = option(options, "--steps").unwrap_or("5").parse()?;
            speed(network, (batch.parse()?, micro.parse()?), threads, steps)
        }
        _ => Err("usage: training speed NETWORK BATCH MICRO | steps NETWORK STATES FOLDER".into()),
    }
}

/// A network for ten classes, with He's weights.
fn begun(network: &str) -> Result<(Arc<Anatomy>, Weights), Failure> {
    let source = ModelSource {
        name: network.into(),
        ..ModelSource::default()
    };
    let trainable = Trainable::of(&source, CLASSES)?;
    let weights = Init::He.weights_of(&trainable, 1)?;
    Ok((Arc::new(Anatomy::of(trainable.network)?), weights))
}

/// Drawn pictures, uniform in ±1.7, so that their variance is about 1.
fn drawn(anatomy: &Anatomy, count: usize, seed: u64) -> Result<(Tensor, Vec<usize>), Failure> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let shape = anatomy.network().input;
    let mut unit = || f64::from(random.next_u32()) / 4_294_967_296.0;
    let values: Vec<f32> = (0..count * shape.cells())
        .map(|_| (3.4 * unit() - 1.7) as f32)
        .collect();
    let classes = (0..count).map(|_| (unit() * CLASSES as f64) as usize);
    let classes = classes.collect();
    Ok((images(&values, shape)?, classes))
}

/// The gradients of a step, its micro-batches one after another.
fn passed(
    learner: &Learner,
    (images, classes): &(Tensor, Vec<usize>),
    draws: &[u64],
    micro: usize,
) -> Result<Gradients, Failure> {
    let mut sum: Option<Gradients> = None;
    for first in (0..classes.len()).step_by(micro) {
        let count = micro.min(classes.len() - first);
        let part = learner.gradients(&MicroBatch {
            images: &images.narrow(0, first as i64, count as i64),
            classes: &classes[first..first + count],
            draws: &draws[first..first + count],
            step: classes.len(),
        })?;
        match &mut sum {
            None => sum = Some(part),
            Some(sum) => sum.add(part)?,
        }
    }
    sum.ok_or_else(|| "a step of no images".into())
}

fn steps(network: &str, states: usize, folder: &Path) -> Result<(), Failure> {
    let (anatomy, weights) = begun(network)?;
    let mut learner = Learner::new(&anatomy, &weights, Device::Cpu, LEARNING, &BTreeSet::new())?;
    drop(weights);
    for state in 0..states {
        let shown = drawn(&anatomy, BATCH, 100 + state as u64)?;
        let draws: Vec<u64> = (0..BATCH)
            .map(|image| (state * BATCH + image) as u64)
            .collect();
        let (before, velocities) = (learner.weights()?, learner.velocities()?);
        let mut double = Learner::in_double(&anatomy, &before, LEARNING, &BTreeSet::new())?;
        double.go_on_with(&velocities)?;
        let mut kept: Vec<(String, Tensor)> = vec![
            ("images".into(), shown.0.shallow_clone()),
            (
                "classes".into(),
                Tensor::from_slice(
                    &shown
                        .1
                        .iter()
                        .map(|&class| class as i64)
                        .collect::<Vec<_>>(),
                ),
            ),
        ];
        let tensor = |array: &deconvscope::network::weights::Array| {
            let shape: Vec<i64> = array.shape.iter().map(|&length| length as i64).collect();
            Tensor::from_slice(&array.data).view(&shape[..])
        };
        kept.extend(
            before
                .iter()
                .map(|(name, array)| (format!("before/{name}"), tensor(array))),
        );
        kept.extend(
            velocities
                .iter()
                .map(|(name, array)| (format!("velocity/{name}"), tensor(array))),
        );
        for (name, mask) in learner.masks(&draws)? {
            kept.push((format!("mask/{name}"), mask));
        }
        for (precision, learner) in [("float32", &mut learner), ("float64", &mut double)] {
            let kind = if precision == "float64" {
                Kind::Double
            } else {
                Kind::Float
            };
            let shown = (shown.0.to_kind(kind), shown.1.clone());
            let sum = passed(learner, &shown, &draws, MICRO)?;
            learner.descend(&sum, &DESCENT)?;
            for (name, value) in learner.tensors() {
                let shape: Vec<i64> = before[&name].shape.iter().map(|&n| n as i64).collect();
                kept.push((
                    format!("after/{precision}/{name}"),
                    value.copy().view(&shape[..]),
                ));
            }
        }
        if state > 0 {
            let before = folder.join(format!("{}.safetensors", state - 1));
            while before.exists() {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        // There whole or not at all.
        let part = folder.join("part");
        Tensor::write_safetensors(&kept, &part)?;
        std::fs::rename(part, folder.join(format!("{state}.safetensors")))?;
    }
    Ok(())
}

fn speed(
    network: &str,
    (batch, micro): (usize, usize),
    threads: usize,
    steps: usize,
) -> Result<(), Failure> {
    let (anatomy, weights) = begun(network)?;
    let learner = Learner::new(&anatomy, &weights, Device::Cpu, LEARNING, &BTreeSet::new())?;
    let shown = drawn(&anatomy, batch, 1)?;
    let parts: Vec<usize> = (0..batch).step_by(micro).collect();
    let mut seconds = Vec::new();
    for step in 0..=steps {
        let began = Instant::now();
        let next = std::sync::atomic::AtomicUsize::new(0);
        let mut found: Vec<(usize, Gradients)> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads.min(parts.len()))
                .map(|_| {
                    let (learner, images) = (learner.share(), shown.0.shallow_clone());
                    let (next, parts, classes) = (&next, &parts, &shown.1);
                    scope.spawn(move || -> Result<Vec<(usize, Gradients)>, String> {
                        device::one_thread_here();
                        let mut found = Vec::new();
                        loop {
                            let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                            let Some(&first) = parts.get(number) else {
                                return Ok(found);
                            };
                            let count = micro.min(classes.len() - first);
                            let part = learner.gradients(&MicroBatch {
                                images: &images.narrow(0, first as i64, count as i64),
                                classes: &classes[first..first + count],
                                draws: &vec![step as u64; count],
                                step: classes.len(),
                            });
                            found.push((number, part.map_err(|error| error.to_string())?));
                        }
                    })
                })
                .collect();
            let each = workers.into_iter().map(|worker| match worker.join() {
                Ok(found) => found,
                Err(_) => Err("a worker ended unexpectedly".into()),
            });
            each.collect::<Result<Vec<_>, String>>()
                .map(|all| all.into_iter().flatten().collect())
        })?;
        found.sort_by_key(|(number, _)| *number);
        let mut parts = found.into_iter().map(|(_, part)| part);
        let mut sum = parts.next().ok_or("a step of no images")?;
        parts.try_for_each(|part| sum.add(part))?;
        learner.share().descend(&sum, &DESCENT)?;
        seconds.push(began.elapsed().as_secs_f64());
    }
    let median = median(&mut seconds[1..]);
    println!("{{\"photographs_a_second\": {:.2}}}", batch as f64 / median);
    Ok(())
}
