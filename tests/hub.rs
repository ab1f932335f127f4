//! Folders as the model hub lays them: timm's `config.json` beside the weights.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::path::Path;

use deconvscope::network::{
    Interpolation, Model, ModelSource, PerChannel, Preprocessing, Resize, Size,
};
use serde_json::{json, Value};
use tempfile::TempDir;

const WEIGHTS: &str = "tests/fixtures/checkpoints/tiny.safetensors";

fn config() -> Value {
    json!({
        "architecture": "tiny",
        "num_classes": 5,
        "label_names": ["a", "b", "c", "d", "e"],
        "model_args": {"num_classes": 5, "in_chans": 3},
        "pretrained_cfg": {
            "input_size": [3, 32, 32],
            "interpolation": "bicubic",
            "crop_pct": 0.8,
            "crop_mode": "center",
            "mean": [0.1, 0.2, 0.3],
            "std": [0.5, 0.6, 0.7],
            "classifier": "fc5",
        },
    })
}

fn folder(config: &Value, weights: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(WEIGHTS);
    std::fs::copy(own, folder.path().join(weights)).unwrap();
    folder
}

fn source(path: &Path) -> ModelSource {
    ModelSource {
        name: path.to_str().unwrap().into(),
        ..ModelSource::default()
    }
}

/// What a file of half of a network's tensors has.
fn half_of_tiny(path: &Path) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(WEIGHTS);
    let bytes = std::fs::read(own).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let half = tensors.tensors().into_iter().take(4);
    safetensors::serialize_to_file(half, None, path).unwrap();
}

#[track_caller]
fn refused(config: &Value, parts: &[&str]) {
    let folder = folder(config, "model.safetensors");
    let error = Model::load(&source(folder.path())).unwrap_err().to_string();
    for part in parts {
        assert!(error.contains(part), "expected '{part}' in: {error}");
    }
}

/// The folder, the file, and the file given as the weights of a network of the zoo.
#[test]
fn network_preprocessing_and_classes_are_those_of_its_config() {
    for weights in ["model.safetensors", "pytorch_model.bin"] {
        let folder = folder(&config(), weights);
        let file = folder.path().join(weights);
        let named = ModelSource {
            weights: Some(file.clone()),
            ..source(Path::new("tiny"))
        };
        for source in [source(folder.path()), source(&file), named] {
            let model = Model::load(&source).unwrap();
            assert_eq!(model.network().name, "tiny");
            let Preprocessing {
                resize,
                crop,
                interpolation,
                mean,
                std,
                ..
            } = model.preprocessing.clone();
            assert_eq!(crop, Size::square(32));
            assert_eq!(resize, Resize::Shorter(40));
            assert_eq!(interpolation, Interpolation::Bicubic);
            assert_eq!(mean, PerChannel::Colour([0.1, 0.2, 0.3]));
            assert_eq!(std, PerChannel::Colour([0.5, 0.6, 0.7]));
            let classes: Vec<&str> = model.classes.iter().map(|class| &*class.name).collect();
            assert_eq!(classes, ["a", "b", "c", "d", "e"]);
        }
    }
}

/// Before there was a part for it.
#[test]
fn older_configs_tell_the_preprocessing_at_their_top() {
    let mut older = config();
    let data = older["pretrained_cfg"].take();
    let older = older.as_object_mut().unwrap();
    older.remove("pretrained_cfg");
    older.extend(data.as_object().unwrap().clone());
    let folder = folder(&Value::Object(older.clone()), "model.safetensors");
    let model = Model::load(&source(folder.path())).unwrap();
    assert_eq!(model.preprocessing.resize, Resize::Shorter(40));
}

#[test]
fn what_contradicts_the_weights_is_refused() {
    let with = |name: &str, value: Value| {
        let mut config = config();
        config[name] = value;
        config
    };
    refused(
        &with("num_classes", json!(7)),
        &["config.json", "7 classes", "have 5"],
    );
    refused(
        &with("architecture", json!("resnet18")),
        &["resnet18 expects [64, 3, 7, 7]", "they fit tiny"],
    );
    let folder = folder(&config(), "model.safetensors");
    let other = ModelSource {
        weights: Some(folder.path().join("model.safetensors")),
        ..source(Path::new("zfnet_small"))
    };
    assert!(Model::load(&other).is_err());
}

#[test]
fn what_the_zoo_does_not_have_is_refused_with_what_to_do() {
    let of = |architecture: &str| {
        let mut config = config();
        config["architecture"] = json!(architecture);
        config
    };
    refused(&of("vit_base_patch16_224"), &["vision transformer"]);
    refused(
        &of("tf_efficientnet_b0"),
        &["pads as TensorFlow does", "torch.onnx.export"],
    );
    refused(&of("hrnet_w18"), &["'hrnet_w18'", "torch.onnx.export"]);
    let mut other = config();
    other["model_args"]["act_layer"] = json!("gelu");
    refused(&other, &["act_layer", "torch.onnx.export"]);
    for place in ["/model_args", ""] {
        let mut other = config();
        let place = other.pointer_mut(place).unwrap().as_object_mut().unwrap();
        place.insert("global_pool".into(), json!("avgmax"));
        refused(&other, &["global_pool 'avgmax'", "torch.onnx.export"]);
    }
    let mut other = config();
    other["pretrained_cfg"]["crop_mode"] = json!("border");
    refused(&other, &["crop_mode is 'border'"]);
    let mut other = config();
    other["pretrained_cfg"]["interpolation"] = json!("random");
    refused(&other, &["interpolation", "bilinear"]);
}

#[test]
fn weights_in_parts_and_folders_without_weights_say_so() {
    let folder = folder(&config(), "model-00001-of-00002.safetensors");
    let said = |part: &str| {
        let error = Model::load(&source(folder.path())).unwrap_err().to_string();
        assert!(error.contains(part), "expected '{part}' in: {error}");
    };
    said("no model.safetensors or pytorch_model.bin");
    let resnet = ModelSource {
        weights: Some(folder.path().join("model-00001-of-00002.safetensors")),
        ..source(Path::new("resnet18"))
    };
    std::fs::remove_file(folder.path().join("config.json")).unwrap();
    half_of_tiny(&folder.path().join("model-00001-of-00002.safetensors"));
    let error = Model::load(&resnet).unwrap_err().to_string();
    assert!(error.contains("one of several"), "{error}");
    std::fs::write(folder.path().join("config.json"), config().to_string()).unwrap();
    let index = folder.path().join("model.safetensors.index.json");
    std::fs::write(index, "{}").unwrap();
    said("in several files");
}

/// A graph tells of itself, and so does a network that this program wrote, whatever lies beside them.
#[test]
fn what_tells_more_than_a_config_stands_over_it() {
    let mut other = config();
    other["architecture"] = json!("hrnet_w18");
    let folder = folder(&other, "model.safetensors");
    let graph = "tests/fixtures/graphs/one-logit.onnx";
    let graph = Path::new(env!("CARGO_MANIFEST_DIR")).join(graph);
    let beside = folder.path().join("model.onnx");
    std::fs::copy(graph, &beside).unwrap();
    assert!(Model::load(&source(&beside)).is_ok());
    let toml = folder.path().join("model.toml");
    std::fs::write(toml, "source = \"ours\"").unwrap();
    let error = Model::load(&source(&folder.path().join("model.safetensors")));
    let error = error.unwrap_err().to_string();
    assert!(!error.contains("hrnet_w18"), "{error}");
}

/// A config.json of another program tells nothing.
#[test]
fn another_programs_config_is_left_alone() {
    let other = json!({"architectures": ["ResNetForImageClassification"], "hidden_sizes": [64]});
    let folder = folder(&other, "model.safetensors");
    let named = ModelSource {
        weights: Some(folder.path().join("model.safetensors")),
        ..source(Path::new("tiny"))
    };
    let model = Model::load(&named).unwrap();
    assert_eq!(model.classes[0].name, "class 0");
}
