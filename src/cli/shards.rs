//! `deconvscope plan`, `work`, `status` and `merge`: a run on many machines.

use std::path::PathBuf;

use clap::Args;
use vocabulary::at_least_one;

use super::ReportArgs;

/// `deconvscope plan`.
#[derive(Debug, Args)]
#[command(
    after_help = "A report in shards, for any scheduler (docs/cluster):\n  \
    deconvscope plan photos/ --shards 64 --out plan/\n  \
    deconvscope work plan/ --shard 0        (and so on to 63, on any machine, in any order)\n  \
    deconvscope merge plan/ --out reports/photos\n\
    Merge says where a second round of work is due; after that, merge again."
)]
pub struct PlanArgs {
    /// The report; --out is the folder of the plan
    #[command(flatten)]
    pub report: ReportArgs,
    /// Shards of the photographs, numbered from 0
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = "Shards")]
    pub shards: usize,
}

/// `deconvscope work`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done, or nothing is due; 75 stopped by SIGTERM or SIGUSR1, to be run again; 1 failed \
    by what a machine did (a disk, a device); 42 failed and would fail again."
)]
pub struct WorkArgs {
    /// Folder of the plan
    pub plan: PathBuf,
    /// Which shard: its number, from 0, or auto: SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX
    #[arg(long, value_name = "K|auto")]
    pub shard: TaskChoice,
    /// Workers [default: one for each core]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub threads: Option<usize>,
}

/// `deconvscope status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Folder of the plan
    pub plan: PathBuf,
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
    /// Read every file of every finished shard
    #[arg(long)]
    pub verify: bool,
}

/// `deconvscope merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// Folder of the plan
    pub plan: PathBuf,
    /// The run folder
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Replace the run in --out
    #[arg(long)]
    pub overwrite: bool,
    /// Workers [default: one for each core]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub threads: Option<usize>,
}

/// Which of many tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskChoice {
    /// The one that the scheduler's environment names.
    Auto,
    /// By number.
    Number(usize),
}

impl std::str::FromStr for TaskChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            number => match number.parse() {
                Ok(number) => Ok(Self::Number(number)),
                Err(_) => Err("expected a number from 0, or auto".into()),
            },
        }
    }
}
