//! A run folder as another program would read it: CSV, JSON and safetensors by their public formats alone.

use deconvscope::records::{is_figure, Plan};
use safetensors::SafeTensors;
use serde_json::{json, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A run folder.
#[derive(Debug)]
pub(crate) struct Run(pub(crate) PathBuf);

/// One line of a table: column → cell.
pub(crate) type Row = BTreeMap<String, String>;

/// Tensors by name: shape and values.
pub(crate) type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

impl Run {
    /// A file's content.
    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// A table's header as it stands in the file.
    pub(crate) fn header(&self, table: &str) -> String {
        self.text(&format!("data/{table}.csv"))
            .lines()
            .next()
            .unwrap()
            .to_owned()
    }

    /// A table's lines.
    pub(crate) fn table(&self, table: &str) -> Vec<Row> {
        let text = self.text(&format!("data/{table}.csv"));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.deserialize().map(Result::unwrap).collect()
    }

    /// The manifest.
    pub(crate) fn manifest(&self) -> Value {
        serde_json::from_str(&self.text("run.json")).unwrap()
    }

    /// The plan of a finished run, as another process has it that begins the same.
    pub(crate) fn plan(&self) -> Plan {
        let manifest = self.manifest();
        let mut dataset = manifest["dataset"].clone();
        for (field, unknown) in [
            ("root", json!("")),
            ("digest", json!("")),
            ("photos", json!(0)),
            ("skipped", json!(0)),
            ("detail", json!(0)),
        ] {
            dataset[field] = unknown;
        }
        let mut plan =
            json!({"dataset": dataset, "instructions": manifest["execution"]["instructions"]});
        for field in [
            "schema",
            "tool",
            "options",
            "device",
            "libtorch",
            "model",
            "preprocessing",
        ] {
            plan[field] = manifest[field].clone();
        }
        serde_json::from_value(plan).unwrap()
    }

    /// Another JSON file.
    pub(crate) fn manifest_of(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).unwrap()
    }

    /// A safetensors file.
    pub(crate) fn tensors(&self, name: &str) -> Tensors {
        tensors(&self.0.join(name))
    }

    /// The values of a tensor of float64.
    pub(crate) fn doubles(&self, file: &str, tensor: &str) -> Vec<f64> {
        let bytes = std::fs::read(self.0.join(file)).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let view = file.tensor(tensor).unwrap();
        assert_eq!(view.dtype(), safetensors::Dtype::F64);
        let values = view.data().chunks_exact(8);
        values
            .map(|b| f64::from_le_bytes(b.try_into().unwrap()))
            .collect()
    }

    /// Path of a photo → its id.
    pub(crate) fn ids(&self) -> BTreeMap<String, String> {
        let rows = self.table("images");
        rows.iter()
            .map(|row| (row["path"].clone(), row["image_id"].clone()))
            .collect()
    }
}

/// What `data/metrics.csv` names can be named in rules and claims.
#[track_caller]
pub(crate) fn all_are_registered(metrics: &[Row]) {
    let unknown = metrics.iter().find(|row| !is_figure(&row["metric"]));
    assert!(unknown.is_none(), "{unknown:?}");
}

/// A number in a cell.
#[track_caller]
pub(crate) fn number(row: &Row, column: &str) -> f64 {
    let cell = &row[column];
    cell.parse()
        .unwrap_or_else(|_| panic!("{column} is '{cell}', not a number"))
}

/// Reads a safetensors file of f32.
pub(crate) fn tensors(path: &Path) -> Tensors {
    let bytes = std::fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let read = |(name, view): (String, safetensors::tensor::TensorView)| {
        assert_eq!(view.dtype(), safetensors::Dtype::F32, "{name}");
        let values = view
            .data()
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()));
        (name, (view.shape().to_vec(), values.collect()))
    };
    file.tensors().into_iter().map(read).collect()
}
