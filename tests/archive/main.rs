//! Archives of runs: the same bytes each time, every damage found, nothing lost and nothing half-written.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod bad_place;
mod damage;
mod hostile;
mod index;
mod prune;
mod reproducible;
mod ro_crate;
mod shelf;
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use support::photos::photo;
use support::{type_in, Ended};
use tempfile::TempDir;

/// The data set `p`, and the run `o` of it, made once.
fn sample() -> &'static Path {
    static SAMPLE: OnceLock<PathBuf> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        // Statics are never dropped, so no temporary folder: it is made anew each time in the build's own.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("archive");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        photo(&folder.join("p/cats/1.png"), (300, 260), 1);
        photo(&folder.join("p/dogs/2.jpg"), (260, 300), 2);
        report(&folder, "--out o").ok();
        folder
    })
}

/// Runs `report p` with two layers, one photograph in detail and no occlusion.
fn report(folder: &Path, options: &str) -> Ended {
    let line = format!(
        "report p --model squeezenet1_1 --layers fire3,conv10 --detail 1 --occlusion none --features none {options}"
    );
    type_in(folder, &line)
}

/// A folder with a copy of the sample's run, `o`.
fn copy_of_run() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&sample().join("o"), &folder.path().join("o"));
    folder
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in support::files::files(from) {
        let path = to.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// Runs `archive`; its code, what it printed for programs, and what for people.
fn archive(folder: &Path, line: &str) -> Ended {
    type_in(folder, &format!("archive {line}"))
}

/// The one archive in a folder.
fn only_archive(folder: &Path) -> PathBuf {
    let names: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(".tar.zst"))
        .collect();
    assert_eq!(names.len(), 1, "{names:?}");
    names.into_iter().next().unwrap()
}

/// sha256 as another program computes it.
fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
