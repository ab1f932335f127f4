//! What each option changes of a run.

use crate::support::files::{assert_same, files, result};
use crate::support::photos::photo;
use crate::support::run::Run;
use crate::support::{type_in, weights};
use crate::{by, plain, reference, run, sample};
use safetensors::SafeTensors;
use std::collections::BTreeSet;

#[test]
fn a_photos_id_depends_on_its_path_alone() {
    let (_folder, other) = plain("--detail 0 --layers conv1 --seed 9 --top 2 --fill 0,0,0");
    assert_eq!(other.ids(), reference().ids());
    let copy = tempfile::tempdir().unwrap();
    photo(&copy.path().join("q/cats/1.png"), (80, 90), 77);
    photo(&copy.path().join("q/dogs/4.png"), (80, 90), 78);
    type_in(copy.path(), "report q --out o --detail 0").ok();
    let ids = Run(copy.path().join("o")).ids();
    assert_eq!(ids["cats/1.png"], reference().ids()["cats/1.png"]);
    assert!(!reference()
        .ids()
        .values()
        .any(|id| *id == ids["dogs/4.png"]));
}

#[test]
fn a_limited_run_is_drawn_by_seed() {
    let drawn = |seed: u32| {
        let (_folder, run) = plain(&format!("--detail 0 --limit 3 --seed {seed} --masks m.csv"));
        assert_eq!(run.manifest()["options"]["limit"], 3);
        run.ids().into_keys().collect::<Vec<_>>()
    };
    let first = drawn(1);
    assert_eq!(first.len(), 3);
    assert_eq!(drawn(1), first);
    assert!((2..6).any(|seed| drawn(seed) != first));
}

#[test]
fn a_split_is_taken_recorded_and_held_to() {
    let folder = tempfile::tempdir().unwrap();
    for (seed, name) in (0..).zip(["train/cats/1.png", "train/dogs/2.png", "test/3.png"]) {
        photo(&folder.path().join("q").join(name), (40, 40), seed);
    }
    let report = |split: &str| {
        let line = "report q --out o --detail 0 --features none --occlusion none";
        type_in(folder.path(), &format!("{line} {split}"))
    };
    report("--split training")
        .ok()
        .says("split train: 2 of 3 photographs")
        .says("labels from class folders: cats, dogs");
    let run = Run(folder.path().join("o"));
    let paths: Vec<String> = run.ids().into_keys().collect();
    assert_eq!(paths, ["train/cats/1.png", "train/dogs/2.png"]);
    let options = &run.manifest()["options"];
    assert_eq!(options["split"], "training");
    assert!(options["label_level"].is_null());
    report("--split training --resume").ok();
    report("--split test --resume")
        .fails_with(&["--split was training and is test", "--overwrite"]);
    report("--split nothing --overwrite").fails_with(&["unknown split 'nothing'", "test, train"]);
    report("--overwrite --label-level 1").ok();
    let manifest = run.manifest();
    assert_eq!(manifest["options"]["label_level"], 1);
    let labels = manifest["dataset"]["labels"].as_array().unwrap();
    assert_eq!(labels, &["test", "train"]);
    assert_eq!(run.ids().len(), 3);
}

#[test]
fn detail_says_how_many_photos_are_projected() {
    for (detail, masks, expected) in [
        ("0", "", 0),
        ("2", "", 2),
        ("99", "", 5),
        ("all", "", 5),
        ("masked", "", 0),
        ("masked", "--masks m.csv", 3),
        ("0", "--masks m.csv", 3),
        ("99", "--masks m.csv", 5),
    ] {
        let (_folder, run) = plain(&format!(
            "--detail {detail} {masks} --layers conv10 --kinds unit"
        ));
        let projections = run.table("projections");
        let photos: BTreeSet<&String> = projections.iter().map(|row| &row["image_id"]).collect();
        assert_eq!(photos.len(), expected, "{detail} {masks}");
        assert_eq!(run.manifest()["dataset"]["detail"], expected);
        let stored = if expected == 0 {
            0
        } else {
            files(&run.0.join("arrays")).len()
        };
        assert_eq!(stored, expected);
        assert_eq!(
            run.table("predictions")
                .iter()
                .filter(|row| row["condition"] == "original")
                .count(),
            25
        );
    }
}

#[test]
fn layers_kinds_top_and_arrays_choose_what_is_kept() {
    let (_folder, few) =
        run("--detail 1 --layers fire9,conv1 --kinds unit --top 3 --occlusion none");
    let rows = few.table("projections");
    let told: Vec<[&str; 2]> = rows
        .iter()
        .map(|row| [&*row["layer"], &*row["kind"]])
        .collect();
    assert_eq!(told, [["conv1", "unit"], ["fire9", "unit"]]);
    let arrays = few.tensors(&format!("arrays/{}.safetensors", rows[0]["image_id"]));
    let names = [
        "original/input",
        "original/projection/unit/conv1",
        "original/projection/unit/fire9",
    ];
    assert_eq!(arrays.keys().collect::<Vec<_>>(), names);
    assert_eq!(few.table("predictions").len(), 5 * 3);
    assert_eq!(
        few.manifest()["options"]["layers"],
        serde_json::json!(["conv1", "fire9"])
    );

    let (_folder, bare) = run("--masks m.csv --detail 1 --seed 3 --arrays none");
    assert!(!bare.0.join("arrays").exists());
    let (mut found, mut expected) = (result(&bare.0), result(&reference().0));
    expected.retain(|name, _| !name.starts_with("arrays/"));
    // Both name the option on a page and in the manifest; numbers and pictures are the same.
    let named = |name: &String| name == "run.json" || name.ends_with(".html");
    found.retain(|name, _| !named(name));
    expected.retain(|name, _| !named(name));
    assert_same(&found, &expected, "--arrays none");
}

#[test]
fn without_labels_nothing_is_scored() {
    let folder = tempfile::tempdir().unwrap();
    photo(&folder.path().join("p/a.png"), (90, 80), 1);
    photo(&folder.path().join("p/b.png"), (80, 90), 2);
    type_in(folder.path(), "report p --features none --out o")
        .ok()
        .says("no labels");
    let run = Run(folder.path().join("o"));
    assert!(run
        .table("images")
        .iter()
        .all(|row| row["label"].is_empty() && row["label_index"].is_empty()));
    assert!(!run
        .table("metrics")
        .iter()
        .any(|row| row["metric"].contains("accuracy")));
    assert_eq!(run.table("confusion"), []);
    assert_eq!(run.table("predictions").len(), 10);
}

#[test]
fn without_a_classifier_there_are_projections_and_no_probabilities() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(weights(), folder.path().join("w.safetensors")).unwrap();
    let description = std::fs::read_to_string(weights().with_extension("toml")).unwrap();
    let headless = description.replace("classifier = true", "classifier = false");
    assert_ne!(headless, description);
    std::fs::write(folder.path().join("w.toml"), headless).unwrap();
    let path = folder.path().join("w.safetensors");
    let (_folder, run) = run(&format!(
        "--weights {} --masks m.csv --detail 1",
        path.display()
    ));
    assert_eq!(run.manifest()["model"]["classes"], 0);
    for table in ["predictions", "masked_classes", "confusion"] {
        assert_eq!(run.table(table), [], "{table}");
    }
    assert!(!run
        .table("metrics")
        .iter()
        .any(|row| row["metric"].contains("accuracy")));
    let bytes = std::fs::read(run.0.join("data/probabilities.safetensors")).unwrap();
    let probabilities = SafeTensors::deserialize(&bytes).unwrap();
    assert!(probabilities
        .tensors()
        .iter()
        .all(|(_, view)| view.data().is_empty()));
    let projections = run.table("projections");
    assert_eq!(by(&projections, ["image_id", "condition"]).len(), 4 + 3);
    assert!(!run.table("masking").is_empty() && !run.table("controls").is_empty());
}

#[test]
fn applied_masks_make_an_ordinary_run_of_the_photos_as_they_look_then() {
    let (_folder, applied) =
        plain("--detail masked --masks m.csv --apply-masks face --layers conv1");
    let masked = reference().tensors("data/probabilities.safetensors");
    let found = applied.tensors("data/probabilities.safetensors");
    assert_eq!(found.keys().collect::<Vec<_>>(), ["original"]);
    assert_eq!(found["original"], masked["face"]);
    let ids = applied.ids();
    assert_eq!(ids.keys().collect::<Vec<_>>(), ["cats/1.png", "dogs/1.png"]);
    for (path, id) in &ids {
        assert_eq!(reference().ids()[path], *id);
        let arrays = |run: &Run| run.tensors(&format!("arrays/{id}.safetensors"));
        assert_eq!(
            arrays(&applied)["original/input"],
            arrays(&reference())["face/input"]
        );
    }
    assert!(applied.table("masked_classes").is_empty());
    assert_eq!(applied.manifest()["options"]["apply_masks"], "face");
    assert!(applied.text("index.html").contains("painted over"));
    assert!(!reference().text("index.html").contains("painted over"));
}

#[test]
fn photos_without_the_applied_region_are_kept_on_request() {
    let (_folder, kept) = plain("--detail 0 --masks m.csv --apply-masks face --keep-unmasked");
    assert_eq!(kept.ids(), reference().ids());
    let (expected, found) = (reference(), kept);
    let top = |run: &Run, condition: &str, path: &str| -> String {
        let rows = run.table("predictions");
        let row = rows
            .iter()
            .find(|row| row["condition"] == condition && row["path"] == path && row["rank"] == "1");
        row.unwrap()["probability"].clone()
    };
    for path in ["cats/2.jpg", "cats/3.jpg", "dogs/2.jpg"] {
        assert_eq!(
            top(&found, "original", path),
            top(&expected, "original", path)
        );
    }
    assert_eq!(
        top(&found, "original", "cats/1.png"),
        top(&expected, "face", "cats/1.png")
    );
}

#[test]
fn a_region_that_cannot_be_applied_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("o");
    let line =
        |options: &str| format!("report p --features none --out {} {options}", out.display());
    type_in(sample(), &line("--masks m.csv --apply-masks fase"))
        .fails_with(&["unknown region 'fase'", "did you mean 'face'?"]);
    type_in(sample(), &line("--masks m.csv --apply-masks edge"))
        .fails_with(&["the network sees the region", "--keep-unmasked"]);
    let without = type_in(sample(), &line("--apply-masks face"));
    assert_eq!(without.code, 2);
    assert!(!out.exists());
}

#[test]
fn preprocessing_told_on_the_command_line_stands_over_the_description() {
    let told = "--preset tf --channels RGB --mean 0,0,0 --std 1,1,1";
    let (_folder, run) = plain(&format!(
        "--detail masked --masks m.csv --layers conv1 {told}"
    ));
    let id = &reference().ids()["cats/1.png"];
    let input = |run: &Run| {
        let tensors = run.tensors(&format!("arrays/{id}.safetensors"));
        tensors["original/input"].1.clone()
    };
    let (told, described) = (input(&run), input(&reference()));
    let plane = 227 * 227;
    assert_eq!((told.len(), described.len()), (3 * plane, 3 * plane));
    // The installed network's own: BGR in 0–255, less these means.
    for (channel, mean) in [104.006, 116.669, 122.679].into_iter().enumerate() {
        for at in [0, 1234, plane - 1] {
            let level = 255.0 * told[(2 - channel) * plane + at];
            let expected = described[channel * plane + at] + mean;
            assert!((level - expected).abs() < 1e-3, "{level} {expected}");
        }
    }
    let preprocessing = &run.manifest()["preprocessing"];
    assert_eq!(
        (&preprocessing["crop"], &preprocessing["scale"]),
        (
            &serde_json::json!({"height": 227, "width": 227}),
            &serde_json::json!(1.0)
        )
    );
}

#[test]
fn preprocessing_that_cannot_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("o");
    let line = |options: &str| {
        format!(
            "report p --model squeezenet1_1 --features none --out {} {options}",
            out.display()
        )
    };
    for (wrong, told) in [
        ("--resize 100", "resize (100)"),
        ("--std 1,0,1", "std not 0"),
    ] {
        let ended = type_in(sample(), &line(wrong)).code(2);
        ended.says("from photograph to input").says(told);
    }
    for wrong in ["--preset pytorch", "--mean 1,2", "--channels GRB"] {
        assert_eq!(type_in(sample(), &line(wrong)).code, 2, "{wrong}");
    }
    assert!(!out.exists());
}
