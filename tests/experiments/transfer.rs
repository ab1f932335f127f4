//! Linear classifiers on each layer's features, through the program: against features and inner products made plainly.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::photos::{photo, picture};
use crate::support::run::{number, Row, Run};
use crate::support::{type_in, TINY_WEIGHTS};
use deconvscope::classifiers::{Gram, OneVsRest};
use deconvscope::dataset;
use deconvscope::engine::{device, to_values, Engine, Recording};
use deconvscope::network::{Model, ModelSource};
use image::RgbImage;
use ndarray::Array2;
use tch::Device;

/// Pictures of three labels, of which each has a colour of its own under the same textures.
fn coloured(folder: &Path, of_each: u32) {
    for number in 0..3 * of_each {
        let label = number as usize % 3;
        let mut picture = picture((40, 40), number);
        for pixel in picture.pixels_mut() {
            pixel.0[label] = pixel.0[label].saturating_add(25);
        }
        save(
            &folder.join(format!(
                "{}/{number}.png",
                ["blue", "green", "red"][2 - label]
            )),
            &picture,
        );
    }
}

fn save(path: &Path, picture: &RgbImage) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    picture.save(path).unwrap();
}

/// A photograph's features of a stage in float64: averaged by hand to `side` cells, of length 1.
fn features(engine: &Engine, model: &Model, pixels: &RgbImage, stage: &str) -> Vec<f64> {
    let stages = &model.network().stages;
    let node = stages.iter().find(|one| one.name == stage).unwrap().node;
    let input = dataset::input(pixels, &model.preprocessing).unwrap();
    let recording = Recording {
        activations: vec![node],
        ..Recording::default()
    };
    let trace = engine
        .forward(&engine.batch(&[&input]).unwrap(), &recording)
        .unwrap();
    let values: Vec<f64> = to_values(&trace.activations[&node])
        .unwrap()
        .into_iter()
        .map(f64::from)
        .collect();
    let norm = values.iter().map(|value| value * value).sum::<f64>().sqrt();
    values.iter().map(|value| value / norm).collect()
}

#[test]
fn accuracies_are_those_of_a_plain_computation() {
    let folder = tempfile::tempdir().unwrap();
    coloured(&folder.path().join("p"), 9);
    let line = "transfer p --per-class 2,4 --repeats 3 --classifier svm,softmax --c 1,10 --keep-gram --out";
    type_in(folder.path(), &format!("{line} o --threads 2")).ok();
    let run = Run(folder.path().join("o"));
    let (rows, splits) = (run.table("transfer"), run.table("transfer_splits"));
    // Layers, classifiers, numbers, splits.
    assert_eq!(rows.len(), 4 * 2 * 2 * 3);

    device::one_thread_here();
    let model = Model::load(&ModelSource {
        name: "tiny".into(),
        weights: Some(TINY_WEIGHTS.into()),
        ..ModelSource::default()
    })
    .unwrap();
    let engine = Engine::new(&model, Device::Cpu).unwrap();
    let images = run.table("images");
    let labels = ["blue", "green", "red"];
    for layer in ["conv3", "fc4"] {
        let of_photo: BTreeMap<&str, (usize, Vec<f64>)> = images
            .iter()
            .map(|row| {
                let pixels = image::open(folder.path().join("p").join(&row["path"])).unwrap();
                let label = labels
                    .iter()
                    .position(|label| *label == row["label"])
                    .unwrap();
                (
                    &*row["image_id"],
                    (label, features(&engine, &model, &pixels.to_rgb8(), layer)),
                )
            })
            .collect();
        let gram = run.doubles("arrays/gram.safetensors", layer);
        let all: Vec<&(usize, Vec<f64>)> = images
            .iter()
            .map(|row| &of_photo[&*row["image_id"]])
            .collect();
        assert_eq!(gram.len(), 27 * 27);
        for (number, product) in gram.iter().enumerate() {
            let [a, b] = [number / 27, number % 27].map(|at| &all[at].1);
            let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
            assert!((product - dot).abs() < 1e-6, "{product} instead of {dot}");
        }
        for row in rows
            .iter()
            .filter(|row| row["layer"] == layer && row["classifier"] == "svm")
        {
            let part = |name: &str| -> Vec<&(usize, Vec<f64>)> {
                let wanted = |split: &&Row| {
                    split["split"] == row["split"]
                        && split["per_class"] == row["per_class"]
                        && split["part"] == name
                };
                let ids = splits
                    .iter()
                    .filter(wanted)
                    .map(|split| &*split["image_id"]);
                ids.map(|id| &of_photo[id]).collect()
            };
            let (trained, tested) = (part("train"), part("test"));
            let per_class: usize = row["per_class"].parse().unwrap();
            assert_eq!((trained.len(), tested.len()), (3 * per_class, 15));
            let gram = |rows: &[&(usize, Vec<f64>)]| {
                let dot = |(a, b): (usize, usize)| -> f64 {
                    let pairs = rows[a].1.iter().zip(&trained[b].1);
                    pairs.map(|(a, b)| a * b).sum()
                };
                Gram::new(Array2::from_shape_fn((rows.len(), trained.len()), dot)).unwrap()
            };
            let classes: Vec<usize> = trained.iter().map(|(label, _)| *label).collect();
            let told = (3, number(row, "c"), 1e-6);
            let solved = OneVsRest::solve(&gram(&trained), &classes, told).unwrap();
            let taken_for = solved.classify(&gram(&tested));
            let right = tested
                .iter()
                .zip(taken_for)
                .filter(|((label, _), class)| label == class);
            // As many of each label are tested: the mean over labels is that over photographs.
            let accuracy = right.count() as f64 / tested.len() as f64;
            assert!(
                (number(row, "accuracy") - accuracy).abs() < 1e-12,
                "{row:?}: {accuracy}"
            );
        }
    }

    let layers = run.table("transfer_layers");
    let conv1: Vec<&Row> = layers
        .iter()
        .filter(|row| row["layer"] == "conv1")
        .collect();
    assert_eq!(conv1.len(), 4);
    assert!(conv1
        .iter()
        .all(|row| number(row, "low") <= number(row, "accuracy")));
    let taken: f64 = run
        .table("transfer_confusion")
        .iter()
        .map(|row| number(row, "count"))
        .sum();
    assert_eq!(taken, 2.0 * 3.0 * 15.0);
    let metrics = run.table("metrics");
    assert!(metrics
        .iter()
        .any(|row| row["metric"] == "transfer_svm_4_conv3"));
    slope_and_steps_are_those_of_the_table(&rows, &metrics);
    assert!(run.text("pages/transfer.html").contains("Zeiler"));

    // The same bytes by one worker.
    type_in(folder.path(), &format!("{line} one --threads 1")).ok();
    let one = Run(folder.path().join("one"));
    for table in [
        "transfer",
        "transfer_layers",
        "transfer_splits",
        "transfer_confusion",
        "transfer_photos",
    ] {
        let file = format!("data/{table}.csv");
        assert_eq!(run.text(&file), one.text(&file), "{table}");
    }
}

/// Of support vector machines trained on four of each label.
fn slope_and_steps_are_those_of_the_table(rows: &[Row], metrics: &[Row]) {
    let of_layer = |layer: &str| -> Vec<f64> {
        let rows = rows.iter().filter(|row| {
            row["layer"] == layer && row["classifier"] == "svm" && row["per_class"] == "4"
        });
        rows.map(|row| number(row, "accuracy")).collect()
    };
    let value = |metric: &str, scope: &str| {
        let wanted = |row: &&Row| row["metric"] == metric && row["scope"] == scope;
        number(metrics.iter().find(wanted).unwrap(), "value")
    };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let layers = ["conv1", "conv2", "conv3", "fc4"].map(|layer| mean(&of_layer(layer)));
    for (layer, (lower, upper)) in ["conv2", "conv3", "fc4"]
        .iter()
        .zip(layers.iter().zip(&layers[1..]))
    {
        let step = value("transfer_step", &format!("layer:{layer}"));
        assert!((step - (upper - lower)).abs() < 1e-12);
        let accuracy = value("transfer_accuracy", &format!("layer:{layer}"));
        assert!((accuracy - upper).abs() < 1e-12);
    }
    // Places less their mean, -1.5 to 1.5, whose squares come to 5.
    let slope = (3.0 * (layers[3] - layers[0]) + layers[2] - layers[1]) / 10.0;
    assert!((value("transfer_slope", "all") - slope).abs() < 1e-12);
    let best = layers.iter().copied().fold(0.0, f64::max);
    assert!((value("transfer_best", "all") - best).abs() < 1e-12);
}

#[test]
fn labels_that_cannot_be_told_apart_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    coloured(&root.join("p"), 3);
    type_in(root, "transfer p --per-class 3 --out o").fails_with(&[
        "fewer than 4 photographs",
        "blue (3)",
        "--leave-out-small",
    ]);
    for extra in 0..2 {
        photo(
            &root.join(format!("p/blue/more-{extra}.png")),
            (40, 40),
            90 + extra,
        );
        photo(
            &root.join(format!("p/red/more-{extra}.png")),
            (40, 40),
            80 + extra,
        );
    }
    let ended = type_in(
        root,
        "transfer p --per-class 3 --leave-out-small --repeats 1 --layers fc4 --classifier svm,svm --out o",
    )
    .ok();
    ended.says("left out, for they have fewer than 4 photographs: green (3)");
    let run = Run(root.join("o"));
    assert_eq!(run.table("transfer").len(), 1);
    assert_eq!(run.table("transfer_layers")[0]["deviation"], "");
    // Enough by the listing, too few when they are read.
    std::fs::write(root.join("p/green/broken.png"), "no photograph").unwrap();
    let line = "transfer p --per-class 3 --repeats 1 --layers fc4 --out broken";
    type_in(root, line).fails_with(&["fewer than 4 photographs: green (3)"]);
    let ended = type_in(root, &format!("{line} --leave-out-small --overwrite")).ok();
    ended.says("left out, for they have fewer than 4 photographs: green (3)");
    std::fs::remove_file(root.join("p/green/broken.png")).unwrap();

    type_in(root, "transfer p/blue --per-class 1 --out one").fails_with(&["at least two"]);
    type_in(root, "transfer p --per-class 1 --layers fc9 --out layer")
        .fails_with(&["unknown layer 'fc9'", "fc4"]);
    std::fs::copy(root.join("p/blue/more-0.png"), root.join("p/red/same.png")).unwrap();
    type_in(root, "transfer p --per-class 1 --out twice")
        .fails_with(&["two labels", "blue/more-0.png and red/same.png"]);
}
