//! `deconvscope check`.

use std::path::PathBuf;

use clap::Args;

/// `deconvscope check`.
#[derive(Debug, Args)]
#[command(after_help = RULES_HELP)]
pub struct CheckArgs {
    /// Folder of a finished run
    pub run: PathBuf,
    /// File of rules: tables [[rule]] with rule and, if wanted, name, severity, optional, reason
    #[arg(long, value_name = "TOML")]
    pub rules: Option<PathBuf>,
    /// A rule, as in "top1_accuracy >= 0.6"; may be given more than once
    #[arg(long, value_name = "RULE")]
    pub rule: Vec<String>,
    /// Folder of the finished run that rules mean by 'baseline'
    #[arg(long, value_name = "RUN")]
    pub baseline: Option<PathBuf>,
    /// Write the result as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write the result as Markdown; it is also added to $GITHUB_STEP_SUMMARY where that is set
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write the result as JSON; - for stdout, in place of the text
    #[arg(long, value_name = "FILE|-")]
    pub json: Option<PathBuf>,
}

const RULES_HELP: &str = "\
Rules name a metric of the run's data/metrics.csv and what must hold of it:
  top1_accuracy >= 0.6
  top1_accuracy[class:dog].low >= 55 %       a scope; low and high end of the 95 % interval, count
  skipped <= 0                               also > < == !=
  top1_accuracy >= baseline - 0.02           figure against figure
  top1_accuracy not more than 2 points below baseline, at 95 %
        photo by photo: fails where the 95 % interval of the change lies wholly below -0.02
  top1_accuracy not more than 2 points below baseline, proven at 95 %
        photo by photo: holds only where that interval lies wholly at or above -0.02

Exit codes: 0 every rule holds, or only warnings do not; 4 a rule does not hold;
1 a rule names what the run does not have; 2 a rule cannot be read.";
