//! ONNX' nine `light` architectures with seeded weights: every value of the graph against onnxruntime's.

use deconvscope::engine::Engine;
use deconvscope::network::onnx::{self, Imported};
use deconvscope::network::{Model, ModelSource};

use crate::common::rounding::Rounding;
use crate::common::{self, doubles};
use crate::reference::{
    engine, folder, holds, in_double, logits_node, rounds_as, run, Expected, BOUND,
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
    let each = every_value(
        name,
        &onnx::import(&path, &onnx::Reading::default()).unwrap(),
        &expected,
    );
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

    let model = common::model(network.clone(), weights.clone());
    let recorded: Vec<usize> = names.iter().map(|name| nodes[*name]).collect();
    let [single, double] = [engine(&model), Engine::in_double(&model).unwrap()]
        .map(|engine| run(&engine, &expected.input(), &recorded));
    let (mut other, mut ours) = ((0.0, ""), (0.0, ""));
    for value in &names {
        let expected = in_double(&expected.values(&format!("value:{value}")));
        let [found, exact] = [&single, &double].map(|trace| {
            let all = doubles(&trace.activations[&nodes[*value]]);
            // Of the larger networks there are the first photograph's values alone.
            assert!([all.len(), all.len() / 2].contains(&expected.len()));
            all[..expected.len()].to_vec()
        });
        let rounding = Rounding::of(&found, &expected, &exact);
        let rounding = rounding.of_sums(terms_up_to(&model, nodes[*value]));
        let spread = exact.iter().copied().fold(f64::NEG_INFINITY, f64::max)
            - exact.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(
            spread > 0.0,
            "{value}: nothing to compare with: all the same"
        );
        let off = rounding.theirs / spread;
        if off >= other.0 {
            other = (off, *value);
        }
        if rounding.part() >= ours.0 {
            ours = (rounding.part(), *value);
        }
    }
    let count = names.len();
    let what = format!(
        "light/{name}: onnxruntime's {count} values, the worst '{}'",
        other.1
    );
    let theirs = holds(&what, other.0, BOUND);
    let what = format!(
        "light/{name}: ours as a part of what is allowed, the worst '{}'",
        ours.1
    );
    holds(&what, ours.0, 1.0) && theirs
}

/// Batch norms folded, and a Softmax at the end of a graph that has none.
fn as_it_is_used(name: &str, model: &Model, expected: &Expected) -> bool {
    let last = logits_node(model);
    let [single, double] = [engine(model), Engine::in_double(model).unwrap()]
        .map(|engine| run(&engine, &expected.input(), &[last]));
    let [ours, exact] = [&single, &double].map(|trace| doubles(&trace.activations[&last]));
    let logits = expected.values("logits");
    let what = format!("light/{name}: folded, logits");
    let terms = terms_up_to(model, last);
    let same_logits = rounds_as(&what, &ours, &in_double(&logits), &exact, terms);
    let output = expected.values("output");
    if output == logits {
        return same_logits;
    }
    let [ours, exact] = [&single, &double].map(|trace| doubles(&trace.output));
    let what = format!("light/{name}: folded, probabilities");
    rounds_as(&what, &ours, &in_double(&output), &exact, terms) && same_logits
}

/// Terms of the longest sum that a node's values come from.
fn terms_up_to(model: &Model, node: usize) -> usize {
    let nodes = &model.network().nodes[..=node];
    let terms = model
        .anatomy
        .parameters()
        .into_iter()
        .filter_map(|parameter| {
            let of = parameter.name.strip_suffix(".weight")?;
            let is_before = nodes.iter().any(|node| node.name == of);
            is_before.then(|| parameter.shape[1..].iter().product())
        });
    terms.max().unwrap_or(0)
}
