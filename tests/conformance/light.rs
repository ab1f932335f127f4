//! ONNX' nine `light` architectures with seeded weights: every value of the graph against onnxruntime's.

use deconvscope::engine::to_values;
use deconvscope::network::onnx::{self, Imported};
use deconvscope::network::{Model, ModelSource};

use crate::common;
use crate::reference::{
    engine, folder, holds, logits_node, of_range, run, values, Expected, BOUND,
};

each! { agrees_with_onnxruntime;
    bvlc_alexnet, densenet121, inception_v1, inception_v2, resnet50, shufflenet, squeezenet, vgg19, zfnet512,
}

fn agrees_with_onnxruntime(name: &str) {
    let Some(folder) = folder(&format!("light/{name}")) else {
        return;
    };
    let path = folder.join("model.onnx");
    let expected = Expected::read(&folder);
    let each = every_value(name, &onnx::import(&path, None).unwrap(), &expected);
    let source = ModelSource {
        name: path.to_str().unwrap().to_owned(),
        ..ModelSource::default()
    };
    let folded = as_it_is_used(name, &Model::load(&source).unwrap(), &expected);
    assert!(each && folded, "{name} differs from onnxruntime");
}

/// Batch norms as in the file: each value of the graph has a node of ours.
fn every_value(name: &str, imported: &Imported, expected: &Expected) -> bool {
    let Imported {
        network,
        weights,
        values: nodes,
        ..
    } = imported;
    let names = expected.names();
    let names: Vec<&str> = names
        .iter()
        .filter_map(|name| name.strip_prefix("value:"))
        .collect();
    let unknown: Vec<_> = names
        .iter()
        .filter(|name| !nodes.contains_key(**name))
        .collect();
    assert!(unknown.is_empty(), "no node of ours for {unknown:?}");
    // The image is a value too.
    assert_eq!(nodes.len(), names.len() + 1, "{:?}", nodes.keys());

    let engine = engine(&common::model(network.clone(), weights.clone()));
    let recorded: Vec<usize> = names.iter().map(|name| nodes[*name]).collect();
    let trace = run(&engine, &expected.input(), &recorded);
    let mut worst = (0.0, "");
    for value in &names {
        let expected = expected.values(&format!("value:{value}"));
        let found = values(&trace, nodes[*value]);
        // Of the larger networks there are the first photograph's values alone.
        assert!([found.len(), found.len() / 2].contains(&expected.len()));
        let off = of_range(&found[..expected.len()], &expected);
        if off >= worst.0 {
            worst = (off, value);
        }
    }
    let (off, value) = worst;
    let what = format!(
        "light/{name}: the worst of {} values, '{value}'",
        names.len()
    );
    holds(&what, off, BOUND)
}

/// Batch norms folded, and a Softmax at the end of a graph that has none.
fn as_it_is_used(name: &str, model: &Model, expected: &Expected) -> bool {
    let last = logits_node(model);
    let trace = run(&engine(model), &expected.input(), &[last]);
    let logits = expected.values("logits");
    let what = format!("light/{name}: folded, logits");
    let same_logits = holds(&what, of_range(&values(&trace, last), &logits), BOUND);
    let output = expected.values("output");
    if output == logits {
        return same_logits;
    }
    let off = of_range(&to_values(&trace.output).unwrap(), &output);
    holds(&format!("light/{name}: folded, probabilities"), off, BOUND) && same_logits
}
