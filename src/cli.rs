//! The command line as types; no logic.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::checks::Rule;
use crate::engine::device::DeviceChoice;
use crate::network::{Changes, Channels, Preset};
use crate::records::ProjectionKind;
use crate::report::Lang;

/// What a convolutional network looks at in your photographs, and what it loses when part of the image is hidden: a
/// report after Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks".
#[derive(Debug, Parser)]
#[command(name = "deconvscope", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done but photographs were skipped, under \
    --strict; 4 a rule of check does not hold; 130 interrupted."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How much to say.
    #[command(flatten)]
    pub voice: Voice,
}

/// How much to say.
#[derive(Debug, Clone, Copy, Args)]
pub struct Voice {
    /// Say nothing but errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: every photograph and how long each phase took
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Classify the photographs of a folder, project every layer back to the pixels, hide parts, write the report
    Report(Box<ReportArgs>),
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

/// `deconvscope report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Folder of photographs (JPEG, PNG, WebP, BMP, GIF, TIFF), any depth
    pub dataset: PathBuf,

    /// Network of the zoo (see `deconvscope model list`)
    #[arg(long, default_value = "squeezenet1_1", help_heading = "Network")]
    pub model: String,
    /// Its weights: safetensors, or a state dict of torch.save; by default those that `make setup` or `make weights` installed
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub weights: Option<PathBuf>,
    /// Names of its classes: one a line, or a CSV with a column 'name'
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub classes: Option<PathBuf>,
    /// From photograph to input
    #[command(flatten)]
    pub preprocessing: PreprocessingArgs,
    /// Where to compute: auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto", help_heading = "Network")]
    pub device: DeviceChoice,
    /// Workers [default: one for each core]
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = "Network")]
    pub threads: Option<usize>,
    /// Inputs in one pass of the network [default: 1 on the CPU, 32 on a GPU]
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = "Network")]
    pub batch: Option<usize>,

    /// The photographs' labels: a CSV path,label [default: found in folder or file names]
    #[arg(long, value_name = "CSV", help_heading = "Data set")]
    pub labels: Option<PathBuf>,
    /// Which classes of the network count as a label: a CSV label,first_class,last_class
    #[arg(long, value_name = "CSV", help_heading = "Data set")]
    pub label_map: Option<PathBuf>,
    /// Regions to hide: a CSV image,region,x,y,width,height in pixels of the original file
    #[arg(long, value_name = "CSV", help_heading = "Data set")]
    pub masks: Option<PathBuf>,
    /// Hide this region of --masks before anything else, as if the photographs had been taken so; those without it are left out
    #[arg(
        long,
        value_name = "REGION",
        requires = "masks",
        help_heading = "Data set"
    )]
    pub apply_masks: Option<String>,
    /// With --apply-masks: keep the photographs without that region
    #[arg(long, requires = "apply_masks", help_heading = "Data set")]
    pub keep_unmasked: bool,
    /// Colour of a hidden region: R,G,B
    #[arg(long, value_name = "R,G,B", default_value = "128,128,128", value_parser = colour, help_heading = "Data set")]
    pub fill: Colour,
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

    /// Layers to project, by stage or node name [default: the network's stages]
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        help_heading = "Report"
    )]
    pub layers: Option<Vec<String>>,
    /// What of a layer is projected: its strongest unit, all of the layer, or both
    #[arg(
        long,
        value_name = "KIND,…",
        value_delimiter = ',',
        default_value = "unit,layer",
        help_heading = "Report"
    )]
    pub kinds: Vec<ProjectionKind>,
    /// Photographs shown in detail: those with masks or parts and N others, only those, or all
    #[arg(
        long,
        value_name = "N|masked|all",
        default_value = "24",
        help_heading = "Report"
    )]
    pub detail: Detail,
    /// Whether the raw maps are kept
    #[arg(long, value_enum, default_value_t = Arrays::All, help_heading = "Report")]
    pub arrays: Arrays,
    /// Classes listed for each photograph
    #[arg(long, value_name = "N", default_value = "5", value_parser = at_least_one, help_heading = "Report")]
    pub top: usize,
    /// Language of the pages: en or ko
    #[arg(long, default_value = "en", help_heading = "Report")]
    pub lang: Lang,
    /// Write the whole report into one HTML file as well
    #[arg(long, help_heading = "Report")]
    pub single_file: bool,

    /// Parts to compare between photographs (ZF table 1): a CSV image,part,x,y,width,height like that of --masks
    #[arg(long, value_name = "CSV", help_heading = "Experiments")]
    pub parts: Option<PathBuf>,
    /// Layers to compare them at, by stage or node name [default: the last map and the last stage]
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        requires = "parts",
        help_heading = "Experiments"
    )]
    pub correspondence_layers: Option<Vec<String>>,
    /// Boxes at random places of each photograph that its parts are compared with
    #[arg(long, value_name = "N", default_value = "10", value_parser = at_least_one, help_heading = "Experiments")]
    pub random_places: usize,

    /// Move, enlarge and turn N photographs drawn by --seed, or those named by their paths (ZF fig. 5)
    #[arg(long, value_name = "N|PATH,…", help_heading = "Experiments")]
    pub invariance: Option<Chosen>,

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
    /// Exit with 3 where photographs were skipped
    #[arg(long, help_heading = "Run")]
    pub strict: bool,
}

/// How a photograph becomes the network's input; what is not told is as the TOML beside the weights says.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Preprocessing")]
pub struct PreprocessingArgs {
    /// Preprocessing of a family of networks: torchvision, caffe or tf
    #[arg(long)]
    pub preset: Option<Preset>,
    /// Length of the shorter side after resizing, in pixels
    #[arg(long, value_name = "PIXELS")]
    pub resize: Option<u32>,
    /// Side of the square centre crop, which is the network's input, in pixels
    #[arg(long, value_name = "PIXELS")]
    pub crop: Option<u32>,
    /// Order of the colour channels: RGB or BGR
    #[arg(long, value_parser = channels)]
    pub channels: Option<Channels>,
    /// Value of a full-bright pixel before mean and std: 1 or 255
    #[arg(long)]
    pub scale: Option<f32>,
    /// Subtracted from each channel, in their order
    #[arg(long, value_name = "X,Y,Z", value_parser = three, allow_hyphen_values = true)]
    pub mean: Option<[f32; 3]>,
    /// Divided by for each channel
    #[arg(long, value_name = "X,Y,Z", value_parser = three)]
    pub std: Option<[f32; 3]>,
}

impl PreprocessingArgs {
    /// What is told, without the preset.
    pub fn changes(&self) -> Changes {
        Changes {
            resize: self.resize,
            crop: self.crop,
            channels: self.channels,
            scale: self.scale,
            mean: self.mean,
            std: self.std,
        }
    }
}

fn channels(text: &str) -> Result<Channels, String> {
    match text.to_ascii_uppercase().as_str() {
        "RGB" => Ok(Channels::Rgb),
        "BGR" => Ok(Channels::Bgr),
        _ => Err("expected RGB or BGR".into()),
    }
}

fn three(text: &str) -> Result<[f32; 3], String> {
    let numbers: Result<Vec<f32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    numbers
        .ok()
        .and_then(|numbers| numbers.try_into().ok())
        .ok_or_else(|| "expected three numbers, as in 0.485,0.456,0.406".into())
}

/// `deconvscope render`.
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// Folder of a finished run
    pub run: PathBuf,
    /// Language of the pages: en or ko [default: as it was]
    #[arg(long)]
    pub lang: Option<Lang>,
    /// Write the whole report into one HTML file as well
    #[arg(long)]
    pub single_file: bool,
}

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

/// `deconvscope model`.
#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// List the networks of the zoo
    List,
    /// Print a network's nodes, shapes, receptive fields and stages
    Show {
        /// Name of the network
        name: String,
    },
}

/// Which photographs are shown in detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Those with masks and so many others.
    Some(usize),
    /// Those with masks.
    Masked,
    /// All.
    All,
}

impl std::str::FromStr for Detail {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "masked" => Ok(Self::Masked),
            "all" => Ok(Self::All),
            _ => text
                .parse()
                .map(Self::Some)
                .map_err(|_| "expected a number, masked or all".into()),
        }
    }
}

impl std::fmt::Display for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Some(number) => number.fmt(f),
            Self::Masked => f.write_str("masked"),
            Self::All => f.write_str("all"),
        }
    }
}

/// Photographs to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// So many, drawn by the seed.
    Drawn(usize),
    /// Those with these paths inside the data set.
    Named(Vec<String>),
}

impl std::str::FromStr for Chosen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(0) => Err("must be at least 1".into()),
            Ok(number) => Ok(Self::Drawn(number)),
            Err(_) => {
                let names = text.split(',').filter(|name| !name.is_empty());
                let names: Vec<String> = names.map(str::to_owned).collect();
                match names.is_empty() {
                    true => Err("expected a number, or paths of photographs".into()),
                    false => Ok(Self::Named(names)),
                }
            }
        }
    }
}

impl std::fmt::Display for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Drawn(number) => number.fmt(f),
            Self::Named(names) => f.write_str(&names.join(",")),
        }
    }
}

/// Whether the raw maps are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Arrays {
    /// Inputs and projections of every photo in detail
    All,
    /// None; pictures only
    None,
}

impl std::fmt::Display for Arrays {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::All => "all",
            Self::None => "none",
        })
    }
}

/// A colour, red green blue.
pub type Colour = [u8; 3];

fn colour(text: &str) -> Result<Colour, String> {
    let parts: Vec<u8> = text
        .split(',')
        .map(|part| part.trim().parse())
        .collect::<Result<_, _>>()
        .map_err(|_| "expected three numbers from 0 to 255, as in 128,128,128".to_owned())?;
    parts
        .try_into()
        .map_err(|_| "expected three numbers, as in 128,128,128".to_owned())
}

fn archive_name(text: &str) -> Result<String, String> {
    match crate::archive::is_archive_name(text) {
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

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".into()),
        Ok(number) => Ok(number),
        Err(_) => Err("expected a whole number, at least 1".into()),
    }
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
