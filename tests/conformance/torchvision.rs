//! torchvision's networks, exported to ONNX and under its own names: PyTorch's logits, and Captum's projections or,
//! where it has none, those of the twin in `scripts/conformance/deconvolution.py`.

use std::path::Path;

use deconvscope::engine::seeds::Unit;
use deconvscope::network::onnx;
use serde_json::Value;

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
    let mut all_hold = true;
    for form in FORMS {
        let model = load(&folder, form);
        let last = logits_node(&model);
        let found = values(&run(&engine(&model), &expected.input(), &[last]), last);
        let what = format!("torchvision/{name}: {form}, logits");
        all_hold &= holds(&what, of_range(&found, &expected.values("logits")), BOUND);
    }
    all_hold &= projections(name, &folder, &expected);
    assert!(all_hold, "{name} differs from PyTorch");
}

/// A seed of one at the unit that the reference names, for each of its layers.
fn projections(name: &str, folder: &Path, expected: &Expected) -> bool {
    let told: Value =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let layers = told["layers"].as_array().unwrap();
    assert_eq!(layers.len(), 3);
    let model = load(folder, "model.onnx");
    let imported = onnx::import(&folder.join("model.onnx"), None).unwrap();
    // Folding changes the nodes' places and not their names.
    let node_of = |value: &Value| {
        let place = imported.values[value.as_str().unwrap()];
        node(&model, &imported.network.nodes[place].name)
    };
    let nodes: Vec<usize> = layers
        .iter()
        .map(|layer| node_of(&layer["onnx_value"]))
        .collect();
    let engine = engine(&model);
    let trace = run(&engine, &expected.input(), &nodes);
    let mut all_hold = true;
    for (number, (layer, node)) in layers.iter().zip(nodes).enumerate() {
        let [feature, y, x] = [0, 1, 2].map(|axis| layer["unit"][axis].as_u64().unwrap() as usize);
        let one = Unit {
            feature,
            y,
            x,
            activation: 1.0,
        };
        let what = format!("torchvision/{name}: {}", layer["module"].as_str().unwrap());
        let activation = f64::from(engine.activation(&trace, 0, node, &one).unwrap());
        let value = layer["value"].as_f64().unwrap();
        all_hold &= holds(
            &format!("{what}, strongest unit"),
            (activation - value).abs() / value,
            BOUND,
        );
        let seed = engine.unit_seed(&trace, 0, node, &one).unwrap();
        let found = project(&engine, &trace, seed);
        let by = match expected.has(&format!("captum/{number}")) {
            true => "captum",
            false => "naive",
        };
        let expected = expected.values(&format!("{by}/{number}"));
        let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
        let rounding = layer["rounding"].as_f64().unwrap();
        let largest = largest_relative(&found, &expected);
        all_hold &= holds(
            &format!(
                "{what}, projection by {by} (rounding {rounding:.0e}, largest pixel {largest:.0e})"
            ),
            relative_error(&found, &expected),
            BOUND,
        );
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
