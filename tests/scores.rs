//! Networks whose outputs are no probabilities of classes that exclude each other, through report, compare and check as processes.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use std::path::Path;

use deconvscope::network::onnx::messages::ValueInfoProto;
use protobuf::Message;
use support::onnx::{plain, Onnx};
use support::photos::photo;
use support::run::Run;
use support::{type_in, Ended};
use tempfile::TempDir;

/// Photographs of two labels, and a model that ends in a value.
fn folder(net: &Onnx, output: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (label, seed) in [("ant", 1), ("ant", 2), ("bee", 3), ("bee", 4)] {
        photo(
            &folder.path().join(format!("p/{label}/{seed}.png")),
            (60, 50),
            seed,
        );
    }
    std::fs::write(folder.path().join("m.onnx"), net.bytes(output)).unwrap();
    std::fs::write(folder.path().join("names.txt"), "ant\nbee\ncat\ndog\n").unwrap();
    folder
}

fn report(folder: &Path, options: &str) -> Ended {
    type_in(
        folder,
        &format!("report p --occlusion 2 --overwrite --model m.onnx {options}"),
    )
}

/// Four classes, each by itself.
fn several() -> Onnx {
    let mut net = plain();
    net.node("each", "Sigmoid", &["logits"]);
    net
}

#[test]
fn classes_that_stand_by_themselves_have_no_accuracy_but_are_found() {
    let folder = folder(&several(), "each");
    // Two classes count as bee: the more probable one tells.
    std::fs::write(
        folder.path().join("map.csv"),
        "label,first_class,last_class\nant,0,0\nbee,1,2\n",
    )
    .unwrap();
    let options = "--features none --classes names.txt --label-map map.csv --out o";
    let ended = report(folder.path(), options).ok();
    assert!(
        ended
            .stderr
            .contains("each is the probability of its class by itself"),
        "{}",
        ended.stderr
    );
    let run = Run(folder.path().join("o"));
    assert_eq!(run.manifest()["model"]["scores"], "sigmoid");
    let metrics = run.table("metrics");
    let names: Vec<&str> = metrics.iter().map(|row| &*row["metric"]).collect();
    assert!(
        !names.iter().any(|name| name.contains("accuracy")),
        "{names:?}"
    );
    let predictions = run.table("predictions");
    let probability = |path: &str, class: &str| -> f64 {
        let row = predictions
            .iter()
            .find(|row| row["path"] == path && row["class_name"] == class);
        row.unwrap()["probability"].parse().unwrap()
    };
    // They do not add up to one.
    let sum: f64 = ["ant", "bee", "cat", "dog"]
        .map(|class| probability("ant/1.png", class))
        .iter()
        .sum();
    assert!((sum - 1.0).abs() > 0.01, "{sum}");
    let found = ["ant/1.png", "ant/2.png"].map(|path| probability(path, "ant") >= 0.5);
    let also = ["bee/3.png", "bee/4.png"]
        .map(|path| probability(path, "bee").max(probability(path, "cat")) >= 0.5);
    let hits = found.iter().chain(&also).filter(|found| **found).count();
    let told = metrics
        .iter()
        .find(|row| row["metric"] == "label_found" && row["scope"] == "all")
        .unwrap();
    assert_eq!(told["value"].parse::<f64>().unwrap(), hits as f64 / 4.0);
    assert_eq!(told["count"], "4");
    assert_eq!(run.table("confusion").len(), 0);
    let page = run.text("pages/classification.html");
    assert!(page.contains("Accuracy is not told"), "{page}");
    assert!(!run.text("pages/method.html").contains("Top-1"));
    let photos = run.text("pages/photos.html");
    assert!(!photos.contains(">wrong<") && !photos.contains("Verdict"));
    // The last Sigmoid is no layer that could not be projected.
    assert_eq!(
        run.manifest()["model"]["not_projected"],
        serde_json::Value::Null
    );
    assert_eq!(run.table("occlusion_photos").len(), 2);

    report(
        folder.path(),
        &options.replace("--out o", "--seed 3 --out again"),
    )
    .ok();
    let compared = type_in(folder.path(), "compare o again --out c").ok();
    assert!(
        compared.stderr.contains("mean probability of the label"),
        "{}",
        compared.stderr
    );
    assert!(!compared.stderr.contains("accuracy"), "{}", compared.stderr);
    let rows = Run(folder.path().join("c")).table("photos");
    let row = rows.iter().find(|row| row["path"] == "bee/3.png").unwrap();
    let bee = probability("bee/3.png", "bee").max(probability("bee/3.png", "cat"));
    let label_probability: f64 = row["label_probability"].parse().unwrap();
    assert!((label_probability - bee).abs() < 1e-6, "{bee}: {row:?}");
    assert_eq!(row["right"], "");
    let checked = type_in(folder.path(), "check o --rule label_found>=0");
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    type_in(folder.path(), "check o --rule top1_accuracy>=0")
        .fails_with(&["no value of top1_accuracy"]);
}

#[test]
fn one_output_is_a_classifier_of_two_classes_in_every_page() {
    let mut net = Onnx::new(&[1, 3, 32, 32]);
    let x = net.conv_relu("conv1", "image", [3, 6], 2);
    net.classifier(&x, [6, 1]);
    let folder = folder(&net, "logits");
    std::fs::write(folder.path().join("names.txt"), "bee\n").unwrap();
    report(
        folder.path(),
        "--classes names.txt --features 2 --invariance 2 --masks worst --out o",
    )
    .ok();
    let run = Run(folder.path().join("o"));
    let predictions = run.table("predictions");
    let mut sums = std::collections::BTreeMap::<(&str, &str), f64>::new();
    for row in &predictions {
        assert!(["bee", "not bee"].contains(&&*row["class_name"]));
        let probability: f64 = row["probability"].parse().unwrap();
        *sums.entry((&row["path"], &row["condition"])).or_default() += probability;
    }
    assert!(
        sums.values().all(|sum| (sum - 1.0).abs() < 1e-6),
        "{sums:?}"
    );
    let metrics = run.table("metrics");
    assert!(metrics.iter().any(|row| row["metric"] == "top1_accuracy"));
    // One of two classes is always among five.
    assert!(!metrics.iter().any(|row| row["metric"] == "top5_accuracy"));
    assert!(!run.text("pages/classification.html").contains("Top-5<"));
    assert!(run.text("pages/photos.html").contains("Verdict"));
    assert!(run.text("pages/method.html").contains("Top-1"));
    assert_eq!(run.table("occlusion_photos").len(), 2);
    assert!(!run.table("invariance_probabilities").is_empty());
}

#[test]
fn numbers_that_are_no_probabilities_are_shown_as_they_are() {
    let folder = folder(&plain(), "logits");
    let options = "--features none --invariance 2 --classes names.txt";
    report(folder.path(), &format!("{options} --scores none --out o")).ok();
    report(folder.path(), &format!("{options} --out softmax")).ok();
    let [run, softmax] = ["o", "softmax"].map(|name| Run(folder.path().join(name)));
    assert_eq!(run.manifest()["model"]["scores"], "none");
    let scores = |run: &Run| -> Vec<f64> {
        let rows = run.table("predictions").into_iter();
        let of_photo =
            rows.filter(|row| row["path"] == "ant/1.png" && row["condition"] == "original");
        of_photo
            .map(|row| row["probability"].parse().unwrap())
            .collect()
    };
    let exponentials: Vec<f64> = scores(&run).iter().map(|score| score.exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    for (exponential, probability) in exponentials.iter().zip(scores(&softmax)) {
        assert!((exponential / sum - probability).abs() < 1e-6);
    }
    let metrics = run.table("metrics");
    assert!(!metrics
        .iter()
        .any(|row| row["metric"].contains("accuracy") || row["metric"] == "label_found"));
    assert!(run
        .text("index.html")
        .contains("Where these pages say probability, read output."));
    assert!(!run.text("pages/photos.html").contains(">wrong<"));
    let compared = type_in(folder.path(), "compare o softmax --out c").ok();
    assert!(
        Run(folder.path().join("c"))
            .text("index.html")
            .contains("outputs are of different kinds (--scores: o none, softmax softmax)"),
        "{}",
        compared.stderr
    );
}

#[test]
fn a_state_dict_is_told_what_its_outputs_are() {
    let folder = folder(&plain(), "logits");
    let run = |scores: &str, out: &str| {
        let weights =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/checkpoints/tiny.pth");
        std::fs::copy(weights, folder.path().join("w.pth")).unwrap();
        let line = format!("report p --occlusion none --features none --model tiny --weights w.pth {scores} --out {out}");
        type_in(folder.path(), &line).ok();
        let run = Run(folder.path().join(out));
        let rows = run.table("predictions").into_iter();
        let of_photo = rows.filter(|row| row["path"] == "ant/1.png");
        of_photo
            .map(|row| row["probability"].parse().unwrap())
            .collect::<Vec<f64>>()
    };
    let (softmax, sigmoid, none) = (
        run("", "a"),
        run("--scores sigmoid", "b"),
        run("--scores none", "c"),
    );
    let sum: f64 = none.iter().map(|score| score.exp()).sum();
    for ((softmax, sigmoid), none) in softmax.iter().zip(&sigmoid).zip(&none) {
        assert!((none.exp() / sum - softmax).abs() < 1e-6);
        assert!((1.0 / (1.0 + (-none).exp()) - sigmoid).abs() < 1e-6);
    }
    let line = "report p --model tiny --weights w.pth --output-node x --out d";
    let ended = type_in(folder.path(), line).code(2);
    assert!(
        ended.stderr.contains("--output-node is for an ONNX file"),
        "{}",
        ended.stderr
    );
    let line = "report p --model tiny --weights w.pth --classes cat,dog --out d";
    type_in(folder.path(), line)
        .code(2)
        .says("--classes cat,dog: no such file; the names stand in a file");
    std::fs::write(folder.path().join("w.toml"), "output_node = \"x\"\n").unwrap();
    type_in(
        folder.path(),
        "report p --model tiny --weights w.pth --out d",
    )
    .code(2)
    .says("output_node in its TOML is for an ONNX file");
}

#[test]
fn a_network_of_the_zoo_is_shown_as_it_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let shown = |options: &str| {
        let line = format!("model show tiny {options}");
        let shown = type_in(folder.path(), &line);
        assert_eq!(shown.code, 0, "{}", shown.stderr);
        shown.stdout
    };
    for (options, end) in [
        ("", Some("softmax")),
        ("--scores sigmoid", Some("sigmoid")),
        ("--scores none", None),
    ] {
        let text = shown(options);
        let found = ["softmax", "sigmoid"]
            .into_iter()
            .find(|op| text.contains(op));
        assert_eq!(found, end, "{options}: {text}");
    }
    type_in(folder.path(), "model show tiny --output-node x")
        .code(2)
        .says("--output-node is for an ONNX file");
}

/// What a converted network says of its one output stands in its file; the command line may still say otherwise.
#[test]
fn a_converted_network_of_one_output_is_told_what_it_is() {
    let mut net = Onnx::new(&[1, 3, 32, 32]);
    let x = net.conv_relu("conv1", "image", [3, 6], 2);
    net.classifier(&x, [6, 1]);
    let folder = folder(&net, "logits");
    std::fs::write(folder.path().join("one.txt"), "bee\n").unwrap();
    type_in(folder.path(), "model convert m.onnx c.safetensors").ok();
    let answers = |model: &str, options: &str| {
        let line = format!("report p --occlusion none --features none --overwrite --out o --model {model} {options}");
        type_in(folder.path(), &line).ok();
        Run(folder.path().join("o"))
            .tensors("data/probabilities.safetensors")
            .remove("original")
            .unwrap()
    };
    assert_eq!(answers("c.toml", ""), answers("m.onnx", ""));
    for options in ["--scores sigmoid", "--scores none --classes one.txt"] {
        assert_eq!(
            answers("c.toml", options),
            answers("m.onnx", options),
            "{options}"
        );
    }
    type_in(
        folder.path(),
        "report p --out x --model c.toml --scores softmax",
    )
    .code(2)
    .says("1 for every photograph");
}

#[test]
fn logarithms_of_probabilities_are_not_shown_but_what_they_are_made_of() {
    let mut net = plain();
    net.node("logs", "LogSoftmax", &["logits"]);
    let folder = folder(&net, "logs");
    report(folder.path(), "--scores none --out o").fails_with(&[
        "ends in LogSoftmax",
        "--output-node logits takes the numbers before it",
    ]);
    report(
        folder.path(),
        "--scores none --output-node logits --features none --out o",
    )
    .ok();
    let run = Run(folder.path().join("o"));
    assert_eq!(run.manifest()["model"]["scores"], "none");
}

#[test]
fn a_label_is_not_taken_where_the_scores_are_an_output_too() {
    let mut net = plain();
    net.node("label", "ArgMax", &["logits"]);
    for name in ["flat", "logits", "label"] {
        let mut output = ValueInfoProto::new();
        output.set_name(name.into());
        net.model.graph.mut_or_insert_default().output.push(output);
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("m.onnx"),
        net.model.write_to_bytes().unwrap(),
    )
    .unwrap();
    let shown = type_in(folder.path(), "model show m.onnx");
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(
        shown.stdout.contains("'logits' is used"),
        "{}",
        shown.stdout
    );
    assert!(!shown.stdout.contains("is a label"), "{}", shown.stdout);
}
