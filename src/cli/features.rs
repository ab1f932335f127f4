//! `deconvscope features`.

use clap::Args;
use experiments::features::{FeatureMapArgs, MAPS};
use experiments::ExperimentArgs;
use vocabulary::{amount, at_least_one, up_to_400, Amount, Arrays, Form};

use super::{DatasetArgs, NetworkArgs, PageArgs, ReportArgs, RunArgs};

/// Of a report all but feature maps and classification is left out.
#[derive(Debug, Args)]
pub struct FeaturesArgs {
    /// The photographs
    #[command(flatten)]
    pub data: DatasetArgs,
    /// The network
    #[command(flatten)]
    pub network: NetworkArgs,

    /// Layers to look at, by stage or node name [default: the network's stages]
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        help_heading = "Feature maps"
    )]
    pub layers: Option<Vec<String>>,
    /// Maps that are projected and drawn: all that fire, so many of each layer drawn by --seed, or those named
    #[arg(
        long,
        visible_alias = "features",
        value_name = "all|N|LAYER:MAP,…",
        default_value = "all",
        value_parser = amount(&[Form::AtLeastOne, Form::All, MAPS]),
        help_heading = "Feature maps"
    )]
    pub maps: Amount,
    /// Strongest activations shown of each map
    #[arg(long, visible_alias = "strongest", value_name = "N", default_value = "9", value_parser = up_to_400, help_heading = "Feature maps")]
    pub top: usize,
    /// How many of them may come from one photograph
    #[arg(long, value_name = "N", default_value = "1", value_parser = at_least_one, help_heading = "Feature maps")]
    pub per_image: usize,
    /// Photographs whose projections are held against those of a network with random weights; 0 for none
    #[arg(
        long,
        value_name = "N",
        default_value_t = 4,
        help_heading = "Feature maps"
    )]
    pub randomisation: usize,
    /// Whether the maps' projections are kept as they are: up to 600 kB for each unit of the upper layers
    #[arg(long, value_enum, default_value_t = Arrays::None, help_heading = "Feature maps")]
    pub arrays: Arrays,

    /// The pages
    #[command(flatten)]
    pub pages: PageArgs,
    /// The run
    #[command(flatten)]
    pub run: RunArgs,
}

impl FeaturesArgs {
    /// The report that is made of it: no photograph in detail, no other experiment.
    pub fn report(self) -> ReportArgs {
        ReportArgs {
            layers: self.layers,
            arrays: self.arrays,
            experiments: ExperimentArgs {
                features: FeatureMapArgs {
                    features: self.maps,
                    strongest: self.top,
                    per_image: self.per_image,
                    randomisation: self.randomisation,
                    arrays: Some(self.arrays),
                },
                ..ExperimentArgs::default()
            },
            ..ReportArgs::plain(self.data, self.network, (self.pages, self.run))
        }
    }
}
