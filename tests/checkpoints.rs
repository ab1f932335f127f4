//! One network's weights in every form that PyTorch writes (tests/fixtures/checkpoints, made by
//! scripts/golden/checkpoints.py), and what must not be read.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::path::{Path, PathBuf};

use deconvscope::network::checkpoint::Checkpoint;
use deconvscope::network::shape::Parameter;
use deconvscope::network::weights::{self, Loaded};
use deconvscope::network::{zoo, Anatomy, Network};
use proptest::prelude::*;
use safetensors::tensor::{Dtype, TensorView};

fn tiny() -> Network {
    zoo::find("tiny").unwrap().network()
}

fn parameters() -> Vec<Parameter> {
    Anatomy::of(tiny()).unwrap().parameters()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/checkpoints")
        .join(name)
}

fn read(name: &str) -> Loaded {
    weights::read(&fixture(name), &tiny()).unwrap()
}

#[track_caller]
fn refused(name: &str, parts: &[&str]) {
    let error = weights::read(&fixture(name), &tiny())
        .unwrap_err()
        .to_string();
    for part in parts {
        assert!(error.contains(part), "expected '{part}' in: {error}");
    }
}

#[test]
fn the_shapes_that_the_fixtures_were_made_for_are_those_of_the_network() {
    let listed = std::fs::read_to_string(fixture("shapes.txt")).unwrap();
    let expected: Vec<String> = parameters()
        .iter()
        .map(|parameter| {
            let sides: Vec<String> = parameter.shape.iter().map(ToString::to_string).collect();
            format!("{} {}", parameter.name, sides.join(" "))
        })
        .collect();
    assert_eq!(listed.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn the_same_weights_come_out_of_every_form() {
    let expected = read("tiny.safetensors");
    assert_eq!(expected.prefix, "");
    for (name, prefix) in [
        ("tiny.pth", ""),
        ("tiny-legacy.pth", ""),
        ("tiny-double.pth", ""),
        ("tiny-views.pth", ""),
        ("tiny-views-legacy.pth", ""),
        ("tiny-training.pth", "state_dict.module."),
        ("objects-2.pth", "state_dict."),
        ("objects-4.pth", "state_dict."),
        ("objects-5.pth", "state_dict."),
        ("objects-legacy.pth", "state_dict."),
        ("legacy-1.pth", "state_dict."),
        ("legacy-3.pth", "state_dict."),
        ("legacy-4.pth", "state_dict."),
        ("legacy-5.pth", "state_dict."),
        ("zip-1.pth", "state_dict."),
        ("tiny-alias.pth", "a."),
        ("first-parameter.pth", ""),
        ("first-attribute.pth", ""),
    ] {
        let found = read(name);
        assert_eq!(found.weights, expected.weights, "{name}");
        assert_eq!(found.prefix, prefix, "{name}");
        assert_ne!(found.sha256, expected.sha256);
    }
}

#[test]
fn half_precision_is_rounded_as_it_was_written() {
    let exact = read("tiny.safetensors").weights;
    let half = read("tiny-half.safetensors").weights;
    assert_eq!(read("tiny-half.pth").weights, half);
    for (reduced, bits) in [(half, 11), (read("tiny-bfloat16.pth").weights, 8)] {
        assert_ne!(reduced, exact);
        for (name, array) in &exact {
            let pairs = array.data.iter().zip(&reduced[name].data);
            for (exact, found) in pairs {
                // Half the last digit, and the smallest of the smallest numbers.
                let most = exact.abs() * 0.5_f32.powi(bits) + 3e-8;
                assert!((exact - found).abs() <= most, "{name}: {exact} {found}");
            }
        }
    }
}

#[test]
fn what_is_no_state_dict_is_refused_and_never_executed() {
    for whole in ["whole.pth", "whole-legacy.pth", "whole-beside.pth"] {
        refused(
            whole,
            &[
                "whole module, __main__.Whole",
                "torch.save(model.state_dict()",
            ],
        );
    }
    refused(
        "harmful.pth",
        &["'x', an object of posix.system", "no tensor"],
    );
    assert!(!Path::new("/tmp/deconvscope-was-here").exists());
    refused("nothing.pth", &["no tensor under a name"]);
    refused(
        "scripted.pt",
        &["TorchScript", "torch.save(model.state_dict()"],
    );
    refused("program.pt2", &[".pt2", "torch.save(model.state_dict()"]);
    refused("plain.pkl", &["not of PyTorch's torch.save"]);
    refused("tiny-twice.pth", &["more than once", "a., b."]);
    refused("tiny-nan.pth", &["not finite"]);
    refused("tiny-long.pth", &["whole numbers"]);
    let other = zoo::find("resnet18").unwrap().network();
    let error = weights::read(&fixture("tiny.pth"), &other).unwrap_err();
    assert!(error.to_string().contains("another network"), "{error}");
}

#[test]
fn a_tensor_that_depends_on_an_object_is_an_error_that_names_it() {
    for (name, parts) in [
        ("array", &["numpy", "torch.from_numpy(array)"][..]),
        ("meter", &["__main__.Meter", "save a tensor in its place"]),
        ("sparse", &["_rebuild_sparse_tensor", "to_dense()"]),
        (
            "quantised",
            &["_rebuild_qtensor", "before it was quantised"],
        ),
    ] {
        let parts = [&["'conv1.weight' is an object of"][..], parts].concat();
        refused(&format!("first-{name}.pth"), &parts);
    }
}

#[test]
fn files_that_are_no_checkpoints_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.pth");
    for (bytes, word) in [
        (&b""[..], "is empty"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n",
            "git lfs pull",
        ),
        (b"<!DOCTYPE html><html><head><title>Sign in", "web page"),
        (b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0", "tf2onnx"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let error = weights::read(&path, &tiny()).unwrap_err().to_string();
        assert!(error.contains(word), "expected '{word}' in: {error}");
    }
    // What counts is how a file begins, whatever its name.
    std::fs::copy(fixture("tiny.safetensors"), &path).unwrap();
    assert!(weights::read(&path, &tiny()).is_ok());
}

#[test]
fn a_file_that_was_cut_off_is_refused_wherever_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut");
    for name in ["tiny.pth", "tiny-legacy.pth", "tiny.safetensors"] {
        let bytes = std::fs::read(fixture(name)).unwrap();
        for length in (0..bytes.len()).step_by(97) {
            std::fs::write(&path, &bytes[..length]).unwrap();
            let found = weights::read(&path, &tiny());
            assert!(found.is_err(), "{name} cut to {length} bytes");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn damage_is_an_error_or_other_weights_and_never_a_panic(
        file in prop::sample::select(vec![
            "tiny.pth", "tiny-legacy.pth", "tiny-views-legacy.pth", "tiny-training.pth", "objects-4.pth", "objects-legacy.pth",
        ]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        early in any::<bool>(),
    ) {
        let mut bytes = std::fs::read(fixture(file)).unwrap();
        // Pickles lie at the front of both formats; changes there are the telling ones.
        let reach = if early { bytes.len().min(6000) } else { bytes.len() };
        for (at, value) in changes {
            bytes[at.index(reach)] = value;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("damaged");
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(found) = weights::read(&path, &tiny()) {
            for parameter in parameters() {
                let array = &found.weights[&parameter.name];
                prop_assert_eq!(&array.shape, &parameter.shape);
                prop_assert_eq!(array.data.len(), parameter.shape.iter().product::<usize>());
            }
        }
    }
}

/// Pickles made of opcodes alone, which bytes changed at random seldom are.
fn pickle() -> impl Strategy<Value = Vec<u8>> {
    let op = prop_oneof![
        Just(b"(".to_vec()),
        Just(b")".to_vec()),
        Just(b"]".to_vec()),
        Just(b"}".to_vec()),
        Just(b"t".to_vec()),
        Just(b"u".to_vec()),
        Just(b"s".to_vec()),
        Just(b"a".to_vec()),
        Just(b"e".to_vec()),
        Just(b"0".to_vec()),
        Just(b"1".to_vec()),
        Just(b"2".to_vec()),
        Just(b"R".to_vec()),
        Just(b"Q".to_vec()),
        Just(b"b".to_vec()),
        Just(vec![0x85]),
        Just(vec![0x86]),
        Just(vec![0x87]),
        Just(vec![0x94]),
        Just(b"I01\n".to_vec()),
        Just(b"L7L\n".to_vec()),
        Just(vec![0x81]),
        Just(vec![0x8f]),
        Just(vec![0x90]),
        Just(vec![0x91]),
        Just(vec![0x92]),
        Just(vec![b'h', 0]),
        Just(vec![b'j', 1, 0, 0, 0x7f]),
        Just(vec![b'r', 0xff, 0xff, 0xff, 0xff]),
        Just(b"X\x07\0\0\0storage".to_vec()),
        Just(b"X\x01\0\0\x000".to_vec()),
        Just(b"ctorch\nFloatStorage\n".to_vec()),
        Just(b"ctorch._utils\n_rebuild_tensor_v2\n".to_vec()),
        Just(b"ccollections\nOrderedDict\n".to_vec()),
        Just(b"ctorch\nSize\n".to_vec()),
        Just(b"ctorch._utils\n_rebuild_parameter\n".to_vec()),
        Just(b"ctorch._tensor\n_rebuild_from_type_v2\n".to_vec()),
        Just(b"cargparse\nNamespace\n".to_vec()),
        Just(b"X\x0b\0\0\0_parameters".to_vec()),
        Just(b"X\x06\0\0\0module".to_vec()),
        Just(vec![
            0x8a, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f
        ]),
        Just(vec![b'K', 2]),
        Just(vec![b'J', 0xff, 0xff, 0xff, 0xff]),
    ];
    prop::collection::vec(op, 0..60).prop_map(|ops| ops.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn any_pickle_is_an_error_and_never_a_panic(body in pickle()) {
        let magic = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";
        let bytes = [&magic[..], b"\x80\x02M\xe9\x03.\x80\x02}.\x80\x02", &body, b".\x80\x02]."].concat();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pickle");
        std::fs::write(&path, &bytes).unwrap();
        prop_assert!(weights::read(&path, &tiny()).is_err());
    }
}

/// The length of a safetensors' header comes first, and one in 32 begins like a pickle.
#[test]
fn safetensors_are_not_taken_for_a_pickle() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    let values = [0u8; 4];
    let view = || TensorView::new(Dtype::F32, vec![1], &values).unwrap();
    let with_name =
        |length: usize| safetensors::serialize([("a".repeat(length), view())], None).unwrap();
    let length = (1..300)
        .find(|&length| with_name(length)[0] == 0x80)
        .unwrap();
    std::fs::write(&path, with_name(length)).unwrap();
    let mut checkpoint = Checkpoint::open(&path).unwrap();
    assert_eq!(checkpoint.read(&"a".repeat(length)).unwrap().data, [0.0]);
}
