//! Options that subcommands have in common.

use std::path::PathBuf;

use clap::Args;
use dataset::DatasetOptions;
use engine::device::DeviceChoice;
use engine::instructions::Instructions;
use engine::Precision;
use report::Lang;
use vocabulary::at_least_one;

use super::{PreprocessingArgs, ReadingArgs};

/// What computes.
#[derive(Debug, Clone, Args)]
pub struct MachineArgs {
    /// Where to compute: auto (a GPU if there is one), cpu, cuda, cuda:N, several GPUs as in cuda:0,cuda:1, or all of them
    #[arg(
        long,
        value_name = "NAME,…",
        default_value = "auto",
        help_heading = "Network"
    )]
    pub device: DeviceChoice,
    /// Which of the processor's instructions to compute with: auto (the best), sse41, avx2 or avx512; under one name the bits are the same on every processor that has them
    #[arg(
        long,
        value_name = "NAME",
        default_value = "auto",
        help_heading = "Network"
    )]
    pub instructions: Instructions,
    /// Workers [default: one for each core]
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = "Network")]
    pub threads: Option<usize>,
}

/// Millions of bytes for a pass where nobody says otherwise.
pub(super) const MEMORY: usize = 4000;

/// Which network, and how it computes.
#[derive(Debug, Clone, Args)]
pub struct NetworkArgs {
    /// Network of the zoo (see `deconvscope model list`), or its file: ONNX, or safetensors with a TOML beside it
    #[arg(
        long,
        value_name = "NAME|FILE",
        default_value = "squeezenet1_1",
        help_heading = "Network"
    )]
    pub model: String,
    /// Weights of a network of the zoo, fine-tuned or not, or others of a network in a TOML: safetensors, or a state dict of torch.save; by default those that `deconvscope setup-sample` installed, or those beside the TOML
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub weights: Option<PathBuf>,
    /// Names of its classes: one a line, a CSV with a column 'name' (and 'index'), JSON or a Python dict
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub classes: Option<PathBuf>,
    /// What its file does not tell
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// From photograph to input
    #[command(flatten)]
    pub preprocessing: PreprocessingArgs,
    /// What computes
    #[command(flatten)]
    pub machine: MachineArgs,
    /// In which photographs are classified: float32, tf32 (a GPU's) or bf16; projections, feature maps and occlusion are float32 all the same, so photographs that they look at go through the network twice
    #[arg(
        long,
        value_name = "NAME",
        default_value = "float32",
        help_heading = "Network"
    )]
    pub precision: Precision,
    /// Inputs in one pass of the network, at most [default: 1 on the CPU, 256 on a GPU]
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = "Network")]
    pub batch: Option<usize>,
    /// Millions of bytes that the network's values may take in one pass: half on the way to its output, half on the way back; passes are smaller where the network needs more
    #[arg(long, value_name = "MB", default_value_t = MEMORY, value_parser = at_least_one, help_heading = "Network")]
    pub memory: usize,
}

/// Which photographs.
#[derive(Debug, Clone, Args)]
pub struct DatasetArgs {
    /// Folder of photographs (JPEG, PNG, WebP, BMP, GIF, TIFF), any depth
    pub dataset: PathBuf,
    /// The photographs' labels: a CSV path,label [default: found in folder or file names]
    #[arg(long, value_name = "CSV", help_heading = "Data set")]
    pub labels: Option<PathBuf>,
    /// Labels are the names of the folders N levels below the data set's [default: the level that is classes]
    #[arg(
        long,
        value_name = "N",
        value_parser = at_least_one,
        conflicts_with = "labels",
        help_heading = "Data set"
    )]
    pub label_level: Option<usize>,
    /// Use only the photographs of this split, a folder such as train or test
    #[arg(long, value_name = "NAME", help_heading = "Data set")]
    pub split: Option<String>,
    /// Which classes of the network count as a label: a CSV label,first_class,last_class or label,class
    #[arg(long, value_name = "CSV", help_heading = "Data set")]
    pub label_map: Option<PathBuf>,
    /// Use only N photographs, drawn by --seed
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = "Data set")]
    pub limit: Option<usize>,
    /// Seed of everything that is drawn by lot
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        allow_negative_numbers = true,
        help_heading = "Data set"
    )]
    pub seed: u64,
}

impl DatasetArgs {
    /// How the data set is looked at.
    pub fn options(&self) -> DatasetOptions {
        DatasetOptions {
            labels: self.labels.clone(),
            label_map: self.label_map.clone(),
            label_level: self.label_level,
            split: self.split.clone(),
            limit: self.limit,
            seed: self.seed,
        }
    }
}

/// How pages are written.
#[derive(Debug, Clone, Args)]
pub struct PageArgs {
    /// Language of the pages: en or ko
    #[arg(long, default_value = "en", help_heading = "Report")]
    pub lang: Lang,
    /// Write the report into one HTML file as well
    #[arg(long, help_heading = "Report")]
    pub single_file: bool,
    /// Millions of bytes that this file may have; it names the pages that it has no room for
    #[arg(long, value_name = "MB", default_value_t = 25, value_parser = at_least_one, help_heading = "Report")]
    pub single_file_limit: usize,
}

/// The run and its folder.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// The run folder [default: reports/<data set>-<UTC time>]
    #[arg(long, value_name = "DIR", help_heading = "Run")]
    pub out: Option<PathBuf>,
    /// Go on with the interrupted run in --out
    #[arg(
        long,
        requires = "out",
        conflicts_with = "overwrite",
        help_heading = "Run"
    )]
    pub resume: bool,
    /// Replace the run in --out
    #[arg(long, requires = "out", help_heading = "Run")]
    pub overwrite: bool,
    /// Exit with 3 where photographs were skipped, or a folder could not be looked into
    #[arg(long, help_heading = "Run")]
    pub strict: bool,
}
