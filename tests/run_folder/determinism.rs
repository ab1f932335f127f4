//! The same bytes, whatever the threads, and when drawn again.

use crate::support::files::{assert_same, files, result};
use crate::support::type_in;
use crate::{plain, reference, run};
use std::path::Path;
use tempfile::TempDir;

/// What instructions may change of a probability; `check` counts as equal what differs by no more. Measured: 1e-6.
const ROUNDING: f32 = 1e-5;

/// Runs the sample with different numbers of threads.
fn with_threads(options: &str) -> [TempDir; 2] {
    ["--threads 1", "--threads 2"].map(|threads| {
        let (folder, run) = run(&format!("{options} {threads}"));
        let told = run.manifest()["execution"]["threads"].clone();
        assert_eq!(format!("--threads {told}"), threads);
        folder
    })
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let [one, two] = with_threads("--masks m.csv --detail 1 --seed 3");
    let expected = result(&reference().0);
    assert_same(&result(&one.path().join("o")), &expected, "one thread");
    assert_same(&result(&two.path().join("o")), &expected, "two threads");
}

#[test]
fn the_number_of_threads_changes_no_byte_in_passes_of_several_photos() {
    let [one, two] = with_threads("--masks m.csv --detail 1 --batch 3");
    assert_same(
        &result(&one.path().join("o")),
        &result(&two.path().join("o")),
        "--batch 3",
    );
}

#[test]
fn rendering_again_changes_no_byte() {
    let (folder, run) = run("--masks m.csv --detail 1 --seed 3");
    let render = |options: &str| type_in(folder.path(), &format!("render o {options}")).ok();
    render("");
    assert_same(&result(&run.0), &result(&reference().0), "rendered again");
    std::fs::remove_file(run.0.join("index.html")).unwrap();
    // What feature maps are projected to is no array of a report: their sheets stay.
    for drawn_again in [
        "assets/photos",
        "assets/occlusion",
        "assets/features/filters.png",
        "assets/charts",
        "assets/style.css",
    ] {
        let path = run.0.join(drawn_again);
        match path.is_dir() {
            true => std::fs::remove_dir_all(path).unwrap(),
            false => std::fs::remove_file(path).unwrap(),
        }
    }
    render("");
    assert_same(
        &result(&run.0),
        &result(&reference().0),
        "rendered from arrays and tables",
    );
    std::fs::remove_dir_all(run.0.join("arrays")).unwrap();
    let pictures = files(&run.0.join("assets"));
    render("");
    assert_same(
        &files(&run.0.join("assets")),
        &pictures,
        "rendered without arrays",
    );
    assert!(!Path::new(&run.0.join("arrays")).exists());
}

/// To list what was changed anew would make it valid; and a run that cannot be drawn stays what it was.
#[test]
fn rendering_refuses_what_was_changed() {
    let (folder, run) = plain("--detail 1");
    let render = || type_in(folder.path(), "render o");
    let before = run.text("run.json");
    let arrays = files(&run.0.join("arrays"));
    let arrays = format!("arrays/{}", arrays.keys().next().unwrap());
    for file in ["data/metrics.csv", "data/images.csv", &arrays] {
        let path = run.0.join(file);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&bytes[..], b" "].concat()).unwrap();
        render().fails_with(&[file, "is not what run.json lists"]);
        std::fs::write(&path, bytes).unwrap();
    }
    let table = run.0.join("data/images.csv");
    let aside = folder.path().join("aside.csv");
    std::fs::rename(&table, &aside).unwrap();
    render().fails_with(&["data/images.csv is gone"]);
    assert_eq!(run.text("run.json"), before);
    std::fs::rename(&aside, &table).unwrap();
    render().ok();
}

/// Another version may have made other pages; a file that is not the run's is left alone.
#[test]
fn rendering_leaves_no_page_that_is_not_made_again() {
    let (folder, run) = plain("--detail 0");
    let mut manifest = run.manifest();
    manifest["files"]["pages/before.html"] = "0".repeat(64).into();
    std::fs::write(run.0.join("run.json"), manifest.to_string()).unwrap();
    let [before, own] = ["before", "own"].map(|name| run.0.join(format!("pages/{name}.html")));
    for page in [&before, &own] {
        std::fs::write(page, "a page").unwrap();
    }
    type_in(folder.path(), "render o").ok();
    assert!(!before.exists() && own.exists());
    assert!(run.0.join("pages/method.html").is_file());
    assert!(run.manifest()["files"]["pages/before.html"].is_null());
}

/// Of a processor's instructions: the bits depend on them, what they say does not.
#[test]
fn instructions_are_recorded_and_leave_what_is_said_as_it_was() {
    let options = "--masks m.csv --layers conv10 --detail 0 --instructions";
    let [(_one, one), (_two, two)] = ["sse41 --threads 1", "sse41 --threads 2"]
        .map(|least| plain(&format!("{options} {least}")));
    assert_eq!(one.manifest()["execution"]["instructions"], "sse41");
    assert_same(&result(&one.0), &result(&two.0), "under one name");
    let (_folder, best) = plain(&format!("{options} auto --threads 2"));
    let told = best.manifest()["execution"]["instructions"].clone();
    assert!(told.as_str().unwrap().starts_with("auto ("), "{told}");
    let [least, best] = [&one, &best].map(|run| run.tensors("data/probabilities.safetensors"));
    for (condition, (shape, values)) in &least {
        assert_eq!(*shape, best[condition].0);
        let pairs = values.iter().zip(&best[condition].1);
        let off = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(off < ROUNDING, "{condition}: {off:e}");
    }
}
