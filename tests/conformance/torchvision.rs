//! torchvision's networks, exported to ONNX and under its own names: PyTorch's logits, and Captum's projections or,
//! where it has none, those of the twin in `scripts/conformance/deconvolution.py`.

use std::path::Path;

use deconvscope::engine::seeds::Unit;
use deconvscope::network::onnx;
use serde::Deserialize;

use crate::common::relative_error;
use crate::reference::{
    engine, folder, holds, load, logits_node, node, of_range, project, run, values, Expected,
    BOUND, FORMS,
};

each! { agrees_with_pytorch_and_captum;
    alexnet, densenet121, googlenet, mobilenet_v2, resnet18, squeezenet1_1, vgg16,
}

fn agrees_with_pytorch_and_captum(name: &str) {
    let Some(folder) = folder(&format!("torchvision/{name}")) else {
        return;
    };
    let expected = Expected::read(&folder);
    let mut all_hold = projections(name, &folder, &expected);
    for form in FORMS {
        let model = load(&folder, form);
        let last = logits_node(&model);
        let found = values(&run(&engine(&model), &expected.input(), &[last]), last);
        let what = format!("torchvision/{name}: {form}, logits");
        all_hold &= holds(&what, of_range(&found, &expected.values("logits")), BOUND);
    }
    assert!(all_hold, "{name} differs from PyTorch");
}

/// What `expected.json` tells.
#[derive(Deserialize)]
struct Told {
    layers: [Layer; 3],
}

/// A layer and its strongest unit, by feature, row and column.
#[derive(Deserialize)]
struct Layer {
    module: String,
    onnx_value: String,
    unit: [usize; 3],
    value: f64,
    /// How far PyTorch's own projection is from itself in float64.
    rounding: f64,
    captum_reason: Option<String>,
}

/// A seed of one at the strongest unit of each layer that the reference names.
fn projections(name: &str, folder: &Path, expected: &Expected) -> bool {
    let told = std::fs::read(folder.join("expected.json")).unwrap();
    let Told { layers } = serde_json::from_slice(&told).unwrap();
    let model = load(folder, "model.onnx");
    let imported = onnx::import(&folder.join("model.onnx"), None).unwrap();
    // Folding changes the nodes' places and not their names.
    let nodes = layers.each_ref().map(|layer| {
        let place = imported.values[&layer.onnx_value];
        node(&model, &imported.network.nodes[place].name)
    });
    let engine = engine(&model);
    let trace = run(&engine, &expected.input(), &nodes);
    let mut all_hold = true;
    for (number, (layer, node)) in layers.iter().zip(nodes).enumerate() {
        let what = format!("torchvision/{name}: {}", layer.module);
        let [feature, y, x] = layer.unit;
        let one = Unit {
            feature,
            y,
            x,
            activation: 1.0,
        };
        let activation = f64::from(engine.activation(&trace, 0, node, &one).unwrap());
        let off = (activation - layer.value).abs() / layer.value;
        all_hold &= holds(&format!("{what}, strongest unit"), off, BOUND);

        let seed = engine.unit_seed(0, node, &one).unwrap();
        let found = project(&engine, &trace, seed);
        let by = match layer.captum_reason {
            None => "captum",
            Some(_) => "naive",
        };
        let expected = expected.values(&format!("{by}/{number}"));
        let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
        let what = format!(
            "{what}, projection by {by} (largest pixel {:.1e}, PyTorch's own rounding {:.1e})",
            largest_relative(&found, &expected),
            layer.rounding
        );
        all_hold &= holds(&what, relative_error(&found, &expected), BOUND);
    }
    all_hold
}

/// The largest difference over the largest value that is expected.
fn largest_relative(found: &[f64], expected: &[f64]) -> f64 {
    let largest =
        |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, |a: f64, b| a.max(b.abs()));
    largest(&mut found.iter().zip(expected).map(|(a, b)| a - b))
        / largest(&mut expected.iter().copied())
}
