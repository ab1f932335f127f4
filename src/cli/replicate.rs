//! `deconvscope replicate`.

use std::path::PathBuf;

use clap::Args;

use super::ReportArgs;

/// `deconvscope replicate`.
#[derive(Debug, Args)]
#[command(after_help = PARTS_HELP)]
pub struct ReplicateArgs {
    /// Train a network on the photographs from random weights and follow it: what claims about convergence take
    #[arg(long, help_heading = "Replication")]
    pub train: bool,
    /// Train the variants of these studies on the photographs: architecture, ablation, or TOML files [default of the option alone: architecture,ablation]
    #[arg(
        long,
        value_name = "NAME|FILE,…",
        num_args = 0..=1,
        require_equals = true,
        value_delimiter = ',',
        default_missing_value = "architecture,ablation",
        help_heading = "Replication"
    )]
    pub study: Vec<String>,
    /// Options of `train` for --train and --study, as one text: "--epochs 8 --recipe small"
    #[arg(
        long,
        value_name = "OPTIONS",
        allow_hyphen_values = true,
        help_heading = "Replication"
    )]
    pub training: Option<String>,
    /// Class folders whose labels linear classifiers tell apart by the network's features
    #[arg(long, value_name = "DATASET", help_heading = "Replication")]
    pub transfer: Option<PathBuf>,
    /// Options of `transfer`, as one text: "--per-class 15,30 --repeats 5"
    #[arg(
        long,
        value_name = "OPTIONS",
        allow_hyphen_values = true,
        requires = "transfer",
        help_heading = "Replication"
    )]
    pub transfer_options: Option<String>,
    /// Claims in place of the papers': tables [[claim]] as in docs/replicate.md
    #[arg(long, value_name = "TOML", help_heading = "Replication")]
    pub claims: Option<PathBuf>,

    /// The report that it begins with
    #[command(flatten)]
    pub report: ReportArgs,
}

const PARTS_HELP: &str = "\
The run folder's front page tells claim by claim what held. It is a report with all its options, with ten photographs
moved and turned where --invariance does not say otherwise; a training, studies and a transfer are run folders of their
own in its folder parts/. A pipeline holds a replication by its figures: deconvscope check RUN --rule \"claims_not_held <= 0\".";
