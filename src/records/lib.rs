//! What a run leaves behind: plain numbers on disk, from which tables, pages and comparisons are made.

mod answers;
mod arrays;
mod chunks;
mod every;
mod figures;
mod files;
mod gram;
mod manifest;
pub mod maps;
pub mod occlusion;
mod photo;
mod plan;
pub mod probabilities;
mod run;
mod run_folder;
mod seal;
mod sealed;
pub mod shards;
pub mod tables;
mod verdict;

pub use answers::{Answer, Answers};
pub use arrays::{add_arrays, Arrays, NamedArray};
pub use figures::{figure_names, is_figure, FIGURES_OF_REGIONS};
pub use files::{file_stem, path_inside, write_whole};
pub use files::{read_json, write_json};
pub use gram::GramFile;
pub use manifest::{
    DatasetFacts, Execution, Manifest, ModelFacts, NamedOption, NotProjected, PrecisionFacts,
    Rules, RunOptions, SkippedFile, Tool, SCHEMA,
};
pub use occlusion::OcclusionRecord;
pub use photo::{
    rank_of, ranked, BoxRecord, ConditionRecord, ControlRecord, GridRecord, MaskRecord,
    MaskedLayer, MaskedUnit, PhotoRecord, ProjectionRecord, UnitRecord,
};
pub use plan::Plan;
pub use run::Run;
pub use run_folder::digest_files;
pub use run_folder::{Existing, Opened, RunFolder, PARTS, VARIANTS};
pub use seal::seal_holds;
pub use verdict::Verdict;

use serde::{Deserialize, Serialize};

/// The condition of a photograph that nothing is hidden of.
pub const ORIGINAL: &str = "original";

/// What of a layer is projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProjectionKind {
    /// The strongest single activation (ZF §2.1).
    Unit,
    /// All of the layer's activations at once (the replication's grids).
    Layer,
}

impl ProjectionKind {
    /// As in tables and file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Layer => "layer",
        }
    }
}

impl std::str::FromStr for ProjectionKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "unit" => Ok(Self::Unit),
            "layer" => Ok(Self::Layer),
            _ => Err("expected unit or layer".into()),
        }
    }
}
