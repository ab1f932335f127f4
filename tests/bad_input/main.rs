//! Everything that people get wrong: each a clear error or a named skip, never a panic, never half a file.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod dataset;
mod full_disk;
mod network;
mod onnx;
mod output;
#[path = "../support/mod.rs"]
mod support;
mod tables;

use std::path::PathBuf;
use support::photos::photo;
use support::{type_in, Ended};
use tempfile::TempDir;

/// A folder with the data set `p`: two photographs of 300 × 260 pixels.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    photo(&folder.path().join("p/1.png"), (300, 260), 1);
    photo(&folder.path().join("p/2.jpg"), (300, 260), 2);
    folder
}

/// Runs `report p` with these options.
fn report(folder: &TempDir, options: &str) -> Ended {
    type_in(
        folder.path(),
        &format!("report p --features none --out o {options}"),
    )
}

fn write(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    path
}

/// The error names its cause, and no run folder was begun.
#[track_caller]
fn refused(folder: &TempDir, options: &str, parts: &[&str]) {
    report(folder, options).fails_with(parts);
    assert!(
        !folder.path().join("o").exists(),
        "{options}: a run folder was left"
    );
}
