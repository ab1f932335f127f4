//! Snapshots of a training and what is seen of its features at each (ZF fig. 4), as a person types it: held against reports by
//! the same weights, against the filters themselves, and against each other.

use std::collections::{BTreeMap, BTreeSet};

use scraper::{Html, Selector};
use tempfile::TempDir;

use crate::support::files::files;
use crate::support::pages;
use crate::support::photos::many_cats_and_dogs;
use crate::support::process::start;
use crate::support::run::{all_are_registered, number, Row, Run};
use crate::support::type_in;

const TRAIN: &str =
    "train p --model tiny --recipe small --epochs 5 --batch 12 --val 0.4 --lr 0.1 --detail 2";
const EPOCHS: [usize; 5] = [0, 1, 2, 4, 5];

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    many_cats_and_dogs(&folder.path().join("p"), 30);
    folder
}

fn trained(folder: &TempDir, maps: usize) -> Run {
    let line =
        format!("{TRAIN} --snapshots 0,1,2,4 --evolution {maps} --evolution-photos 6 --out o");
    type_in(folder.path(), &line).ok();
    Run(folder.path().join("o"))
}

fn snapshot(epoch: usize) -> String {
    format!("snapshots/epoch-{epoch:03}.safetensors")
}

/// A report by a snapshot's weights finds the same strongest activations.
#[test]
fn what_a_map_looks_for_is_what_a_report_by_the_same_weights_finds() {
    let folder = folder();
    let run = trained(&folder, 8);
    let bytes = |name: &str| std::fs::read(run.0.join(name)).unwrap();
    assert_eq!(bytes(&snapshot(5)), bytes("network.safetensors"));
    assert_ne!(bytes(&snapshot(0)), bytes(&snapshot(1)));
    let rows = run.table("evolution");
    assert_eq!(rows.len(), 4 * 8 * EPOCHS.len());
    for photo in run.table("images") {
        let to = folder.path().join("q").join(&photo["path"]);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(folder.path().join("p").join(&photo["path"]), to).unwrap();
    }
    for epoch in EPOCHS {
        let line = format!(
            "report q --model o/network.toml --weights o/{} --detail 0 --occlusion none --features all --strongest 1 --out r --overwrite",
            snapshot(epoch)
        );
        type_in(folder.path(), &line).ok();
        let report = Run(folder.path().join("r"));
        let features = report.table("features");
        let of = |row: &Row| (row["layer"].clone(), row["map"].clone());
        let found: BTreeMap<_, &Row> = features.iter().map(|row| (of(row), row)).collect();
        for row in rows.iter().filter(|row| row["epoch"] == epoch.to_string()) {
            let Some(expected) = found.get(&of(row)) else {
                assert_eq!(row["image_id"], "", "{row:?}");
                continue;
            };
            for column in [
                "image_id",
                "y",
                "x",
                "field_x",
                "field_y",
                "field_width",
                "field_height",
            ] {
                assert_eq!(
                    row[column], expected[column],
                    "epoch {epoch}, {column}: {row:?}"
                );
            }
            let (found, expected) = (number(row, "activation"), number(expected, "activation"));
            assert!(
                (found - expected).abs() <= 1e-5 * expected,
                "{found} {expected}"
            );
            let picture = format!(
                "assets/evolution/{}/{}-{epoch}.jpg",
                row["layer"], row["map"]
            );
            let size = image::image_dimensions(run.0.join(picture)).unwrap();
            assert_eq!(size, (72, 144));
        }
    }
    assert!(rows.iter().any(|row| row["jump"] == "true"));
    let all_steps = run.table("evolution_steps");
    let mut steps = all_steps.iter();
    for maps in rows.chunks(EPOCHS.len()) {
        let photos = maps.iter().filter(|row| !row["image_id"].is_empty());
        let photos: Vec<&Row> = photos.collect();
        for pair in photos.windows(2) {
            let jump = pair[0]["image_id"] != pair[1]["image_id"];
            assert_eq!(pair[1]["jump"], jump.to_string());
            let step = steps.next().unwrap();
            assert_eq!(
                (&step["layer"], &step["map"]),
                (&pair[1]["layer"], &pair[1]["map"])
            );
            assert_eq!(step["from_epoch"], pair[0]["epoch"]);
            assert_eq!(
                (&step["epoch"], &step["jump"]),
                (&pair[1]["epoch"], &pair[1]["jump"])
            );
        }
    }
    assert_eq!(steps.next(), None);
    let metrics = run.table("metrics");
    all_are_registered(&metrics);
    let metric = |name: &str| metrics.iter().find(|row| row["metric"] == name);
    let share = |sudden: bool| {
        let steps = all_steps.iter();
        let steps: Vec<&Row> = steps
            .filter(|step| (number(step, "cosine") < 0.5) == sudden)
            .collect();
        let jumps = steps.iter().filter(|step| step["jump"] == "true").count();
        (!steps.is_empty()).then(|| jumps as f64 / steps.len() as f64)
    };
    let expected = share(true).zip(share(false));
    let found = metric("evolution_jump_excess").map(|row| number(row, "value"));
    assert_eq!(found.is_some(), expected.is_some());
    if let (Some(found), Some((sudden, others))) = (found, expected) {
        assert!((found - (sudden - others)).abs() < 1e-12);
    }
    let settled = metric("evolution_settled_trend").unwrap();
    let photos = run.table("convergence_photos");
    let photos: BTreeSet<&String> = photos.iter().map(|row| &row["image_id"]).collect();
    assert_eq!(number(settled, "count") as usize, photos.len());
}

/// A unit of the first convolution projects to its filter: there the cosine is that of two filters.
#[test]
fn the_first_layer_has_come_as_far_as_its_filters() {
    let folder = folder();
    let run = trained(&folder, 1);
    let photos = run.table("convergence_photos");
    let filters: BTreeMap<usize, Vec<f32>> = EPOCHS
        .iter()
        .map(|&epoch| {
            (
                epoch,
                run.tensors(&snapshot(epoch))["conv1.weight"].1.clone(),
            )
        })
        .collect();
    let shape = run.tensors(&snapshot(0))["conv1.weight"].0.clone();
    let of_one: usize = shape[1..].iter().product();
    let filter = |epoch: usize, map: usize| &filters[&epoch][map * of_one..][..of_one];
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| f64::from(*a) * f64::from(*b))
            .sum()
    };
    let mut compared = 0;
    for row in photos.iter().filter(|row| row["layer"] == "conv1") {
        let [epoch, map, y, x] = ["epoch", "map", "y", "x"].map(|name| number(row, name) as usize);
        // A cell at an edge sees a part of its filter only.
        if y.min(x) < 2 || y.max(x) > 12 {
            continue;
        }
        let (then, now) = (filter(epoch, map), filter(5, map));
        let expected = dot(then, now) / (dot(then, then) * dot(now, now)).sqrt();
        let found = number(row, "cosine");
        assert!(
            (found - expected).abs() < 1e-6,
            "{found} {expected}: {row:?}"
        );
        compared += 1;
    }
    assert!(compared > EPOCHS.len(), "no unit lies inside");

    let metrics = run.table("metrics");
    for rows in run.table("convergence").chunks(EPOCHS.len()) {
        let layer = &rows[0]["layer"];
        for (row, epoch) in rows.iter().zip(EPOCHS) {
            assert_eq!((&row["layer"], &row["epoch"]), (layer, &epoch.to_string()));
            let of_it = photos.iter();
            let of_it = of_it.filter(|it| it["layer"] == *layer && it["epoch"] == row["epoch"]);
            let cosines: Vec<f64> = of_it.map(|it| number(it, "cosine")).collect();
            let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
            assert!((number(row, "cosine") - mean).abs() < 1e-12);
            assert_eq!(number(row, "photos") as usize, cosines.len());
            assert!(epoch < 5 || (mean - 1.0).abs() < 1e-9);
        }
        let stays = |from: &usize| {
            let mut later = rows.iter().zip(EPOCHS).filter(|(_, epoch)| epoch >= from);
            later.all(|(row, _)| number(row, "cosine") >= 0.95)
        };
        let scope = format!("layer:{layer}");
        let told = metrics.iter();
        let told = told.filter(|row| row["metric"] == "settled_epoch" && row["scope"] == scope);
        let told: Vec<f64> = told.map(|row| number(row, "value")).collect();
        let expected = EPOCHS.iter().find(|epoch| stays(epoch)).unwrap();
        assert_eq!(told, [*expected as f64], "{layer}");
    }
}

#[test]
fn the_page_has_a_grid_for_each_layer_in_both_languages() {
    let folder = folder();
    let run = trained(&folder, 8);
    let jumps = run.table("evolution");
    let jumps = jumps.iter().filter(|row| row["jump"] == "true").count();
    for lang in ["en", "ko"] {
        type_in(folder.path(), &format!("render o --lang {lang}")).ok();
        pages::check(&files(&run.0), lang, &[]);
        let html = Html::parse_document(&run.text("pages/evolution.html"));
        let count = |selector: &str| html.select(&Selector::parse(selector).unwrap()).count();
        assert_eq!(count(".grid tbody tr"), 4 * 8);
        assert_eq!(count(".grid td"), 4 * 8 * EPOCHS.len());
        assert!(jumps > 0);
        assert_eq!(count(".grid rect.jump"), jumps);
        assert_eq!(count(".chart img"), 1);
        assert!(run.0.join("assets/evolution/convergence.svg").is_file());
        let front = Html::parse_document(&run.text("index.html"));
        let links = pages::select(&front, ".contents a", "href");
        assert!(links.contains(&"pages/evolution.html".to_owned()));
    }
}

#[test]
fn what_is_not_asked_for_is_not_there() {
    let folder = folder();
    let line = format!("{TRAIN} --epochs 2 --snapshots all --evolution 0 --out o")
        .replace("--epochs 5 ", "");
    type_in(folder.path(), &line).ok();
    let run = Run(folder.path().join("o"));
    for epoch in 0..3 {
        assert!(run.0.join(snapshot(epoch)).is_file());
    }
    assert!(!run.0.join("pages/evolution.html").exists());
    let manifest = run.manifest();
    assert_eq!(
        manifest["options"]["experiments"]["training"]["snapshots"],
        "all"
    );
    assert!(manifest["options"]["experiments"]["evolution"].is_null());
    type_in(
        folder.path(),
        &line.replace(
            "--snapshots all --evolution 0",
            "--snapshots none --overwrite",
        ),
    )
    .ok();
    assert!(!run.0.join("snapshots").exists() && !run.0.join("pages/evolution.html").exists());
    for (wrong, says) in [
        ("--snapshots 1,6", "the training has 5 epochs"),
        (
            "--snapshots early",
            "expected none, all, or epochs as in 1,5,20",
        ),
        (
            "--snapshots none --evolution 3",
            "leave --snapshots none out",
        ),
    ] {
        let line = format!("{TRAIN} {wrong} --out x");
        type_in(folder.path(), &line).code(2).says(says);
        assert!(!folder.path().join("x").exists(), "{wrong}");
    }
}

#[test]
fn a_damaged_snapshot_is_found() {
    let folder = folder();
    let run = trained(&folder, 8);
    let spoil = |name: &str| {
        let path = folder.path().join("o").join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    };
    spoil(&snapshot(1));
    let ended = type_in(folder.path(), "verify o");
    assert_ne!(ended.code, 0);
    let told = format!("{}{}", ended.stdout, ended.stderr);
    assert!(told.contains("epoch-001"), "{told}");
    std::fs::remove_dir_all(&run.0).unwrap();

    let line = format!("{TRAIN} --epochs 400 --out o").replace("--epochs 5 ", "");
    let mut process = start(folder.path(), &line);
    let position = run.0.join("records/training/position-1.json");
    assert!(process.until(|| position.is_file()) && process.kill());
    spoil(&snapshot(1));
    type_in(folder.path(), &format!("{line} --resume")).fails_with(&[
        "epoch-001",
        "damaged",
        "--overwrite",
    ]);
}
