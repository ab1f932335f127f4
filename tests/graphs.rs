//! Small ONNX graphs as exporters write them at their edges (tests/fixtures/graphs, made by scripts/golden/graphs.py): what is
//! done to the image before the first layer, the ends, several outputs, functions; against onnxruntime.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod common;

use std::path::{Path, PathBuf};

use common::strongest_map;
use deconvscope::engine::occlude::{Cut, Occluder};
use deconvscope::engine::{to_values, Engine, Recording};
use deconvscope::network::{
    BatchNorm, Changes, Model, ModelSource, Op, PerChannel, Resize, Scores, Size,
};
use serde_json::Value;
use tch::Device;

/// Of the largest score.
const BOUND: f64 = 1e-5;
const SIDE: u32 = 16;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/graphs")
}

fn expected() -> Value {
    let text = std::fs::read_to_string(fixtures().join("expected.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["graphs"].take()
}

/// The same number for each channel.
fn of_all(number: &Value) -> PerChannel {
    PerChannel::Grey([number.as_f64().unwrap() as f32])
}

fn source(name: &str) -> ModelSource {
    let path = fixtures().join(format!("{name}.onnx"));
    ModelSource {
        name: path.to_str().unwrap().to_owned(),
        // The picture is as large as the input: nothing is resized.
        preprocessing: Changes {
            resize: Some(Resize::Shorter(SIDE)),
            crop: Some(Size::square(SIDE)),
            ..Changes::NONE
        },
        ..ModelSource::default()
    }
}

fn load(source: &ModelSource) -> Model {
    Model::load(source).unwrap()
}

#[track_caller]
fn refused(source: &ModelSource, parts: &[&str]) {
    let error = Model::load(source).unwrap_err().to_string();
    for part in parts {
        assert!(error.contains(part), "expected '{part}' in: {error}");
    }
}

/// What the program shows of the picture.
fn scores(model: &Model) -> Vec<f32> {
    let picture = image::open(fixtures().join("photograph.png")).unwrap();
    let input = deconvscope::dataset::input(&picture.into_rgb8(), &model.preprocessing).unwrap();
    let engine = Engine::new(model, Device::Cpu).unwrap();
    let batch = engine.batch(&[&input]).unwrap();
    let trace = engine.forward(&batch, &Recording::default()).unwrap();
    to_values(&trace.output).unwrap()
}

fn distance(found: &[f32], expected: &Value) -> f64 {
    let expected: Vec<f64> = serde_json::from_value(expected.clone()).unwrap();
    assert_eq!(found.len(), expected.len());
    let off = found.iter().zip(&expected);
    let off = off.map(|(found, expected)| (f64::from(*found) - expected).abs());
    let range = expected
        .iter()
        .fold(0.0_f64, |range, it| range.max(it.abs()));
    off.fold(0.0, f64::max) / range
}

fn note<'a>(model: &'a Model, part: &str) -> Option<&'a String> {
    model.notes.iter().find(|note| note.contains(part))
}

#[test]
fn every_graph_says_what_onnxruntime_says_of_it() {
    let mut wrong = Vec::new();
    let all = expected();
    assert!(all.as_object().unwrap().len() > 30);
    for (name, it) in all.as_object().unwrap() {
        let mut source = source(name);
        if name.starts_with("training") {
            source.batch_norm = Some(BatchNorm::Running);
        }
        if name == "embedding-beside" {
            source.classes = Some(fixtures().join("four.txt"));
        }
        let told = it["told"].as_object().unwrap();
        if !told.is_empty() {
            source.preprocessing.scale = Some(told["scale"].as_f64().unwrap() as f32);
            source.preprocessing.mean = Some(of_all(&told["mean"]));
            source.preprocessing.std = Some(of_all(&told["std"]));
        }
        let model = match Model::load(&source) {
            Ok(model) => model,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        if model.output.as_deref() != it["output"].as_str() {
            wrong.push(format!("{name}: output {:?}", model.output));
            continue;
        }
        let found = scores(&model);
        let off = distance(&found, &it["scores"]);
        if off > BOUND {
            wrong.push(format!(
                "{name}: off by {off:.1e}: {found:?} {}",
                it["scores"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Where the graph moves its channels by itself, nothing of the two moves is left: a window of change stays a window.
#[test]
fn no_move_of_the_channels_is_left_where_the_graph_makes_one() {
    for name in [
        "nhwc-rescaling",
        "nhwc-caffe",
        "nhwc-channels-apart",
        "nhwc-gather-clip",
        "nhwc-bytes",
    ] {
        let model = load(&source(name));
        let moves = |op: &Op| matches!(op, Op::Permute { .. } | Op::Reshape { .. });
        let nodes = &model.network().nodes;
        assert!(
            !nodes.iter().any(|node| moves(&node.op)),
            "{name}: {nodes:#?}"
        );
        assert!(!model.anatomy.whole_maps().contains(&true), "{name}");
    }
    let kept = load(&source("nhwc-without-a-move"));
    let permutes = |op: &Op| matches!(op, Op::Permute { .. });
    assert!(kept.network().nodes.iter().any(|node| permutes(&node.op)));
}

#[test]
fn a_graph_that_normalises_is_not_given_what_is_normalised_already() {
    for (name, scale) in [
        ("nhwc-rescaling", 255.0),
        ("nhwc-normalization", 255.0),
        ("nhwc-caffe", 255.0),
        ("nhwc-tf", 255.0),
        ("nhwc-bytes", 255.0),
        ("nchw-normalisation", 1.0),
        ("nchw-flipped", 255.0),
        ("nchw-bytes", 255.0),
    ] {
        let model = load(&source(name));
        assert_eq!(model.preprocessing.scale, scale, "{name}");
        assert_eq!(model.preprocessing.mean.values(), [0.0; 3], "{name}");
        assert!(
            note(&model, "given to it from 0 to").is_some(),
            "{name}: {:?}",
            model.notes
        );
    }
    let plain = load(&source("one-logit"));
    assert!(note(&plain, "torchvision's preprocessing assumed").is_some());
    let told = ModelSource {
        preset: Some(deconvscope::network::Preset::Torchvision),
        ..source("nhwc-rescaling")
    };
    assert!(note(&load(&told), "normalised before").is_some());
    refused(
        &ModelSource {
            preset: Some(deconvscope::network::Preset::Torchvision),
            ..source("nhwc-bytes")
        },
        &["whole numbers from 0 to 255", "leave --preset"],
    );
}

#[test]
fn one_output_is_two_classes_with_two_names_or_one() {
    let folder = tempfile::tempdir().unwrap();
    let names = |text: &str| {
        let path = folder.path().join("names.txt");
        std::fs::write(&path, text).unwrap();
        let source = ModelSource {
            classes: Some(path),
            ..source("one-sigmoid")
        };
        Model::load(&source)
    };
    let told = |text: &str| -> Vec<String> {
        let classes = names(text).unwrap().classes.into_iter();
        classes.map(|class| class.name).collect()
    };
    assert_eq!(told("cat\ndog\n"), ["cat", "dog"]);
    assert_eq!(told("dog\n"), ["not dog", "dog"]);
    let error = names("a\nb\nc\n").unwrap_err().to_string();
    assert!(
        error.contains("3 class names for a network of one output"),
        "{error}"
    );
    let unnamed = load(&source("one-logit"));
    assert!(
        note(&unnamed, "1 − p and p").is_some(),
        "{:?}",
        unnamed.notes
    );
    assert!(note(&unnamed, "that of p alone").is_some());
    assert_eq!(unnamed.network().scores, Some(Scores::Softmax));
    refused(
        &ModelSource {
            scores: Some(Scores::Softmax),
            ..source("one-logit")
        },
        &["--scores softmax", "1 for every photograph"],
    );
}

#[test]
fn what_the_outputs_are_can_be_said() {
    let with = |name: &str, scores: Scores| {
        load(&ModelSource {
            scores: Some(scores),
            ..source(name)
        })
    };
    let all = expected();
    // The logits themselves, and each by itself.
    let raw = with("embedding-first", Scores::None);
    assert_eq!(raw.network().scores, Some(Scores::None));
    let logits = scores(&raw);
    let exponentials: Vec<f64> = logits.iter().map(|z| f64::from(*z).exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    let softmax: Vec<f32> = exponentials.iter().map(|e| (e / sum) as f32).collect();
    assert!(distance(&softmax, &all["embedding-first"]["scores"]) < BOUND);
    let each = with("embedding-first", Scores::Sigmoid);
    assert_eq!(each.network().scores, Some(Scores::Sigmoid));
    for (p, z) in scores(&each).iter().zip(&logits) {
        assert!((f64::from(*p) - 1.0 / (1.0 + (-f64::from(*z)).exp())).abs() < 1e-6);
    }
    // A Sigmoid of the graph's own stays or makes room.
    let own = with("several-sigmoids", Scores::Sigmoid);
    assert!(distance(&scores(&own), &all["several-sigmoids"]["scores"]) < BOUND);
    let replaced = with("several-sigmoids", Scores::Softmax);
    assert!((scores(&replaced).iter().sum::<f32>() - 1.0).abs() < 1e-5);
    assert!(note(&replaced, "in place of the Sigmoid").is_some());
    let pair = with("one-sigmoid", Scores::Sigmoid);
    assert!(distance(&scores(&pair), &all["one-sigmoid"]["scores"]) < BOUND);
    let single = with("one-logit", Scores::None);
    assert_eq!(scores(&single).len(), 1);
    let each = load(&source("several-sigmoids"));
    assert!(note(&each, "each is the probability of its class by itself").is_some());
}

#[test]
fn outputs_are_chosen_and_named() {
    let named = |name: &str, output: &str| ModelSource {
        output_node: Some(output.to_owned()),
        ..source(name)
    };
    for (output, classes) in [("features", 6), ("logits", 4), ("logits_node", 4), ("g", 6)] {
        let model = load(&named("embedding-first", output));
        assert_eq!(model.classes.len(), classes, "{output}");
    }
    assert_eq!(load(&named("label-and-map", "loss")).classes.len(), 3);
    refused(
        &named("embedding-first", "logit"),
        &["unknown output 'logit'", "logits", "features"],
    );
    let chosen = load(&source("embedding-first"));
    let said = note(&chosen, "2 outputs").unwrap();
    assert!(
        said.contains("features (6), logits (4)") && said.contains("--output-node"),
        "{said}"
    );
    let maps = load(&source("label-and-map"));
    let names: Vec<&str> = maps.classes.iter().map(|class| &*class.name).collect();
    assert_eq!(names, ["cat", "dog", "fox"]);
    refused(
        &ModelSource {
            classes: Some(fixtures().join("four.txt")),
            ..named("embedding-first", "features")
        },
        &["4 class names for a network of 6 outputs ('features'"],
    );
    let silent = load(&ModelSource {
        classes: Some(fixtures().join("four.txt")),
        ..named("maps-beside-logits", "r")
    });
    assert!(silent.classes.is_empty());
    assert!(
        note(&silent, "4 class names of four.txt not used").is_some(),
        "{:?}",
        silent.notes
    );
}

/// What `model show` prints is the network that a report looks into, also where a TOML says of what classes and size.
#[test]
fn an_outline_is_that_of_the_network_that_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["embedding-beside.onnx", "nhwc-open.onnx", "four.txt"] {
        std::fs::copy(fixtures().join(file), folder.path().join(file)).unwrap();
    }
    for (name, told) in [
        ("embedding-beside", "classes = \"four.txt\"\n"),
        ("nhwc-open", "[preprocessing]\ncrop = 24\n"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(path.with_extension("toml"), told).unwrap();
        let source = ModelSource {
            name: path.with_extension("onnx").to_str().unwrap().to_owned(),
            ..ModelSource::default()
        };
        let (outline, _) = deconvscope::network::outline(&source).unwrap();
        assert_eq!(outline.network(), load(&source).network(), "{name}");
    }
}

#[test]
fn batch_norms_in_training_mode_are_refused_by_name() {
    for name in ["training-14", "training-9", "training-6"] {
        refused(
            &source(name),
            &[
                "node 'n_node' (BatchNormalization",
                "in training mode",
                "--batch-norm running",
            ],
        );
    }
}

#[test]
fn what_is_said_of_outputs_goes_into_the_converted_network() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["several-sigmoids", "one-logit", "nhwc-caffe"] {
        let model = load(&source(name));
        let path = folder.path().join(format!("{name}.safetensors"));
        deconvscope::network::Whole::of(&model)
            .write(&path)
            .unwrap();
        let back = load(&ModelSource {
            name: path.to_str().unwrap().to_owned(),
            ..ModelSource::default()
        });
        assert_eq!(back.network().scores, model.network().scores, "{name}");
        assert_eq!(scores(&back), scores(&model), "{name}");
    }
    let raw = load(&ModelSource {
        scores: Some(Scores::None),
        ..source("one-logit")
    });
    let path = folder.path().join("raw.safetensors");
    deconvscope::network::Whole::of(&raw).write(&path).unwrap();
    let back = load(&ModelSource {
        name: path.to_str().unwrap().to_owned(),
        ..ModelSource::default()
    });
    assert_eq!(scores(&back), scores(&raw));
}

/// What windows give under an occluder is what the whole network gives, for every kind of end.
#[test]
fn an_occluder_changes_scores_of_every_kind_as_full_inference_does() {
    let ends = [
        ("one-logit", None),
        ("one-sigmoid-of-a-map", None),
        ("several-sigmoids", None),
        ("nhwc-caffe", None),
        ("embedding-first", Some(Scores::None)),
    ];
    for (name, end) in ends {
        let model = load(&ModelSource {
            scores: end,
            ..source(name)
        });
        let picture = image::open(fixtures().join("photograph.png")).unwrap();
        let input =
            deconvscope::dataset::input(&picture.into_rgb8(), &model.preprocessing).unwrap();
        let engine = Engine::new(&model, Device::Cpu).unwrap();
        let fill = vec![0.25; 3];
        let side = SIDE as usize;
        let occluder = Occluder::grid(5, 3, [side; 2], fill).unwrap();
        let clean = engine.forward(
            &engine.batch(&[&input]).unwrap(),
            &Recording::everything(&engine),
        );
        let clean = clean.unwrap();
        let watched = model.network().stages[0].node;
        let slider = engine
            .slider(occluder.clone(), watched, Cut::default())
            .unwrap();
        let map = strongest_map(&engine, &clean, watched);
        let found = to_values(&slider.slide(&clean, &[map]).unwrap().output).unwrap();
        let mut full = Vec::new();
        for &top in &occluder.rows {
            for &left in &occluder.columns {
                let mut hidden = input.clone();
                for plane in hidden.chunks_exact_mut(side * side) {
                    for row in plane.chunks_exact_mut(side).skip(top).take(5) {
                        row[left..left + 5].fill(0.25);
                    }
                }
                let batch = engine.batch(&[&hidden]).unwrap();
                let trace = engine.forward(&batch, &Recording::default()).unwrap();
                full.extend(to_values(&trace.output).unwrap());
            }
        }
        assert_eq!(found.len(), full.len(), "{name}");
        let range = full
            .iter()
            .fold(0.0_f32, |range, score| range.max(score.abs()));
        let off = found.iter().zip(&full).map(|(a, b)| (a - b).abs());
        let off = off.fold(0.0, f32::max) / range;
        assert!(off < BOUND as f32, "{name}: {off}");
    }
}
