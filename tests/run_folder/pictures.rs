//! Pictures drawn again from the arrays that a run kept, and kept where it kept none.

use crate::support::files::{assert_same, files, Files};
use crate::support::photos::photo;
use crate::support::run::Run;
use crate::support::type_in;
use std::path::Path;

/// Photographs larger and smaller than what the small network sees, and what is hidden of two of them.
const PHOTOS: [(&str, (u32, u32)); 7] = [
    ("a/1.png", (300, 260)),
    ("a/2.jpg", (97, 61)),
    ("a/3.png", (9, 7)),
    ("b/4.png", (520, 260)),
    ("b/5.png", (33, 470)),
    ("b/6.png", (1, 1)),
    ("b/7.jpg", (40, 40)),
];
const MASKS: &str = "image,region,x,y,width,height
a/1.png,face,60,60,90,80
b/4.png,face,200,80,70,80
b/4.png,body,220,100,70,80
";

/// A run `o` of those photographs.
fn run(folder: &Path, line: &str) -> Run {
    for (seed, (name, size)) in (0..).zip(PHOTOS) {
        photo(&folder.join("p").join(name), size, seed);
    }
    std::fs::write(folder.join("m.csv"), MASKS).unwrap();
    type_in(folder, &format!("{line} --out o")).ok();
    Run(folder.join("o"))
}

fn is_picture(name: &str) -> bool {
    [".jpg", ".png", ".svg"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Removes a run's pictures but those that stay; which there were.
fn remove_pictures(run: &Run, stays: impl Fn(&str) -> bool) -> Files {
    let mut pictures = files(&run.0.join("assets"));
    pictures.retain(|name, _| is_picture(name));
    for name in pictures.keys().filter(|name| !stays(name)) {
        std::fs::remove_file(run.0.join("assets").join(name)).unwrap();
    }
    pictures
}

/// Draws a run again; it has those pictures then.
#[track_caller]
fn draw_again(folder: &Path, pictures: &Files) {
    type_in(folder, "render o").ok();
    let mut found = files(&folder.join("o/assets"));
    found.retain(|name, _| is_picture(name));
    assert_same(&found, pictures, "drawn again");
    assert_eq!(type_in(folder, "verify o").code, 0);
}

fn has(pictures: &Files, folder: &str, name: &str) -> bool {
    let mut names = pictures.keys();
    names.any(|path| path.starts_with(folder) && path.ends_with(name))
}

const REPORT: &str = "report p --masks m.csv --detail all --occlusion all --occluder-stride 8 --invariance 2 --features 3 \
                      --strongest 4 --randomisation 0";

#[test]
fn a_report_s_pictures_are_drawn_again() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path(), REPORT);
    // What feature maps are projected to is no array of a report: their pictures stay.
    let stays = |name: &str| name.starts_with("features/") && name.ends_with(".jpg");
    let pictures = remove_pictures(&run, stays);
    for (place, name) in [
        ("photos/", "face/difference-conv1.jpg"),
        ("occlusion/", "/input.jpg"),
        ("occlusion/", "/worst.jpg"),
        ("occlusion/", "/projection.jpg"),
        ("occlusion/", "/probability.png"),
        ("occlusion/", "/example-4-input.jpg"),
        ("occlusion/", "/example-1.jpg"),
        ("invariance/", "rotation_350.jpg"),
        ("features/", "/0.jpg"),
        ("features/", "filters.png"),
        ("charts/", ".svg"),
    ] {
        assert!(
            has(&pictures, place, name),
            "{place}{name}: {:?}",
            pictures.keys()
        );
    }
    draw_again(folder.path(), &pictures);
}

#[test]
fn the_pictures_of_all_feature_maps_are_drawn_again() {
    let folder = tempfile::tempdir().unwrap();
    let line = "features p --top 5 --per-image 2 --arrays all --randomisation 0";
    let run = run(folder.path(), line);
    let pictures = remove_pictures(&run, |_| false);
    for (place, name) in [
        ("features/photos/", ".jpg"),
        ("features/conv3/", ".jpg"),
        ("features/fc4/", ".jpg"),
        ("features/", "filters.png"),
    ] {
        assert!(
            has(&pictures, place, name),
            "{place}{name}: {:?}",
            pictures.keys()
        );
    }
    draw_again(folder.path(), &pictures);
    // A sheet that one map of is missing stays as it is.
    let unit = run.0.join("arrays/features/fc4").join(
        files(&run.0.join("arrays/features/fc4"))
            .into_keys()
            .next()
            .unwrap(),
    );
    std::fs::remove_file(unit).unwrap();
    type_in(folder.path(), "render o").ok();
    let mut found = files(&run.0.join("assets"));
    found.retain(|name, _| is_picture(name));
    assert_same(&found, &pictures, "with a map missing");
}

#[test]
fn a_run_without_arrays_has_the_same_pictures_and_keeps_them() {
    let folder = tempfile::tempdir().unwrap();
    let kept = run(folder.path(), REPORT);
    let pictures = files(&kept.0.join("assets"));
    type_in(
        folder.path(),
        &format!("{REPORT} --arrays none --overwrite --out o"),
    )
    .ok();
    assert!(!kept.0.join("arrays").exists());
    assert_same(&files(&kept.0.join("assets")), &pictures, "--arrays none");
    type_in(folder.path(), "render o").ok();
    assert_same(&files(&kept.0.join("assets")), &pictures, "rendered");
    assert!(!kept.0.join("arrays").exists());
}

/// Damaged arrays are an error that names them, and no picture is lost.
#[test]
fn damaged_arrays_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(
        folder.path(),
        "report p --detail 0 --occlusion 1 --occluder-stride 8 --features none",
    );
    let name = files(&run.0.join("arrays/occlusion"))
        .into_keys()
        .next()
        .unwrap();
    let path = run.0.join("arrays/occlusion").join(&name);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    type_in(folder.path(), "render o").fails_with(&[&name, "was changed or damaged since"]);
    std::fs::write(&path, whole).unwrap();
    type_in(folder.path(), "render o").ok();
}
