//! Gradients against differences of the loss, which know nothing of derivatives; what is frozen; filters that are held.

use std::collections::BTreeSet;
use std::sync::Arc;

use deconvscope::engine::learn::{Descent, Gradients, Heard, Learner, Learning, MicroBatch, Norms};
use deconvscope::engine::Precision;
use deconvscope::network::weights::Weights;
use deconvscope::network::{zoo, Anatomy, Network, Op};
use tch::{Device, Kind, Tensor};

use crate::common::random::Random;
use crate::common::{random_input, random_weights};
use crate::small;

const PLAIN: Learning = Learning {
    dropout: 0.0,
    smoothing: 0.0,
    norms: Norms::Trained,
    norm_momentum: 0.1,
    precision: Precision::Float32,
};

fn images(network: &Network, count: i64) -> Tensor {
    random_input(network, count, &mut Random(5)).to_kind(Kind::Double)
}

fn pass(learner: &Learner, images: &Tensor, classes: &[usize]) -> Gradients {
    let draws: Vec<u64> = (0..classes.len() as u64).collect();
    learner
        .gradients(&MicroBatch {
            images,
            classes,
            dropped: &learner.dropped(&draws).unwrap(),
            step: classes.len(),
        })
        .unwrap()
}

fn heard(learner: &Learner, gradients: &Gradients) -> Heard {
    learner.hear(&gradients.said()).unwrap()
}

fn loss(learner: &Learner, gradients: &Gradients) -> f64 {
    let losses = heard(learner, gradients).losses;
    losses.iter().sum::<f64>() / losses.len() as f64
}

/// Along random directions through all parameters at once the loss changes as the gradients say. With dropout as well: what it
/// leaves out is drawn by the image alone.
#[test]
fn the_loss_changes_as_the_gradients_say() {
    for network in ["tiny", "small", "zfnet_small"] {
        let anatomy = match network {
            "small" => small::anatomy(),
            name => Arc::new(Anatomy::of(zoo::find(name).unwrap().network()).unwrap()),
        };
        let weights = random_weights(anatomy.network(), &mut Random(3));
        let learning = Learning {
            dropout: 0.3,
            smoothing: 0.1,
            ..PLAIN
        };
        let images = images(anatomy.network(), 3);
        let classes = [1, 0, 3];
        let learner = Learner::in_double(&anatomy, &weights, learning, &BTreeSet::new()).unwrap();
        let gradients = pass(&learner, &images, &classes);
        let mut random = Random(8);
        // Of one size each, so that small parameters count as much as large ones.
        let directions: Vec<(String, Tensor)> = gradients
            .named(&learner)
            .into_iter()
            .map(|(name, gradient)| {
                let values: Vec<f64> = (0..gradient.numel()).map(|_| random.normal()).collect();
                let direction = Tensor::from_slice(&values);
                (name, direction.view_as(gradient))
            })
            .collect();
        let slope: f64 = gradients
            .named(&learner)
            .iter()
            .zip(&directions)
            .map(|((_, gradient), (_, direction))| {
                (*gradient * direction).sum(Kind::Double).double_value(&[])
            })
            .sum();
        let step = 1e-9;
        let beside = |sign: f64| {
            let moved = Learner::in_double(&anatomy, &weights, learning, &BTreeSet::new()).unwrap();
            for (name, value) in moved.tensors() {
                if let Some((_, direction)) = directions.iter().find(|(other, _)| *other == name) {
                    let mut value = value.shallow_clone();
                    let _ = value.g_add_(&(direction * (sign * step)));
                }
            }
            loss(&moved, &pass(&moved, &images, &classes))
        };
        let difference = (beside(1.0) - beside(-1.0)) / (2.0 * step);
        let error = (difference - slope).abs() / slope.abs().max(1e-3);
        assert!(error < 1e-5, "{network}: {difference} against {slope}");
    }
}

/// However a step is cut, its gradients are the same, where no batch norm sees the cut.
#[test]
fn micro_batches_add_up() {
    let anatomy = Arc::new(Anatomy::of(zoo::find("zfnet_small").unwrap().network()).unwrap());
    let weights = random_weights(anatomy.network(), &mut Random(3));
    let learner = Learner::in_double(&anatomy, &weights, PLAIN, &BTreeSet::new()).unwrap();
    let images = images(anatomy.network(), 5);
    let classes = [1, 0, 3, 999, 2];
    let part = |first: usize, count: usize| {
        learner
            .gradients(&MicroBatch {
                images: &images.narrow(0, first as i64, count as i64),
                classes: &classes[first..first + count],
                dropped: &learner.dropped(&vec![0; count]).unwrap(),
                step: 5,
            })
            .unwrap()
    };
    let whole = part(0, 5);
    let mut sum = part(0, 2);
    sum.add(part(2, 3)).unwrap();
    for ((name, whole), (_, sum)) in whole.named(&learner).into_iter().zip(sum.named(&learner)) {
        let distance = ((whole - sum).norm() / whole.norm()).double_value(&[]);
        assert!(distance < 1e-12, "{name}: {distance:.1e}");
    }
}

fn step(learner: &mut Learner, network: &Network) {
    let gradients = pass(
        learner,
        &images(network, 4).to_kind(Kind::Float),
        &[0, 1, 2, 3],
    );
    let descent = Descent {
        rate: 0.1,
        momentum: 0.9,
        decay: 0.01,
    };
    learner.descend(&gradients, &descent).unwrap();
}

#[test]
fn what_is_frozen_stays_as_it_is() {
    let anatomy = small::anatomy();
    let weights = random_weights(anatomy.network(), &mut Random(3));
    let conv2 = anatomy
        .network()
        .nodes
        .iter()
        .position(|node| node.name == "conv2");
    let frozen = BTreeSet::from([conv2.unwrap()]);
    for (norms, stays) in [
        (Norms::Trained, vec!["conv2."]),
        (Norms::Frozen, vec!["conv2.", "bn1."]),
    ] {
        let learning = Learning { norms, ..PLAIN };
        let mut learner = Learner::new(&anatomy, &weights, Device::Cpu, learning, &frozen).unwrap();
        step(&mut learner, anatomy.network());
        for (name, after) in learner.weights().unwrap() {
            let stayed = stays.iter().any(|start| name.starts_with(start));
            assert_eq!(after == weights[&name], stayed, "{name}");
        }
    }
}

/// Filters above the bound are on it, the others as they were (ZF §3.1).
#[test]
fn filters_are_held_at_their_bound() {
    let anatomy = small::anatomy();
    let weights = random_weights(anatomy.network(), &mut Random(3));
    let mut learner =
        Learner::new(&anatomy, &weights, Device::Cpu, PLAIN, &BTreeSet::new()).unwrap();
    let convolutions: Vec<usize> = (0..anatomy.network().nodes.len())
        .filter(|&node| matches!(anatomy.network().nodes[node].op, Op::Conv { .. }))
        .collect();
    let sizes = |learner: &Learner| -> Vec<f32> {
        let sizes = convolutions.iter();
        sizes
            .flat_map(|&node| learner.filter_sizes(node).unwrap())
            .collect()
    };
    let before = sizes(&learner);
    let mut sorted = before.clone();
    sorted.sort_by(f32::total_cmp);
    let bound = f64::from(sorted[sorted.len() / 2]) + 1e-9;
    let held = learner.hold_filters(bound).unwrap().count().unwrap();
    let after = sizes(&learner);
    let above = before
        .iter()
        .filter(|&&size| f64::from(size) > bound)
        .count();
    assert!(above > 2 && above == held, "{above}, {held}");
    for (before, after) in before.iter().zip(&after) {
        match f64::from(*before) > bound {
            true => assert!((f64::from(*after) / bound - 1.0).abs() < 1e-6),
            false => assert_eq!(before, after),
        }
    }
    // Linear layers are not convolutions.
    let now = learner.weights().unwrap();
    assert_eq!(now["fc3.weight"], weights["fc3.weight"]);
}

/// A learner looks as the network with folded batch norms does.
#[test]
fn it_looks_with_running_statistics() {
    let anatomy = small::anatomy();
    let weights = random_weights(anatomy.network(), &mut Random(3));
    let mut learner =
        Learner::new(&anatomy, &weights, Device::Cpu, PLAIN, &BTreeSet::new()).unwrap();
    step(&mut learner, anatomy.network());
    let engine = learner.engine().unwrap();
    let images = images(anatomy.network(), 2).to_kind(Kind::Float);
    let trace = engine.forward(&images, &Default::default()).unwrap();
    let anew: Weights = learner.weights().unwrap();
    let again = Learner::new(&anatomy, &anew, Device::Cpu, PLAIN, &BTreeSet::new()).unwrap();
    let other = again
        .engine()
        .unwrap()
        .forward(&images, &Default::default())
        .unwrap();
    assert_eq!(trace.output, other.output);
    // In training it normalises by the micro-batch.
    let logits = heard(&learner, &pass(&learner, &images, &[0, 1])).logits;
    let probabilities = Tensor::from_slice(&logits).view([2, 4]).softmax(1, None);
    let distance = (probabilities - trace.output.view([2, 4])).abs().max();
    assert!(distance.double_value(&[]) > 1e-3);
}

#[test]
fn networks_that_cannot_be_trained_say_why() {
    let refused = |anatomy: &Arc<Anatomy>, frozen: &BTreeSet<usize>| {
        let weights = random_weights(anatomy.network(), &mut Random(3));
        let learner = Learner::new(anatomy, &weights, Device::Cpu, PLAIN, frozen);
        learner.unwrap_err().to_string()
    };
    let headless = zoo::find("zfnet_small")
        .unwrap()
        .network()
        .without_classifier();
    let headless = Arc::new(Anatomy::of(headless).unwrap());
    let told = refused(&headless, &BTreeSet::new());
    assert!(told.contains("is no Softmax over classes"), "{told}");
    let all = (0..small::anatomy().network().nodes.len()).collect();
    let told = refused(&small::anatomy(), &all);
    assert!(told.contains("nothing to learn"), "{told}");
}
