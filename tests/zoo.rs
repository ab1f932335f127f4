//! What comes with the zoo's networks: their own preprocessing, and the names that their published weights have.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::path::{Path, PathBuf};

use deconvscope::network::weights;
use deconvscope::network::{
    zoo, Anatomy, Changes, Model, ModelSource, Network, PerChannel, Preset, Resize,
};
use safetensors::tensor::{Dtype, TensorView};
use tempfile::TempDir;

/// Weights of half precision that are all one, under names of one's own.
fn constant(folder: &TempDir, network: &Network, name: impl Fn(&str) -> String) -> PathBuf {
    let parameters = Anatomy::of(network.clone()).unwrap().parameters();
    let bytes = |shape: &[usize]| half::f16::ONE.to_le_bytes().repeat(shape.iter().product());
    let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = parameters
        .into_iter()
        .map(|p| (name(&p.name), p.shape.clone(), bytes(&p.shape)))
        .collect();
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F16, shape.clone(), bytes).unwrap();
        (name, view)
    });
    let path = folder.path().join("weights.safetensors");
    safetensors::serialize_to_file(views, None, &path).unwrap();
    path
}

fn load(weights: &Path, preset: Option<Preset>, preprocessing: Changes) -> Model {
    let source = ModelSource {
        name: "efficientnet_lite0".into(),
        weights: Some(weights.to_owned()),
        preset,
        preprocessing,
        ..ModelSource::default()
    };
    Model::load(&source).unwrap()
}

/// It stands where no family is told, in the description or on the command line.
#[test]
fn a_networks_own_preprocessing_gives_way_to_what_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let network = zoo::find("efficientnet_lite0").unwrap().network();
    let weights = constant(&folder, &network, str::to_owned);
    let told = |model: &Model| {
        let p = &model.preprocessing;
        (p.resize, p.scale, p.mean.of(0), p.std.of(0))
    };

    let own = load(&weights, None, Changes::NONE);
    let usual = Resize::Shorter(256);
    assert_eq!(told(&own), (usual, 255.0, 127.0, 128.0));
    let note = "efficientnet_lite0's usual preprocessing";
    assert!(own.notes.iter().any(|said| said.contains(note)));
    let changes = Changes {
        resize: Some(Resize::Shorter(300)),
        mean: Some(PerChannel::Colour([120.0; 3])),
        ..Changes::NONE
    };
    assert_eq!(
        told(&load(&weights, None, changes)),
        (Resize::Shorter(300), 255.0, 120.0, 128.0)
    );
    let family = load(&weights, Some(Preset::Tf), Changes::NONE);
    assert_eq!(told(&family), (usual, 1.0, 0.5, 0.5));

    let description = folder.path().join("weights.toml");
    std::fs::write(&description, "[preprocessing]\nmean = [1, 1, 1]").unwrap();
    let part = load(&weights, None, Changes::NONE);
    assert_eq!(told(&part), (usual, 255.0, 1.0, 128.0));
    std::fs::write(&description, "preset = \"torchvision\"").unwrap();
    let family = load(&weights, None, Changes::NONE);
    assert_eq!(told(&family), (usual, 1.0, 0.485, 0.229));
    assert!(!family
        .notes
        .iter()
        .any(|said| said.contains("preprocessing")));
}

/// torchvision's file of DenseNet121 has names of before 2019 that torchvision itself rewrites.
#[test]
fn densenets_old_names_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let network = zoo::find("densenet121").unwrap().network();
    let dotted = |name: &str| {
        let parts: Vec<&str> = name.split('.').collect();
        let old = |part: &&str| {
            match *part {
                "norm1" => "norm.1",
                "norm2" => "norm.2",
                "conv1" => "conv.1",
                "conv2" => "conv.2",
                part => part,
            }
            .to_owned()
        };
        parts.iter().map(old).collect::<Vec<String>>().join(".")
    };
    for prefix in ["", "module."] {
        let path = constant(&folder, &network, |name| {
            format!("{prefix}{}", dotted(name))
        });
        let loaded = weights::read(&path, &network).unwrap();
        assert_eq!(loaded.prefix, prefix);
        let expected = Anatomy::of(network.clone()).unwrap().parameters();
        assert_eq!(loaded.weights.len(), expected.len());
        for parameter in expected {
            let array = &loaded.weights[&parameter.name];
            assert_eq!((&array.shape, array.data[0]), (&parameter.shape, 1.0));
        }
    }
}
