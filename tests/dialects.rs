//! Tables as spreadsheets and other systems write them: labels, boxes and label maps say the same in each.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use deconvscope::dataset::{Dataset, DatasetOptions, Masks, Rect};
use deconvscope::network::classes::Class;
use deconvscope::Error;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Photographs of a name that two have, one that is told apart by it, and one whose name is decomposed.
const PHOTOS: [&str; 4] = [
    "Cat/0.jpg",
    "Cat/only.jpg",
    "Dog/0.jpg",
    "Dog/Ka\u{308}fer.jpg",
];

struct Case {
    folder: TempDir,
    classes: Vec<Class>,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for photo in PHOTOS {
            let path = folder.path().join("photos").join(photo);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let classes = ["cat", "dog", "Kätzchen"].map(Class::named).to_vec();
        Self { folder, classes }
    }

    fn photos(&self) -> PathBuf {
        self.folder.path().join("photos")
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn open(&self, options: &DatasetOptions) -> Result<Dataset, Error> {
        Dataset::open(&self.photos(), options, &self.classes)
    }

    /// The labels that a table gives: of each photograph, `-` for none.
    fn labels(&self, table: impl AsRef<[u8]>) -> Result<[String; 4], Error> {
        let options = DatasetOptions {
            labels: Some(self.write("labels.csv", table)),
            ..Default::default()
        };
        let dataset = self.open(&options)?;
        let photos: Vec<&str> = dataset
            .photos
            .iter()
            .map(|photo| photo.path.as_str())
            .collect();
        assert_eq!(photos, PHOTOS);
        let name = |label: Option<usize>| {
            label.map_or("-".to_owned(), |label| dataset.labels.names[label].clone())
        };
        Ok([0, 1, 2, 3].map(|at| name(dataset.photos[at].label)))
    }

    /// The box that a table gives of the first photograph.
    fn first_box(&self, table: impl AsRef<[u8]>) -> Result<Rect, Error> {
        let dataset = self.open(&DatasetOptions::default())?;
        let masks = Masks::read(&self.write("masks.csv", table), &dataset)?;
        let (regions, _) = masks.for_photo(PHOTOS[0], (100, 100))?;
        Ok(regions[0].boxes[0])
    }
}

fn utf16(text: &str, mark: [u8; 2], unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.into_iter()
        .chain(text.encode_utf16().flat_map(unit))
        .collect()
}

#[test]
fn labels_are_read_in_every_dialect() {
    let case = Case::new();
    let root = case.photos();
    let absolute = root.display();
    let expected = ["cat", "-", "dog", "-"];
    for table in [
        "path,label\nCat/0.jpg,cat\nDog/0.jpg,dog\n".to_owned(),
        "path,label\r\nCat\\0.jpg,cat\r\nDog\\0.jpg,dog\r\n".to_owned(),
        "path,label\nCat/0.jpg,cat\nDog\\0.jpg,dog\n".to_owned(),
        "path,label\n./Cat/0.jpg,cat\n.\\Dog\\0.jpg,dog\n".to_owned(),
        format!("path,label\n{absolute}/Cat/0.jpg,cat\n{absolute}/Dog/0.jpg,dog\n"),
        "path;label\r\nCat/0.jpg;cat\r\nDog/0.jpg;dog\r\n".to_owned(),
        "path\tlabel\nCat/0.jpg\tcat\nDog/0.jpg\tdog\n".to_owned(),
        "sep=,\r\npath,label\r\nCat/0.jpg,cat\r\nDog/0.jpg,dog\r\n".to_owned(),
        "sep=;\r\npath;label\r\nCat/0.jpg;cat\r\nDog/0.jpg;dog\r\n".to_owned(),
        "Path, Label \nCat/0.jpg, cat\n Dog/0.jpg ,dog\n".to_owned(),
        "\u{feff}PATH,LABEL\nCat/0.jpg,cat\nDog/0.jpg,dog\n".to_owned(),
        "label,filename\ncat,Cat/0.jpg\ndog,Dog/0.jpg\n".to_owned(),
        "image_id,class\nCat/0,cat\nDog/0,dog\n".to_owned(),
        "id,breed\nCat/0,cat\nDog/0,dog\n".to_owned(),
        "Image,Id\nCat/0.jpg,cat\nDog/0.jpg,dog\n".to_owned(),
        ",img_path,level\n0,Cat/0.jpg,cat\n1,Dog/0.jpg,dog\n".to_owned(),
        "Width;ClassId;Path\n27;cat;Cat/0.jpg\n27;dog;Dog/0.jpg\n".to_owned(),
        "\"path\";\"label\"\n\"Cat/0.jpg\";\"cat\"\n\"Dog/0.jpg\";\"dog\"\n;\n".to_owned(),
    ] {
        assert_eq!(case.labels(&table).unwrap(), expected, "{table}");
        let little = utf16(&table, [0xFF, 0xFE], u16::to_le_bytes);
        assert_eq!(case.labels(little).unwrap(), expected, "UTF-16 of {table}");
        let big = utf16(&table, [0xFE, 0xFF], u16::to_be_bytes);
        assert_eq!(case.labels(big).unwrap(), expected, "UTF-16 of {table}");
    }
}

#[test]
fn a_second_column_of_another_name_is_told() {
    let case = Case::new();
    let options = |table: &str| DatasetOptions {
        labels: Some(case.write("labels.csv", table)),
        ..Default::default()
    };
    let told = |table: &str| case.open(&options(table)).unwrap().notes.join("; ");
    let note = "no column 'label'; its other one, 'breed', is taken";
    assert!(told("id,breed\nonly,pug\n").contains(note));
    assert!(!told("id,class\nonly,pug\n").contains("is taken"));
}

#[test]
fn a_missing_quotation_mark_is_told() {
    let case = Case::new();
    let rows = "Dog/0.jpg,dog\n".repeat(10_000);
    for (table, part) in [
        (
            "path,label\nCat/0.jpg,\"cat\nDog/0.jpg,dog\n".to_owned(),
            "labels.csv, line 2, column label: a line break in a label",
        ),
        (
            format!("path,label\nCat/0.jpg,cat\nCat/0.jpg,\"cat\n{rows}"),
            "labels.csv, line 3: a cell of 140003 bytes; is a quotation mark missing",
        ),
        (
            "path,score,level\nCat/0.jpg,1,2\n".to_owned(),
            "labels.csv, line 1, column label: the header lacks this column (needed: path,label; found: path,score,level); name the columns so",
        ),
    ] {
        let told = case.labels(table).unwrap_err().to_string();
        assert!(told.contains(part), "{told}");
        assert!(told.len() < 500, "{told}");
    }
}

#[test]
fn kaggles_ids_are_file_names_without_their_extension() {
    let case = Case::new();
    assert_eq!(
        case.labels("id,label\nonly,1\nKäfer,0\n").unwrap(),
        ["-", "1", "-", "0"]
    );
    assert_eq!(
        case.labels("id,label\nonly.jpg,1\n").unwrap(),
        ["-", "1", "-", "-"]
    );
    let told = case
        .labels("id,label\nonly,1\n0,0\n")
        .unwrap_err()
        .to_string();
    let expected = "labels.csv, line 3, column id: '0' may be 'Cat/0.jpg' or 'Dog/0.jpg'";
    assert!(told.contains(expected), "{told}");
}

#[test]
fn unicode_is_composed_in_names_and_labels() {
    let case = Case::new();
    let table = "path,label\nDog/Käfer.jpg,Ka\u{308}tzchen\n";
    assert_eq!(case.labels(table).unwrap(), ["-", "-", "-", "Kätzchen"]);
    let options = DatasetOptions {
        labels: Some(case.folder.path().join("labels.csv")),
        ..Default::default()
    };
    assert_eq!(case.open(&options).unwrap().labels.classes, [[2]]);
}

#[test]
fn boxes_are_read_in_every_dialect() {
    let case = Case::new();
    let expected = Rect {
        x: 10.5,
        y: 5.0,
        width: 20.0,
        height: 30.0,
    };
    for table in [
        "image,region,x,y,width,height\nCat\\0.jpg,face,10.5,5,20,30\n",
        "image;region;x;y;width;height\nCat/0.jpg;face;10,5;5;20;30\n",
        "Image\tRegion\tX\tY\tWidth\tHeight\r\n./Cat/0.jpg\tface\t10,5\t5\t20\t30\r\n",
        "sep=;\nimage;region;x;y;width;height\nCat/0.jpg;face;10.5;5,0;20;30\n",
        "\u{feff}image,region,x,y,width,height\nCat/0.jpg,face,\"10.5\",5,20,30\n",
    ] {
        assert_eq!(case.first_box(table).unwrap(), expected, "{table}");
        let encoded = utf16(table, [0xFF, 0xFE], u16::to_le_bytes);
        assert_eq!(case.first_box(encoded).unwrap(), expected, "{table}");
    }
    let told = case.first_box("image;region;x;y;width;height\nCat/0.jpg;face;1.000,5;5;20;30\n");
    let told = told.unwrap_err().to_string();
    assert!(
        told.contains("masks.csv, line 2, column x: expected a number, found '1.000,5'"),
        "{told}"
    );
}

#[test]
fn label_maps_are_read_in_every_dialect() {
    let case = Case::new();
    for table in [
        "label,class\nCat,dog\n",
        "Label;Class\r\nCat;1\r\n",
        "sep=;\nlabel;first_class;last_class\nCat;1;1\n",
        "\u{feff}label\tclass\nCat\tDOG\n",
    ] {
        let options = DatasetOptions {
            label_map: Some(case.write("map.csv", table)),
            ..Default::default()
        };
        assert_eq!(
            case.open(&options).unwrap().labels.classes,
            [[1], [1]],
            "{table}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_told_with_the_cure() {
    let case = Case::new();
    for (table, parts) in [
        (
            &b"path,label\nCat/0.jpg,k\xe4tzchen\n"[..],
            &["labels.csv, line 2", "not UTF-8", "E4", "CSV UTF-8"][..],
        ),
        (
            b"p\0a\0t\0h\0",
            &["labels.csv, line 1", "zero byte", "UTF-8"],
        ),
        (
            b"path,label\n/home/someone/photos/0.jpg,cat\n/home/someone/photos/0.jpg,dog\n",
            &[
                "labels.csv, column path",
                "/home/someone/photos/0.jpg",
                "'Cat/0.jpg'",
                "relative to the data set's folder",
            ],
        ),
        (
            b"Datei;Art\nCat/0.jpg;cat\n",
            &["line 1, column path", "needed: path,label", "Datei"],
        ),
        (
            b"Path;Label\nCat/0.jpg;cat\nCat\\0.jpg;dog\n",
            &[
                "line 3, column Label",
                "'Cat/0.jpg' has the label 'cat' further up",
            ],
        ),
        (
            b"path,label\nCat/9.jpg,cat\n",
            &[
                "none of its paths leads to a photograph",
                "did you mean 'Cat/0.jpg'?",
            ],
        ),
    ] {
        let told = case.labels(table).unwrap_err().to_string();
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    }
    let options = DatasetOptions {
        label_map: Some(case.write("map.csv", "label,class\nCat,dgo\n")),
        ..Default::default()
    };
    let told = case.open(&options).unwrap_err().to_string();
    assert!(
        told.contains("line 2, column class: the network has no class 'dgo'; the nearest is 'dog'"),
        "{told}"
    );
}

#[test]
fn a_folder_with_its_own_name_in_the_table_is_told_the_nearest() {
    let case = Case::new();
    let dataset = case.open(&DatasetOptions::default()).unwrap();
    let table = case.write(
        "masks.csv",
        "image,region,x,y,width,height\nphotos/Cat/0.jpg,face,1,1,9,9\n",
    );
    let told = Masks::read(Path::new(&table), &dataset)
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("line 2, column image: no photograph 'photos/Cat/0.jpg'")
            && told.contains("did you mean 'Cat/0.jpg'?"),
        "{told}"
    );
}
