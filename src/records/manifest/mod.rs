//! `run.json`: what was run, on what, by which rules, and the sha256 of every other file.

mod options;
mod schema1;
mod schema2;
mod schema3;

pub(super) use options::typed;
pub use options::{NamedOption, RunOptions};

use std::collections::BTreeMap;

use network::{Extension, Preprocessing, Scores};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::seal;

/// Number of the run folder's contract; it rises when a column or a name changes.
pub const SCHEMA: u32 = 4;

/// The manifest of a finished run. One of an older schema is read as one of today's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: u32,
    /// What made it.
    pub tool: Tool,
    /// The one part that may differ between two runs of the same input and options.
    pub execution: Execution,
    /// `cpu`, or `cuda` with the cards' kind where the driver tells it: `cuda (NVIDIA H200)`; `cuda:N` in runs of older versions.
    pub device: String,
    /// libtorch's version.
    pub libtorch: String,
    /// What classifying in another precision than float32 changed; left out where it was float32.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<PrecisionFacts>,
    /// The network.
    pub model: ModelFacts,
    /// The photographs.
    pub dataset: DatasetFacts,
    /// From photograph to network input.
    pub preprocessing: Preprocessing,
    /// Every option in force.
    pub options: RunOptions,
    /// What the papers leave open, and what was done.
    pub rules: Rules,
    /// Photographs that could not be used.
    pub skipped: Vec<SkippedFile>,
    /// What was said aloud while the run went on.
    pub notes: Vec<String>,
    /// sha256 of every other file, by path inside the run folder.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// sha256 of this file with these 64 digits as zeros (see [`super::seal_holds`]); empty in runs of older versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub seal: String,
}

impl<'de> Deserialize<'de> for Manifest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut manifest = Value::deserialize(deserializer)?;
        schema1::upgrade(&mut manifest);
        schema2::upgrade(&mut manifest);
        schema3::upgrade(&mut manifest);
        Self::deserialize(manifest).map_err(D::Error::custom)
    }
}

impl Serialize for Manifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl Manifest {
    /// Whether another run of the same input and options may differ from this one by rounding: by what it was computed with.
    /// A run of an older version does not tell its instructions.
    pub fn rounds_otherwise(&self, other: &Self) -> bool {
        let instructions = [self, other].map(|manifest| &manifest.execution.instructions);
        let both_known = instructions.iter().all(|known| !known.is_empty());
        self.device != other.device
            || self.libtorch != other.libtorch
            || (both_known && instructions[0] != instructions[1])
    }

    /// sha256 of the weights that the run began with: those of its network, but for one that it trained.
    pub fn begun_with(&self) -> &str {
        let experiments = &self.options.experiments;
        let training = experiments.get("training").or(experiments.get("study"));
        let begun = training.and_then(|training| training.get("weights")?.as_str());
        begun.unwrap_or(&self.model.sha256)
    }

    /// `run.json` as it is written, with its seal.
    ///
    /// # Errors
    /// Whatever serde_json says; there is no such manifest.
    pub(super) fn to_json(&self) -> serde_json::Result<String> {
        let blank = Self {
            seal: seal::BLANK.into(),
            ..self.clone()
        };
        Ok(seal::sealed(&format!(
            "{}\n",
            serde_json::to_string_pretty(&blank)?
        )))
    }
}

/// The program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// `deconvscope`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The commit it was built from; empty where that was not known.
    pub commit: String,
}

impl Tool {
    /// Its name, by which folders are known as ours.
    pub const NAME: &str = "deconvscope";

    /// This version, built from a commit.
    pub fn built_from(commit: &str) -> Self {
        Self {
            name: Self::NAME.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            commit: commit.into(),
        }
    }
}

/// How the run was carried out. Nothing of this appears in a page, a table or a file name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// The command line.
    pub command: Vec<String>,
    /// The run folder as given.
    pub out: String,
    /// What computed: `cpu`, or GPUs by number and kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<String>,
    /// Workers.
    pub threads: usize,
    /// The processor's instructions in force (`--instructions`): runs of the same give the same bytes. Empty in runs of older
    /// versions.
    #[serde(default)]
    pub instructions: String,
    /// RFC 3339, UTC.
    pub started: String,
    /// RFC 3339, UTC.
    pub finished: String,
    /// Seconds by phase.
    pub seconds: BTreeMap<String, f64>,
}

impl Execution {
    /// Of a run that is to be the same whenever it is made: one time for start and finish, and of the rest only what its bits
    /// depend on.
    pub fn at(time: String, instructions: String) -> Self {
        Self {
            instructions,
            started: time.clone(),
            finished: time,
            ..Self::default()
        }
    }
}

/// The network that was run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelFacts {
    /// Its name in the zoo.
    pub name: String,
    /// The weights' file name.
    pub file: String,
    /// sha256 of the weights.
    pub sha256: String,
    /// Where the weights come from.
    pub source: String,
    /// Classes it tells apart; 0 without a classifier.
    pub classes: usize,
    /// What its outputs are; left out without a classifier, and by older versions, which knew `softmax` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scores: Option<Scores>,
    /// The value of an ONNX graph that its scores are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// sha256 over the classes' names.
    pub class_names: String,
    /// The layers shown, from the input upwards.
    pub stages: Vec<String>,
    /// The layers that would be shown and cannot be projected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_projected: Vec<NotProjected>,
    /// The rules beyond the papers' that projections of the layers shown go by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Extension>,
}

impl ModelFacts {
    /// What its outputs are; `None` without a classifier.
    pub fn scores(&self) -> Option<Scores> {
        (self.classes > 0).then(|| self.scores.unwrap_or(Scores::Softmax))
    }
}

/// The probabilities of photographs that were classified in float32 as well, held against those of the run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PrecisionFacts {
    /// So many, drawn by seed.
    pub photos: usize,
    /// Of a class' probability.
    pub largest_difference: f32,
    /// How many have another first class.
    pub other_first_class: usize,
}

/// Layers that no projection comes from, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotProjected {
    /// The layers.
    pub layers: Vec<String>,
    /// The node in the way.
    pub node: String,
    /// What it computes.
    pub op: String,
}

/// The photographs that were shown to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatasetFacts {
    /// The folder as given.
    pub root: String,
    /// Photos that were classified.
    pub photos: usize,
    /// Photos that were skipped.
    pub skipped: usize,
    /// Files that are no photographs.
    pub other_files: usize,
    /// Photos in detail.
    pub detail: usize,
    /// The labels' names, by index.
    pub labels: Vec<String>,
    /// Where the labels come from.
    pub label_source: String,
    /// The network's classes that count as each label, by index; empty: not scored.
    pub label_classes: Vec<Vec<usize>>,
    /// sha256 over the photographs' paths and labels.
    pub listing: String,
    /// sha256 over paths and contents.
    pub digest: String,
}

impl DatasetFacts {
    /// The data set's folder without what leads to it.
    pub fn name(&self) -> &str {
        let root = self.root.trim_end_matches(['/', '\\']);
        match root.rsplit(['/', '\\']).next() {
            Some(name) if !name.is_empty() && name != "." && name != ".." => name,
            _ => &self.root,
        }
    }
}

/// The rules in force where the papers leave a choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// ReLU on the way back.
    pub relu: String,
    /// Overlapping pooling windows.
    pub unpool: String,
    /// Equal values in a pooling window.
    pub switches: String,
    /// Contrast normalisation.
    pub lrn: String,
    /// Batch normalisation.
    pub batch_norm: String,
    /// Concatenation, addition, values used twice.
    pub branches: String,
    /// Average pooling, linear layers.
    pub linear: String,
}

impl Rules {
    /// The deconvnet's rules of this project.
    pub fn deconvnet() -> Self {
        let text = |text: &str| text.to_owned();
        Self {
            relu: text("the signal that comes down is rectified; no mask of the forward pass"),
            unpool: text("contributions of overlapping windows add up"),
            switches: text("the first maximum of a window in row-major order; the signal passes through all-zero windows too"),
            lrn: text("skipped on the way back"),
            batch_norm: text("folded into the convolution before it; where it cannot be, its scale only"),
            branches: text("concat splits the signal, addition copies it, a value used twice sums it"),
            linear: text("transpose of the forward map; dropout is the identity"),
        }
    }
}

/// A photograph that could not be used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SkippedFile {
    /// Path inside the data set.
    pub path: String,
    /// Why.
    pub reason: String,
}
