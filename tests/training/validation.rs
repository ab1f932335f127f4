//! What is held back, and how it is looked at.

use std::fs;

use crate::support::files::{assert_same, result};
use crate::support::photos::many_cats_and_dogs;
use crate::support::run::{number, Run};
use crate::support::type_in;

const TRAIN: &str =
    "train p --model tiny --recipe small --epochs 2 --batch 12 --micro-batch 5 --detail 0";

#[test]
fn a_folder_of_its_own_is_held_back() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    many_cats_and_dogs(&place("p"), 20);
    many_cats_and_dogs(&place("v"), 6);
    let line = format!("{TRAIN} --val v --out o");
    type_in(folder.path(), &line).ok();
    let run = Run(place("o"));
    assert_eq!(run.ids().len(), 6);
    let options = run.manifest()["options"]["experiments"]["training"].clone();
    assert_eq!(options["photographs"], 20);
    assert_eq!(run.manifest()["dataset"]["root"], "v");
    let accuracy = run.table("metrics");
    let accuracy = accuracy.iter().find(|row| row["metric"] == "top1_accuracy");
    let error = number(&run.table("training")[2], "val_top1_error");
    assert!((number(accuracy.unwrap(), "value") + error - 1.0).abs() < 1e-9);
    assert_eq!(type_in(folder.path(), "verify o").code, 0);

    let refused = |parts: &[&str]| {
        let line = line.replace("--out o", "--out other");
        type_in(folder.path(), &line).fails_with(parts);
    };
    fs::rename(place("v/dogs"), place("dogs")).unwrap();
    refused(&["v: has no photographs of dogs"]);
    fs::create_dir(place("v/wolves")).unwrap();
    fs::copy(place("dogs/1.png"), place("v/wolves/1.png")).unwrap();
    fs::rename(place("dogs"), place("v/dogs")).unwrap();
    refused(&["v: has photographs of wolves, of which p has none"]);
    let inside = format!("{TRAIN} --val p/cats --out other");
    type_in(folder.path(), &inside)
        .fails_with(&["p/cats: lies inside the folder that is trained on"]);
    type_in(folder.path(), &format!("{TRAIN} --val nowhere --out other"))
        .code(2)
        .says("a folder that is there");
}

/// Ten crops are asked for beside the centre, change nothing of it, and depend on no worker.
#[test]
fn ten_crops_stand_beside_the_centre() {
    let folder = tempfile::tempdir().unwrap();
    many_cats_and_dogs(&folder.path().join("p"), 36);
    let [one, two] = [1, 2].map(|threads| {
        let line = format!("{TRAIN} --val 0.2 --ten-crop --threads {threads} --out o{threads}");
        type_in(folder.path(), &line).ok();
        result(&folder.path().join(format!("o{threads}")))
    });
    assert_same(&two, &one, "threads");
    type_in(folder.path(), &format!("{TRAIN} --val 0.2 --out centre")).ok();
    let [ten, centre] = ["o1", "centre"].map(|name| Run(folder.path().join(name)));
    assert_eq!(ten.table("training"), centre.table("training"));
    let metrics = ten.table("metrics");
    let error = metrics
        .iter()
        .find(|row| row["metric"] == "val_top1_error_ten_crop");
    let error = error.unwrap();
    assert_eq!(error["count"], "8");
    assert!((0.0..=1.0).contains(&number(error, "value")));
    assert!(number(error, "low") <= number(error, "value"));
    assert!(!centre.text("data/metrics.csv").contains("ten_crop"));
    assert!(ten.text("pages/training.html").contains("ten crops"));
    type_in(
        folder.path(),
        &format!("{TRAIN} --val 0.2 --out o1 --resume"),
    )
    .fails_with(&["--ten-crop was true and is false"]);
}
