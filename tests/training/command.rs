//! `deconvscope train` as a person types it: the same network whatever the threads, the cache and the interruptions, a report on
//! it, and what is said where it cannot be.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::files::{assert_same, result, Files};
use crate::support::photos::many_cats_and_dogs;
use crate::support::process::start;
use crate::support::run::Run;
use crate::support::{draw, type_in};

/// The tests' small network, from nothing: 3 steps an epoch, the last one smaller, in micro-batches of which one is.
const TRAIN: &str = "train p --model tiny --recipe small --epochs 4 --batch 12 --micro-batch 5 --val 0.2 --detail 2";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    many_cats_and_dogs(&folder.path().join("p"), 36);
    std::fs::write(folder.path().join("p/cats/broken.jpg"), "no photograph").unwrap();
    folder
}

fn run(folder: &TempDir, line: &str, out: &str) -> Files {
    type_in(folder.path(), &format!("{line} --out {out}")).ok();
    result(&folder.path().join(out))
}

#[test]
fn threads_and_caches_change_nothing() {
    let folder = folder();
    let expected = run(&folder, &format!("{TRAIN} --threads 1"), "a");
    for (number, more) in ["--threads 2", "--threads 3 --cache file", "--cache none"]
        .into_iter()
        .enumerate()
    {
        let found = run(&folder, &format!("{TRAIN} {more}"), &format!("b{number}"));
        assert_same(&found, &expected, more);
    }
    let other = run(&folder, &format!("{TRAIN} --seed 1"), "c");
    assert_ne!(
        other["network.safetensors"],
        expected["network.safetensors"]
    );
    assert_eq!(
        expected
            .keys()
            .filter(|name| name.starts_with("records"))
            .count(),
        0
    );
}

/// Kills a training at drawn moments, some of them again while it is resumed.
fn killed(kills: u64, seed: u64) {
    let folder = folder();
    let expected = run(&folder, TRAIN, "whole");
    let mut cut_off = 0;
    for kill in 0..kills {
        let line = format!("{TRAIN} --out o --threads {}", 1 + kill % 2);
        let twice = kill % 3 == 0;
        for (again, line) in [line.clone(), format!("{line} --resume")]
            .iter()
            .enumerate()
        {
            if again == 1 && !twice {
                continue;
            }
            let process = start(folder.path(), line);
            let moment = draw(seed + 2 * kill + again as u64) % 700;
            std::thread::sleep(Duration::from_millis(moment as u64));
            cut_off += usize::from(process.kill());
        }
        type_in(folder.path(), &format!("{line} --resume")).ok();
        let found = result(&folder.path().join("o"));
        assert_same(&found, &expected, &format!("killed {kill}"));
        std::fs::remove_dir_all(folder.path().join("o")).unwrap();
    }
    assert!(cut_off > 0, "no process was killed before its end");
}

#[test]
fn a_killed_training_goes_on_to_the_same_bytes() {
    killed(4, 11);
}

mod proofs {
    #[test]
    fn killed_at_twenty_moments() {
        super::killed(20, 100);
    }
}

#[test]
fn the_network_that_is_left_says_what_the_report_says() {
    let folder = folder();
    run(&folder, TRAIN, "trained");
    let trained = Run(folder.path().join("trained"));
    let held_back: Vec<String> = trained.ids().into_keys().collect();
    assert_eq!(held_back.len(), 8);
    let report = "report p --model trained --detail 0 --features none --occlusion none --out again";
    type_in(folder.path(), report).ok();
    let again = Run(folder.path().join("again"));
    let all = again.table("predictions");
    let same: Vec<_> = all
        .into_iter()
        .filter(|row| held_back.contains(&row["path"]))
        .collect();
    assert_eq!(trained.table("predictions"), same);

    let rows = trained.table("training");
    assert_eq!(rows.len(), 5);
    let error: f64 = rows[4]["val_top1_error"].parse().unwrap();
    let metrics = trained.table("metrics");
    let right = metrics
        .iter()
        .find(|row| row["metric"] == "top1_accuracy" && row["scope"] == "all");
    let right: f64 = right.unwrap()["value"].parse().unwrap();
    assert!((error + right - 1.0).abs() < 1e-9, "{error}, {right}");
    let manifest = trained.manifest();
    assert_eq!(manifest["skipped"][0]["path"], "cats/broken.jpg");
    assert_eq!(manifest["options"]["experiments"]["training"]["lr"], 0.02);
    assert_eq!(type_in(folder.path(), "verify trained").code, 0);
    type_in(folder.path(), &format!("{TRAIN} --out trained --resume"))
        .ok()
        .says("already finished");
    type_in(
        folder.path(),
        &format!("{TRAIN} --lr 0.1 --out trained --resume"),
    )
    .fails_with(&["--lr was 0.02 and is 0.1"]);
}

#[test]
fn a_mean_of_pixels_and_filters_that_are_held_come_with_the_network() {
    let folder = folder();
    let line = "train p --model zfnet_small --recipe zf --init he --epochs 1 --batch 9 --micro-batch 4 --detail 0 --out o";
    type_in(folder.path(), line).ok();
    let run = Run(folder.path().join("o"));
    let network = run.tensors("network.safetensors");
    let (shape, mean) = &network["pixel_mean.bias"];
    assert_eq!(shape, &[3, 64, 64]);
    assert!(mean.iter().all(|value| (-255.0..=0.0).contains(value)));
    let (shape, filters) = &network["conv1.weight"];
    let of_one: usize = shape[1..].iter().product();
    for filter in filters.chunks_exact(of_one) {
        let squares: f64 = filter.iter().map(|value| f64::from(*value).powi(2)).sum();
        assert!((squares / of_one as f64).sqrt() < 0.1 * (1.0 + 1e-6));
    }
    let held = &run.table("training")[1]["filters_held"];
    assert!(held.parse::<usize>().unwrap() > 0);
    type_in(
        folder.path(),
        "report p --model o --detail 0 --features none --occlusion none --out r",
    )
    .ok();
}

#[test]
fn what_cannot_be_trained_is_said() {
    let folder = folder();
    let fails = |line: &str, parts: &[&str]| {
        type_in(folder.path(), line).fails_with(parts);
        assert!(!folder.path().join("o/run.json").exists(), "{line}");
    };
    let train = format!("{TRAIN} --out o");
    fails("train p --model tiny --recipe zff --out o", &["zff", "zf"]);
    fails(&format!("{train} --freeze conv9"), &["conv9", "conv"]);
    for (wrong, says) in [
        ("--set shedule=cosine", "unknown field `shedule`"),
        ("--set schedule=cosin", "unknown variant `cosin`"),
        ("--dropout 1", "dropout must be from 0"),
        ("--val 1", "expected a share above 0"),
        ("--epochs 0", "epochs must be at least 1"),
    ] {
        let ended = type_in(
            folder.path(),
            &train
                .replace("--val 0.2", "")
                .replace("--epochs 4", "")
                .replace("--out", &format!("{wrong} --out")),
        );
        ended.code(2).says(says);
    }
    fails(&format!("{train} --lr 1e9"), &["diverges", "--lr"]);
    std::fs::remove_dir_all(folder.path().join("o")).unwrap();
    let one = folder.path().join("one/cats");
    many_cats_and_dogs(&folder.path().join("one"), 4);
    std::fs::remove_dir_all(folder.path().join("one/dogs")).unwrap();
    assert!(one.is_dir());
    fails(
        "train one --model tiny --recipe small --out o",
        &["at least two classes", "'cats' alone"],
    );
    std::fs::create_dir_all(folder.path().join("two/dogs")).unwrap();
    many_cats_and_dogs(&folder.path().join("two"), 5);
    for number in [1, 3] {
        let name = format!("two/dogs/{number}.png");
        if number == 3 {
            std::fs::remove_file(folder.path().join(name)).unwrap();
        }
    }
    fails(
        "train two --model tiny --recipe small --out o",
        &["label 'dogs' has 1 photograph"],
    );
}

/// A resumed run decodes no photograph again whose frame lies in a file that is whole, and comes to the same bytes either way.
#[test]
fn frames_in_a_file_are_used_again() {
    let folder = folder();
    let expected = run(&folder, TRAIN, "whole");
    let line = format!("{TRAIN} --out o --cache file");
    let resumed = format!("{line} --resume");
    let first = folder.path().join("o/records/training/position-0.json");
    let cut_off = || {
        let mut process = start(folder.path(), &line);
        let reached = process.until(|| first.is_file());
        assert!(reached && process.kill(), "it ended before it was killed");
    };
    let frames = |name: &str| {
        let path = format!("o/records/training/{name}.frames");
        folder.path().join(path)
    };
    let taken = |count: usize, name: &str| {
        let path = frames(name);
        let path = path.strip_prefix(folder.path()).unwrap().display();
        format!("{count} decoded photographs for {name} taken from {path}")
    };
    let (training, validation) = (taken(28, "training"), taken(8, "validation"));
    let ends = |what: &str| {
        let told = type_in(folder.path(), &resumed).ok().stderr;
        let found = result(&folder.path().join("o"));
        assert_same(&found, &expected, what);
        std::fs::remove_dir_all(folder.path().join("o")).unwrap();
        [told.contains(&training), told.contains(&validation)]
    };
    cut_off();
    assert_eq!(ends("both are whole"), [true, true]);

    // One pixel that is another, and a file that was cut off.
    cut_off();
    let mut pixels = std::fs::read(frames("training")).unwrap();
    pixels[1000] ^= 1;
    std::fs::write(frames("training"), pixels).unwrap();
    assert_eq!(ends("a pixel has changed"), [false, true]);
    cut_off();
    let file = std::fs::File::options()
        .write(true)
        .open(frames("validation"));
    file.unwrap().set_len(100).unwrap();
    assert_eq!(ends("it is cut off"), [true, false]);

    // Of a photograph that has changed no frame is kept for later.
    cut_off();
    let photo = folder.path().join("p/dogs/3.png");
    let before = std::fs::read(&photo).unwrap();
    std::fs::copy(folder.path().join("p/cats/2.png"), &photo).unwrap();
    for more in ["", " --cache none", " --cache memory"] {
        let line = resumed.replace(" --cache file", more);
        type_in(folder.path(), &line)
            .fails_with(&["dogs/3.png", "has changed since the run was begun"]);
    }
    let mut spoilt = std::fs::read(frames("training")).unwrap();
    spoilt[0] ^= 1;
    std::fs::write(frames("training"), spoilt).unwrap();
    type_in(folder.path(), &resumed).fails_with(&["dogs/3.png"]);
    std::fs::write(&photo, before).unwrap();
    assert!(!ends("frames of another photograph")[0]);
}

/// Of two places the one that is whole is gone on with; where neither is, that is said.
#[test]
fn a_damaged_checkpoint_is_not_gone_on_with() {
    let folder = folder();
    let expected = run(&folder, TRAIN, "whole");
    let line = format!("{TRAIN} --out o");
    let records = folder.path().join("o/records/training");
    let mut process = start(folder.path(), &line);
    let both = || {
        ["position-0.json", "position-1.json"]
            .iter()
            .all(|name| records.join(name).is_file())
    };
    let reached = process.until(both);
    assert!(reached && process.kill(), "it ended before it was killed");
    let spoil = |place: usize| {
        let path = records.join(format!("parameters-{place}.safetensors"));
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    };
    let copy = |from: &Path, to: &Path| {
        for entry in walkdir::WalkDir::new(from) {
            let entry = entry.unwrap();
            let target = to.join(entry.path().strip_prefix(from).unwrap());
            match entry.file_type().is_dir() {
                true => std::fs::create_dir_all(target).unwrap(),
                false => drop(std::fs::copy(entry.path(), target).unwrap()),
            }
        }
    };
    copy(&folder.path().join("o"), &folder.path().join("kept"));
    spoil(0);
    type_in(folder.path(), &format!("{line} --resume")).ok();
    assert_same(
        &result(&folder.path().join("o")),
        &expected,
        "one is damaged",
    );
    std::fs::remove_dir_all(folder.path().join("o")).unwrap();
    copy(&folder.path().join("kept"), &folder.path().join("o"));
    spoil(0);
    spoil(1);
    type_in(folder.path(), &format!("{line} --resume"))
        .fails_with(&["is damaged, and so is the one before"]);
}
