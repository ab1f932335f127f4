//! What cannot be compared is refused or told.

use crate::support::type_in;
use crate::{copy, read, sample};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use std::path::Path;

/// A copy of the run `face` with something else in its manifest.
fn altered(folder: &Path, alter: impl Fn(&mut Value)) {
    copy("face", &folder.join("other"));
    let path = folder.join("other/run.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    alter(&mut manifest);
    std::fs::write(path, manifest.to_string()).unwrap();
}

/// A table of that copy as another run would have written it.
fn rewritten(folder: &Path, file: &str, alter: impl Fn(&str) -> String) {
    let path = folder.join("other").join(file);
    let text = alter(&std::fs::read_to_string(&path).unwrap());
    std::fs::write(&path, &text).unwrap();
    let path = folder.join("other/run.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let digest: String = Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    manifest["files"][file] = json!(digest);
    std::fs::write(path, manifest.to_string()).unwrap();
}

fn compare(folder: &Path) -> crate::support::Ended {
    let plain = sample().join("plain");
    type_in(
        folder,
        &format!("compare {} other --out c", plain.display()),
    )
}

#[test]
fn what_differs_between_the_runs_is_told() {
    type Alter = fn(&mut Value);
    let cases: [(Alter, &str, bool); 8] = [
        (
            |m| m["model"]["name"] = json!("alexnet"),
            "built differently",
            false,
        ),
        (|m| m["model"]["sha256"] = json!("0"), "other weights", true),
        (
            |m| m["model"]["class_names"] = json!("0"),
            "other classes",
            true,
        ),
        (
            |m| m["preprocessing"]["resize"] = json!(300),
            "in another way",
            false,
        ),
        (
            |m| m["model"]["stages"] = json!(["conv1"]),
            "other layers",
            true,
        ),
        (
            |m| m["dataset"]["labels"] = json!(["x", "y"]),
            "labels",
            true,
        ),
        (
            |m| m["options"]["precision"] = json!("bf16"),
            "different precisions (--precision: plain float32, other bf16)",
            true,
        ),
        (
            |m| m["execution"]["instructions"] = json!("another set"),
            "differ by rounding",
            true,
        ),
    ];
    for (alter, said, projections) in cases {
        let folder = tempfile::tempdir().unwrap();
        altered(folder.path(), alter);
        compare(folder.path()).ok().says(said);
        let found = crate::support::run::Run(folder.path().join("c"));
        assert_eq!(!found.table("layers").is_empty(), projections, "{said}");
        let notes = found.manifest_of("compare.json")["notes"].to_string();
        assert!(notes.contains(said), "{notes}");
        let other_classes = said == "other classes";
        let measures: Vec<String> = found
            .table("tests")
            .into_iter()
            .map(|row| row["measure"].clone())
            .collect();
        let first = measures.contains(&"first_class_probability".to_owned());
        assert_eq!(first, !other_classes, "{said}");
        assert!(measures.contains(&"label_probability".to_owned()));
    }
}

#[test]
fn runs_without_maps_are_compared_by_their_answers_and_pictures() {
    let folder = tempfile::tempdir().unwrap();
    altered(folder.path(), |m| m["options"]["arrays"] = json!("none"));
    std::fs::remove_dir_all(folder.path().join("other/arrays")).unwrap();
    compare(folder.path()).ok().says("kept no maps");
    let found = crate::support::run::Run(folder.path().join("c"));
    assert!(found.table("layers").is_empty());
    let id = &read("plain").ids()["cats/1.png"];
    for file in ["a/input.jpg", "b/input.jpg", "b/layer-fire9.jpg"] {
        let path = folder.path().join(format!("c/assets/photos/{id}/{file}"));
        assert!(path.is_file(), "{}", path.display());
    }
    let page = found.text(&format!("pages/photos/{id}.html"));
    assert!(page.contains("their own contrast"));
}

#[test]
fn photos_that_changed_or_are_missing_are_told() {
    let folder = tempfile::tempdir().unwrap();
    altered(folder.path(), |_| {});
    let id = &read("plain").ids()["dogs/1.png"];
    rewritten(folder.path(), "data/contents.csv", |text| {
        let line = text.lines().find(|line| line.starts_with(id)).unwrap();
        text.replace(line, &format!("{id},dogs/1.png,00"))
    });
    compare(folder.path())
        .ok()
        .says("photographs of plain that are not in every run and are left out: 1")
        .says("photographs that have changed between the runs: dogs/1.png");
}

#[test]
fn a_run_against_itself_differs_in_nothing_and_no_test_is_defined() {
    let folder = tempfile::tempdir().unwrap();
    let plain = sample().join("plain");
    let line = format!("compare {0} {0} --out c", plain.display());
    type_in(folder.path(), &line)
        .ok()
        .says("nothing to test")
        .says("plain → plain-2");
    let found = crate::support::run::Run(folder.path().join("c"));
    for row in found.table("tests") {
        assert_eq!(row["difference"].parse::<f64>().unwrap(), 0.0, "{row:?}");
        assert_eq!(row["p_value"], "", "{row:?}");
    }
    for row in found.table("layers") {
        let cosine: f64 = row["cosine"].parse().unwrap();
        assert!((cosine - 1.0).abs() < 1e-12);
    }
    assert!(found.table("flips").is_empty());
    for file in ["index.html", "data/tests.csv"] {
        assert!(!found.text(file).contains("NaN"), "{file}");
    }
}

#[test]
fn one_photo_is_compared_without_an_interval() {
    let folder = tempfile::tempdir().unwrap();
    altered(folder.path(), |_| {});
    for (file, lines) in [("data/images.csv", 2), ("data/predictions.csv", 6)] {
        rewritten(folder.path(), file, |text| {
            let kept: Vec<&str> = text.lines().take(lines).collect();
            kept.join("\n")
        });
    }
    compare(folder.path()).ok().says("no interval");
    let found = crate::support::run::Run(folder.path().join("c"));
    let tests = found.table("tests");
    let label = crate::row(&tests, &[("measure", "label_probability")]);
    assert_eq!((&*label["count"], &*label["low"]), ("1", ""));
    assert_eq!(label["p_value"], "1.0");
}

#[test]
fn runs_that_cannot_be_compared_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    altered(folder.path(), |m| m["schema"] = json!(99));
    compare(folder.path()).fails_with(&["other", "newer version (schema 99"]);
    altered(folder.path(), |_| {});
    rewritten(folder.path(), "data/images.csv", |text| {
        text.replace(",ok,", ",skipped,")
    });
    compare(folder.path()).fails_with(&["plain", "no photograph in common with other"]);
    std::fs::remove_file(folder.path().join("other/run.json")).unwrap();
    compare(folder.path()).fails_with(&["other", "is not a finished run"]);
    assert!(!folder.path().join("c").exists());
    let ended = type_in(folder.path(), "compare other");
    assert_eq!(ended.code, 2);
}

#[test]
fn what_was_changed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    copy("face", &folder.path().join("other"));
    let refused = |file: &str| {
        let path = folder.path().join("other").join(file);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&bytes[..], b" "].concat()).unwrap();
        compare(folder.path()).fails_with(&[file, "is not what run.json lists"]);
        std::fs::write(&path, bytes).unwrap();
    };
    refused("data/predictions.csv");
    let arrays = std::fs::read_dir(folder.path().join("other/arrays")).unwrap();
    let arrays: Vec<String> = arrays
        .flatten()
        .map(|entry| format!("arrays/{}", entry.file_name().to_string_lossy()))
        .collect();
    refused(&arrays[0]);
    compare(folder.path()).ok();
    let inside = sample().join("plain/c");
    let line = format!(
        "compare other {} --out {}",
        sample().join("plain").display(),
        inside.display()
    );
    assert_eq!(type_in(folder.path(), &line).code, 2);
    type_in(folder.path(), "compare c other --out d").fails_with(&["is a comparison"]);
}
