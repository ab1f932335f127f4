//! Weights and class names that do not fit.

use crate::support::run::Run;
use crate::support::{deconvscope, ended, weights};
use crate::{folder, refused, report, write};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use tempfile::TempDir;

#[test]
fn weights_that_are_missing_or_no_weights_are_refused() {
    let folder = folder();
    refused(
        &folder,
        "--weights gone.safetensors",
        &["gone.safetensors", "No such file"],
    );
    refused(&folder, "--weights p", &["cannot read p", "directory"]);
    let whole = std::fs::read(weights()).unwrap();
    write(&folder, "cut.safetensors", []);
    refused(
        &folder,
        "--weights cut.safetensors",
        &["weights cut.safetensors", "is empty"],
    );
    for length in [5, 100, 20_000, whole.len() / 2, whole.len() - 1] {
        write(&folder, "cut.safetensors", &whole[..length]);
        refused(
            &folder,
            "--weights cut.safetensors",
            &["weights cut.safetensors", "not a whole safetensors file"],
        );
    }
    let mut command = deconvscope();
    command
        .current_dir(folder.path())
        .env("DECONVSCOPE_WEIGHTS", "nowhere");
    command.args(["report", "p", "--out", "o"]);
    ended(&mut command).fails_with(&[
        "nowhere/squeezenet1_1.safetensors",
        "deconvscope setup-sample",
    ]);
}

#[test]
fn weights_of_another_network_are_refused_by_their_first_mismatch() {
    let folder = folder();
    let path = weights();
    let path = path.display();
    refused(
        &folder,
        &format!("--model squeezenet1_0 --weights {path}"),
        &[
            "'features.0.weight'",
            "[64, 3, 3, 3]",
            "squeezenet1_0 expects [96, 3, 7, 7]",
        ],
    );
    refused(
        &folder,
        &format!("--model resnet18 --weights {path}"),
        &[
            "no tensor 'conv1.weight'",
            "resnet18",
            "they fit squeezenet1_1: name it with --model",
        ],
    );
}

/// With the two lines that a user types to come to a file.
#[test]
fn a_network_that_is_not_built_in_comes_as_onnx() {
    let lines =
        "\n  model.eval()\n  torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\")";
    let folder = folder();
    refused(
        &folder,
        "--model swin_t",
        &["unknown model 'swin_t'", "--model model.onnx", lines],
    );
    std::fs::create_dir(folder.path().join("saved")).unwrap();
    write(&folder, "saved/saved_model.pb", b"\x08\x01\x12\x00");
    write(&folder, "page.pth", "<!DOCTYPE html><html></html>");
    for (name, code, word) in [
        ("saved", 2, "tf2onnx.convert --saved-model"),
        ("saved/saved_model.pb", 1, "tf2onnx.convert --saved-model"),
        ("page.pth", 1, "a web page and not weights"),
        ("gone.h5", 1, "cannot read gone.h5"),
    ] {
        report(&folder, &format!("--model {name}"))
            .code(code)
            .says(word);
    }
}

/// Weights of SqueezeNet with one tensor changed, and the description beside them.
fn changed_weights(folder: &TempDir, tensor: &str, change: impl Fn(&mut Vec<f32>)) {
    let bytes = std::fs::read(weights()).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let found = file.tensor(tensor).unwrap();
    let floats = found
        .data()
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes(b.try_into().unwrap()));
    let mut values: Vec<f32> = floats.collect();
    change(&mut values);
    let data: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let views = file.tensors().into_iter().map(|(name, view)| {
        let own = name == tensor;
        let data = if own { &data[..] } else { view.data() };
        let view = TensorView::new(Dtype::F32, view.shape().to_vec(), data).unwrap();
        (name, view)
    });
    let file = safetensors::serialize(views.collect::<Vec<_>>(), None).unwrap();
    write(folder, "w.safetensors", file);
    std::fs::copy(
        weights().with_extension("toml"),
        folder.path().join("w.toml"),
    )
    .unwrap();
}

#[test]
fn weights_that_are_not_finite_or_lead_to_such_values_are_refused() {
    let folder = folder();
    for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        changed_weights(&folder, "classifier.1.bias", |values| values[7] = wrong);
        refused(
            &folder,
            "--weights w.safetensors",
            &["'classifier.1.bias'", "not finite"],
        );
    }
    changed_weights(&folder, "features.0.weight", |values| values.fill(3e38));
    report(&folder, "--weights w.safetensors").fails_with(&["not finite"]);
    assert!(!folder.path().join("o/run.json").exists());
}

#[test]
fn a_network_that_sees_nothing_leaves_a_report_all_the_same() {
    let folder = folder();
    // Every first activation is 0, so no unit of conv1 is the strongest one, and its projection is empty.
    changed_weights(&folder, "features.0.weight", |values| values.fill(0.0));
    let description = folder.path().join("w.toml");
    report(
        &folder,
        "--weights w.safetensors --layers conv1 --fill 0,0,0 --occlusion none",
    )
    .ok();
    let run = Run(folder.path().join("o"));
    let inputs = run.tensors(&format!("arrays/{}.safetensors", run.ids()["1.png"]));
    let projection = &inputs["original/projection/layer/conv1"].1;
    assert!(projection.iter().all(|value| *value == 0.0));

    std::fs::write(&description, "classifier = \"perhaps\"\n").unwrap();
    report(&folder, "--weights w.safetensors --overwrite")
        .fails_with(&["w.toml", "line 1", "boolean"]);
}

#[test]
fn class_names_must_fit_the_network() {
    let folder = folder();
    write(&folder, "two.txt", "cat\ndog\n");
    refused(
        &folder,
        "--classes two.txt",
        &["two.txt", "2 class names", "5 outputs"],
    );
    write(&folder, "none.txt", "\n\n");
    refused(
        &folder,
        "--classes none.txt",
        &["none.txt", "no class names"],
    );
    write(&folder, "latin.txt", b"caf\xe9\n");
    refused(&folder, "--classes latin.txt", &["latin.txt", "UTF-8"]);
    refused(&folder, "--classes gone.txt", &["gone.txt", "No such file"]);
    let names: String = (0..5).map(|index| format!("thing {index}\n")).collect();
    write(&folder, "names.txt", names);
    report(&folder, "--classes names.txt --detail 0").ok();
    let rows = Run(folder.path().join("o")).table("predictions");
    assert!(rows
        .iter()
        .all(|row| row["class_name"] == format!("thing {}", row["class_index"])));
}
