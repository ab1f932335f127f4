//! The comparison's folder: its pages, its manifest, what it replaces and what not.

use crate::support::files::{assert_same, files};
use crate::support::pages::check;
use crate::support::type_in;
use crate::{copy, read, sample};
use sha2::{Digest, Sha256};

#[test]
fn the_pages_are_linked_and_accessible_in_both_languages() {
    check(&files(&sample().join("c")), "en", &[]);
    let folder = tempfile::tempdir().unwrap();
    let [plain, face] = ["plain", "face"].map(|run| sample().join(run).display().to_string());
    let out = folder.path();
    type_in(out, &format!("compare {plain} {face} --out ko --lang ko")).ok();
    check(&files(&out.join("ko")), "ko", &[]);
    let line = format!("compare {plain} {face} {plain} --out many");
    type_in(out, &line).ok().says("plain → plain-2");
    check(&files(&out.join("many")), "en", &[]);
    let pairs = crate::support::run::Run(out.join("many")).table("tests");
    let of = |a: &str, b: &str| {
        let rows = pairs.iter().filter(|r| r["run_a"] == a && r["run_b"] == b);
        rows.count()
    };
    assert!(of("plain", "face") >= 3 && of("face", "plain-2") >= 3 && of("plain", "plain-2") >= 3);
}

#[test]
fn the_most_changed_photos_come_first() {
    let photos = read("c").table("photos");
    let value = |path: &str, run: &str| -> f64 {
        let found = crate::row(&photos, &[("path", path), ("run", run)]);
        found["label_probability"].parse().unwrap()
    };
    let mut order = ["cats/1.png", "cats/2.jpg", "dogs/1.png", "dogs/2.jpg"];
    let change = |path: &str| (value(path, "face") - value(path, "plain")).abs();
    order.sort_by(|a, b| change(b).total_cmp(&change(a)));
    let page = read("c").text("pages/photos.html");
    let places: Vec<usize> = order
        .iter()
        .map(|path| page.find(&format!(">{path}<")).unwrap())
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    let folder = tempfile::tempdir().unwrap();
    let [plain, face] = ["plain", "face"].map(|run| sample().join(run).display().to_string());
    let line = format!("compare {plain} {face} --out c --photos 1");
    type_in(folder.path(), &line).ok();
    let drawn = folder.path().join("c/assets/photos");
    let names: Vec<_> = std::fs::read_dir(drawn).unwrap().flatten().collect();
    assert_eq!(names.len(), 1);
    assert_eq!(
        names[0].file_name().to_str().unwrap(),
        read("plain").ids()[order[0]]
    );
}

#[test]
fn the_manifest_names_the_runs_and_every_file() {
    let comparison = read("c");
    let manifest = comparison.manifest_of("compare.json");
    let hex = |bytes: &[u8]| -> String {
        Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    };
    for (at, name) in ["plain", "face"].into_iter().enumerate() {
        let run = std::fs::read(sample().join(name).join("run.json")).unwrap();
        assert_eq!(manifest["runs"][at]["name"], name);
        assert_eq!(manifest["runs"][at]["sha256"], hex(&run));
    }
    assert_eq!(manifest["runs"][1]["apply_masks"], "face");
    assert_eq!(manifest["photos"], 4);
    let mut found = files(&sample().join("c"));
    found.remove("compare.json");
    let listed = manifest["files"].as_object().unwrap();
    assert_eq!(listed.len(), found.len());
    for (name, bytes) in &found {
        assert_eq!(listed[name], hex(bytes), "{name}");
    }
}

#[test]
fn the_same_runs_give_the_same_bytes_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    copy("plain", &folder.path().join("plain"));
    copy("face", &folder.path().join("face"));
    let mut command = crate::support::deconvscope();
    command
        .current_dir(folder.path())
        .env("RAYON_NUM_THREADS", "1")
        .args(["compare", "plain", "face", "--out", "again"]);
    crate::support::ended(&mut command).ok();
    assert_same(
        &files(&folder.path().join("again")),
        &files(&sample().join("c")),
        "one thread",
    );
}

#[test]
fn only_a_comparison_is_replaced_and_only_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let [plain, face] = ["plain", "face"].map(|run| sample().join(run).display().to_string());
    let line = |options: &str| format!("compare {plain} {face} --photos 0 --out c {options}");
    type_in(folder.path(), &line("")).ok();
    let before = files(&folder.path().join("c"));
    type_in(folder.path(), &line("")).fails_with(&["holds a comparison", "--overwrite"]);
    std::fs::write(folder.path().join("c/mine.txt"), "mine").unwrap();
    type_in(folder.path(), &line("--overwrite")).fails_with(&["mine.txt", "nothing was touched"]);
    std::fs::remove_file(folder.path().join("c/mine.txt")).unwrap();
    assert_same(&files(&folder.path().join("c")), &before, "refused");
    type_in(folder.path(), &line("--overwrite --seed 5")).ok();
    assert_ne!(files(&folder.path().join("c")), before);
    std::fs::create_dir(folder.path().join("d")).unwrap();
    std::fs::write(folder.path().join("d/x"), "x").unwrap();
    let line = format!("compare {plain} {face} --out d --overwrite");
    type_in(folder.path(), &line).fails_with(&["not a comparison"]);
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .flatten()
        .collect();
    assert_eq!(left.len(), 2, "nothing half-made is left");
}
