//! What is asked of the experiment.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use vocabulary::at_least_one;

/// On the command line.
#[derive(Debug, Clone, Default, Args)]
pub struct CorrespondenceArgs {
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
    #[arg(long, value_name = "N", default_value = "10", value_parser = at_least_one, requires = "parts", help_heading = "Experiments")]
    pub random_places: usize,
}

/// In force.
#[derive(Debug, Serialize)]
pub(super) struct Options {
    /// sha256 of the table.
    pub(super) parts: String,
    pub(super) correspondence_layers: Vec<String>,
    pub(super) random_places: usize,
}
