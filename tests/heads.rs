//! Heads of people's own on the zoo's network `tiny` (tests/fixtures/heads, made by scripts/golden/heads.py): what PyTorch
//! gives, and what is said of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod support;

use std::path::{Path, PathBuf};

use deconvscope::engine::{to_values, Engine, Recording};
use deconvscope::network::{Model, ModelSource};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use support::photos::photo;
use support::run::Run;
use support::type_in;
use tch::{Device, Tensor};

/// Each with its last layer, its classes, and what is said of it.
const HEADS: [(&str, &str, usize, Option<&str>); 12] = [
    ("two", "fc5", 2, None),
    ("one", "fc5", 1, None),
    ("unbiased", "fc5", 2, None),
    ("dropout", "fc5.1", 2, None),
    ("relu", "fc5.2", 3, Some("fc5.0 (6), ReLU, fc5.2 (3)")),
    (
        "relu_dropout",
        "fc5.3",
        2,
        Some("fc5.0 (6), ReLU, fc5.3 (2)"),
    ),
    ("linear", "fc5.1", 2, Some("fc5.0 (6), fc5.1 (2)")),
    (
        "normed",
        "fc5.4",
        2,
        Some("fc5.0 (6), fc5.1 (batch norm), ReLU, fc5.4 (2)"),
    ),
    (
        "fastai",
        "fc5.6",
        2,
        Some("fc5.0 (batch norm), fc5.2 (6), ReLU, fc5.4 (batch norm), fc5.6 (2)"),
    ),
    (
        "named",
        "fc5.fc",
        2,
        Some("fc5.hidden (12), ReLU, fc5.fc (2)"),
    ),
    (
        "layer_normed",
        "fc5.4",
        2,
        Some("fc5.0 (layer norm), fc5.1 (6), fc5.2 (layer norm), ReLU, fc5.4 (2)"),
    ),
    (
        "nested",
        "fc5.1",
        2,
        Some("fc5.0.0 (6), fc5.0.1 (batch norm), ReLU, fc5.1 (2)"),
    ),
];

/// Of the largest value: filters with folded batch norms are rounded to float32.
const BOUND: f32 = 1e-5;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/heads")
        .join(name)
}

fn load(head: &str) -> deconvscope::Result<Model> {
    Model::load(&ModelSource {
        name: "tiny".into(),
        weights: Some(fixture(&format!("{head}.pth"))),
        ..ModelSource::default()
    })
}

fn expected(file: &SafeTensors<'_>, name: &str) -> Vec<f32> {
    let tensor = file.tensor(name).unwrap();
    let (numbers, _) = tensor.data().as_chunks();
    numbers.iter().copied().map(f32::from_le_bytes).collect()
}

#[test]
fn each_gives_what_it_gives_in_pytorch() {
    let bytes = std::fs::read(fixture("expected.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.len(), HEADS.len() + 1);
    let input = Tensor::from_slice(&expected(&file, "input")).view([2, 3, 32, 32]);
    for (head, last, classes, _) in HEADS {
        let model = load(head).unwrap();
        let mut nodes = model.network().nodes.iter();
        let last = nodes.position(|node| node.name == last).unwrap();
        let recording = Recording {
            activations: vec![last],
            ..Recording::default()
        };
        let engine = Engine::new(&model, Device::Cpu).unwrap();
        let trace = engine.forward(&input, &recording).unwrap();
        let found = to_values(&trace.activations[&last]).unwrap();
        let expected = expected(&file, head);
        assert_eq!(found.len(), 2 * classes, "{head}");
        let largest = expected
            .iter()
            .fold(0.0_f32, |most, value| most.max(value.abs()));
        assert!(largest > 0.1, "{head} tells nothing");
        for (found, expected) in found.iter().zip(&expected) {
            let off = (found - expected).abs();
            assert!(off <= BOUND * largest, "{head}: {found} {expected}");
        }
    }
}

#[test]
fn what_a_state_dict_does_not_tell_is_said() {
    for (head, _, _, said) in HEADS {
        let notes = load(head).unwrap().notes;
        let note = notes
            .iter()
            .find(|note| note.contains("the head is taken for"));
        match said {
            None => assert_eq!(note, None, "{head}"),
            Some(said) => assert!(note.unwrap().contains(said), "{head}: {note:?}"),
        }
    }
}

#[test]
fn another_layer_is_refused_with_the_lines_that_export() {
    let error = load("refused").unwrap_err().to_string();
    for part in [
        "its head 'fc5'",
        "'fc5.0' is neither a linear layer nor a normalisation",
        "expected fc5.weight [classes, 12]",
        "fc5.0.weight [12]",
        "\n  model.eval()\n  torch.onnx.export(model, torch.zeros(1, 3, 32, 32), \"model.onnx\")",
    ] {
        assert!(error.contains(part), "expected '{part}' in: {error}");
    }
}

#[test]
fn quantised_layers_are_refused_by_name() {
    for (layer, word) in [
        ("fc4", "'fc4.weight' is quantised"),
        ("fc5", "'fc5' is quantised"),
    ] {
        let error = load(&format!("quantised-{layer}")).unwrap_err().to_string();
        assert!(error.contains(word), "expected '{word}' in: {error}");
        assert!(error.contains("before it was quantised"), "{error}");
    }
}

/// `show`, `report` and `convert`, with a TOML beside the weights and without.
#[test]
fn commands_take_such_weights() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 1..4 {
        photo(
            &folder.path().join(format!("p/cats/{seed}.png")),
            (60, 50),
            seed,
        );
    }
    for head in ["two", "relu_dropout"] {
        std::fs::copy(
            fixture(&format!("{head}.pth")),
            folder.path().join("own.pth"),
        )
        .unwrap();
        let shown = type_in(folder.path(), "model show tiny --weights own.pth");
        assert_eq!(shown.code, 0, "{}", shown.stderr);
        assert!(shown.stdout.contains("2×1×1"), "{}", shown.stdout);
        assert_eq!(shown.stdout.contains("note: the head is"), head != "two");
        let report = "report p --features none --occlusion none --overwrite --out";
        let ended = type_in(
            folder.path(),
            &format!("{report} a --model tiny --weights own.pth"),
        )
        .ok();
        assert!(
            ended.stderr.contains("no names for its 2 classes"),
            "{}",
            ended.stderr
        );
        let numbered = Run(folder.path().join("a")).text("data/predictions.csv");
        assert!(numbered.contains(",class 0,") && numbered.contains(",class 1,"));

        std::fs::write(folder.path().join("names.txt"), "cat\ndog\n").unwrap();
        std::fs::write(
            folder.path().join("own.toml"),
            "classes = \"names.txt\"\npreset = \"tf\"\n",
        )
        .unwrap();
        type_in(
            folder.path(),
            &format!("{report} b --model tiny --weights own.pth"),
        )
        .ok();
        let named = Run(folder.path().join("b"));
        assert!(named
            .table("predictions")
            .iter()
            .all(|row| ["cat", "dog"].contains(&&*row["class_name"])));
        type_in(
            folder.path(),
            "model convert tiny written --weights own.pth --overwrite",
        )
        .ok();
        type_in(folder.path(), &format!("{report} c --model written.toml")).ok();
        let written = Run(folder.path().join("c"));
        assert_eq!(
            written.text("data/predictions.csv"),
            named.text("data/predictions.csv")
        );
        std::fs::remove_file(folder.path().join("own.toml")).unwrap();
    }
}

/// The weights of `tiny` with its tensors under other names, and others beside them.
fn rewritten(folder: &Path, rename: impl Fn(&str) -> String, more: &[(&str, &[usize])]) -> PathBuf {
    let bytes = std::fs::read(fixture("../checkpoints/tiny.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let zeros = vec![0; 4 * 1000];
    let zero = |&(name, shape): &(&str, &[usize])| {
        let size = 4 * shape.iter().product::<usize>();
        let view = TensorView::new(Dtype::F32, shape.to_vec(), &zeros[..size]).unwrap();
        (name.to_owned(), view)
    };
    let own = file
        .tensors()
        .into_iter()
        .map(|(name, view)| (rename(&name), view));
    let all: Vec<_> = own.chain(more.iter().map(zero)).collect();
    let path = folder.join("rewritten.pth");
    std::fs::write(&path, safetensors::serialize(all, None).unwrap()).unwrap();
    path
}

fn load_from(path: &Path, model: &str) -> deconvscope::Result<Model> {
    Model::load(&ModelSource {
        name: model.into(),
        weights: Some(path.to_owned()),
        ..ModelSource::default()
    })
}

#[test]
fn what_else_a_checkpoint_holds_is_left_alone_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let same = |name: &str| name.to_owned();
    for beside in [
        "aux1.fc.weight",
        "ema.other.weight",
        "conv1.num_batches_tracked",
    ] {
        let path = rewritten(folder.path(), same, &[(beside, &[4, 9])]);
        assert_eq!(
            load_from(&path, "tiny").unwrap().classes.len(),
            5,
            "{beside}"
        );
    }
    // A deeper network, and a layer behind the classes.
    for (more, parts) in [
        (
            ("conv1.1.weight", &[8, 8][..]),
            &[
                "'conv1.1.weight' [8, 8], which tiny has not",
                "torch.onnx.export",
            ][..],
        ),
        (
            ("out.weight", &[2, 5]),
            &[
                "'out.weight' [2, 5] seems to read the 5 outputs",
                "torch.onnx.export",
            ],
        ),
    ] {
        let path = rewritten(folder.path(), same, &[more]);
        let error = load_from(&path, "tiny").unwrap_err().to_string();
        for part in parts {
            assert!(error.contains(part), "expected '{part}' in: {error}");
        }
    }
}

#[test]
fn a_head_that_is_elsewhere_is_told_with_where() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = |name: &str| match name.strip_prefix("fc5.") {
        Some(field) => format!("classifier.{field}"),
        None => format!("backbone.{name}"),
    };
    // What a batch norm counts is no place where a head could be.
    let counts: (&str, &[usize]) = ("backbone.bn.num_batches_tracked", &[]);
    let path = rewritten(folder.path(), elsewhere, &[counts]);
    let error = load_from(&path, "tiny").unwrap_err().to_string();
    for part in [
        "head 'fc5'",
        "found nothing",
        "elsewhere classifier.bias [5], classifier.weight [5, 12]",
    ] {
        assert!(error.contains(part), "expected '{part}' in: {error}");
    }
}

#[test]
fn weights_alone_are_answered_with_the_network_that_they_fit() {
    let folder = tempfile::tempdir().unwrap();
    let path = rewritten(folder.path(), |name| format!("module.{name}"), &[]);
    let line = format!("--model tiny --weights {}", path.display());
    let error = load_from(&path, "resnet18").unwrap_err().to_string();
    assert!(
        error.contains("they fit tiny: name it with --model"),
        "{error}"
    );
    let error = Model::load(&ModelSource {
        name: path.to_str().unwrap().into(),
        ..ModelSource::default()
    });
    let error = error.unwrap_err().to_string();
    assert!(error.contains(&line), "{error}");
    let renamed = path.with_extension("safetensors");
    std::fs::copy(&path, &renamed).unwrap();
    let error = load_from(&renamed, "resnet18").unwrap_err().to_string();
    assert!(error.contains("they fit tiny"), "{error}");
    let error = Model::load(&ModelSource {
        name: renamed.to_str().unwrap().into(),
        ..ModelSource::default()
    });
    let error = error.unwrap_err().to_string();
    assert!(error.contains("they fit tiny: --model tiny"), "{error}");
    let path = rewritten(folder.path(), |name| format!("{name}.x"), &[]);
    let error = Model::load(&ModelSource {
        name: path.to_str().unwrap().into(),
        ..ModelSource::default()
    });
    let error = error.unwrap_err().to_string();
    for part in [
        "no network of the zoo has such",
        "torch.onnx.export(model, torch.zeros(1, 3, 224, 224)",
    ] {
        assert!(error.contains(part), "expected '{part}' in: {error}");
    }
}
