//! `run.json`: what was run, on what, by which rules, and the sha256 of every other file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{seal, ProjectionKind};
use crate::network::Preprocessing;

/// Number of the run folder's contract; it rises when a column or a name changes.
pub const SCHEMA: u32 = 1;

/// The manifest of a finished run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: u32,
    /// What made it.
    pub tool: Tool,
    /// The one part that may differ between two runs of the same input and options.
    pub execution: Execution,
    /// `cpu` or `cuda:N`.
    pub device: String,
    /// libtorch's version.
    pub libtorch: String,
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
    /// This program.
    pub fn this() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            commit: option_env!("DECONVSCOPE_COMMIT").unwrap_or_default().into(),
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
    /// sha256 over the classes' names.
    pub class_names: String,
    /// The layers shown, from the input upwards.
    pub stages: Vec<String>,
    /// The layers that would be shown and cannot be projected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_projected: Vec<NotProjected>,
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

/// Every option in force that can change a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunOptions {
    /// `--top`.
    pub top: usize,
    /// `--layers`.
    pub layers: Vec<String>,
    /// `--kinds`.
    pub kinds: Vec<ProjectionKind>,
    /// `--detail`.
    pub detail: String,
    /// `--arrays`.
    pub arrays: String,
    /// `--masks`, sha256 of the table.
    pub masks: Option<String>,
    /// `--apply-masks`: the region that was hidden before anything else.
    #[serde(default)]
    pub apply_masks: Option<String>,
    /// `--keep-unmasked`.
    #[serde(default)]
    pub keep_unmasked: bool,
    /// `--fill`.
    pub fill: [u8; 3],
    /// `--limit`.
    pub limit: Option<usize>,
    /// `--seed`.
    pub seed: u64,
    /// `--batch`.
    pub batch: usize,
    /// `--lang`.
    pub lang: String,
    /// `--single-file`.
    pub single_file: bool,
    /// `--parts`, sha256 of the table.
    #[serde(default)]
    pub parts: Option<String>,
    /// `--correspondence-layers`; empty without parts.
    #[serde(default)]
    pub correspondence_layers: Vec<String>,
    /// `--random-places`; none without parts.
    #[serde(default)]
    pub random_places: Option<usize>,
    /// `--invariance`.
    #[serde(default)]
    pub invariance: Option<String>,
    /// `--occlusion`; this and the next three are none where no occluder was slid.
    #[serde(default)]
    pub occlusion: Option<String>,
    /// `--occluder`: its side in pixels of the network's input.
    #[serde(default)]
    pub occluder: Option<usize>,
    /// `--occluder-stride`.
    #[serde(default)]
    pub occluder_stride: Option<usize>,
    /// `--occluder-fill`.
    #[serde(default)]
    pub occluder_fill: Option<[u8; 3]>,
    /// `--occlusion-fast`.
    #[serde(default)]
    pub occlusion_fast: bool,
    /// `--features`: how many maps of a layer, which ones, or all; this and the next three are none where no maps were looked
    /// at.
    #[serde(default)]
    pub features: Option<String>,
    /// `--strongest`: activations of a map that are shown.
    #[serde(default)]
    pub strongest: Option<usize>,
    /// `--per-image`: how many of them may come from one photo.
    #[serde(default)]
    pub per_image: Option<usize>,
    /// `--randomisation`: photos whose projections are held against those of random weights.
    #[serde(default)]
    pub randomisation: Option<usize>,
    /// `--arrays` of `features`: whether the maps' projections are kept as they are.
    #[serde(default)]
    pub feature_arrays: bool,
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
