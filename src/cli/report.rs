//! `deconvscope report`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{at_least_one, up_to_400, DatasetArgs, NetworkArgs, PageArgs, RunArgs};
use crate::experiments::features::Maps;
use crate::records::ProjectionKind;

/// `deconvscope report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The photographs
    #[command(flatten)]
    pub data: DatasetArgs,
    /// The network
    #[command(flatten)]
    pub network: NetworkArgs,

    /// Regions to hide: a CSV image,region,x,y,width,height in pixels of the original file; or worst: where hiding a square harms most, found by --occlusion
    #[arg(long, value_name = "CSV|worst", help_heading = "Data set")]
    pub masks: Option<MaskSource>,
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
    /// Whether inputs and projections of the photographs in detail are kept as they are
    #[arg(long, value_enum, default_value_t = Arrays::All, help_heading = "Report")]
    pub arrays: Arrays,
    /// Classes listed for each photograph
    #[arg(long, value_name = "N", default_value = "5", value_parser = at_least_one, help_heading = "Report")]
    pub top: usize,

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

    /// Slide a square over photographs and watch class and strongest map (ZF fig. 7): none, those with masks, those and N others, or all
    #[arg(
        long,
        value_name = "none|masked|all|N",
        default_value = "12",
        help_heading = "Experiments"
    )]
    pub occlusion: Slid,
    /// Side of the square in pixels of the network's input [default: 32, or a seventh of an input smaller than 64]
    #[arg(long, value_name = "PIXELS", value_parser = at_least_one, help_heading = "Experiments")]
    pub occluder: Option<usize>,
    /// Pixels from one position of the square to the next [default: a quarter of its side]
    #[arg(long, value_name = "PIXELS", value_parser = at_least_one, help_heading = "Experiments")]
    pub occluder_stride: Option<usize>,
    /// Colour of the square: R,G,B
    #[arg(long, value_name = "R,G,B", default_value = "128,128,128", value_parser = colour, help_heading = "Experiments")]
    pub occluder_fill: Colour,
    /// Compute a part of the positions and put the others in between; the pages tell how near that comes
    #[arg(long, help_heading = "Experiments")]
    pub occlusion_fast: bool,

    /// Show what feature maps look for (ZF fig. 2): none, so many maps of each layer drawn by --seed, all, or those named
    #[arg(
        long,
        value_name = "none|N|all|LAYER:MAP,…",
        default_value = "16",
        help_heading = "Experiments"
    )]
    pub features: Looked,
    /// Strongest activations shown of each map
    #[arg(long, value_name = "N", default_value = "9", value_parser = up_to_400, help_heading = "Experiments")]
    pub strongest: usize,
    /// How many of them may come from one photograph
    #[arg(long, value_name = "N", default_value = "1", value_parser = at_least_one, help_heading = "Experiments")]
    pub per_image: usize,
    /// Photographs whose projections are held against those of a network with random weights; 0 for none
    #[arg(
        long,
        value_name = "N",
        default_value_t = 4,
        help_heading = "Experiments"
    )]
    pub randomisation: usize,
    /// Whether the maps' projections are kept as they are: an option of `features` alone.
    #[arg(skip)]
    pub feature_arrays: bool,

    /// The pages
    #[command(flatten)]
    pub pages: PageArgs,
    /// The run
    #[command(flatten)]
    pub run: RunArgs,
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

/// Where the regions to hide come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MaskSource {
    /// A table.
    Table(PathBuf),
    /// The most harmful position of the occluder.
    Worst,
}

impl std::str::FromStr for MaskSource {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "worst" => Self::Worst,
            path => Self::Table(path.into()),
        })
    }
}

/// Over which photographs the occluder slides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slid {
    /// None.
    None,
    /// Those with masks.
    Masked,
    /// Those with masks and so many others.
    Some(usize),
    /// All.
    All,
}

impl std::str::FromStr for Slid {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "masked" => Ok(Self::Masked),
            "all" => Ok(Self::All),
            _ => text
                .parse()
                .map(Self::Some)
                .map_err(|_| "expected none, masked, all or a number".into()),
        }
    }
}

impl std::fmt::Display for Slid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Masked => f.write_str("masked"),
            Self::Some(number) => number.fmt(f),
            Self::All => f.write_str("all"),
        }
    }
}

/// Which feature maps are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// None.
    None,
    /// These.
    Maps(Maps),
}

impl std::str::FromStr for Looked {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" | "0" => Ok(Self::None),
            _ => text
                .parse()
                .map(Self::Maps)
                .map_err(|_| "expected none, a number, all, or maps as in conv1:3,conv5:17".into()),
        }
    }
}

impl std::fmt::Display for Looked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Maps(maps) => maps.fmt(f),
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
    /// They are
    All,
    /// Pictures only
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
