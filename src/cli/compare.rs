//! `deconvscope compare`.

use std::path::PathBuf;

use clap::Args;

use crate::report::Lang;

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
    #[arg(long, value_name = "N|all", default_value = "40")]
    pub photos: Shown,
    /// Language of the pages: en or ko
    #[arg(long, default_value = "en")]
    pub lang: Lang,
    /// Seed of the bootstrap's resamples
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
}

/// How many photographs are shown side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// So many.
    Some(usize),
    /// All.
    All,
}

impl std::str::FromStr for Shown {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            _ => text
                .parse()
                .map(Self::Some)
                .map_err(|_| "expected a number or all".into()),
        }
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Some(number) => number.fmt(f),
            Self::All => f.write_str("all"),
        }
    }
}
