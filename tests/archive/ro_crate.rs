//! An archive as a research object: held against the public validator where `setup.py reference` installed it.

use crate::support::repository;
use crate::{archive, copy_of_run, only_archive, sample, sha256};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// An archive of the sample, unpacked.
fn unpacked(options: &str) -> (TempDir, PathBuf) {
    let folder = copy_of_run();
    archive(folder.path(), &format!("o --to shelf {options}"));
    let path = only_archive(&folder.path().join("shelf"));
    let tar = zstd::decode_all(std::fs::File::open(&path).unwrap()).unwrap();
    tar::Archive::new(&tar[..])
        .unpack(folder.path().join("u"))
        .unwrap();
    let mut tops = std::fs::read_dir(folder.path().join("u")).unwrap();
    let top = tops.next().unwrap().unwrap().path();
    (folder, top)
}

fn graph(top: &Path) -> Vec<Value> {
    let bytes = std::fs::read(top.join("ro-crate-metadata.json")).unwrap();
    let mut metadata: Value = serde_json::from_slice(&bytes).unwrap();
    match metadata["@graph"].take() {
        Value::Array(graph) => graph,
        other => panic!("{other}"),
    }
}

#[test]
fn inputs_software_and_run_are_told() {
    let (_folder, top) = unpacked("");
    let graph = graph(&top);
    let entity = |id: &str| {
        let found: Vec<_> = graph.iter().filter(|entity| entity["@id"] == id).collect();
        assert_eq!(found.len(), 1, "{id}");
        found[0]
    };
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(sample().join("o/run.json")).unwrap()).unwrap();
    let digest = manifest["dataset"]["digest"].as_str().unwrap();
    assert_eq!(
        entity("#photographs")["identifier"],
        format!("sha256:{digest}")
    );
    assert_eq!(entity("#weights")["sha256"], manifest["model"]["sha256"]);
    let action = entity("#run");
    let software = entity(action["instrument"]["@id"].as_str().unwrap());
    assert_eq!(software["softwareVersion"], env!("CARGO_PKG_VERSION"));
    assert_eq!(entity("#option-layers")["value"], "[\"fire3\",\"conv10\"]");
    for link in ["object", "result"] {
        let links = action[link].as_array().unwrap();
        assert!(links.len() > 3);
        links
            .iter()
            .for_each(|link| assert!(entity(link["@id"].as_str().unwrap()).is_object()));
    }
    for file in graph
        .iter()
        .filter(|entity| !entity["contentSize"].is_null())
    {
        let bytes = std::fs::read(top.join(file["@id"].as_str().unwrap())).unwrap();
        assert_eq!(file["sha256"], sha256(&bytes));
        assert_eq!(file["contentSize"], bytes.len().to_string());
    }
}

#[test]
fn the_public_validator_finds_no_fault() {
    let check = |top: &Path| {
        let script = repository().join("scripts/check_crate.py");
        let output = Command::new("python3")
            .arg(script)
            .arg(top)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.code(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };
    if !repository().join(".deps/crate").is_dir() {
        return eprintln!("skipped: no RO-Crate validator (scripts/setup.py reference)");
    }
    for options in ["", "--with-arrays"] {
        let (_folder, top) = unpacked(options);
        let (code, said) = check(&top);
        assert_eq!(code, Some(0), "{said}");
        // It does look: a file that is gone and an action without a tool are found.
        std::fs::remove_file(top.join("index.html")).unwrap();
        let path = top.join("ro-crate-metadata.json");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("\"instrument\"", "\"agent\"")).unwrap();
        let (code, said) = check(&top);
        assert!(
            code == Some(1) && said.contains("index.html") && said.contains("instrument"),
            "{said}"
        );
    }
}
