//! `run.json`.

use crate::support::files::files;
use crate::support::weights;
use crate::{reference, run, MASKS, STAGES};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::collections::BTreeSet;

#[test]
fn the_manifest_tells_what_was_run() {
    let manifest = reference().manifest();
    let names: BTreeSet<&str> = manifest
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    for name in [
        "schema",
        "tool",
        "execution",
        "device",
        "libtorch",
        "model",
        "dataset",
        "preprocessing",
        "options",
        "rules",
        "skipped",
        "notes",
        "files",
    ] {
        assert!(names.contains(name), "{name}: {names:?}");
    }
    assert_eq!(manifest["schema"], 4);
    assert_eq!(manifest["tool"]["version"], env!("CARGO_PKG_VERSION"));
    let device = manifest["device"].as_str().unwrap();
    assert!(device == "cpu" || device.starts_with("cuda"), "{device}");
    let devices = manifest["execution"]["devices"].as_array().unwrap();
    assert_eq!(devices.len(), 1);
    assert!(devices[0].as_str().unwrap().starts_with(&device[..3]));
    assert_eq!(manifest["model"]["name"], "squeezenet1_1");
    assert_eq!(
        manifest["model"]["sha256"],
        sha256(&std::fs::read(weights()).unwrap())
    );
    assert_eq!(manifest["model"]["stages"], serde_json::json!(STAGES));
    let dataset = &manifest["dataset"];
    assert_eq!(dataset["root"], "p");
    assert_eq!(dataset["labels"], serde_json::json!(["cats", "dogs"]));
    for (field, count) in [
        ("photos", 5),
        ("skipped", 1),
        ("detail", 4),
        ("other_files", 0),
    ] {
        assert_eq!(dataset[field], count, "{field}");
    }
    let options = &manifest["options"];
    assert_eq!(options["masks"], sha256(MASKS.as_bytes()));
    assert_eq!(options["fill"], serde_json::json!([128, 128, 128]));
    assert_eq!(options["seed"], 3);
    for field in [
        "top", "layers", "kinds", "detail", "arrays", "limit", "batch", "memory", "lang",
    ] {
        assert!(options.get(field).is_some(), "{field}");
    }
    for rule in ["relu", "unpool", "switches", "lrn"] {
        assert!(
            manifest["rules"][rule]
                .as_str()
                .is_some_and(|text| text.len() > 10),
            "{rule}"
        );
    }
    let execution = &manifest["execution"];
    for time in ["started", "finished"] {
        let text = execution[time].as_str().unwrap();
        assert!(
            text.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(text).is_ok(),
            "{text}"
        );
    }
    assert_eq!(execution["out"], "o");
    assert!(execution["command"].as_array().unwrap().len() > 5 && execution["seconds"].is_object());
    let (_folder, other) = run("--detail 0 --limit 2");
    assert_ne!(other.manifest()["dataset"]["digest"], dataset["digest"]);
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn the_manifest_lists_every_other_file_with_its_sha256() {
    let mut found = files(&reference().0);
    assert!(found.remove("run.json").is_some() && found.contains_key("index.html"));
    let stray = |name: &&String| name.contains(".part-") || name.starts_with("records/");
    assert_eq!(found.keys().find(stray), None);
    assert!(!reference().0.join("records").exists());
    let found: BTreeMap<String, String> = found
        .into_iter()
        .map(|(name, bytes)| (name, sha256(&bytes)))
        .collect();
    let listed: BTreeMap<String, String> =
        serde_json::from_value(reference().manifest()["files"].clone()).unwrap();
    assert_eq!(listed, found);
}
