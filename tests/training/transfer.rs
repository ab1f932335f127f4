//! `deconvscope transfer --scratch`: a network that is trained from random weights on the photographs of each split, in runs of its
//! own; what is told of it follows from these, whatever the threads and the interruptions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use base::digest::sha256_of_texts;
use tempfile::TempDir;

use crate::killed_at_parts;
use crate::support::files::{assert_same, results};
use crate::support::photos::picture;
use crate::support::run::{number, Row, Run};
use crate::support::type_in;

const LINE: &str =
    "transfer p --per-class 2,4 --repeats 2 --layers conv3,fc4 --c 1 --leave-out-small \
    --scratch tiny --scratch-set epochs=3 --scratch-set batch=6 --scratch-set micro_batch=4";

/// Pictures of three labels, each of a colour of its own, and of one that has too few.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let save = |label: &str, channel: usize, number: u32| {
        let path = folder.path().join(format!("p/{label}/{number}.png"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut picture = picture((40, 40), number);
        for pixel in picture.pixels_mut() {
            pixel.0[channel] = pixel.0[channel].saturating_add(40);
        }
        picture.save(path).unwrap();
    };
    for number in 0..27 {
        let channel = number as usize % 3;
        save(["red", "green", "blue"][channel], channel, number);
    }
    (40..43).for_each(|number| save("few", 0, number));
    folder
}

/// The ids of a part of a split.
fn part<'a>(splits: &'a [Row], row: &Row, part: &str) -> BTreeSet<&'a str> {
    let of_part = splits.iter().filter(|split| {
        split["part"] == part
            && split["split"] == row["split"]
            && split["per_class"] == row["per_class"]
    });
    of_part.map(|split| &*split["image_id"]).collect()
}

/// The mean over the labels of the share of photographs whose first class is theirs.
fn accuracy(run: &Run) -> f64 {
    let labels: BTreeMap<String, String> = run
        .table("images")
        .into_iter()
        .map(|row| (row["image_id"].clone(), row["label"].clone()))
        .collect();
    let mut counts: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    let predictions = run.table("predictions");
    for row in predictions.iter().filter(|row| row["rank"] == "1") {
        let label = &*labels[&row["image_id"]];
        let (of, right) = counts.entry(label).or_default();
        *of += 1.0;
        *right += f64::from(u8::from(row["class_name"] == label));
    }
    counts.values().map(|(of, right)| right / of).sum::<f64>() / counts.len() as f64
}

fn value(run: &Run, metric: &str) -> f64 {
    let metrics = run.table("metrics");
    let found = metrics.iter().find(|row| row["metric"] == metric);
    number(found.unwrap(), "value")
}

#[test]
fn a_network_from_scratch_is_trained_and_tested_on_the_same_splits() {
    let folder = folder();
    type_in(folder.path(), &format!("{LINE} --out o")).ok();
    let run = Run(folder.path().join("o"));
    let (rows, splits) = (run.table("transfer_scratch"), run.table("transfer_splits"));
    assert_eq!(rows.len(), 2 * 2);
    let images = run.table("images");
    for row in &rows {
        let own = Run(run.0.join(&row["run"]));
        let tested = part(&splits, row, "test");
        let ids: Vec<String> = own
            .table("images")
            .iter()
            .map(|row| row["image_id"].clone())
            .collect();
        assert_eq!(
            ids.iter().map(String::as_str).collect::<BTreeSet<_>>(),
            tested
        );
        let trained = part(&splits, row, "train");
        let told = images
            .iter()
            .filter(|row| trained.contains(&*row["image_id"]));
        let listing = sha256_of_texts(told.flat_map(|row| [&*row["path"], &*row["label"]]));
        let manifest = own.manifest();
        let training = &manifest["options"]["experiments"]["training"];
        assert_eq!(training["training_listing"], listing, "{row:?}");
        assert_eq!(training["transfer_split"].to_string(), row["split"]);
        // Not of the label that was left out.
        assert_eq!(manifest["model"]["classes"], 3);
        assert_eq!(own.table("training").last().unwrap()["epoch"], "3");
        assert!((number(row, "accuracy") - accuracy(&own)).abs() < 1e-12);
        assert_eq!(
            (trained.len().to_string(), tested.len().to_string()),
            (row["trained"].clone(), row["tested"].clone())
        );
    }
    // Each begins with other weights.
    let seeds: BTreeSet<String> = rows
        .iter()
        .map(|row| {
            let weights = Run(run.0.join(&row["run"])).tensors("network.safetensors");
            format!("{:?}", weights["conv1.weight"])
        })
        .collect();
    assert_eq!(seeds.len(), 4);

    let of_most: Vec<f64> = rows
        .iter()
        .filter(|row| row["per_class"] == "4")
        .map(|row| number(row, "accuracy"))
        .collect();
    let mean = of_most.iter().sum::<f64>() / 2.0;
    assert!((value(&run, "transfer_scratch") - mean).abs() < 1e-12);
    assert!((value(&run, "transfer_scratch_4") - mean).abs() < 1e-12);
    let more = value(&run, "transfer_best") - mean;
    assert!((value(&run, "transfer_over_scratch") - more).abs() < 1e-12);
    let page = run.text("pages/transfer.html");
    assert!(page.contains("From scratch") && page.contains(&format!("{:.1} %", 100.0 * mean)));
    assert_eq!(type_in(folder.path(), "verify o").code, 0);

    let first = format!("{LINE} --scratch-splits 1 --out first");
    type_in(folder.path(), &first).ok();
    let first = Run(folder.path().join("first"));
    let of_first: Vec<Row> = rows.into_iter().filter(|row| row["split"] == "0").collect();
    assert_eq!(first.table("transfer_scratch"), of_first);

    // Of a network in a file that has been trained, nothing but the network is taken.
    let trained = "first/variants/scratch-4-0/network.safetensors";
    let again = LINE.replace("--scratch tiny", &format!("--scratch {trained}"));
    type_in(
        folder.path(),
        &format!("{again} --scratch-splits 1 --out again"),
    )
    .ok();
    let weights = |run: &str| {
        let run = Run(folder.path().join(run).join("variants/scratch-4-0"));
        run.tensors("network.safetensors")["conv1.weight"].clone()
    };
    assert_eq!(weights("again"), weights("first"));
}

#[test]
fn threads_and_interruptions_change_no_training_from_scratch() {
    let folder = folder();
    let began = Instant::now();
    type_in(folder.path(), &format!("{LINE} --out whole --threads 1")).ok();
    let whole = began.elapsed();
    let expected = results(&folder.path().join("whole"));
    killed_at_parts(folder.path(), LINE, whole, (20, 11));
    type_in(
        folder.path(),
        &format!("{LINE} --out o --threads 2 --resume"),
    )
    .ok();
    assert_same(
        &results(&folder.path().join("o")),
        &expected,
        "killed and gone on with",
    );
}

#[test]
fn what_cannot_be_trained_from_scratch_is_said_before_anything_is_computed() {
    let folder = folder();
    let root: &Path = folder.path();
    let line = "transfer p --per-class 2 --leave-out-small --out o";
    for (more, code, says) in [
        ("--scratch nonet", 1, "nonet"),
        (
            "--scratch tiny --scratch-recipe zf",
            2,
            "depends on the photographs that are tested",
        ),
        (
            "--scratch tiny --scratch-set early_stopping=3",
            2,
            "--scratch-set schedule=cosine",
        ),
        (
            "--scratch tiny --scratch-set epoch=3",
            2,
            "unknown field `epoch`",
        ),
        ("--scratch tiny --scratch-recipe none", 1, "none"),
        ("--scratch-splits 1", 2, "--scratch"),
    ] {
        type_in(root, &format!("{line} {more}"))
            .code(code)
            .says(says);
        assert!(!root.join("o").exists(), "{more}");
    }
}
