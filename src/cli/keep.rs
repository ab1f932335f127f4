//! Runs that are kept: `deconvscope archive`, `verify`, `index` and `prune`.

use std::path::PathBuf;

use checks::Rule;
use clap::Args;
use report::Lang;

/// `deconvscope archive`.
#[derive(Debug, Args)]
pub struct ArchiveArgs {
    /// Folders of finished runs
    #[arg(required = true)]
    pub runs: Vec<PathBuf>,
    /// Folder for the archives: of each run NAME.tar.zst, NAME.html and NAME.json
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// Pack the raw maps (arrays/) as well
    #[arg(long)]
    pub with_arrays: bool,
    /// Pack the weights that a training kept while it went on (snapshots/) as well
    #[arg(long)]
    pub with_snapshots: bool,
    /// A word to find the archive by; one that has any is never removed by `prune`. May be given several times
    #[arg(long, value_name = "WORD", value_parser = tag)]
    pub tag: Vec<String>,
    /// Name of the files [default: made of data set, network, time and digest]
    #[arg(long, value_name = "NAME", value_parser = archive_name)]
    pub name: Option<String>,
}

/// `deconvscope verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// An archive, or the folder of a finished run
    #[arg(value_name = "ARCHIVE|RUN")]
    pub path: PathBuf,
    /// The sha256 that was noted of the archive (of a folder: of its run.json); finds forgery as well as damage
    #[arg(long, value_name = "SHA256", value_parser = sha256)]
    pub expect: Option<String>,
}

/// `deconvscope index`.
#[derive(Debug, Args)]
pub struct IndexArgs {
    /// Folder of archives; the site is written into it
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Language of the pages: en or ko
    #[arg(long, default_value = "en")]
    pub lang: Lang,
}

/// `deconvscope prune`.
#[derive(Debug, Args)]
pub struct PruneArgs {
    /// Folder of archives
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Keep the newest N of each data set and network
    #[arg(long, value_name = "N", required_unless_present = "days")]
    pub keep: Option<usize>,
    /// Keep those that are not older than D days; with --keep both must be exceeded
    #[arg(long, value_name = "D")]
    pub days: Option<u32>,
    /// Keep those that this rule holds of, as in "top1_accuracy >= 0.7" (see `check --help`); may be given several times
    #[arg(long, value_name = "RULE")]
    pub keep_rule: Vec<Rule>,
    /// Only print what would be removed
    #[arg(long)]
    pub dry_run: bool,
}

fn archive_name(text: &str) -> Result<String, String> {
    match archive::is_archive_name(text) {
        true => Ok(text.to_owned()),
        false => Err("expected letters, digits, '-', '_' and inner dots, and not 'index'".into()),
    }
}

fn tag(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("expected a word".into()),
        word if word.chars().any(char::is_control) => Err("expected one line".into()),
        word => Ok(word.to_owned()),
    }
}

fn sha256(text: &str) -> Result<String, String> {
    match text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err("expected 64 hexadecimal digits".into()),
    }
}
