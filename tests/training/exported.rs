//! What a training leaves is what PyTorch's networks of the same name have in their state dicts.

use std::collections::{BTreeMap, BTreeSet};

use deconvscope::engine::learn::{Learner, Learning, Norms};
use deconvscope::engine::Precision;
use deconvscope::experiments::training::Init;
use deconvscope::network::{Anatomy, ModelSource, Preprocessing, Trainable, Whole};
use safetensors::SafeTensors;
use tch::Device;

/// Names and shapes that torchvision's has (scripts/golden/state_dict.py), but for the counts of batches: `load_state_dict` asks for
/// them only where a dict tells its version, which safetensors have no place for (scripts/training_load.py loads one).
fn torchvision() -> BTreeMap<String, String> {
    let mut table = csv::Reader::from_path("tests/fixtures/training/resnet18.csv").unwrap();
    let rows = table.deserialize().map(Result::unwrap);
    rows.filter(|(name, _): &(String, String)| !name.ends_with(".num_batches_tracked"))
        .collect()
}

#[test]
fn a_resnet18_has_the_names_and_shapes_of_torchvisions() {
    let source = ModelSource {
        name: "resnet18".into(),
        ..ModelSource::default()
    };
    let trainable = Trainable::of(&source, 10).unwrap();
    let anatomy = Anatomy::of(trainable.network.clone()).unwrap().into();
    let weights = Init::He.weights_of(&trainable, 0).unwrap();
    let learning = Learning {
        dropout: 0.0,
        smoothing: 0.0,
        norms: Norms::Trained,
        norm_momentum: 0.1,
        precision: Precision::Float32,
    };
    let learner =
        Learner::new(&anatomy, &weights, Device::Cpu, learning, &BTreeSet::new()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.safetensors");
    let left = Whole {
        network: &trainable.network,
        weights: &learner.weights().unwrap(),
        classes: &[],
        preprocessing: &Preprocessing::torchvision(),
        source: "a test",
    };
    left.write(&path).unwrap();

    let bytes = std::fs::read(&path).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let shape = |shape: &[usize]| {
        let lengths = shape.iter().map(usize::to_string);
        lengths.collect::<Vec<_>>().join("x")
    };
    let found = tensors.iter();
    let found: BTreeMap<String, String> = found
        .map(|(name, tensor)| (name.to_owned(), shape(tensor.shape())))
        .collect();
    assert_eq!(found, torchvision());
}
