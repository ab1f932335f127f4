//! `deconvscope compare`.

use std::path::PathBuf;

use clap::Args;
use report::Lang;
use vocabulary::{amount, Amount, Form};

/// `deconvscope compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Folders of finished runs; the first is what the others are held against
    #[arg(required = true, num_args = 2.., value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// The comparison's folder [default: reports/compare-<first>-<second>…]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace the comparison in --out
    #[arg(long)]
    pub overwrite: bool,
    /// Photographs shown side by side, the most changed first
    #[arg(long, value_name = "N|all", default_value = "40", value_parser = amount(&[Form::Number, Form::All]))]
    pub photos: Amount,
    /// Language of the pages: en or ko
    #[arg(long, default_value = "en")]
    pub lang: Lang,
    /// Seed of the bootstrap's resamples
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
}
