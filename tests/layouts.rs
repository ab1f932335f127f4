//! Folders as people have them: which labels and splits a person would see in each.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use deconvscope::dataset::{Dataset, DatasetOptions};
use deconvscope::network::classes::{imagenet, Class};
use deconvscope::Error;
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
fn labelled(dataset: &Dataset) -> Vec<(&str, &str)> {
    let label =
        |label: Option<usize>| label.map_or("-", |label| dataset.labels.names[label].as_str());
    let photos = dataset.photos.iter();
    photos
        .map(|photo| (photo.path.as_str(), label(photo.label)))
        .collect()
}

/// What people have, and what a person sees in it.
struct Layout {
    name: &'static str,
    /// Path and label of each photograph, in the order of the paths; `-` where it has none.
    photos: &'static [(&'static str, &'static str)],
    /// Files that are no photographs, or not of the data set.
    others: &'static [&'static str],
    /// Splits and their photographs.
    splits: &'static [(&'static str, usize)],
}

const LAYOUTS: &[Layout] = &[
    Layout {
        name: "a folder for each class",
        photos: &[("cats/0.jpg", "cats"), ("dogs/0.jpg", "dogs")],
        others: &["README.txt"],
        splits: &[],
    },
    Layout {
        name: "one picture beside them",
        photos: &[
            ("cats/0.jpg", "cats"),
            ("cover.jpg", "-"),
            ("dogs/0.jpg", "dogs"),
        ],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "many beside them, without labels in their names",
        photos: &[
            ("1.jpg", "-"),
            ("2.jpg", "-"),
            ("3.jpg", "-"),
            ("cats/0.jpg", "cats"),
            ("dogs/0.jpg", "dogs"),
        ],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "many beside folders that are none, with labels in their names",
        photos: &[
            ("a/1.jpg", "-"),
            ("b/1.jpg", "-"),
            ("cat.1.jpg", "cat"),
            ("cat.2.jpg", "cat"),
            ("dog.1.jpg", "dog"),
        ],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "all in one folder",
        photos: &[("IMG_1.jpg", "-"), ("IMG_2.jpg", "-")],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "one class that is known",
        photos: &[("cats/0.jpg", "cats"), ("cats/1.jpg", "cats")],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "one class of the network",
        photos: &[("tiger_cat/0.jpg", "tiger_cat")],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "one folder that is no class",
        photos: &[("holidays/0.jpg", "-"), ("holidays/1.jpg", "-")],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "one class below splits",
        photos: &[("test/cats/0.jpg", "cats"), ("train/cats/1.jpg", "cats")],
        others: &[],
        splits: &[("test", 1), ("train", 1)],
    },
    Layout {
        name: "Kaggle's dogs and cats",
        photos: &[("cat.0.jpg", "cat"), ("dog.0.jpg", "dog")],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "the same in splits, more to be told than to learn from",
        photos: &[
            ("test1/1.jpg", "-"),
            ("test1/2.jpg", "-"),
            ("test1/3.jpg", "-"),
            ("train/cat.0.jpg", "cat"),
            ("train/dog.0.jpg", "dog"),
        ],
        others: &["sampleSubmission.csv"],
        splits: &[("test1", 3), ("train", 2)],
    },
    Layout {
        name: "Keras course",
        photos: &[
            ("dataset/single_prediction/cat_or_dog_1.jpg", "-"),
            ("dataset/test_set/cats/cat.1.jpg", "cats"),
            ("dataset/test_set/dogs/dog.1.jpg", "dogs"),
            ("dataset/training_set/cats/cat.1.jpg", "cats"),
            ("dataset/training_set/dogs/dog.1.jpg", "dogs"),
        ],
        others: &[],
        splits: &[
            ("single_prediction", 1),
            ("test_set", 2),
            ("training_set", 2),
        ],
    },
    Layout {
        name: "freeCodeCamp",
        photos: &[
            ("test/1.jpg", "-"),
            ("test/2.jpg", "-"),
            ("train/cats/1.jpg", "cats"),
            ("train/dogs/1.jpg", "dogs"),
            ("validation/cats/1.jpg", "cats"),
            ("validation/dogs/1.jpg", "dogs"),
        ],
        others: &[],
        splits: &[("test", 2), ("train", 2), ("validation", 2)],
    },
    Layout {
        name: "train, dev, eval",
        photos: &[
            ("dev/cat/1.jpg", "cat"),
            ("dev/dog/1.jpg", "dog"),
            ("eval/cat/1.jpg", "cat"),
            ("train/dog/1.jpg", "dog"),
        ],
        others: &[],
        splits: &[("dev", 2), ("eval", 1), ("train", 1)],
    },
    Layout {
        name: "five folds",
        photos: &[
            ("fold1/cat/1.jpg", "cat"),
            ("fold2/dog/1.jpg", "dog"),
            ("fold3/cat/1.jpg", "cat"),
            ("fold4/cat/1.jpg", "cat"),
            ("fold5/dog/1.jpg", "dog"),
        ],
        others: &[],
        splits: &[
            ("fold1", 1),
            ("fold2", 1),
            ("fold3", 1),
            ("fold4", 1),
            ("fold5", 1),
        ],
    },
    Layout {
        name: "splits in splits",
        photos: &[
            ("split0/test/cat/1.jpg", "cat"),
            ("split0/train/dog/1.jpg", "dog"),
            ("split1/test/dog/1.jpg", "dog"),
        ],
        others: &[],
        splits: &[("split0", 2), ("split1", 1), ("test", 2), ("train", 1)],
    },
    Layout {
        name: "splits below classes",
        photos: &[
            ("cats/test/1.jpg", "cats"),
            ("cats/train/2.jpg", "cats"),
            ("dogs/test/1.jpg", "dogs"),
            ("dogs/train/2.jpg", "dogs"),
        ],
        others: &[],
        splits: &[("test", 2), ("train", 2)],
    },
    Layout {
        name: "a data set's name in its splits'",
        photos: &[
            ("pets_test/a/1.jpg", "a"),
            ("pets_train/a/1.jpg", "a"),
            ("pets_train/b/1.jpg", "b"),
        ],
        others: &[],
        splits: &[("pets_test", 1), ("pets_train", 2)],
    },
    Layout {
        name: "splits with a small copy beside",
        photos: &[
            ("sample/cats/1.jpg", "cats"),
            ("train/cats/1.jpg", "cats"),
            ("train/dogs/1.jpg", "dogs"),
            ("valid/dogs/1.jpg", "dogs"),
        ],
        others: &[],
        splits: &[("sample", 1), ("train", 2), ("valid", 1)],
    },
    Layout {
        name: "COCO",
        photos: &[
            ("train2017/000000000139.jpg", "-"),
            ("val2017/000000000139.jpg", "-"),
        ],
        others: &["annotations/instances_val2017.json"],
        splits: &[("train2017", 1), ("val2017", 1)],
    },
    Layout {
        name: "pictures and labels of a detector",
        photos: &[("train/images/1.jpg", "-"), ("valid/images/2.jpg", "-")],
        others: &["train/labels/1.txt", "valid/labels/2.txt"],
        splits: &[("train", 1), ("valid", 1)],
    },
    Layout {
        name: "Stanford's dogs",
        photos: &[
            (
                "Images/n02085620-Chihuahua/n02085620_0.jpg",
                "n02085620-Chihuahua",
            ),
            (
                "Images/n02085782-Japanese_spaniel/n02085782_0.jpg",
                "n02085782-Japanese_spaniel",
            ),
        ],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "ImageNet",
        photos: &[
            ("train/n01440764/n01440764_18.JPEG", "n01440764"),
            ("train/n01443537/n01443537_2.JPEG", "n01443537"),
            ("val/ILSVRC2012_val_00000001.JPEG", "-"),
        ],
        others: &[],
        splits: &[("train", 2), ("val", 1)],
    },
    Layout {
        name: "Tiny ImageNet",
        photos: &[
            ("test/images/test_0.JPEG", "-"),
            ("train/n01440764/images/n01440764_0.JPEG", "n01440764"),
            ("train/n01443537/images/n01443537_0.JPEG", "n01443537"),
            ("val/images/val_0.JPEG", "-"),
        ],
        others: &["words.txt"],
        splits: &[("test", 1), ("train", 2), ("val", 1)],
    },
    Layout {
        name: "WordNet ids in flat names",
        photos: &[
            ("n01440764_tench.jpg", "n01440764"),
            ("n01443537_goldfish.jpg", "n01443537"),
        ],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "Intel's scenes: each split in a folder of its name, one without classes",
        photos: &[
            ("seg_pred/seg_pred/3.jpg", "-"),
            ("seg_test/seg_test/forest/1.jpg", "forest"),
            ("seg_train/seg_train/forest/1.jpg", "forest"),
            ("seg_train/seg_train/street/1.jpg", "street"),
        ],
        others: &[],
        splits: &[("seg_pred", 1), ("seg_test", 1), ("seg_train", 2)],
    },
    Layout {
        name: "X-rays",
        photos: &[
            ("chest_xray/test/NORMAL/1.jpeg", "NORMAL"),
            ("chest_xray/train/NORMAL/1.jpeg", "NORMAL"),
            ("chest_xray/train/PNEUMONIA/1.jpeg", "PNEUMONIA"),
        ],
        others: &[
            "chest_xray/.DS_Store",
            "__MACOSX/chest_xray/train/NORMAL/._1.jpeg",
        ],
        splits: &[("test", 1), ("train", 2)],
    },
    Layout {
        name: "X-rays in numbered folders",
        photos: &[
            ("images_001/images/1.png", "-"),
            ("images_002/images/2.png", "-"),
        ],
        others: &["Data_Entry_2017.csv"],
        splits: &[],
    },
    Layout {
        name: "digits",
        photos: &[
            ("testing/0/3.png", "0"),
            ("training/0/1.png", "0"),
            ("training/9/4.png", "9"),
        ],
        others: &[],
        splits: &[("testing", 1), ("training", 2)],
    },
    Layout {
        name: "Caltech 101",
        photos: &[
            ("101_ObjectCategories/Faces/image_0001.jpg", "Faces"),
            ("101_ObjectCategories/accordion/image_0001.jpg", "accordion"),
        ],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "birds with numbers",
        photos: &[
            (
                "images/001.Black_footed_Albatross/1.jpg",
                "001.Black_footed_Albatross",
            ),
            ("images/002.Laysan_Albatross/2.jpg", "002.Laysan_Albatross"),
        ],
        others: &["classes.txt"],
        splits: &[],
    },
    Layout {
        name: "pets in flat names, of which the network knows none as its own",
        photos: &[
            ("images/Abyssinian_1.jpg", "-"),
            ("images/Birman_1.jpg", "-"),
        ],
        others: &[
            "annotations/trimaps/Abyssinian_1.png",
            "annotations/trimaps/Birman_1.png",
            "annotations/list.txt",
        ],
        splits: &[],
    },
    Layout {
        name: "pets in flat names that are classes of the network",
        photos: &[
            ("images/beagle_12.jpg", "beagle"),
            ("images/pug_1.jpg", "pug"),
        ],
        others: &["annotations/trimaps/beagle_12.png"],
        splits: &[],
    },
    Layout {
        name: "classes with more below",
        photos: &[
            ("cats/indoor/1.jpg", "cats"),
            ("cats/outdoor/1.jpg", "cats"),
            ("dogs/indoor/1.jpg", "dogs"),
            ("dogs/outdoor/1.jpg", "dogs"),
        ],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "the same in splits",
        photos: &[
            ("test/cats/indoor/1.jpg", "cats"),
            ("test/dogs/outdoor/1.jpg", "dogs"),
            ("train/cats/outdoor/1.jpg", "cats"),
            ("train/dogs/indoor/1.jpg", "dogs"),
        ],
        others: &[],
        splits: &[("test", 2), ("train", 2)],
    },
    Layout {
        name: "one class with more below",
        photos: &[
            ("cats/indoor/1.jpg", "cats"),
            ("cats/outdoor/1.jpg", "cats"),
        ],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "classes of the network below groups of them",
        photos: &[
            ("animals/beagle/1.jpg", "beagle"),
            ("animals/tabby/1.jpg", "tabby"),
            ("vehicles/minivan/1.jpg", "minivan"),
        ],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "some deeper than others",
        photos: &[
            ("cats/1.jpg", "cats"),
            ("cats/more/2.jpg", "cats"),
            ("dogs/1.jpg", "dogs"),
        ],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "a class that is called as a split is",
        photos: &[("bus/1.jpg", "bus"), ("train/1.jpg", "train")],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "VOC",
        photos: &[
            ("VOC2012/JPEGImages/2007_000032.jpg", "-"),
            ("VOC2012/JPEGImages/2007_000033.jpg", "-"),
        ],
        others: &[
            "VOC2012/Annotations/2007_000032.xml",
            "VOC2012/SegmentationClass/2007_000032.png",
            "VOC2012/SegmentationObject/2007_000032.png",
        ],
        splits: &[],
    },
    Layout {
        name: "pictures and masks",
        photos: &[("images/1.png", "-"), ("images/2.png", "-")],
        others: &["masks/1.png", "masks/2.png"],
        splits: &[],
    },
    Layout {
        name: "faces with and without masks",
        photos: &[
            ("with_mask/1.jpg", "with_mask"),
            ("without_mask/1.jpg", "without_mask"),
        ],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "defects, with what is drawn over them",
        photos: &[
            ("test/broken/0.png", "broken"),
            ("test/good/0.png", "good"),
            ("train/good/0.png", "good"),
        ],
        others: &["ground_truth/broken/0_mask.png"],
        splits: &[("test", 2), ("train", 1)],
    },
    Layout {
        name: "what programs leave about",
        photos: &[
            ("cats/1.jpg", "cats"),
            ("cats/2.heic", "cats"),
            ("dogs/1.jpg", "dogs"),
        ],
        others: &[
            "@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg",
            ".ipynb_checkpoints/1-checkpoint.jpg",
            ".thumbnails/1.jpg",
            "Thumbs/1.jpg",
            "cats/@eaDir/1.jpg",
            "cats/Thumbs.db",
            "$RECYCLE.BIN/3.jpg",
        ],
        splits: &[],
    },
    Layout {
        name: "splits, and among them the data set once more",
        photos: &[
            ("chest_xray/chest_xray/test/NORMAL/1.jpeg", "NORMAL"),
            ("chest_xray/chest_xray/train/PNEUMONIA/1.jpeg", "PNEUMONIA"),
            ("chest_xray/test/NORMAL/1.jpeg", "NORMAL"),
            ("chest_xray/train/PNEUMONIA/1.jpeg", "PNEUMONIA"),
        ],
        others: &["chest_xray/__MACOSX/chest_xray/train/NORMAL/._1.jpeg"],
        splits: &[("chest_xray", 2), ("test", 2), ("train", 2)],
    },
    Layout {
        name: "splits, and a small copy with splits of its own",
        photos: &[
            ("sample/train/cats/1.jpg", "cats"),
            ("sample/valid/dogs/2.jpg", "dogs"),
            ("test1/1.jpg", "-"),
            ("train/cats/1.jpg", "cats"),
            ("valid/dogs/2.jpg", "dogs"),
        ],
        others: &[],
        splits: &[("sample", 2), ("test1", 1), ("train", 2), ("valid", 2)],
    },
    Layout {
        name: "splits beside a folder without",
        photos: &[
            ("casting_512/casting_512/def/1.jpg", "casting_512"),
            ("casting_data/casting_data/test/ok/1.jpg", "casting_data"),
            ("casting_data/casting_data/train/def/1.jpg", "casting_data"),
        ],
        others: &[],
        splits: &[("test", 1), ("train", 1)],
    },
    Layout {
        name: "classes, and among them the data set once more",
        photos: &[
            ("cell_images/Parasitized/1.png", "Parasitized"),
            ("cell_images/Uninfected/1.png", "Uninfected"),
            ("cell_images/cell_images/Parasitized/1.png", "Parasitized"),
            ("cell_images/cell_images/Uninfected/1.png", "Uninfected"),
        ],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "a class of the same name as the data set",
        photos: &[
            ("hotdog/hotdog/1.jpg", "hotdog"),
            ("hotdog/nothotdog/1.jpg", "nothotdog"),
        ],
        others: &[],
        splits: &[],
    },
    Layout {
        name: "parts of an archive",
        photos: &[
            ("HAM10000_images_part_1/ISIC_1.jpg", "-"),
            ("HAM10000_images_part_2/ISIC_2.jpg", "-"),
        ],
        others: &["HAM10000_metadata.csv"],
        splits: &[("HAM10000_images_part_1", 1), ("HAM10000_images_part_2", 1)],
    },
    Layout {
        name: "a camera's folders",
        photos: &[
            ("DCIM/100APPLE/IMG_0001.JPG", "-"),
            ("DCIM/101APPLE/IMG_1001.HEIC", "-"),
        ],
        others: &["DCIM/101APPLE/IMG_1002.MOV"],
        splits: &[],
    },
    Layout {
        name: "Oxford's flowers",
        photos: &[("jpg/image_00001.jpg", "-"), ("jpg/image_00002.jpg", "-")],
        others: &["segmim/segmim_00001.jpg", "imagelabels.mat"],
        splits: &[],
    },
    Layout {
        name: "splits in Korean",
        photos: &[("검증/고양이/1.jpg", "고양이"), ("학습/개/1.jpg", "개")],
        others: &[],
        splits: &[("검증", 1), ("학습", 1)],
    },
    Layout {
        name: "labels at the end of names below splits",
        photos: &[
            ("cifar/test/0_cat.png", "-"),
            ("cifar/train/1_frog.png", "-"),
        ],
        others: &["cifar/labels.txt"],
        splits: &[("test", 1), ("train", 1)],
    },
    Layout {
        name: "PyTorch's ants and bees",
        photos: &[
            ("hymenoptera_data/train/ants/1.jpg", "ants"),
            ("hymenoptera_data/train/bees/1.jpg", "bees"),
            ("hymenoptera_data/val/ants/2.jpg", "ants"),
        ],
        others: &[],
        splits: &[("train", 2), ("val", 1)],
    },
];

#[test]
fn labels_and_splits_are_what_a_person_sees() {
    for layout in LAYOUTS {
        let paths = layout
            .photos
            .iter()
            .map(|(path, _)| path)
            .chain(layout.others);
        let folder = folder(&paths.copied().collect::<Vec<_>>());
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

        let without_label = layout.photos.iter().all(|(_, label)| *label == "-");
        let says_so = notes.iter().any(|note| note.starts_with("no labels: "));
        assert_eq!(without_label, says_so, "{}: {notes:?}", layout.name);
    }
}

#[test]
fn each_split_can_be_taken_alone() {
    for layout in LAYOUTS {
        for (name, photos) in layout.splits {
            let folder = folder(
                &layout
                    .photos
                    .iter()
                    .map(|(path, _)| *path)
                    .collect::<Vec<_>>(),
            );
            let options = DatasetOptions {
                split: Some((*name).to_owned()),
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
                assert!(
                    photo.0.split('/').any(|folder| folder == *name),
                    "{photo:?}"
                );
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
