//! `deconvscope study`.

use clap::Args;

use super::{TaskChoice, TrainArgs};

/// `deconvscope study`.
#[derive(Debug, Args)]
pub struct StudyArgs {
    /// The study: architecture (ZF table 2, fig. 6), ablation (ZF table 3), or a TOML file
    pub study: String,
    /// Train only these of its variants, beside the base
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        help_heading = "Training"
    )]
    pub variants: Vec<String>,
    /// Train each variant once with each of these seeds; which photographs are held back is drawn by --seed alone [default: --seed]
    #[arg(
        long,
        value_name = "N,…",
        value_delimiter = ',',
        help_heading = "Training"
    )]
    pub seeds: Vec<u64>,
    /// Carry out one of its trainings alone, the base's is 0, in the folder that the whole study is given with --out; auto takes the
    /// number that Slurm or Kubernetes tell. The study goes on from what is finished
    #[arg(long, value_name = "K|auto", requires = "out", help_heading = "Run")]
    pub training: Option<TaskChoice>,
    /// Photographs, network, recipe, machine and run, as of `train`; what they say of network and recipe stands over the study's file
    #[command(flatten)]
    pub train: TrainArgs,
}
