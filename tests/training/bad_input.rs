//! What goes wrong while a network is trained, and what a person is told to do about it.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::files::{assert_same, result};
use crate::support::onnx::{int, Onnx};
use crate::support::photos::many_cats_and_dogs;
use crate::support::process::start;
use crate::support::{deconvscope, ended, program, type_in};

/// Rates that no number of epochs changes.
const TRAIN: &str = "train p --model tiny --recipe small --set schedule=constant --batch 12 --micro-batch 6 --val 0.2 --detail 0 --out o";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    many_cats_and_dogs(&folder.path().join("p"), 36);
    folder
}

/// A run in `o` that was killed behind its first epoch.
fn killed(folder: &Path, line: &str) {
    let first = folder.join("o/records/training/position-0.json");
    let mut process = start(folder, line);
    assert!(process.until(|| first.is_file()), "it ended before");
    assert!(process.kill(), "it ended before it was killed");
}

#[test]
fn a_training_that_diverges_keeps_the_network_before() {
    let folder = folder();
    let diverges = format!("{TRAIN} --epochs 30 --lr 30");
    let told = type_in(folder.path(), &diverges)
        .fails_with(&["diverges", "lower the learning rate (--lr)"]);
    let kept = told
        .stderr
        .trim_end()
        .rsplit_once("--weights ")
        .map(|(_, path)| path.to_owned());
    let kept = kept.unwrap_or_else(|| panic!("no network is kept: {}", told.stderr));
    let goes_on = format!("{TRAIN} --dry-run --epochs 1 --weights {kept}");
    assert_eq!(type_in(folder.path(), &goes_on).code, 0);
    type_in(
        folder.path(),
        &TRAIN.replace("--out", "--epochs 1 --lr 1e9 --out"),
    )
    .code(1)
    .says("run folder o");
    fs::remove_dir_all(folder.path().join("o")).unwrap();
    type_in(folder.path(), &format!("{TRAIN} --epochs 1 --lr 1e9"))
        .fails_with(&["diverges", "no epoch was done before"]);
}

/// More epochs come to the same as if they had been asked for at once, or are refused.
#[test]
fn more_epochs_are_allowed_where_they_change_nothing_before() {
    let folder = folder();
    let [three, five] = [3, 5].map(|epochs| format!("{TRAIN} --epochs {epochs}"));
    type_in(folder.path(), &five).ok();
    let expected = result(&folder.path().join("o"));
    fs::rename(folder.path().join("o"), folder.path().join("whole")).unwrap();
    killed(folder.path(), &three);
    type_in(folder.path(), &format!("{five} --resume")).ok();
    assert_same(&result(&folder.path().join("o")), &expected, "more epochs");
    type_in(folder.path(), &format!("{TRAIN} --epochs 7 --resume"))
        .fails_with(&["is finished", "--weights o/network.safetensors"]);
    type_in(folder.path(), &format!("{three} --resume")).fails_with(&["--epochs was 5 and is 3"]);
    fs::remove_dir_all(folder.path().join("o")).unwrap();
    let [three, five] =
        [three, five].map(|line| line.replace("schedule=constant", "schedule=cosine"));
    killed(folder.path(), &three);
    type_in(folder.path(), &format!("{five} --resume"))
        .fails_with(&["a cosine over 5", "go on with --epochs 3"]);
    type_in(folder.path(), &format!("{three} --resume")).ok();
}

#[test]
fn a_data_set_that_has_changed_is_not_gone_on_with() {
    let folder = folder();
    let place = |name: &str| folder.path().join("p").join(name);
    let line = format!("{TRAIN} --epochs 4");
    let resumed = format!("{line} --resume");
    killed(folder.path(), &line);
    let refused = |parts: &[&str]| drop(type_in(folder.path(), &resumed).fails_with(parts));
    for name in ["cats/0.png", "dogs/1.png"] {
        let before = fs::read(place(name)).unwrap();
        fs::copy(place("cats/2.png"), place(name)).unwrap();
        refused(&[name, "has changed since the run was begun"]);
        fs::write(place(name), before).unwrap();
    }
    fs::rename(place("cats/0.png"), folder.path().join("aside.png")).unwrap();
    refused(&["photographs to train on"]);
    fs::rename(folder.path().join("aside.png"), place("cats/0.png")).unwrap();
    fs::rename(place("dogs"), place("wolves")).unwrap();
    refused(&["labels are not the same (gone: dogs; new: wolves)"]);
    fs::rename(place("wolves"), place("dogs")).unwrap();
    type_in(folder.path(), &resumed).ok();
}

/// The checkpoint before stays where there is no room for a new one.
#[test]
fn a_full_disk_costs_no_more_than_the_last_checkpoint() {
    let folder = folder();
    let line = format!("{TRAIN} --epochs 4 --snapshots none");
    type_in(folder.path(), &line).ok();
    let expected = result(&folder.path().join("o"));
    fs::rename(folder.path().join("o"), folder.path().join("whole")).unwrap();
    killed(folder.path(), &line);
    // No file may be longer than so many blocks of 512 bytes; what would be is told as an error instead of by a signal.
    let limited = format!(
        "trap '' XFSZ; ulimit -f 16; exec '{}' {line} --resume",
        program().display()
    );
    let mut shell = assert_cmd::Command::new("sh");
    let told = ended(shell.current_dir(folder.path()).args(["-c", &limited]));
    told.fails_with(&["parameters-", "what was kept before stays", "--resume"]);
    type_in(folder.path(), &format!("{line} --resume")).ok();
    assert_same(&result(&folder.path().join("o")), &expected, "a full disk");
}

#[test]
fn a_batch_that_is_larger_than_the_set_has_all_of_it() {
    let folder = folder();
    let [all, more] = ["28", "999"].map(|batch| {
        let line = TRAIN.replace("--batch 12", &format!("--batch {batch}"));
        let told = type_in(folder.path(), &format!("{line} --epochs 1")).ok();
        let network = fs::read(folder.path().join("o/network.safetensors")).unwrap();
        fs::remove_dir_all(folder.path().join("o")).unwrap();
        (
            told.stderr.contains("every step has all 28 photographs"),
            network,
        )
    });
    assert_eq!((all.0, more.0), (false, true));
    assert_eq!(all.1, more.1);
}

#[test]
fn classes_without_photographs_are_named() {
    let folder = folder();
    let place = |name: &str| folder.path().join(name);
    many_cats_and_dogs(&place("s/train"), 8);
    many_cats_and_dogs(&place("s/val"), 4);
    let line = "train s --model tiny --recipe small --epochs 1 --detail 0 --out o";
    fs::rename(place("s/val/dogs"), place("dogs")).unwrap();
    type_in(folder.path(), line).fails_with(&["label 'dogs' has no photographs for validation"]);
    fs::rename(place("dogs"), place("s/val/dogs")).unwrap();
    fs::rename(place("s/train/cats"), place("cats")).unwrap();
    type_in(folder.path(), line).fails_with(&["label 'cats' has no photographs for training"]);
    fs::rename(place("cats"), place("s/train/cats")).unwrap();
    for photo in fs::read_dir(place("s/val/cats")).unwrap() {
        fs::write(photo.unwrap().path(), "no photograph").unwrap();
    }
    type_in(folder.path(), line)
        .fails_with(&["no photograph for validation of label 'cats' could be read"]);
}

#[test]
fn networks_and_weights_that_do_not_fit_are_refused() {
    let folder = folder();
    let mut net = Onnx::new(&[1, 3, 32, 32]);
    let x = net.conv_relu("conv1", "image", [3, 6], 1);
    net.constant("bound", &[1, 6, 1, 1]);
    net.node("is_high", "Greater", &[&x, "bound"]);
    net.node("chosen", "Where", &["is_high", &x, "bound"]);
    net.classifier("chosen", [6, 4]);
    let node = net.node("scores", "Softmax", &["logits"]);
    node.attribute.push(int("axis", 1));
    fs::write(folder.path().join("net.onnx"), net.bytes("scores")).unwrap();
    let of = |model: &str| TRAIN.replace("--model tiny", model);
    // While it is planned: nothing was decoded or written.
    let begun_with = |line: &str, parts: &[&str]| {
        type_in(folder.path(), line).fails_with(parts);
        assert!(!folder.path().join("o").exists(), "{line}");
    };
    let no_gradient = [
        "node 'is_high'",
        "cannot be trained: a comparison has no gradient",
    ];
    begun_with(&of("--model net.onnx"), &no_gradient);
    let all = of("--model zfnet_small --freeze conv1,conv2,conv3,conv4,conv5,fc6,fc7,fc8");
    begun_with(&all, &["nothing to learn: all its layers are frozen"]);
    let wrong = format!(
        "--model resnet18 --weights {}",
        crate::support::TINY_WEIGHTS
    );
    let told = ended(
        deconvscope()
            .current_dir(folder.path())
            .args(crate::support::arguments(&of(&wrong))),
    );
    told.fails_with(&["tiny.pth", "resnet18"]);
}

/// What was begun with more epochs is no training of fewer.
#[test]
fn fewer_epochs_than_are_begun_are_refused() {
    let folder = folder();
    killed(folder.path(), &format!("{TRAIN} --epochs 2"));
    let fifth = folder.path().join("o/snapshots/epoch-005.safetensors");
    let mut process = start(folder.path(), &format!("{TRAIN} --epochs 900 --resume"));
    assert!(process.until(|| fifth.is_file()), "it ended before");
    assert!(process.kill(), "it ended before it was killed");
    type_in(folder.path(), &format!("{TRAIN} --epochs 2 --resume")).fails_with(&[
        "has come to epoch",
        "and 2 were asked for",
        "or more",
    ]);
}

#[test]
fn a_map_to_a_network_s_classes_is_refused() {
    let folder = folder();
    let map = "label,first_class,last_class\ncats,0,1\ndogs,2,3\n";
    fs::write(folder.path().join("map.csv"), map).unwrap();
    let told = type_in(folder.path(), &format!("{TRAIN} --label-map map.csv"));
    assert_eq!(told.code, 2);
    told.says("a class for each label");
}

#[test]
fn copies_on_both_sides_are_told() {
    let folder = folder();
    let photos = folder.path().join("p/cats");
    let files = fs::read_dir(&photos).unwrap().flatten();
    let mut files: Vec<_> = files.map(|file| file.path()).collect();
    files.sort();
    for file in &files[1..] {
        fs::copy(&files[0], file).unwrap();
    }
    let told = type_in(folder.path(), &format!("{TRAIN} --epochs 1 --dry-run"));
    assert_eq!(told.code, 0, "{}", told.stderr);
    told.says("have the same content as one that is trained on")
        .says("from random weights by the recipe small");
}
