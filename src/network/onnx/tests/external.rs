use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use protobuf::Message;
use tempfile::TempDir;

use super::super::messages::tensor_proto::{DataLocation, DataType};
use super::super::messages::{ModelProto, StringStringEntryProto, TensorProto};
use super::super::{Graph, Tensor};
use super::{model, node, parse};

/// A folder with a secret beside it, and in it `weights.bin`: the floats 0, 1, 2, 3.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let outer = tempfile::tempdir().unwrap();
        let place = Self(outer);
        fs::create_dir_all(place.path("model/inner")).unwrap();
        let bytes = [0.0_f32, 1.0, 2.0, 3.0].map(f32::to_le_bytes).concat();
        fs::write(place.path("secret.bin"), &bytes).unwrap();
        fs::write(place.path("model/weights.bin"), &bytes).unwrap();
        fs::write(place.path("model/inner/weights.bin"), &bytes).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, entries: &[(&str, &str)]) -> Result<Tensor, String> {
        let path = self.path("model/model.onnx");
        fs::write(&path, external(entries).write_to_bytes().unwrap()).unwrap();
        let graph = Graph::read(&path).map_err(|error| error.to_string())?;
        Ok(graph.constants["w"].clone())
    }

    fn refusal(&self, entries: &[(&str, &str)]) -> String {
        self.read(entries).unwrap_err()
    }
}

/// With two floats elsewhere.
fn external(entries: &[(&str, &str)]) -> ModelProto {
    let mut weights = TensorProto::new();
    weights.set_name("w".into());
    weights.set_data_type(DataType::FLOAT as i32);
    weights.dims = vec![2];
    weights.set_data_location(DataLocation::EXTERNAL);
    for (key, value) in entries {
        let mut entry = StringStringEntryProto::new();
        entry.set_key((*key).into());
        entry.set_value((*value).into());
        weights.external_data.push(entry);
    }
    model(vec![node("Add", &["x", "w"], &["y"])], vec![weights])
}

#[test]
fn slices_of_a_file_are_read() {
    let place = Place::new();
    let two = |first, second| Ok(Tensor::floats(vec![2], vec![first, second]));
    let read = |location, offset, length| {
        place.read(&[
            ("location", location),
            ("offset", offset),
            ("length", length),
        ])
    };
    assert_eq!(read("weights.bin", "0", "8"), two(0.0, 1.0));
    assert_eq!(read("./weights.bin", "4", "8"), two(1.0, 2.0));
    assert_eq!(read("inner/weights.bin", "8", "8"), two(2.0, 3.0));
    assert_eq!(
        place.read(&[("location", "weights.bin"), ("offset", "8")]),
        two(2.0, 3.0)
    );
}

#[test]
fn a_slice_must_be_there_and_fit() {
    let place = Place::new();
    let refusal = |offset, length| {
        place.refusal(&[
            ("location", "weights.bin"),
            ("offset", offset),
            ("length", length),
        ])
    };
    assert!(refusal("12", "8").contains("reach beyond its 16 bytes"));
    assert!(refusal("18446744073709551615", "8").contains("reach beyond"));
    assert!(refusal("0", "12").contains("needs 8 bytes, 12 are stated"));
    assert!(refusal("-4", "8").contains("offset '-4'"));
    assert!(place
        .refusal(&[("location", "weights.bin")])
        .contains("needs 8 bytes, 16"));
    assert!(place
        .refusal(&[("location", "weights.bin"), ("offset", "99")])
        .contains("needs 8 bytes, 0"));
    assert!(place
        .refusal(&[("location", "missing.bin")])
        .contains("'missing.bin'"));
    assert!(place
        .refusal(&[("location", "inner")])
        .contains("not a file"));
    assert!(place.refusal(&[]).contains("without a location"));
}

#[test]
fn nothing_outside_the_folder_is_read() {
    let place = Place::new();
    let refusal = |location: &str| place.refusal(&[("location", location), ("length", "8")]);
    let absolute = place.path("secret.bin");
    assert!(refusal("../secret.bin").contains("must lie in the model's folder"));
    assert!(refusal("inner/../../secret.bin").contains("must lie in the model's folder"));
    assert!(refusal(absolute.to_str().unwrap()).contains("must lie in the model's folder"));
    symlink(&absolute, place.path("model/link.bin")).unwrap();
    assert!(refusal("link.bin").contains("leads out of the model's folder"));
    symlink(place.path(""), place.path("model/up")).unwrap();
    assert!(refusal("up/secret.bin").contains("leads out of the model's folder"));
}

#[test]
fn links_within_the_folder_are_followed() {
    let place = Place::new();
    symlink("inner/weights.bin", place.path("model/link.bin")).unwrap();
    assert!(place
        .read(&[("location", "link.bin"), ("length", "8")])
        .is_ok());
    symlink(place.path("model"), place.path("alias")).unwrap();
    let alias = place.path("alias/model.onnx");
    assert!(Graph::read(&alias).is_ok());
}

#[test]
fn bytes_without_a_folder_have_no_files_beside_them() {
    let problem = parse(&external(&[("location", "weights.bin")])).unwrap_err();
    assert!(
        problem.contains("initializer 'w'") && problem.contains("not in a folder"),
        "{problem}"
    );
}
