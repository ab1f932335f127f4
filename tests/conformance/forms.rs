//! The same weights through ONNX, `torch.save` and safetensors, and through `model convert`: the same predictions and
//! projections, stage by stage.

use deconvscope::engine::seeds::Unit;
use deconvscope::engine::{to_values, Engine, Seed, Trace};
use deconvscope::network::{Model, ModelSource, Whole};
use tch::{Kind, Tensor};

use crate::common::relative_error;
use crate::reference::{
    engine, folder, holds, largest_difference, load, of_range, project, run, values, Expected,
    BOUND,
};

const PROBABILITY: f64 = 1e-5;

mod through_files {
    each! { super::agree;
        alexnet, densenet121, googlenet, mnasnet0_5, mobilenet_v2, regnet_x_400mf, resnet18, resnext50_32x4d, shufflenet_v2_x0_5,
    squeezenet1_1, vgg11_bn, vgg16,
    }
}

mod converted {
    mod light {
        each! { |name| crate::forms::reads_back(&format!("light/{name}"));
            bvlc_alexnet, densenet121, inception_v1, inception_v2, resnet50, shufflenet, squeezenet, vgg19, zfnet512,
        }
    }

    mod torchvision {
        each! { |name| crate::forms::reads_back(&format!("torchvision/{name}"));
                alexnet, densenet121, googlenet, mnasnet0_5, mobilenet_v2, regnet_x_400mf, resnet18, resnext50_32x4d, shufflenet_v2_x0_5,
        squeezenet1_1, vgg11_bn, vgg16,
            }
    }
}

/// Photographs that have come through a network.
struct Passed {
    model: Model,
    engine: Engine,
    trace: Trace,
}

impl Passed {
    /// In float64, where no rounding but that of the weights is left.
    fn in_double(model: Model, input: &Tensor, nodes: &[usize]) -> Self {
        let engine = Engine::in_double(&model).unwrap();
        Self::with(engine, model, input, nodes)
    }

    fn through(model: Model, input: &Tensor, nodes: &[usize]) -> Self {
        Self::with(engine(&model), model, input, nodes)
    }

    fn with(engine: Engine, model: Model, input: &Tensor, nodes: &[usize]) -> Self {
        let trace = run(&engine, input, nodes);
        Self {
            model,
            engine,
            trace,
        }
    }

    fn probabilities(&self) -> Vec<f32> {
        to_values(&self.trace.output.to_kind(Kind::Float)).unwrap()
    }

    /// The projections of the first photograph's unit, with the value that it has in this network, and of all the node.
    fn pictures(&self, node: usize, unit: &Unit) -> [Vec<f64>; 2] {
        let Self { engine, trace, .. } = self;
        let activation = engine.activation(trace, 0, node, unit).unwrap();
        let unit = Unit {
            activation,
            ..*unit
        };
        let seeds = [Seed::unit(0, node, &unit), Seed::layer(0, node)];
        seeds.map(|seed| project(engine, trace, seed))
    }
}

fn agree(name: &str) {
    let Some(folder) = folder(&format!("torchvision/{name}")) else {
        return;
    };
    let input = Expected::read(&folder).input();
    let saved = load(&folder, "weights.safetensors");
    let pickled = load(&folder, "weights.pth");
    assert_eq!(pickled.network(), saved.network());
    assert!(
        pickled.weights == saved.weights,
        "{name}: .pth and safetensors differ"
    );
    drop(pickled);

    let exported = load(&folder, "model.onnx");
    let every: Vec<usize> = (0..exported.network().nodes.len()).collect();
    let exported = Passed::in_double(exported, &input, &every);
    let stages = saved.anatomy.select_stages(None).unwrap();
    let nodes: Vec<usize> = stages.iter().map(|stage| stage.node).collect();
    let saved = Passed::in_double(saved, &input, &nodes);

    let off = largest_difference(&exported.probabilities(), &saved.probabilities());
    let mut all_hold = holds(
        &format!("forms/{name}: .onnx against .pth and .safetensors, probabilities"),
        off,
        PROBABILITY,
    );
    assert!(!stages.is_empty());
    for stage in &stages {
        let what = format!("forms/{name}: {}", stage.name);
        all_hold &= same_stage(&what, &exported, &saved, stage.node);
    }
    assert!(all_hold, "{name} depends on the form of its file");
}

/// Whether a node of the exported network has the stage's values, and the same projections.
fn same_stage(what: &str, exported: &Passed, saved: &Passed, stage: usize) -> bool {
    let expected = values(&saved.trace, stage);
    let shape = saved.engine.shape(stage);
    let off = |node: usize| of_range(&values(&exported.trace, node), &expected);
    let places = 0..exported.model.network().nodes.len();
    let node = places
        .filter(|&node| exported.engine.shape(node) == shape)
        .find(|&node| off(node) <= BOUND);
    let Some(node) = node else {
        panic!("{what}: no node of the ONNX network gives the same values");
    };
    let name = &exported.model.network().nodes[node].name;
    let unit = saved.engine.strongest_unit(&saved.trace, 0, stage);
    let unit = unit.unwrap().unwrap();
    let found = exported.pictures(node, &unit);
    let wanted = saved.pictures(stage, &unit);
    let [unit, layer] = [0, 1].map(|kind| relative_error(&found[kind], &wanted[kind]));
    let figures = [("values", off(node)), ("unit", unit), ("layer", layer)];
    figures.into_iter().fold(true, |all_hold, (kind, off)| {
        holds(&format!("{what} = {name}, {kind}"), off, BOUND) && all_hold
    })
}

fn reads_back(network: &str) {
    let Some(folder) = folder(network) else {
        return;
    };
    let input = Expected::read(&folder).input();
    let model = load(&folder, "model.onnx");
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("written.safetensors");
    Whole::of(&model).write(&path).unwrap();
    let written = Model::load(&ModelSource {
        name: path.to_str().unwrap().to_owned(),
        ..ModelSource::default()
    });
    let written = written.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(written.network(), model.network());
    assert_eq!(written.preprocessing, model.preprocessing);
    assert_eq!(written.classes, model.classes);
    let model = Passed::through(model, &input, &[]);
    let written = Passed::through(written, &input, &[]);
    assert!(
        model.probabilities() == written.probabilities(),
        "{network}: what model convert wrote computes something else"
    );
    println!("{network}: converted and read back, the same network, stages and bits");
}
