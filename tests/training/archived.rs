//! What of a training goes into an archive: its snapshots only where they are asked for.

use std::collections::BTreeSet;

use serde_json::{json, Value};

use crate::support::files::files;
use crate::support::photos::many_cats_and_dogs;
use crate::support::type_in;

/// The files in the one archive of a folder, below its top folder, and what it says was left out.
fn packed(shelf: &std::path::Path) -> (BTreeSet<String>, Value) {
    let found = files(shelf);
    let archive = found.iter().find(|(name, _)| name.ends_with(".tar.zst"));
    let mut tar = tar::Archive::new(zstd::Decoder::new(&archive.unwrap().1[..]).unwrap());
    let (mut names, mut left_out) = (BTreeSet::new(), Value::Null);
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let (_, file) = path.split_once('/').unwrap();
        if file == "archive.json" {
            let contents: Value = serde_json::from_reader(&mut entry).unwrap();
            left_out = contents["left_out"].clone();
        }
        names.insert(file.to_owned());
    }
    let card = found.iter().find(|(name, _)| name.ends_with(".json"));
    let card: Value = serde_json::from_slice(card.unwrap().1).unwrap();
    assert_eq!(card["archive"]["left_out"], left_out);
    (names, left_out)
}

#[test]
fn snapshots_are_packed_where_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    many_cats_and_dogs(&folder.path().join("p"), 12);
    let train = "train p --model tiny --recipe small --epochs 2 --batch 6 --micro-batch 3 --val 0.2 --detail 1 --out o";
    type_in(folder.path(), train).ok();
    let page = std::fs::read_to_string(folder.path().join("o/pages/evolution.html")).unwrap();
    assert!(page.contains("--with-snapshots"), "{page}");
    let epochs = [0, 1, 2].map(|epoch| format!("snapshots/epoch-00{epoch}.safetensors"));
    let epochs = BTreeSet::from(epochs);
    for (options, left_out) in [("", json!(["snapshots/"])), ("--with-snapshots", json!([]))] {
        let shelf = folder.path().join("shelf");
        let packed_by = format!("archive o --to shelf {options}");
        assert_eq!(type_in(folder.path(), &packed_by).code, 0);
        let (names, told) = packed(&shelf);
        assert_eq!(told, left_out, "{options}");
        let found: BTreeSet<String> = names.intersection(&epochs).cloned().collect();
        let expected = match options.is_empty() {
            true => BTreeSet::new(),
            false => epochs.clone(),
        };
        assert_eq!(found, expected, "{options}");
        // What came of it is always there.
        assert!(names.contains("network.safetensors"), "{options}");
        let mut archive = files(&shelf).into_keys();
        let archive = archive.find(|name| name.ends_with(".tar.zst")).unwrap();
        let told = type_in(folder.path(), &format!("verify shelf/{archive}"));
        assert_eq!(told.code, 0);
        let told = format!("{}{}", told.stdout, told.stderr);
        let says = "snapshots/ was left out when the run was archived";
        assert_eq!(told.contains(says), options.is_empty(), "{told}");
        std::fs::remove_dir_all(shelf).unwrap();
    }
}
