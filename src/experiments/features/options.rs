//! What is asked of the experiment.

use clap::Args;
use serde::Serialize;
use vocabulary::{amount, at_least_one, up_to_400, Amount, Arrays, Form};

/// Maps by their layers and numbers, as an amount has them.
pub const MAPS: Form = Form::Names("maps as in conv1:3,conv5:17", |name| map(name).is_some());

/// On the command line of `report`.
#[derive(Debug, Clone, Default, Args)]
pub struct FeatureMapArgs {
    /// Show what feature maps look for (ZF fig. 2): none, so many maps of each layer drawn by --seed, all, or those named
    #[arg(
        long,
        value_name = "none|N|all|LAYER:MAP,…",
        default_value = "16",
        value_parser = amount(&[Form::None, Form::AtLeastOne, Form::All, MAPS]),
        help_heading = "Experiments"
    )]
    pub features: Amount,
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
    /// Whether the maps' projections are kept as they are: an option of the subcommand `features` alone.
    #[arg(skip)]
    pub arrays: Option<Arrays>,
}

/// In force.
#[derive(Debug, Serialize)]
pub(super) struct Options {
    /// The maps that are drawn.
    pub(super) features: Amount,
    /// Activations of a map that are shown.
    pub(super) strongest: usize,
    /// How many of them may come from one photo.
    pub(super) per_image: usize,
    /// Photos whose projections are held against those of random weights.
    pub(super) randomisation: usize,
    /// Whether projections are kept as they are; not where there was no such option.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arrays: Option<Arrays>,
}

/// A layer's name and a map's number, as in `conv1:3`.
pub(super) fn map(name: &str) -> Option<(&str, usize)> {
    let (layer, map) = name.rsplit_once(':')?;
    (!layer.is_empty()).then_some((layer, map.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_named_by_layer_and_number() {
        assert_eq!(map("a:b:3"), Some(("a:b", 3)));
        for wrong in ["conv5", "conv5:", ":3", "conv5:x", "", "-1"] {
            assert_eq!(map(wrong), None, "{wrong}");
        }
        let parse = amount(&[Form::AtLeastOne, Form::All, MAPS]);
        assert!(parse("conv1:3,conv5:17").is_ok());
        assert!(parse("conv1:3,").is_err());
    }
}
