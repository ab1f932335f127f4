//! Networks that users bring: ONNX files of several kinds through report, show and convert, as processes.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use std::path::Path;

use support::onnx::{gated, int, ints, plain, Onnx};
use support::photos::photo;
use support::run::Run;
use support::{type_in, Ended};
use tempfile::TempDir;

/// A data set of three photographs, and a model.
fn folder(model: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for seed in 1..4 {
        photo(&folder.path().join(format!("p/{seed}.png")), (60, 50), seed);
    }
    std::fs::write(folder.path().join("m.onnx"), model).unwrap();
    std::fs::write(folder.path().join("names.txt"), "ant\nbee\ncat\ndog\n").unwrap();
    folder
}

fn report(folder: &Path, options: &str) -> Ended {
    type_in(
        folder,
        &format!("report p --features none --out o --overwrite {options}"),
    )
}

#[test]
fn a_graph_is_reported_and_what_is_assumed_is_said() {
    let folder = folder(&plain().bytes("logits"));
    let ended = report(folder.path(), "--model m.onnx --classes names.txt").ok();
    for said in [
        "does not end in Softmax",
        "torchvision's preprocessing assumed",
        "32×32 pixels",
    ] {
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
    let run = Run(folder.path().join("o"));
    let manifest = run.manifest();
    assert_eq!(manifest["model"]["file"], "m.onnx");
    let stages = serde_json::json!(["conv1_relu", "conv2_relu"]);
    assert_eq!(manifest["model"]["stages"], stages);
    let predictions = run.table("predictions");
    assert!(predictions
        .iter()
        .all(|row| ["ant", "bee", "cat", "dog"].contains(&&*row["class_name"])));
    let layers: Vec<_> = run
        .table("projections")
        .iter()
        .map(|row| row["layer"].clone())
        .collect();
    assert!(layers.contains(&"conv2_relu".to_owned()), "{layers:?}");
}

#[test]
fn projections_go_through_a_gate_and_the_report_says_by_which_rule() {
    let folder = folder(&gated().bytes("logits"));
    let ended = report(folder.path(), "--model m.onnx").ok();
    let said = "projections go through gates (multiply) by rules that extend the papers'";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    let run = Run(folder.path().join("o"));
    let model = &run.manifest()["model"];
    assert_eq!(model["stages"], serde_json::json!(["gated", "conv2_relu"]));
    assert!(model.get("not_projected").is_none());
    let gate = serde_json::json!([{"rule": "gate", "ops": ["multiply"], "nodes": 1}]);
    assert_eq!(model["extensions"], gate);
    assert!(run
        .text("pages/provenance.html")
        .contains("rules that extend the papers"));
    assert!(run
        .text("index.html")
        .contains("On the way back the signal meets gates (multiply)"));
    let method = run.text("pages/method.html");
    assert!(method.contains("products with a gate, quotients: multiply"));
    assert_eq!(run.table("predictions").len(), 12);
}

#[test]
fn what_is_in_the_way_of_a_projection_is_named() {
    let mut net = Onnx::new(&[1, 3, 32, 32]);
    let x = net.conv_relu("conv1", "image", [3, 6], 1);
    net.node("curve", "Tanh", &[&x]);
    let x = net.conv_relu("conv2", "curve", [6, 8], 2);
    net.classifier(&x, [8, 4]);
    let folder = folder(&net.bytes("logits"));
    let ended = report(folder.path(), "--model m.onnx").ok();
    let said = "no projections of curve, conv2_relu: node 'curve' (tanh) is in the way";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    let run = Run(folder.path().join("o"));
    assert_eq!(
        run.manifest()["model"]["stages"],
        serde_json::json!(["conv1_relu"])
    );
    let page = run.text("pages/provenance.html");
    assert!(
        page.contains("no projections of curve, conv2_relu"),
        "the page does not say so"
    );
    assert!(run
        .text("index.html")
        .contains("No pictures of curve, conv2_relu: curve (tanh)"));
    let walled = &run.manifest()["model"]["not_projected"][0];
    assert_eq!(walled["layers"], serde_json::json!(["curve", "conv2_relu"]));
    assert_eq!(run.table("predictions").len(), 12);
    report(folder.path(), "--model m.onnx --layers conv2_relu").fails_with(&[
        "'conv2_relu'",
        "cannot be projected",
        "'curve'",
    ]);
}

#[test]
fn a_network_without_a_way_back_is_still_classified() {
    let mut net = Onnx::new(&[1, 3, 32, 32]);
    net.node("tanh", "Tanh", &["image"]);
    let x = net.conv_relu("conv1", "tanh", [3, 6], 2);
    net.classifier(&x, [6, 4]);
    let folder = folder(&net.bytes("logits"));
    report(folder.path(), "--model m.onnx").ok();
    let run = Run(folder.path().join("o"));
    assert_eq!(run.table("predictions").len(), 12);
    assert_eq!(run.table("projections").len(), 0);
    assert!(run
        .text("index.html")
        .contains("None of its layers could be traced back"));
}

/// TensorFlow's exporters take images with their channels last, and move them first.
#[test]
fn channels_may_come_last_if_the_graph_moves_them() {
    let mut first = plain().model;
    let mut net = Onnx::new(&[0, 32, 32, 3]);
    net.node("moved", "Transpose", &["image"])
        .attribute
        .push(ints("perm", &[0, 3, 1, 2]));
    let graph = first.graph.mut_or_insert_default();
    graph.node[0].input[0] = "moved".into();
    let moved = net.model.graph.mut_or_insert_default();
    moved.node.append(&mut graph.node);
    moved.initializer.append(&mut graph.initializer);
    let folder = folder(&net.bytes("logits"));
    report(folder.path(), "--model m.onnx").ok();
    let run = Run(folder.path().join("o"));
    let last = run.text("data/predictions.csv");
    std::fs::write(folder.path().join("m.onnx"), plain().bytes("logits")).unwrap();
    report(folder.path(), "--model m.onnx").ok();
    assert_eq!(run.text("data/predictions.csv"), last);
}

#[test]
fn open_sizes_are_bound_to_the_crop() {
    let mut net = Onnx::new(&[0, 0, 0, 0]);
    let x = net.conv_relu("conv1", "image", [3, 6], 2);
    net.classifier(&x, [6, 4]);
    let folder = folder(&net.bytes("logits"));
    for (option, side) in [
        ("", [224, 224]),
        ("--crop 40", [40, 40]),
        ("--crop 40x64", [40, 64]),
    ] {
        report(folder.path(), &format!("--model m.onnx {option}")).ok();
        let run = Run(folder.path().join("o"));
        let crop = &run.manifest()["preprocessing"]["crop"];
        assert_eq!(
            (&crop["height"], &crop["width"]),
            (&serde_json::json!(side[0]), &serde_json::json!(side[1]))
        );
    }
    for (crop, input) in [("48", "input 3×48×48"), ("48x32", "input 3×48×32")] {
        let shown = type_in(folder.path(), &format!("model show m.onnx --crop {crop}"));
        assert!(shown.stdout.contains(input), "{}", shown.stdout);
    }
}

#[test]
fn a_converted_network_gives_the_same_report() {
    let folder = folder(&gated().bytes("logits"));
    std::fs::write(
        folder.path().join("m.toml"),
        "preset = \"caffe\"\nclasses = \"names.txt\"\n[[stages]]\nname = \"first\"\nnode = \"conv1\"\n",
    )
    .unwrap();
    report(folder.path(), "--model m.onnx").ok();
    let run = Run(folder.path().join("o"));
    let expected =
        ["predictions", "projections"].map(|table| run.text(&format!("data/{table}.csv")));
    assert!(expected[1].contains(",first,"), "{}", expected[1]);
    type_in(
        folder.path(),
        "model convert m.onnx own/converted.safetensors",
    )
    .fails_with(&["own"]);
    type_in(folder.path(), "model convert m.onnx converted").ok();
    type_in(folder.path(), "model convert m.onnx converted").code(2);
    for name in ["converted.toml", "converted.safetensors"] {
        report(folder.path(), &format!("--model {name}")).ok();
        let found =
            ["predictions", "projections"].map(|table| run.text(&format!("data/{table}.csv")));
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn show_tells_stages_and_what_can_be_projected() {
    let folder = folder(&gated().bytes("logits"));
    let shown = type_in(folder.path(), "model show m.onnx");
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    let line = |name: &str| {
        let mut lines = shown.stdout.lines();
        lines
            .find(|line| line.split_whitespace().next() == Some(name))
            .unwrap()
            .to_owned()
    };
    assert!(
        line("conv1_relu").ends_with("yes        windows"),
        "{}",
        line("conv1_relu")
    );
    assert!(
        line("gated").ends_with("yes        whole     gated"),
        "{}",
        line("gated")
    );
    assert!(
        line("conv2_relu").ends_with("yes        whole     conv2_relu"),
        "{}",
        line("conv2_relu")
    );
    let gate = line("gate");
    assert!(gate.ends_with("  no"), "{gate}");
    assert!(
        shown.stdout.contains(
            "note: projections go through gates (multiply) by rules that extend the papers'"
        ),
        "{}",
        shown.stdout
    );
    assert!(
        shown
            .stdout
            .contains("note: an occluder changes whole maps from node "),
        "{}",
        shown.stdout
    );
    let other = type_in(folder.path(), "model show gone.onnx");
    assert_eq!(other.code, 1);
}

/// A batch that the exporter fixed binds no one; a graph that ends in probabilities gets no second Softmax.
#[test]
fn fixed_batches_and_a_softmax_of_its_own() {
    let mut net = plain();
    let dims = &mut net.model.graph.mut_or_insert_default().input[0].type_;
    dims.mut_or_insert_default()
        .mut_tensor_type()
        .shape
        .mut_or_insert_default()
        .dim[0]
        .set_dim_value(16);
    net.node("probabilities", "Softmax", &["logits"])
        .attribute
        .push(int("axis", 1));
    let folder = folder(&net.bytes("probabilities"));
    let ended = report(folder.path(), "--model m.onnx").ok();
    assert!(!ended.stderr.contains("Softmax"), "{}", ended.stderr);
    let run = Run(folder.path().join("o"));
    let own = run.text("data/predictions.csv");
    std::fs::write(folder.path().join("m.onnx"), plain().bytes("logits")).unwrap();
    report(folder.path(), "--model m.onnx").ok();
    assert_eq!(run.text("data/predictions.csv"), own);
}
