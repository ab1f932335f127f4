//! What fuzzing starts from is whole: each seed of the corpus is read.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::fs;
use std::path::{Path, PathBuf};

use base::table::Table;
use deconvscope::network::checkpoint::Checkpoint;
use deconvscope::network::{classes, onnx};

fn seeds(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let entries = fs::read_dir(folder.join(target)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    // `cargo fuzz` adds files that are named by their sha1.
    paths.retain(|path| path.file_name().unwrap().len() < 40);
    paths.sort();
    assert!(paths.len() >= 10);
    paths
}

#[test]
fn every_onnx_seed_becomes_a_network() {
    let read = |path: &PathBuf| {
        let problem = onnx::parse(&fs::read(path).unwrap(), &onnx::Reading::of_side(32)).err()?;
        Some(format!("{}: {problem}", path.display()))
    };
    let refused: Vec<String> = seeds("onnx").iter().filter_map(read).collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn every_tensor_of_the_checkpoint_seeds_is_read() {
    for path in seeds("checkpoint") {
        // The fuzz target puts a zip file around these.
        if path.to_string_lossy().ends_with("-pickle") {
            continue;
        }
        let mut checkpoint = Checkpoint::open(&path).unwrap();
        for name in checkpoint.names() {
            let integers = path.to_string_lossy().contains("kinds") && name == "i";
            let values = checkpoint.read(&name);
            assert_eq!(values.is_err(), integers, "{}: {name}", path.display());
        }
    }
}

#[test]
fn every_seed_of_names_is_one_or_the_other() {
    for path in seeds("names") {
        let text = fs::read(&path).unwrap();
        let is_table =
            ["labels", "kaggle", "tabs"].contains(&path.file_name().unwrap().to_str().unwrap());
        let required: [&[&str]; 2] = [&["path", "id"], &["label"]];
        let table = Table::parse(&path, &text, &required);
        assert_eq!(table.is_ok(), is_table, "{}: {table:?}", path.display());
        if !is_table {
            classes::parse(&path, &text).unwrap();
        }
    }
}
