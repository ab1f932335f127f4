//! Trainings that multiply in less than float32: how far gradients are off, what stays float32, and what is recorded and refused.

use std::collections::BTreeSet;

use deconvscope::engine::learn::{Descent, Gradients, Learner, Learning, MicroBatch, Norms};
use deconvscope::engine::Precision;
use deconvscope::network::Op;
use tch::{Device, Kind, Tensor};

use crate::common::random::Random;
use crate::common::{random_input, random_weights};
use crate::small;
use crate::support::files::{assert_same, result};
use crate::support::photos::many_cats_and_dogs;
use crate::support::process::start;
use crate::support::run::Run;
use crate::support::type_in;

const LEARNING: Learning = Learning {
    dropout: 0.5,
    smoothing: 0.1,
    norms: Norms::Trained,
    norm_momentum: 0.1,
    precision: Precision::Float32,
};
const BF16: Learning = Learning {
    precision: Precision::Bf16,
    ..LEARNING
};

const CLASSES: [usize; 6] = [1, 0, 3, 2, 1, 0];

fn gradients(learner: &Learner, images: &Tensor) -> Gradients {
    let batch = MicroBatch {
        images,
        classes: &CLASSES,
        dropped: &learner.dropped(&[0, 1, 2, 3, 4, 5]).unwrap(),
        step: CLASSES.len(),
    };
    learner.gradients(&batch).unwrap()
}

/// Norm of a difference as a part of a norm.
fn apart(found: &Tensor, exact: &Tensor) -> f64 {
    let difference = found.to_kind(Kind::Double) - exact;
    difference.norm().double_value(&[]) / exact.norm().double_value(&[])
}

/// A layer that multiplies rounds both factors and the sum, and on the way back its gradient, both factors' and once more what is
/// cast to float32 between layers: eight roundings of 1/512, half of bfloat16's last place.
#[test]
fn gradients_are_off_by_the_rounding_of_what_multiplies() {
    let anatomy = small::anatomy();
    let nodes = anatomy.network().nodes.iter();
    let multiplies = |op: &Op| matches!(op, Op::Conv { .. } | Op::Linear { .. });
    let layers = nodes.filter(|node| multiplies(&node.op)).count();
    let bound = 8.0 * layers as f64 / 512.0;
    let weights = random_weights(anatomy.network(), &mut Random(3));
    let images = random_input(anatomy.network(), CLASSES.len() as i64, &mut Random(5));
    let none = BTreeSet::new();
    let of = |learning| Learner::new(&anatomy, &weights, Device::Cpu, learning, &none).unwrap();
    let learner = Learner::in_double(&anatomy, &weights, LEARNING, &none).unwrap();
    let exact = gradients(&learner, &images);
    let (found, plain) = (
        gradients(&of(BF16), &images),
        gradients(&of(LEARNING), &images),
    );
    let losses = |gradients: &Gradients| learner.hear(&gradients.said()).unwrap().losses;
    let pairs = losses(&found).into_iter().zip(losses(&exact));
    let off = pairs.map(|(a, b)| (a - b).abs() / b).fold(0.0, f64::max);
    assert!(off > 1e-5 && off < bound, "losses are off by {off:.1e}");
    let (found, plain) = (found.named(&learner), plain.named(&learner));
    let three = exact
        .named(&learner)
        .into_iter()
        .zip(found.into_iter().zip(plain));
    for ((name, exact), ((_, found), (_, plain))) in three {
        assert_eq!(found.kind(), Kind::Float, "{name}");
        let (off, of_float32) = (apart(found, exact), apart(plain, exact));
        println!("{name}: off by {off:.1e} of {bound:.1e}, in float32 by {of_float32:.1e}");
        assert!(off < bound, "{name}: off by {off:.1e}");
        assert!(
            off > 100.0 * of_float32,
            "{name} was not rounded: {off:.1e}"
        );
    }
}

/// Changes that bfloat16 has no room for add up.
#[test]
fn parameters_are_float32() {
    let anatomy = small::anatomy();
    let weights = random_weights(anatomy.network(), &mut Random(3));
    let none = BTreeSet::new();
    let mut learner = Learner::new(&anatomy, &weights, Device::Cpu, BF16, &none).unwrap();
    let images = random_input(anatomy.network(), CLASSES.len() as i64, &mut Random(5));
    let descent = Descent {
        rate: 1e-5,
        momentum: 0.0,
        decay: 0.0,
    };
    let before = learner.weights().unwrap();
    learner
        .descend(&gradients(&learner, &images), &descent)
        .unwrap();
    for (name, value) in learner.tensors() {
        assert_eq!(value.kind(), Kind::Float, "{name}");
    }
    let after = learner.weights().unwrap();
    let moved = |name: &str| after[name].data != before[name].data;
    assert!(moved("fc4.weight") && moved("conv2.weight") && moved("bn1.weight"));
}

const TRAIN: &str = "train p --model tiny --recipe small --epochs 2 --batch 12 --micro-batch 5 --val 0.2 --detail 0 --evolution none";

#[test]
fn it_is_recorded_and_stays_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    many_cats_and_dogs(&folder.path().join("p"), 36);
    let run = |more: &str, out: &str| {
        type_in(folder.path(), &format!("{TRAIN} {more} --out {out}")).ok();
        result(&folder.path().join(out))
    };
    let float32 = run("", "float32");
    let bf16 = run("--precision bf16 --threads 1", "bf16");
    let again = run("--precision bf16 --threads 2", "again");
    assert_same(&again, &bf16, "two threads");
    assert_ne!(bf16["network.safetensors"], float32["network.safetensors"]);
    let recorded = |out: &str| {
        let options = Run(folder.path().join(out)).manifest()["options"].clone();
        let training = options["experiments"]["training"]["precision"].clone();
        [training, options["precision"].clone()]
    };
    assert_eq!(recorded("bf16"), ["bf16", "float32"]);
    assert_eq!(recorded("float32"), ["float32", "float32"]);
    let page = std::fs::read_to_string(folder.path().join("bf16/pages/training.html")).unwrap();
    let rows = page.split("<tr>").filter(|row| row.contains("precision"));
    let rows: Vec<bool> = rows.map(|row| row.contains("bf16")).collect();
    assert_eq!(rows, [true], "{page}");

    let cut_off = folder.path().join("o/records/training/position-0.json");
    let mut process = start(folder.path(), &format!("{TRAIN} --precision bf16 --out o"));
    assert!(process.until(|| cut_off.is_file()) && process.kill());
    type_in(folder.path(), &format!("{TRAIN} --out o --resume"))
        .fails_with(&["--precision was bf16 and is float32"]);
    let resumed = format!("{TRAIN} --precision bf16 --out o --resume");
    type_in(folder.path(), &resumed).ok();
    assert_same(&result(&folder.path().join("o")), &bf16, "resumed");

    let tf32 = format!("{TRAIN} --device cpu --precision tf32 --out t");
    type_in(folder.path(), &tf32)
        .code(2)
        .says("the CPU is used; it has float32 and bf16");
    assert!(!folder.path().join("t").exists());
}
