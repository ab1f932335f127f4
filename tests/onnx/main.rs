//! ONNX' own backend tests (the package onnx 1.17.0): every case that this program can mean is computed and held
//! against what the case says must come out; the table of all stands in docs/onnx-cases.md.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod case;
#[path = "../common/mod.rs"]
mod common;
mod light;
mod run;
mod table;
mod verdict;

use std::path::{Path, PathBuf};

use case::Case;
use verdict::Verdict;

/// What set-up unpacks of the package onnx; without it the tests say so and end.
fn data() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join(".deps/onnx/onnx/backend/test/data");
    if !folder.is_dir() {
        eprintln!(
            "skipped: no {}; run scripts/setup.py conformance-data",
            folder.display()
        );
        return None;
    }
    Some(folder)
}

#[test]
fn every_case_passes_or_is_out_of_scope_for_a_named_reason() {
    let Some(data) = data() else { return };
    let mut verdicts = Vec::new();
    for kind in ["node", "simple", "pytorch-converted", "pytorch-operator"] {
        let folders = std::fs::read_dir(data.join(kind)).unwrap();
        let mut folders: Vec<PathBuf> = folders.map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        for folder in folders {
            let case = Case::read(&folder);
            verdicts.push((case.name.clone(), case.operators(), verdict::of(&case)));
        }
    }
    let failed: Vec<String> = verdicts
        .iter()
        .filter_map(|(name, _, verdict)| match verdict {
            Verdict::Failed(why) => Some(format!("{name}: {why}")),
            _ => None,
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let table = table::of(&verdicts);
    println!("{table}");
    let documented = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/onnx-cases.md");
    if std::fs::read_to_string(&documented).unwrap_or_default() != table {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("onnx-cases.md");
        std::fs::write(&new, table).unwrap();
        panic!(
            "{} is out of date; what it must be is in {}",
            documented.display(),
            new.display()
        );
    }
}

#[test]
fn the_nine_light_architectures_pass() {
    let Some(data) = data() else { return };
    for name in light::NAMES {
        let excess = light::run(&data.join("light"), name).unwrap();
        println!("{name}: {excess:.3} of the difference allowed");
        assert!(
            excess <= 1.0,
            "{name}: {excess} times the difference allowed"
        );
    }
}
