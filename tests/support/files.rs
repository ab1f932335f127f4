//! All files of a folder, to be compared with another's.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Path inside a folder → content.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Every file below `root`.
pub(crate) fn files(root: &Path) -> Files {
    let mut found = Files::new();
    for entry in walkdir::WalkDir::new(root) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let relative = entry.path().strip_prefix(root).unwrap();
            let name = relative.to_str().unwrap().to_owned();
            found.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
    found
}

/// Every file of a run, but what may differ between two runs: `execution` in `run.json`, and the seal over it.
pub(crate) fn result(run: &Path) -> Files {
    let mut found = files(run);
    let manifest = found.get_mut("run.json").unwrap();
    let mut content: Value = serde_json::from_slice(manifest).unwrap();
    let fields = content.as_object_mut().unwrap();
    assert!(fields.remove("execution").is_some_and(|e| e.is_object()));
    assert!(fields.remove("seal").is_some_and(|seal| seal.is_string()));
    *manifest = serde_json::to_vec(&content).unwrap();
    found
}

/// Every file of a run with runs of its own inside, but the `execution` of each of them, what seals it, and what an outer one lists of
/// an inner one's manifest.
pub(crate) fn results(run: &Path) -> Files {
    let mut found = files(run);
    let manifests = found.iter_mut();
    for (name, bytes) in manifests.filter(|(name, _)| name.ends_with("run.json")) {
        let mut content: Value = serde_json::from_slice(bytes).unwrap();
        let fields = content.as_object_mut().unwrap();
        assert!(fields.remove("execution").is_some(), "{name}");
        assert!(fields.remove("seal").is_some(), "{name}");
        let listed = fields["files"].as_object_mut().unwrap();
        listed.retain(|file, _| !file.ends_with("/run.json"));
        *bytes = content.to_string().into_bytes();
    }
    found
}

/// Both hold the same files with the same bytes.
#[track_caller]
pub(crate) fn assert_same(found: &Files, expected: &Files, when: &str) {
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found), names(expected), "{when}");
    let different: Vec<&String> = found
        .iter()
        .filter(|(name, bytes)| expected[*name] != **bytes)
        .map(|(name, _)| name)
        .collect();
    assert!(different.is_empty(), "{when}: {different:?} differ");
}
