//! Networks whose inputs are not square, of one channel, or squashed photographs, through the whole program.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use std::path::{Path, PathBuf};

use support::files::{assert_same, files};
use support::onnx::{ints, Onnx};
use support::photos::photo;
use support::run::Run;
use support::{repository, type_in};
use tempfile::TempDir;

/// Two convolutions and a classifier of four classes.
fn network(dims: &[i64], channels: i64) -> Onnx {
    let mut net = Onnx::new(dims);
    let x = net.conv_relu("conv1", "image", [channels, 6], 1);
    let x = net.conv_relu("conv2", &x, [6, 8], 2);
    net.classifier(&x, [8, 4]);
    net
}

/// Three photographs of another form each, boxes in two of them, and a model.
fn folder(model: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sizes = [(60, 50), (45, 90), (120, 40)];
    for (seed, size) in (1..).zip(sizes) {
        photo(&folder.path().join(format!("p/{seed}.png")), size, seed);
    }
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
    write("m.onnx", model);
    write(
        "masks.csv",
        b"image,region,x,y,width,height\n1.png,face,15,10,30,20\n3.png,face,50,10,20,20\n",
    );
    write(
        "parts.csv",
        b"image,part,x,y,width,height\n1.png,eye,20,20,10,10\n2.png,eye,15,40,10,10\n3.png,eye,55,15,10,10\n",
    );
    folder
}

fn report(folder: &TempDir, options: &str) -> Run {
    let line = format!("report p --model m.onnx --out o --overwrite {options}");
    type_in(folder.path(), &line).ok();
    Run(folder.path().join("o"))
}

/// Every experiment, and the pages twice.
#[test]
fn a_grey_network_that_is_not_square_goes_through_everything() {
    let folder = folder(&network(&[1, 1, 24, 40], 1).bytes("logits"));
    let run = report(
        &folder,
        "--mean 0.1307 --std 0.3081 --detail all --masks masks.csv --parts parts.csv --invariance 1 --features all \
         --randomisation 1 --occlusion all",
    );
    let preprocessing = &run.manifest()["preprocessing"];
    assert_eq!(preprocessing["channels"], "L");
    assert_eq!(preprocessing["mode"], "cover");
    let size = serde_json::json!({"height": 24, "width": 40});
    assert_eq!(preprocessing["crop"], size);
    let id = &run.ids()["1.png"];
    let arrays = run.tensors(&format!("arrays/{id}.safetensors"));
    for name in [
        "original/input",
        "face/input",
        "original/projection/unit/conv1_relu",
    ] {
        assert_eq!(arrays[name].0, [1, 24, 40], "{name}");
    }
    // Grey as Pillow's L, (0 − mean) / std at least.
    let values = &arrays["original/input"].1;
    let grey = values.iter().all(|value| {
        let level = (value * 0.3081 + 0.1307) * 255.0;
        (level - level.round()).abs() < 1e-3 && (0.0..=255.0).contains(&level.round())
    });
    assert!(grey);
    let filters = run.tensors("arrays/features/filters.safetensors");
    assert_eq!(filters["filters"].0, [6, 1, 3, 3]);
    let picture = image::open(run.0.join(format!("assets/photos/{id}/original/input.jpg")));
    let picture = picture.unwrap().into_rgb8();
    assert_eq!(picture.dimensions(), (40, 24));
    let spread =
        |pixel: &image::Rgb<u8>| pixel.0.iter().max().unwrap() - pixel.0.iter().min().unwrap();
    assert!(picture.pixels().all(|pixel| spread(pixel) <= 4));
    for table in [
        "occlusion",
        "invariance",
        "correspondence",
        "features",
        "masking",
    ] {
        assert!(!run.table(table).is_empty(), "{table}");
    }
    let rows = run.table("occlusion");
    let greatest = |column: &str| {
        rows.iter()
            .map(|row| row[column].parse::<u32>().unwrap())
            .max()
    };
    // The square is 3 wide, a seventh of 24, and moves on by one pixel at least.
    assert_eq!((greatest("y"), greatest("x")), (Some(21), Some(37)));
    assert!(run.text("assets/style.css").contains("--form: 40 / 24"));
    let before = files(&run.0);
    type_in(folder.path(), "render o").ok();
    let mut after = files(&run.0);
    after.retain(|name, _| name != "run.json");
    let mut before = before;
    before.retain(|name, _| name != "run.json");
    assert_same(&after, &before, "render");
}

/// Two photographs, one square and one five times as wide, of the same content become one input; boxes follow each axis.
#[test]
fn a_squashed_photograph_has_fields_of_its_own_form() {
    let folder = folder(&network(&[1, 3, 32, 48], 3).bytes("logits"));
    let run = report(
        &folder,
        "--preset keras-tf --detail all --features none --masks masks.csv",
    );
    let preprocessing = &run.manifest()["preprocessing"];
    assert_eq!(
        (&preprocessing["mode"], &preprocessing["interpolation"]),
        (&"squash".into(), &"nearest".into())
    );
    let units = run.table("projections");
    let mut held = 0;
    for row in units
        .iter()
        .filter(|row| row["kind"] == "unit" && row["layer"] == "conv1_relu")
    {
        let number = |name: &str| row[name].parse::<f64>().unwrap();
        let image = run.table("images");
        let image = image
            .iter()
            .find(|image| image["image_id"] == row["image_id"])
            .unwrap();
        let side = |name: &str| image[name].parse::<f64>().unwrap();
        for (at, field, length, photo, input) in [
            ("x", "field_x", "field_width", "width", 48.0),
            ("y", "field_y", "field_height", "height", 32.0),
        ] {
            let scale = side(photo) / input;
            let first = (number(at) - 1.0).max(0.0);
            let end = (number(at) + 2.0_f64).min(input);
            assert!((number(field) - first * scale).abs() < 1e-3, "{row:?}");
            assert!(
                (number(length) - (end - first) * scale).abs() < 1e-3,
                "{row:?}"
            );
            held += 1;
        }
    }
    assert!(held >= 6);
    // What is hidden of 3.png: columns 50–70 of 120 and rows 10–30 of 40 are columns 20–28 of 48 and rows 8–24 of 32.
    let id = &run.ids()["3.png"];
    let arrays = run.tensors(&format!("arrays/{id}.safetensors"));
    let (plain, hidden) = (&arrays["original/input"].1, &arrays["face/input"].1);
    let mut differing = (0..32 * 48).filter(|at| plain[*at] != hidden[*at]);
    assert!(differing.clone().count() > 100);
    assert!(differing.all(|at| (8..24).contains(&(at / 48)) && (20..28).contains(&(at % 48))));
    let shares = run.table("masks");
    assert!(
        shares.iter().all(|row| row["visible_share"] == "1.0"),
        "{shares:?}"
    );
}

/// Where torchvision pads, so does the program; fields of units may then begin beside the photograph.
#[test]
fn a_photograph_smaller_than_the_crop_is_padded_or_refused() {
    let folder = folder(&network(&[1, 3, 32, 48], 3).bytes("logits"));
    let run = report(
        &folder,
        "--resize 32 --detail all --masks masks.csv --features none",
    );
    let id = &run.ids()["2.png"];
    let arrays = run.tensors(&format!("arrays/{id}.safetensors"));
    let black = (0.0 - 0.485) / 0.229;
    let row = &arrays["original/input"].1[..48];
    assert!(row[..8]
        .iter()
        .chain(&row[40..])
        .all(|value| (value - black).abs() < 1e-5));
    assert!(row[8..40].iter().any(|value| (value - black).abs() > 0.1));
    let line = "report p --model m.onnx --out o2 --resize 32 --rounding down";
    type_in(folder.path(), line)
        .code(2)
        .says("crop must be between 1 and resize (32), found 32x48");
}

#[test]
fn each_option_stands_in_the_manifest() {
    let folder = folder(&network(&[1, 3, 0, 0], 3).bytes("logits"));
    let options = "--features none --occlusion none --arrays none";
    for (told, resize, interpolation, rounding) in [
        ("--preset torchvision-v2", 232, "bilinear", "half-even"),
        ("--preset timm --crop-pct 0.95", 235, "bicubic", "half-even"),
        ("--preset caffe", 256, "bilinear", "down"),
        (
            "--interpolation lanczos --rounding down",
            256,
            "lanczos",
            "down",
        ),
    ] {
        let run = report(&folder, &format!("{options} {told}"));
        let found = &run.manifest()["preprocessing"];
        let expected = (&resize.into(), &interpolation.into(), &rounding.into());
        assert_eq!(
            (
                &found["resize"],
                &found["interpolation"],
                &found["rounding"]
            ),
            expected,
            "{told}"
        );
    }
    let run = report(
        &folder,
        &format!("{options} --resize squash --crop 20x30 --mean 0.5"),
    );
    let found = &run.manifest()["preprocessing"];
    assert_eq!(
        found["crop"],
        serde_json::json!({"height": 20, "width": 30})
    );
    assert_eq!(found["mean"], serde_json::json!([0.5, 0.5, 0.5]));
    assert_eq!(found.get("resize"), None);
}

#[test]
fn a_converted_network_tells_its_preprocessing_again() {
    let folder = folder(&network(&[1, 1, 24, 40], 1).bytes("logits"));
    let options = "--resize squash --interpolation bicubic --mean 0.2";
    let line = format!("model convert m.onnx c.safetensors {options}");
    type_in(folder.path(), &line).ok();
    let plain = "--features none --occlusion none --detail all";
    let told = report(&folder, &format!("{options} {plain}"));
    let (before, answers) = (told.manifest(), told.text("data/predictions.csv"));
    let line = format!("report p --model c.toml --out o --overwrite {plain}");
    type_in(folder.path(), &line).ok();
    assert_eq!(told.manifest()["preprocessing"], before["preprocessing"]);
    assert_eq!(told.text("data/predictions.csv"), answers);
}

#[test]
fn inputs_that_no_photograph_fits_are_named() {
    for (dims, channels, options, said) in [
        (
            &[1, 4, 32, 32][..],
            4,
            "",
            &[
                "4×32×32",
                "not a colour photograph of three channels or a grey one",
            ][..],
        ),
        (
            &[1, 1, 28, 28],
            1,
            "--channels RGB",
            &["has 1 channel, --channels RGB", "leave --channels out"],
        ),
        (
            &[1, 1, 28, 28],
            1,
            "--mean 1,2,3",
            &["mean has three numbers for one channel"],
        ),
        (
            &[1, 3, 32, 48],
            3,
            "--crop 32",
            &["is 32×48 pixels (rows × columns)", "cannot be 32×32"],
        ),
    ] {
        let folder = folder(&network(dims, channels).bytes("logits"));
        let line = format!("report p --model m.onnx --out o {options}");
        // What the command line tells and cannot be is wrong usage.
        let code = 1 + i32::from(options.starts_with("--mean"));
        let ended = type_in(folder.path(), &line).code(code);
        said.iter().fold(ended, |ended, part| ended.says(part));
    }
}

/// A graph that leaves its size open and fits one size alone.
#[test]
fn a_mismatch_after_an_assumed_size_hints_at_the_crop() {
    let mut net = Onnx::new(&[0, 3, 0, 0]);
    let x = net.conv_relu("conv", "image", [3, 4], 2);
    net.node("flat", "Flatten", &[&x]);
    net.constant("fc", &[4 * 16 * 16, 5]);
    net.node("logits", "MatMul", &["flat", "fc"]);
    let folder = folder(&net.bytes("logits"));
    type_in(folder.path(), "report p --model m.onnx --out o")
        .fails_with(&["224×224 pixels were taken: --crop"]);
    type_in(
        folder.path(),
        "report p --model m.onnx --out o --crop 32 --features none",
    )
    .ok();
    // What no size mends has no such hint.
    let mut net = Onnx::new(&[0, 3, 0, 0]);
    net.node("odd", "NonZero", &["image"]);
    std::fs::write(folder.path().join("m.onnx"), net.bytes("odd")).unwrap();
    let ended = type_in(folder.path(), "report p --model m.onnx --out o2");
    assert!(
        ended.code == 1 && !ended.stderr.contains("--crop"),
        "{}",
        ended.stderr
    );
}

/// Networks from elsewhere: what onnxruntime says of photographs that Keras and torchvision prepared.
#[test]
fn answers_are_those_of_onnxruntime_over_the_familys_own_inputs() {
    let fixtures = repository().join("tests/fixtures/inputs");
    let answers = std::fs::read_to_string(fixtures.join("answers.json")).unwrap();
    let answers: serde_json::Value = serde_json::from_str(&answers).unwrap();
    let mut held = 0;
    for (name, options) in [
        ("keras", "--preset keras-tf"),
        ("grey", "--mean 0.1307 --std 0.3081"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let told = probabilities(&folder, &fixtures, &format!("{name}.onnx {options}"));
        for (photo, expected) in answers[name].as_object().unwrap() {
            for (found, expected) in told(photo).iter().zip(expected.as_array().unwrap()) {
                let apart = f64::from(*found) - expected.as_f64().unwrap();
                assert!(apart.abs() < 0.01, "{name} {photo}: {apart}");
                held += 1;
            }
        }
    }
    assert!(held >= 2 * 10);
}

/// All probabilities of each photograph of the fixtures.
fn probabilities(folder: &TempDir, fixtures: &Path, model: &str) -> impl Fn(&str) -> Vec<f32> {
    let out = folder.path().join("o");
    let line = format!(
        "report p --out {} --features none --occlusion none --arrays none --model {model}",
        out.display()
    );
    type_in(fixtures, &line).ok();
    let run = Run(PathBuf::from(&out));
    let (shape, values) = run.tensors("data/probabilities.safetensors")["original"].clone();
    let paths: Vec<String> = run
        .table("images")
        .into_iter()
        .map(|row| row["path"].clone())
        .collect();
    move |photo| {
        let at = paths.iter().position(|path| path == photo).unwrap();
        values[at * shape[1]..][..shape[1]].to_vec()
    }
}

/// TensorFlow's order: the channels last.
#[test]
fn channels_last_may_be_grey_and_of_any_form() {
    let mut net = Onnx::new(&[1, 24, 40, 1]);
    net.node("moved", "Transpose", &["image"])
        .attribute
        .push(ints("perm", &[0, 3, 1, 2]));
    let x = net.conv_relu("conv1", "moved", [1, 6], 1);
    let x = net.conv_relu("conv2", &x, [6, 8], 2);
    net.classifier(&x, [8, 4]);
    let folder = folder(&net.bytes("logits"));
    let options = "--features none --occlusion none --arrays none";
    let last = report(&folder, options).text("data/predictions.csv");
    let first = network(&[1, 1, 24, 40], 1).bytes("logits");
    std::fs::write(folder.path().join("m.onnx"), first).unwrap();
    assert_eq!(report(&folder, options).text("data/predictions.csv"), last);
}
