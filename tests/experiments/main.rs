//! Correspondence (ZF table 1), invariance (ZF fig. 5), occlusion (ZF fig. 7) and transfer (ZF table 7), through the program: their tables against a plain
//! computation over whole vectors, the same bytes whatever the threads, their pages, and what people get wrong.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod bad_input;
#[path = "../common/mod.rs"]
mod common;
mod correspondence;
mod invariance;
mod occlusion;
#[path = "../support/mod.rs"]
mod support;
mod transfer;

use common::doubles;
use deconvscope::engine::{device, to_values, Engine, Recording};
use deconvscope::network::{Model, ModelSource};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use support::photos::photo;
use support::run::Run;
use support::{type_in, weights};
use tch::{Device, Tensor};

const LAYERS: [&str; 2] = ["fire9", "conv10"];
/// `edge` of `a/1.png` lies left of what the network sees; `b/3.png` has one part alone; `a/4.png` has none.
const PARTS: &str = "image,part,x,y,width,height
a/1.png,eye,200,60,50,50
a/1.png,nose,260,120,50,50
a/1.png,edge,0,0,60,60
a/2.jpg,eye,60,60,50,50
a/2.jpg,nose,120,150,25,50
a/2.jpg,nose,145,150,25,50
b/3.png,eye,80,60,50,50
";

/// The data set `p` with its parts `parts.csv`, and the run `o` of it with both experiments, made once.
fn sample() -> &'static Path {
    static SAMPLE: OnceLock<PathBuf> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("experiments");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        for (name, size, seed) in [
            ("a/1.png", (520, 260), 1),
            ("a/2.jpg", (260, 300), 2),
            ("b/3.png", (300, 300), 3),
            ("a/4.png", (300, 260), 4),
        ] {
            photo(&folder.join("p").join(name), size, seed);
        }
        std::fs::write(folder.join("p/a/5.jpg"), "no photograph").unwrap();
        std::fs::write(folder.join("parts.csv"), PARTS).unwrap();
        type_in(&folder, &format!("{COMMAND} --out o --threads 2")).ok();
        folder
    })
}

const COMMAND: &str =
    "report p --model squeezenet1_1 --features none --device cpu --kinds layer --layers conv10 --detail 0 --parts parts.csv \
                       --random-places 2 --seed 5 --invariance a/4.png,b/3.png --occlusion none";

fn reference() -> Run {
    Run(sample().join("o"))
}

/// SqueezeNet as the program runs it, and in float64.
struct Network {
    model: Model,
    engine: Engine,
    exact: Engine,
}

impl Network {
    fn load() -> Self {
        device::one_thread_here();
        let model = Model::load(&ModelSource {
            name: "squeezenet1_1".into(),
            weights: Some(weights()),
            ..ModelSource::default()
        })
        .unwrap();
        let engine = Engine::new(&model, Device::Cpu).unwrap();
        let exact = Engine::in_double(&model).unwrap();
        Self {
            model,
            engine,
            exact,
        }
    }

    /// Values of these stages, then the probabilities.
    fn see(&self, input: &[f32], stages: &[&str]) -> Vec<Vec<f32>> {
        let seen = self.see_by(&self.engine, input, stages);
        seen.iter()
            .map(|tensor| to_values(tensor).unwrap())
            .collect()
    }

    /// The same in float64.
    fn see_exactly(&self, input: &[f32], stages: &[&str]) -> Vec<Vec<f64>> {
        let seen = self.see_by(&self.exact, input, stages);
        seen.iter().map(doubles).collect()
    }

    fn see_by(&self, engine: &Engine, input: &[f32], stages: &[&str]) -> Vec<Tensor> {
        let nodes: Vec<usize> = stages
            .iter()
            .map(|name| {
                let stages = &self.model.network().stages;
                stages
                    .iter()
                    .find(|stage| stage.name == *name)
                    .unwrap()
                    .node
            })
            .collect();
        let recording = Recording {
            activations: nodes.clone(),
            rule: None,
            ..Recording::default()
        };
        let batch = engine.batch(&[input]).unwrap();
        let trace = engine.forward(&batch, &recording).unwrap();
        let features = nodes.iter().map(|node| &trace.activations[node]);
        features
            .chain([&trace.output])
            .map(Tensor::shallow_clone)
            .collect()
    }
}
