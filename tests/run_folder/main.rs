//! The contract of the run folder, read as another program would: tables, arrays, manifest, and the same bytes each time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod determinism;
mod manifest;
mod masking;
mod options;
mod pictures;
mod projections;
#[path = "../support/mod.rs"]
mod support;
mod tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use support::photos::cats_and_dogs;
use support::run::{Row, Run};
use support::type_in;
use tempfile::TempDir;

const STAGES: [&str; 5] = ["conv1", "fire3", "fire5", "fire9", "conv10"];
const DETAIL: [&str; 4] = ["cats/1.png", "cats/2.jpg", "dogs/1.png", "dogs/2.jpg"];
/// `edge` lies left of what the network sees of a photograph of 520 × 260 pixels; `body` is a union of two boxes.
const MASKS: &str = "image,region,x,y,width,height
cats/1.png,face,60,60,90,80
cats/2.jpg,body,40,60,60,60
cats/2.jpg,body,70,90,60,60
dogs/1.png,face,200,80,70,80
dogs/1.png,edge,0,0,60,200
";

/// Few feature maps, so that there is something of everything.
const FEW: &str =
    "--model squeezenet1_1 --features 2 --strongest 3 --randomisation 1 --occluder-stride 48";

/// The data set `p` with its masks `m.csv`, and the run `o` of it, made once.
fn sample() -> &'static Path {
    static SAMPLE: OnceLock<PathBuf> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        // Statics are never dropped, so no temporary folder: it is made anew each time in the build's own.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("run_folder");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        cats_and_dogs(&folder.join("p"));
        std::fs::write(folder.join("p/dogs/3.jpg"), "no photograph").unwrap();
        std::fs::write(folder.join("m.csv"), MASKS).unwrap();
        type_in(
            &folder,
            &format!("report p --masks m.csv --detail 1 --seed 3 {FEW} --out o"),
        )
        .ok();
        folder
    })
}

fn reference() -> Run {
    Run(sample().join("o"))
}

/// Another run of the sample.
fn run(options: &str) -> (TempDir, Run) {
    with_options(&format!("{FEW} {options}"))
}

/// Another run of the sample without occlusion and feature maps.
fn plain(options: &str) -> (TempDir, Run) {
    with_options(&format!(
        "--model squeezenet1_1 --occlusion none --features none {options}"
    ))
}

fn with_options(options: &str) -> (TempDir, Run) {
    let folder = tempfile::tempdir().unwrap();
    let line = format!(
        "report p --out {} {options}",
        folder.path().join("o").display()
    );
    type_in(sample(), &line).ok();
    let run = Run(folder.path().join("o"));
    (folder, run)
}

/// Rows by photo and condition (or region).
fn by<'a>(rows: &'a [Row], columns: [&str; 2]) -> BTreeMap<[&'a str; 2], Vec<&'a Row>> {
    let mut groups = BTreeMap::<_, Vec<_>>::new();
    for row in rows {
        groups
            .entry(columns.map(|column| &*row[column]))
            .or_default()
            .push(row);
    }
    groups
}
