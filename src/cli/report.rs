//! `deconvscope report`.

use std::path::PathBuf;

use clap::Args;
use experiments::ExperimentArgs;
use records::ProjectionKind;
use vocabulary::{amount, at_least_one, colour, Amount, Arrays, Colour, Form};

use super::{DatasetArgs, NetworkArgs, PageArgs, RunArgs};

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
        value_parser = amount(&[Form::Number, Form::Masked, Form::All]),
        help_heading = "Report"
    )]
    pub detail: Amount,
    /// Whether inputs and projections of the photographs in detail are kept as they are
    #[arg(long, value_enum, default_value_t = Arrays::All, help_heading = "Report")]
    pub arrays: Arrays,
    /// Classes listed for each photograph
    #[arg(long, value_name = "N", default_value = "5", value_parser = at_least_one, help_heading = "Report")]
    pub top: usize,

    /// The experiments
    #[command(flatten)]
    pub experiments: ExperimentArgs,

    /// The pages
    #[command(flatten)]
    pub pages: PageArgs,
    /// The run
    #[command(flatten)]
    pub run: RunArgs,
}

impl ReportArgs {
    /// The report that other subcommands begin with: no photograph in detail, no experiment, no arrays.
    pub(super) fn plain(
        data: DatasetArgs,
        network: NetworkArgs,
        (pages, run): (PageArgs, RunArgs),
    ) -> Self {
        const GREY: Colour = [128; 3];
        Self {
            data,
            network,
            masks: None,
            apply_masks: None,
            keep_unmasked: false,
            fill: GREY,
            layers: None,
            kinds: vec![ProjectionKind::Unit, ProjectionKind::Layer],
            detail: Amount::Some(0),
            arrays: Arrays::None,
            top: 5,
            experiments: ExperimentArgs::default(),
            pages,
            run,
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
