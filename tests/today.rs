//! The kinds of networks that people bring today, as PyTorch exports them, against onnxruntime, and occlusion by windows
//! against whole passes: tests/fixtures/today, made by scripts/golden/networks_of_today.py.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::rounding::{distance, largest, Rounding};
use common::{doubles, engine, model};
use deconvscope::engine::occlude::{Cut, Occluder};
use deconvscope::engine::{Engine, Recording};
use deconvscope::network::{fold_batch_norm, onnx, Anatomy, Curve, Model, Op};
use safetensors::SafeTensors;
use tch::{Kind, Tensor};

/// Of onnxruntime's, of the range of the scores.
const OF_THE_RANGE: f64 = 1e-5;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/today")
}

const NAMES: [&str; 15] = [
    "attention-12",
    "attention-20",
    "convnext-12",
    "convnext-20",
    "efficientnet-12",
    "efficientnet-20",
    "focus-12",
    "focus-20",
    "prelu-12",
    "prelu-20",
    "quantised",
    "selu-12",
    "selu-20",
    "unet-12",
    "unet-20",
];

fn read(name: &str) -> Model {
    let path = folder().join(format!("{name}.onnx"));
    let imported = onnx::import(&path, &onnx::Reading::default()).unwrap();
    let (mut network, mut weights) = (imported.network, imported.weights);
    fold_batch_norm(&mut network, &mut weights);
    model(network, weights)
}

/// An input and what onnxruntime made of it.
fn judged(name: &str) -> [Tensor; 2] {
    let bytes = std::fs::read(folder().join(format!("{name}.safetensors"))).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    ["image", "scores"].map(|name| {
        let tensor = tensors.tensor(name).unwrap();
        let values = tensor.data().chunks_exact(4);
        let values: Vec<f32> = values
            .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
            .collect();
        let shape: Vec<i64> = tensor.shape().iter().map(|&n| n as i64).collect();
        Tensor::from_slice(&values).view(shape.as_slice())
    })
}

/// The scores before the Softmax that the import adds.
fn scores(engine: &Engine, image: &Tensor) -> Vec<f64> {
    let nodes = &engine.network().nodes;
    let last = nodes.len() - 1;
    assert_eq!(nodes[last].op, Op::Softmax);
    let recording = Recording {
        activations: nodes[last].inputs.clone(),
        ..Recording::default()
    };
    let trace = engine.forward(image, &recording).unwrap();
    doubles(&trace.activations[&nodes[last].inputs[0]])
}

#[test]
fn scores_are_those_of_onnxruntime() {
    for name in NAMES {
        let [image, expected] = judged(name);
        let expected = doubles(&expected);
        let model = read(name);
        let range = largest(&expected.iter().map(|v| v - expected[0]).collect::<Vec<_>>());
        for engine in [engine(&model), Engine::in_double(&model).unwrap()] {
            let off = distance(&scores(&engine, &image), &expected) / range;
            println!("{name}: {off:.1e} of the range");
            assert!(off < OF_THE_RANGE, "{name}: {off:.1e} of the range");
        }
    }
}

/// Whole passes over hidden images, in a kind.
fn hidden(engine: &Engine, image: &Tensor, occluder: &Occluder) -> Vec<f64> {
    let mut images = Vec::new();
    for &top in &occluder.rows {
        for &left in &occluder.columns {
            let image = image.copy();
            for (channel, &fill) in occluder.fill.iter().enumerate() {
                let square = image
                    .narrow(1, channel as i64, 1)
                    .narrow(2, top as i64, occluder.size as i64)
                    .narrow(3, left as i64, occluder.size as i64);
                let _ = square.shallow_clone().fill_(f64::from(fill));
            }
            images.push(image);
        }
    }
    let trace = engine
        .forward(&Tensor::cat(&images, 0), &Recording::default())
        .unwrap();
    doubles(&trace.output)
}

#[test]
fn windows_give_what_whole_passes_give() {
    for name in NAMES {
        let [image, _] = judged(name);
        let model = read(name);
        let engine = engine(&model);
        let occluder = Occluder::grid(6, 5, [32; 2], vec![0.3, 0.1, -0.2]).unwrap();
        let last = model.network().nodes.len() - 1;
        let slider = engine
            .slider(occluder.clone(), last, Cut::default())
            .unwrap();
        let clean = engine
            .forward(&image, &Recording::everything(&engine))
            .unwrap();
        let ours = doubles(&slider.slide(&clean, &[]).unwrap().output);
        let theirs = hidden(&engine, &image, &occluder);
        let exact = Engine::in_double(&model).unwrap();
        let exact = hidden(&exact, &image.to_kind(Kind::Double), &occluder);
        let rounding = Rounding::of(&ours, &theirs, &exact);
        assert!(rounding.part() <= 1.0, "{name}: {rounding}");
    }
}

/// How often each op is there, by its name for people without its numbers.
fn ops(model: &Model) -> BTreeMap<String, usize> {
    let mut ops = BTreeMap::new();
    for node in &model.network().nodes {
        let name = node.op.describe();
        *ops.entry(name).or_insert(0) += 1;
    }
    ops
}

/// However they are spelled, one op stands for them, and no axes are moved for layers whose channels come last.
#[test]
fn what_exporters_spell_out_is_recognised() {
    let count = |name: &str, of: fn(&Op) -> bool| {
        let model = read(name);
        let found = model
            .network()
            .nodes
            .iter()
            .filter(|node| of(&node.op))
            .count();
        (found, format!("{name}: {:?}", ops(&model)))
    };
    let gelu = |op: &Op| *op == Op::Curve(Curve::Gelu { tanh: false });
    let gelu_tanh = |op: &Op| *op == Op::Curve(Curve::Gelu { tanh: true });
    let silu = |op: &Op| *op == Op::Curve(Curve::Silu { slope: 1.0 });
    let mish = |op: &Op| *op == Op::Curve(Curve::Mish);
    let hard_swish = |op: &Op| *op == Op::Curve(Curve::HardSwish);
    let layer_norm = |op: &Op| matches!(op, Op::LayerNorm { .. });
    let permute = |op: &Op| matches!(op, Op::Permute { .. });
    for opset in [12, 20] {
        let of = |name: &str, of: fn(&Op) -> bool| count(&format!("{name}-{opset}"), of);
        for (name, expected, op) in [
            ("convnext", 2, gelu as fn(&Op) -> bool),
            ("convnext", 5, layer_norm),
            ("convnext", 0, permute),
            ("attention", 1, gelu_tanh),
            ("efficientnet", 4, silu),
            ("focus", 1, mish),
            ("selu", 1, hard_swish),
        ] {
            let (found, all) = of(name, op);
            assert_eq!(found, expected, "{all}");
        }
    }
}

/// No map of a ConvNeXt, or below learned slopes, is computed as a whole for each place of an occluder.
#[test]
fn maps_of_todays_networks_are_followed_by_windows() {
    let whole = |name: &str| {
        let anatomy: &Anatomy = &read(name).anatomy;
        anatomy
            .whole_maps()
            .into_iter()
            .filter(|&whole| whole)
            .count()
    };
    assert_eq!(whole("convnext-12"), 0);
    assert_eq!(whole("convnext-20"), 0);
    assert_eq!(whole("prelu-20"), 0);
}
