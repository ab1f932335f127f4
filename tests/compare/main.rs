//! `deconvscope compare`: real runs of the same photographs held against each other.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod notes;
mod numbers;
mod output;
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use support::photos::cats_and_dogs;
use support::run::{Row, Run};
use support::type_in;

const MASKS: &str = "image,region,x,y,width,height
cats/1.png,face,60,60,90,80
cats/2.jpg,face,40,60,60,60
dogs/1.png,face,200,80,70,80
dogs/2.jpg,face,100,100,90,90
";

/// The data set `p` with masks `m.csv`, its run `plain`, the run `face` of the photos with their faces hidden, and the
/// comparison `c` of both, made once.
fn sample() -> &'static Path {
    static SAMPLE: OnceLock<PathBuf> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compare");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        cats_and_dogs(&folder.join("p"));
        std::fs::write(folder.join("m.csv"), MASKS).unwrap();
        let options =
            "--model squeezenet1_1 --occlusion none --detail all --layers conv1,fire9 --seed 3";
        type_in(
            &folder,
            &format!("report p --features none --out plain {options}"),
        )
        .ok();
        let applied = "--masks m.csv --apply-masks face";
        type_in(
            &folder,
            &format!("report p --features none --out face {applied} {options}"),
        )
        .ok();
        type_in(&folder, "compare plain face --out c").ok();
        folder
    })
}

/// A folder read as another program would.
fn read(name: &str) -> Run {
    Run(sample().join(name))
}

/// A copy of a run of the sample, to be changed.
fn copy(name: &str, to: &Path) {
    for entry in walkdir::WalkDir::new(sample().join(name)) {
        let entry = entry.unwrap();
        let relative = entry.path().strip_prefix(sample().join(name)).unwrap();
        match entry.file_type().is_dir() {
            true => std::fs::create_dir_all(to.join(relative)).unwrap(),
            false => drop(std::fs::copy(entry.path(), to.join(relative)).unwrap()),
        }
    }
}

/// The row that has these cells.
#[track_caller]
fn row<'a>(rows: &'a [Row], cells: &[(&str, &str)]) -> &'a Row {
    let mut found = rows
        .iter()
        .filter(|row| cells.iter().all(|(column, cell)| row[*column] == *cell));
    let first = found
        .next()
        .unwrap_or_else(|| panic!("no row with {cells:?} in {rows:?}"));
    assert!(found.next().is_none(), "two rows with {cells:?}");
    first
}
