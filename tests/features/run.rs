//! `deconvscope features` as a user runs it: tables, sheets, arrays, and what is refused.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::support::pages;
use crate::support::photos::cats_and_dogs;
use crate::support::run::{number, Run};
use crate::support::type_in;

/// The data set `p`, and the run `o` of some of its maps with arrays, made once.
fn sample() -> &'static Path {
    static SAMPLE: OnceLock<PathBuf> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("features");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        cats_and_dogs(&folder.join("p"));
        std::fs::write(folder.join("p/dogs/3.jpg"), "no photograph").unwrap();
        features(
            &folder,
            "--maps 3 --top 4 --arrays all --randomisation 2 --out o",
        );
        folder
    })
}

fn features(folder: &Path, options: &str) {
    let line =
        format!("features p --device cpu --model squeezenet1_1 --layers conv1,fire5 {options}");
    type_in(folder, &line).ok();
}

fn run() -> Run {
    Run(sample().join("o"))
}

#[test]
fn every_map_has_a_row_and_those_drawn_have_units_sheets_and_pages() {
    let run = run();
    let maps = run.table("maps");
    assert_eq!(maps.len(), 64 + 256);
    let drawn: Vec<_> = maps.iter().filter(|row| row["drawn"] == "true").collect();
    assert_eq!(drawn.len(), 6);
    let features = run.table("features");
    let photos: BTreeSet<String> = run.ids().into_values().collect();
    for row in &drawn {
        let of = |other: &&crate::support::run::Row| {
            other["layer"] == row["layer"] && other["map"] == row["map"]
        };
        let units: Vec<_> = features.iter().filter(of).collect();
        assert_eq!(units.len(), 4, "{row:?}");
        let values: Vec<f64> = units
            .iter()
            .map(|unit| number(unit, "activation"))
            .collect();
        assert!(values.is_sorted_by(|a, b| a >= b), "{values:?}");
        assert_eq!(values[0], number(row, "maximum"));
        let seen: BTreeSet<&str> = units.iter().map(|unit| &*unit["image_id"]).collect();
        assert_eq!(seen.len(), 4, "one of each photograph");
        assert!(seen.iter().all(|id| photos.contains(*id)));
        let (layer, map) = (&row["layer"], &row["map"]);
        assert!(run
            .0
            .join(format!("assets/features/{layer}/{map}.jpg"))
            .is_file());
        assert!(run
            .0
            .join(format!("pages/features/{layer}/{map}.html"))
            .is_file());
    }
    let histograms = run.table("map_histograms");
    let named = |row: &crate::support::run::Row| (row["layer"].clone(), row["map"].clone());
    let counted: BTreeSet<_> = histograms.iter().map(named).collect();
    assert_eq!(counted, maps.iter().map(named).collect());
    let strong: BTreeSet<_> = features.iter().map(named).collect();
    let firing = maps.iter().filter(|row| row["state"] != "dead");
    assert_eq!(strong, firing.map(named).collect());
    let label = |row: &crate::support::run::Row| row["label"].clone();
    let labels: BTreeSet<String> = run.table("map_labels").iter().map(label).collect();
    assert_eq!(labels, ["cats", "dogs"].map(String::from).into());
    assert_eq!(run.table("randomisation").len(), 3 * 2 * 2);
    assert_eq!(run.table("filters").len(), 64);
}

/// A histogram's photographs are all of them, and the means by label make up the mean of all.
#[test]
fn the_tables_agree_with_each_other() {
    let run = run();
    let photos = run.ids().len() - 1;
    for row in run.table("maps").iter().step_by(37) {
        let of = |other: &&crate::support::run::Row| {
            other["layer"] == row["layer"] && other["map"] == row["map"]
        };
        let histogram = run.table("map_histograms");
        let counted = histogram.iter().filter(of).map(|row| number(row, "photos"));
        assert_eq!(counted.sum::<f64>(), photos as f64, "{row:?}");
        let labels = run.table("map_labels");
        let labels = labels.iter().filter(of);
        let sums = labels.map(|row| number(row, "photos") * number(row, "mean"));
        let mean = sums.sum::<f64>() / photos as f64;
        assert!((mean - number(row, "mean")).abs() < 1e-9, "{row:?}");
    }
}

/// Photographs are scanned as they are, also where they share a pass with others that have regions hidden.
#[test]
fn what_is_hidden_makes_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    cats_and_dogs(&folder.path().join("p"));
    let masks =
        "image,region,x,y,width,height\ncats/1.png,face,60,60,90,80\ndogs/2.jpg,face,80,60,60,60\n";
    std::fs::write(folder.path().join("m.csv"), masks).unwrap();
    let found = |line: &str, out: &str| {
        let line =
            format!("{line} --model squeezenet1_1 --layers conv1,fire5 --device cpu --randomisation 0 --out {out}");
        type_in(folder.path(), &line).ok();
        Run(folder.path().join(out)).table("features")
    };
    let plain = found("features p --maps 1", "plain");
    let report = "report p --masks m.csv --batch 4 --detail masked --occlusion none --features 1";
    let among_masked = found(report, "masked");
    assert_eq!(plain.len(), among_masked.len());
    for (one, other) in plain.iter().zip(&among_masked) {
        for column in ["layer", "map", "rank", "image_id", "y", "x"] {
            assert_eq!(one[column], other[column], "{one:?} {other:?}");
        }
        let [one, other] = [one, other].map(|row| number(row, "activation"));
        assert!((one - other).abs() <= 1e-5 * one, "{one} {other}");
    }
}

#[test]
fn arrays_hold_the_projection_of_the_receptive_field() {
    let run = run();
    let drawn = drawn(&run);
    assert_eq!(drawn.len(), 6);
    let images = run.table("images");
    for row in run.table("features") {
        if !drawn.contains(&(row["layer"].clone(), row["map"].clone())) {
            continue;
        }
        let (layer, map, rank) = (&row["layer"], &row["map"], &row["rank"]);
        let path = format!("arrays/features/{layer}/{map}-{rank}.safetensors");
        let (shape, values) = &run.tensors(&path)["projection"];
        let [planes, height, width] = shape[..] else {
            panic!("{shape:?}")
        };
        assert_eq!(planes, 3);
        let image = images
            .iter()
            .find(|image| image["image_id"] == row["image_id"]);
        let (wide, high) = (
            number(image.unwrap(), "width"),
            number(image.unwrap(), "height"),
        );
        let (short, long) = (wide.min(high), wide.max(high));
        // The shorter side is resized to 256 pixels, the longer one to whole pixels below.
        let longer = (256.0 * long / short).floor();
        let [along, down] = match wide <= high {
            true => [256.0, longer],
            false => [longer, 256.0],
        };
        let seen = number(&row, "field_width") * along / wide;
        assert!((seen - width as f64).abs() < 0.01, "{row:?}: {seen}");
        let seen = number(&row, "field_height") * down / high;
        assert!((seen - height as f64).abs() < 0.01, "{row:?}: {seen}");
        assert!(values.iter().any(|value| *value != 0.0), "{row:?}");
    }
}

/// Layer and number of the maps that were drawn.
fn drawn(run: &Run) -> BTreeSet<(String, String)> {
    let maps = run.table("maps");
    let drawn = maps.iter().filter(|row| row["drawn"] == "true");
    drawn
        .map(|row| (row["layer"].clone(), row["map"].clone()))
        .collect()
}

/// No photograph is in detail and none has masks.
#[test]
fn there_are_no_pages_of_what_was_not_looked_at() {
    let root = run().0;
    for absent in ["pages/layers", "pages/masks.html", "pages/occlusion.html"] {
        assert!(!root.join(absent).exists(), "{absent}");
    }
    let front = std::fs::read_to_string(root.join("index.html")).unwrap();
    assert!(front.contains("pages/features.html") && !front.contains("pages/layers/"));
}

#[test]
fn pages_are_whole() {
    pages::check(&crate::support::files::files(&run().0), "en", &[]);
}

#[test]
fn maps_are_chosen_by_name_and_all_may_be_drawn() {
    let folder = sample();
    features(
        folder,
        "--maps conv1:5,fire5:200 --randomisation 0 --out named",
    );
    let named = Run(folder.join("named"));
    let rows = drawn(&named);
    let expected = [("conv1", "5"), ("fire5", "200")];
    let expected = expected.map(|(layer, map)| (layer.to_owned(), map.to_owned()));
    assert_eq!(rows, expected.into());
    assert!(!named.0.join("arrays").exists() || !named.0.join("arrays/features").exists());
    assert!(named.table("randomisation").is_empty());
}

#[test]
fn mistakes_are_told() {
    let folder = sample();
    for (options, code, parts) in [
        (
            "--maps conv1:64",
            2,
            &["conv1 has no map 64", "0 to 63"][..],
        ),
        ("--maps conv2:1", 1, &["unknown layer 'conv2'", "conv1"]),
        ("--maps 0", 2, &["at least 1"]),
        ("--maps some", 2, &["conv1:3"]),
        ("--top 0", 2, &["from 1 to 400"]),
        ("--top 401", 2, &["from 1 to 400"]),
        ("--strongest 4294967296", 2, &["from 1 to 400"]),
        ("--per-image 0", 2, &["at least 1"]),
        ("--layers conv99", 1, &["conv99"]),
    ] {
        let line = match options.starts_with("--layers") {
            true => format!("features p {options} --out wrong"),
            false => format!(
                "features p --model squeezenet1_1 --layers conv1,fire5 {options} --out wrong"
            ),
        };
        let ended = type_in(folder, &line).code(code);
        parts.iter().fold(ended, |ended, part| ended.says(part));
        assert!(!folder.join("wrong").exists(), "{options}");
    }
}
