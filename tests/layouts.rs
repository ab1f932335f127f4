//! Folders as people have them: which labels and splits a person would see in each.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use deconvscope::dataset::{Dataset, DatasetOptions};
use deconvscope::network::classes::{imagenet, Class};
use deconvscope::Error;
use serde::Deserialize;
use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;

/// A folder of empty files.
fn folder(paths: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for path in paths {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    folder
}

fn open(root: &Path, options: &DatasetOptions) -> Result<Dataset, Error> {
    static CLASSES: LazyLock<Vec<Class>> = LazyLock::new(|| imagenet().unwrap());
    Dataset::open(root, options, &CLASSES)
}

/// Each photograph's path and label.
fn labelled(dataset: &Dataset) -> Vec<(String, String)> {
    let label = |label: Option<usize>| label.map_or("-", |label| &dataset.labels.names[label]);
    let photos = dataset.photos.iter();
    photos
        .map(|photo| (photo.path.clone(), label(photo.label).to_owned()))
        .collect()
}

/// What people have, and what a person sees in it (`tests/fixtures/layouts.json`).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    name: String,
    /// Path and label of each photograph, in the order of the paths; `-` where it has none.
    photos: Vec<(String, String)>,
    /// Files that are no photographs, or not of the data set.
    #[serde(default)]
    others: Vec<String>,
    /// Splits and their photographs.
    #[serde(default)]
    splits: Vec<(String, usize)>,
}

impl Layout {
    fn paths(&self) -> impl Iterator<Item = &str> {
        self.photos.iter().map(|(path, _)| path.as_str())
    }
}

static LAYOUTS: LazyLock<Vec<Layout>> =
    LazyLock::new(|| serde_json::from_str(include_str!("fixtures/layouts.json")).unwrap());

#[test]
fn labels_and_splits_are_what_a_person_sees() {
    assert!(LAYOUTS.len() > 50);
    for layout in LAYOUTS.iter() {
        let others = layout.others.iter().map(String::as_str);
        let folder = folder(&layout.paths().chain(others).collect::<Vec<_>>());
        let dataset = open(folder.path(), &DatasetOptions::default()).unwrap();
        let notes = &dataset.notes;
        assert_eq!(
            labelled(&dataset),
            layout.photos,
            "{}: {notes:?}",
            layout.name
        );

        let told = notes.iter().find_map(|note| note.strip_prefix("splits: "));
        let splits = layout
            .splits
            .iter()
            .map(|(name, photos)| format!("{name} ({photos})"));
        let splits = splits.collect::<Vec<_>>().join(", ");
        let told = told
            .and_then(|told| told.split_once(';'))
            .map_or("", |(told, _)| told);
        assert_eq!(told, splits, "{}: {notes:?}", layout.name);

        let without_label = layout.photos.iter().all(|(_, label)| label == "-");
        let says_so = notes.iter().any(|note| note.starts_with("no labels: "));
        assert_eq!(without_label, says_so, "{}: {notes:?}", layout.name);
    }
}

#[test]
fn each_split_can_be_taken_alone() {
    for layout in LAYOUTS.iter() {
        for (name, photos) in &layout.splits {
            let folder = folder(&layout.paths().collect::<Vec<_>>());
            let options = DatasetOptions {
                split: Some(name.clone()),
                ..Default::default()
            };
            let dataset = open(folder.path(), &options).unwrap();
            assert_eq!(dataset.photos.len(), *photos, "{}, {name}", layout.name);
            for photo in labelled(&dataset) {
                assert!(
                    layout.photos.contains(&photo),
                    "{}, {name}: {photo:?}",
                    layout.name
                );
                assert!(photo.0.split('/').any(|folder| folder == name), "{photo:?}");
            }
        }
    }
}

#[test]
fn a_split_is_known_by_its_words() {
    let folder = folder(&[
        "training_set/cats/1.jpg",
        "test_set/cats/2.jpg",
        "single_prediction/3.jpg",
    ]);
    let take = |split: &str| {
        let options = DatasetOptions {
            split: Some(split.to_owned()),
            ..Default::default()
        };
        let dataset = open(folder.path(), &options)?;
        let told = dataset.notes.join("; ");
        Ok::<_, Error>((
            dataset.photos[0].path.clone(),
            dataset.labels.names.len(),
            told,
        ))
    };
    for name in ["training_set", "Training Set", "train", "training"] {
        let (path, labels, notes) = take(name).unwrap();
        assert_eq!((&*path, labels), ("training_set/cats/1.jpg", 1), "{name}");
        assert!(
            notes.contains("split training_set: 1 of 3 photographs"),
            "{notes}"
        );
    }
    let (path, labels, notes) = take("single_prediction").unwrap();
    assert_eq!((&*path, labels), ("single_prediction/3.jpg", 0));
    assert!(
        notes.contains("no labels: no photograph of single_prediction"),
        "{notes}"
    );
    assert_eq!(take("test").unwrap().0, "test_set/cats/2.jpg");
    for name in ["val", "fold1", "cats"] {
        let told = take(name).unwrap_err().to_string();
        assert!(told.contains(&format!("unknown split '{name}'")), "{told}");
        assert!(
            told.contains("single_prediction, test_set, training_set"),
            "{told}"
        );
    }
}

#[test]
fn a_split_of_a_folder_without_splits_is_an_error() {
    let folder = folder(&["cats/1.jpg", "dogs/1.jpg"]);
    let options = DatasetOptions {
        split: Some("train".to_owned()),
        ..Default::default()
    };
    let told = open(folder.path(), &options).unwrap_err().to_string();
    assert!(
        told.contains("--split train needs splits, folders such as train and test"),
        "{told}"
    );
}

#[test]
fn the_level_of_the_labels_can_be_chosen() {
    let folder = folder(&[
        "train/cats/indoor/1.jpg",
        "train/dogs/outdoor/1.jpg",
        "test/2.jpg",
    ]);
    let at = |level: usize| {
        let options = DatasetOptions {
            label_level: Some(level),
            ..Default::default()
        };
        open(folder.path(), &options)
    };
    let names = |level: usize| at(level).unwrap().labels.names;
    assert_eq!(names(1), ["test", "train"]);
    assert_eq!(names(2), ["cats", "dogs"]);
    assert_eq!(names(3), ["indoor", "outdoor"]);
    let told = at(4).unwrap_err().to_string();
    assert!(told.contains("--label-level 4"), "{told}");
    assert!(
        told.contains("'train/dogs/outdoor/1.jpg' lies in 3 folders"),
        "{told}"
    );

    // A note says which number to give.
    let dataset = open(folder.path(), &DatasetOptions::default()).unwrap();
    let told = dataset.notes.join("; ");
    assert!(
        told.contains("indoor, outdoor; --label-level 3 makes them the labels"),
        "{told}"
    );
}

#[test]
fn notes_say_what_was_found_and_what_helps() {
    for (paths, parts) in [
        (
            &["holidays/0.jpg"][..],
            &[
                "no labels",
                "'holidays', which is no class that is known",
                "--label-level 1",
            ][..],
        ),
        (
            &["IMG_1.jpg"],
            &[
                "no labels",
                "'IMG_1.jpg'",
                "--labels labels.csv (path,label)",
            ],
        ),
        (
            &["train2017/1.jpg", "val2017/2.jpg"],
            &[
                "no class folders below train2017 (1), val2017 (1)",
                "--labels labels.csv",
            ],
        ),
        (
            &["JPEGImages/1.jpg", "SegmentationClass/1.png"],
            &["left out what is drawn over photographs and is none: SegmentationClass (1)"],
        ),
        (
            &["cats/1.jpg", "dgos/1.jpg", "beagels/1.jpg"],
            &[
                "not scored",
                "beagels (the nearest is 'beagle')",
                "--label-map",
            ],
        ),
        (
            &["cifar/train/1_frog.png", "cifar/test/0_cat.png"],
            &["no class folders below test (1), train (1)"],
        ),
        (
            &["train/elephants_of_asia/1.png"],
            &["'elephants_of_asia', which is no class", "--label-level 2"],
        ),
        (
            &["ants/1.jpg", "bees/1.jpg"],
            &["classes of the network in the singular or plural: ants = ant, bees = bee"],
        ),
        (
            &["cats/1.jpg", "dogs/1.jpg", "2.jpg"],
            &[
                "labels from class folders: cats, dogs",
                "1 photograph without a label",
            ],
        ),
    ] {
        let folder = folder(paths);
        let dataset = open(folder.path(), &DatasetOptions::default()).unwrap();
        let told = dataset.notes.join("; ");
        assert!(
            parts.iter().all(|part| told.contains(part)),
            "{paths:?}: {told}"
        );
    }
}

#[test]
fn one_and_many_are_the_same_class() {
    let folder = folder(&["cats/1.jpg", "dog/1.jpg", "foxes/1.jpg", "hen/1.jpg"]);
    let scored = |classes: &[&str]| {
        let classes: Vec<Class> = classes.iter().copied().map(Class::named).collect();
        let options = DatasetOptions::default();
        let dataset = Dataset::open(folder.path(), &options, &classes).unwrap();
        dataset.labels.classes
    };
    let expected = [vec![0], vec![1], vec![2], vec![]];
    assert_eq!(scored(&["cat", "dogs", "fox"]), expected);
    // A class of the very name goes before.
    let expected = [vec![1], vec![], vec![], vec![]];
    assert_eq!(scored(&["cat", "cats"]), expected);
}

#[test]
fn a_class_folder_alone_is_known_whatever_the_network() {
    let few = ["cat", "dog", "fox"].map(Class::named);
    for (path, labels) in [
        ("cats/1.jpg", &["cats"][..]),
        ("fox/1.jpg", &["fox"]),
        ("elephants/1.jpg", &[]),
    ] {
        let folder = folder(&[path]);
        let dataset = Dataset::open(folder.path(), &DatasetOptions::default(), &few).unwrap();
        assert_eq!(dataset.labels.names, labels, "{path}");
    }
}

#[test]
fn composed_and_decomposed_folders_are_one_class() {
    let folder = folder(&[
        "test/Ka\u{308}fer/1.jpg",
        "train/Käfer/1.jpg",
        "train/Maus/1.jpg",
    ]);
    let dataset = open(folder.path(), &DatasetOptions::default()).unwrap();
    assert_eq!(dataset.labels.names, ["Käfer", "Maus"]);

    let decomposed = "\u{1112}\u{1161}\u{11a8}\u{1109}\u{1173}\u{11b8}"; // 학습
    let folder = self::folder(&[&format!("{decomposed}/개/1.jpg"), "검증/개/2.jpg"]);
    let options = DatasetOptions {
        split: Some("학습".to_owned()),
        ..Default::default()
    };
    let dataset = open(folder.path(), &options).unwrap();
    assert_eq!(dataset.photos[0].path, format!("{decomposed}/개/1.jpg"));
}
