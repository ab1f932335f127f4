//! Steps of a small network against PyTorch's, in float64 and in float32.

use std::collections::{BTreeMap, BTreeSet};

use deconvscope::engine::learn::{Descent, Learner, Learning, MicroBatch, Norms};
use deconvscope::engine::Precision;
use deconvscope::network::weights::{Array, Weights};
use tch::{Device, Kind, Tensor};

use crate::small;

const BATCH: usize = 7;
const MICRO: usize = 3;
const STEPS: usize = 6;
const DESCENT: Descent = Descent {
    rate: 0.05,
    momentum: 0.9,
    decay: 1e-2,
};

fn learning() -> Learning {
    Learning {
        dropout: 0.0,
        smoothing: 0.1,
        norms: Norms::Trained,
        norm_momentum: 0.1,
        precision: Precision::Float32,
    }
}

fn begun(weights: &Weights) -> Learner {
    let anatomy = small::anatomy();
    Learner::new(&anatomy, weights, Device::Cpu, learning(), &BTreeSet::new()).unwrap()
}

fn expected() -> BTreeMap<String, Tensor> {
    let file = Tensor::read_safetensors("tests/fixtures/training/steps.safetensors").unwrap();
    file.into_iter().collect()
}

fn start(expected: &BTreeMap<String, Tensor>) -> Weights {
    let first = expected.iter().filter_map(|(name, value)| {
        let name = name.strip_prefix("0/")?.to_owned();
        let shape = value.size().iter().map(|&length| length as usize).collect();
        let data = Vec::try_from(value.to_kind(Kind::Float).flatten(0, -1)).unwrap();
        Some((name, Array { shape, data }))
    });
    first.collect()
}

/// Takes the steps; the largest distance of any tensor from PyTorch's, step by step, relative to its norm.
fn distances(learner: &mut Learner, kind: Kind) -> Vec<f64> {
    let expected = expected();
    let images = expected["images"].to_kind(kind);
    let classes: Vec<i64> = Vec::try_from(&expected["classes"]).unwrap();
    let classes: Vec<usize> = classes.into_iter().map(|class| class as usize).collect();
    let losses: Vec<f64> = Vec::try_from(&expected["losses"]).unwrap();
    let mut found = Vec::new();
    for (step, &loss) in losses.iter().enumerate() {
        let (mut sum, mut total) = (None, 0.0);
        for first in (step * BATCH..(step + 1) * BATCH).step_by(MICRO) {
            let count = MICRO.min((step + 1) * BATCH - first);
            let part = learner
                .gradients(&MicroBatch {
                    images: &images.narrow(0, first as i64, count as i64),
                    classes: &classes[first..first + count],
                    dropped: &learner.dropped(&vec![0; count]).unwrap(),
                    step: BATCH,
                })
                .unwrap();
            let losses = learner.hear(&part.said()).unwrap().losses;
            total += losses.into_iter().sum::<f64>();
            match &mut sum {
                None => sum = Some(part),
                Some(sum) => sum.add(part).unwrap(),
            }
        }
        assert!((total / loss - 1.0).abs() < 1e-5, "{total} against {loss}");
        learner.descend(&sum.unwrap(), &DESCENT).unwrap();
        let worst = learner.tensors().into_iter().map(|(name, value)| {
            let other = &expected[&format!("{}/{name}", step + 1)];
            let distance = (value.to_kind(Kind::Double) - other).norm();
            (distance / other.norm()).double_value(&[])
        });
        found.push(worst.fold(0.0, f64::max));
    }
    assert_eq!(found.len(), STEPS);
    found
}

/// Parameters and running statistics after each step.
#[test]
fn steps_in_float64_equal_pytorch_s() {
    let weights = start(&expected());
    let mut learner =
        Learner::in_double(&small::anatomy(), &weights, learning(), &BTreeSet::new()).unwrap();
    for (step, distance) in distances(&mut learner, Kind::Double)
        .into_iter()
        .enumerate()
    {
        assert!(distance < 1e-9, "step {}: {distance:.1e}", step + 1);
    }
}

#[test]
fn steps_in_float32_lie_beside_them() {
    let weights = start(&expected());
    let mut learner = begun(&weights);
    let found = distances(&mut learner, Kind::Float);
    assert!(found.iter().all(|distance| *distance < 1e-5), "{found:?}");
    // Velocities as well, and the learner goes on with them from a checkpoint as if it had not stopped.
    let (weights, velocities) = (learner.weights().unwrap(), learner.velocities().unwrap());
    for (name, velocity) in &velocities {
        let other = &expected()[&format!("velocity/{name}")];
        let found = Tensor::from_slice(&velocity.data).view_as(other);
        let distance = ((found - other).norm() / other.norm()).double_value(&[]);
        assert!(distance < 1e-4, "{name}: {distance:.1e}");
    }
    let mut again = begun(&weights);
    again.go_on_with(&velocities).unwrap();
    assert_eq!(again.velocities().unwrap(), velocities);
    assert_eq!(again.weights().unwrap(), weights);
}
