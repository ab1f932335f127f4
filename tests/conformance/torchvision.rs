//! torchvision's networks, exported to ONNX and under its own names: PyTorch's logits, and Captum's projections or,
//! where it has none, those of the twin in `scripts/conformance/deconvolution.py`.

use std::path::Path;

use deconvscope::engine::seeds::Unit;
use deconvscope::engine::{Engine, Seed, Trace};
use deconvscope::network::{onnx, Model, Op};
use serde::Deserialize;
use tch::Kind;

use crate::common::choices::turned;
use crate::common::rounding::Rounding;
use crate::common::{doubles, relative_error};
use crate::reference::{
    engine, folder, holds, in_double, load, logits_node, node, project, rounds_as, run, Expected,
    BOUND, FORMS,
};

each! { agrees_with_pytorch_and_captum;
    alexnet, convnext_tiny, densenet121, efficientnet_b0, efficientnet_v2_s, googlenet, inception_v3, mnasnet0_5, mobilenet_v2,
    mobilenet_v3_small, regnet_x_400mf, regnet_y_400mf, resnet18, resnext50_32x4d, shufflenet_v2_x0_5, squeezenet1_1, vgg11_bn, vgg16,
}

fn agrees_with_pytorch_and_captum(name: &str) {
    let Some(folder) = folder(&format!("torchvision/{name}")) else {
        return;
    };
    let expected = Expected::read(&folder);
    let mut all_hold = projections(name, &folder, &expected);
    all_hold &= graph_and_zoo_agree(name, &folder, &expected);
    for form in FORMS {
        let model = load(&folder, form);
        let last = logits_node(&model);
        let [ours, exact] = [engine(&model), Engine::in_double(&model).unwrap()]
            .map(|engine| doubles(&run(&engine, &expected.input(), &[last]).activations[&last]));
        let what = format!("torchvision/{name}: {form}, logits");
        let theirs = in_double(&expected.values("logits"));
        all_hold &= rounds_as(&what, &ours, &theirs, &exact, 0);
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
    let imported = onnx::import(&folder.join("model.onnx"), &onnx::Reading::default()).unwrap();
    // Folding changes the nodes' places and not their names.
    let nodes = layers.each_ref().map(|layer| {
        let place = imported.values[&layer.onnx_value];
        node(&model, &imported.network.nodes[place].name)
    });
    let (engine, exact) = (engine(&model), Engine::in_double(&model).unwrap());
    let pools = model
        .network()
        .nodes
        .iter()
        .filter(|node| matches!(node.op, Op::MaxPool { .. }));
    let pooled = pools.map(|node| node.inputs[0]);
    let recorded: Vec<usize> = nodes.into_iter().chain(pooled).collect();
    let [single, double] =
        [&engine, &exact].map(|engine| run(engine, &expected.input(), &recorded));
    let mut all_hold = true;
    for window in turned(model.network(), &single, &double) {
        println!("torchvision/{name}: {window}");
        all_hold &= window.is_rounding();
    }
    // The same choices in float32: what is left is rounding.
    let chosen = double.in_kind(Kind::Float).unwrap();
    for (number, (layer, node)) in layers.iter().zip(nodes).enumerate() {
        let what = format!("torchvision/{name}: {}", layer.module);
        let [feature, y, x] = layer.unit;
        let one = Unit {
            feature,
            y,
            x,
            activation: 1.0,
        };
        let exactly = f64::from(exact.activation(&double, 0, node, &one).unwrap());
        let off = (exactly - layer.value).abs() / layer.value;
        all_hold &= holds(&format!("{what}, strongest unit"), off, BOUND);
        let [ours, exactly] = [(&engine, &chosen), (&exact, &double)].map(|(engine, trace)| {
            let seed = Seed::unit(0, node, &one);
            project(engine, trace, seed)
        });
        let by = match layer.captum_reason {
            None => "captum",
            Some(_) => "naive",
        };
        let expected = in_double(&expected.values(&format!("{by}/{number}")));
        let what = format!(
            "{what}, projection by {by} (largest pixel {:.1e}, PyTorch's own rounding {:.1e})",
            largest_relative(&expected, &exactly),
            layer.rounding
        );
        all_hold &= holds(&what, relative_error(&expected, &exactly), BOUND);
        let rounding = Rounding::of(&ours, &expected, &exactly);
        all_hold &= holds(&format!("{what}, ours"), rounding.part(), 1.0);
    }
    all_hold
}

/// So many windows may be near enough to a tie.
const TURNED: f64 = 3.0;
/// What the same network's probabilities may differ by, as a graph and under its name.
const PROBABILITY: f64 = 1e-5;

/// The same weights as a graph and under the zoo's name: probabilities, and in float64 projections of the zoo's stages, found in
/// the graph by what they give.
fn graph_and_zoo_agree(name: &str, folder: &Path, expected: &Expected) -> bool {
    let models = ["model.onnx", "weights.safetensors"].map(|form| load(folder, form));
    let [graph, zoo] = &models;
    let probabilities = models.each_ref().map(|model| {
        let trace = run(&engine(model), &expected.input(), &[]);
        doubles(&trace.output)
    });
    let off = largest_difference(&probabilities[0], &probabilities[1]);
    let what = format!("torchvision/{name}: probabilities of graph and zoo");
    let mut all_hold = holds(&what, off, PROBABILITY);
    let exact = models
        .each_ref()
        .map(|model| Engine::in_double(model).unwrap());
    let stages: Vec<(&str, usize)> = zoo
        .network()
        .stages
        .iter()
        .filter(|stage| stage.default)
        .map(|stage| (&*stage.name, stage.node))
        .collect();
    let nodes: Vec<usize> = stages.iter().map(|(_, node)| *node).collect();
    let input = expected.input().narrow(0, 0, 1);
    let found = run(&exact[1], &input, &nodes);
    let shapes = graph.anatomy.shapes();
    for (stage, node) in stages {
        let (shape, values) = (zoo.anatomy.shapes()[node], &found.activations[&node]);
        let alike: Vec<usize> = (0..shapes.len())
            .filter(|&at| shapes[at] == shape)
            .collect();
        let others = run(&exact[0], &input, &alike);
        let same = |at: &&usize| {
            relative_error(&doubles(&others.activations[at]), &doubles(values)) < BOUND
        };
        let Some(&twin) = alike.iter().find(same) else {
            all_hold &= holds(
                &format!("torchvision/{name}: {stage} in the graph"),
                1.0,
                0.0,
            );
            continue;
        };
        // Of two values that are equal but for how batch norms were folded, a window may take either.
        let turned = turned_below([(zoo, &found), (graph, &others)], node);
        if turned > 0 {
            let what = format!(
                "torchvision/{name}: windows below {stage} that graph and zoo choose otherwise in"
            );
            all_hold &= holds(&what, turned as f64, TURNED);
            continue;
        }
        let seed = |node: usize| Seed::layer(0, node);
        let ours = project(&exact[1], &found, seed(node));
        let theirs = project(&exact[0], &others, seed(twin));
        let what = format!("torchvision/{name}: projections of {stage} by graph and zoo");
        all_hold &= holds(&what, relative_error(&theirs, &ours), BOUND);
    }
    all_hold
}

/// Windows of all max poolings below a node of the first network whose maximum lies elsewhere in the second, which has the same
/// ones in the same order.
fn turned_below(models: [(&Model, &Trace); 2], node: usize) -> usize {
    let pools = models.map(|(model, trace)| {
        let nodes = model.network().nodes.iter().enumerate();
        let pools = nodes.filter(|(_, node)| matches!(node.op, Op::MaxPool { .. }));
        pools.map(move |(at, _)| (at, doubles(trace.switches(at).unwrap())))
    });
    let [ours, theirs] = pools.map(Iterator::collect::<Vec<_>>);
    assert_eq!(ours.len(), theirs.len());
    let below = ours.iter().zip(&theirs).filter(|((at, _), _)| *at < node);
    below
        .flat_map(|((_, ours), (_, theirs))| ours.iter().zip(theirs))
        .filter(|(ours, theirs)| ours != theirs)
        .count()
}

fn largest_difference(one: &[f64], other: &[f64]) -> f64 {
    let differences = one
        .iter()
        .zip(other)
        .map(|(one, other)| (one - other).abs());
    differences.fold(0.0, f64::max)
}

/// The largest difference over the largest value that is expected.
fn largest_relative(found: &[f64], expected: &[f64]) -> f64 {
    let largest =
        |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, |a: f64, b| a.max(b.abs()));
    largest(&mut found.iter().zip(expected).map(|(a, b)| a - b))
        / largest(&mut expected.iter().copied())
}
