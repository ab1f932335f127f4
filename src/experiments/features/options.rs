//! What is asked of the experiment.

use clap::Args;
use serde::Serialize;

use super::{FeatureMaps, Maps};
use crate::error::{Error, Result};
use crate::experiments::{Asked, Experiment};
use crate::network::shape;
use crate::vocabulary::{amount, at_least_one, up_to_400, Amount, Arrays, Form};

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

impl FeatureMapArgs {
    pub(in crate::experiments) fn resolve(
        &self,
        asked: &Asked<'_>,
        _: &mut Vec<String>,
    ) -> Result<Option<Box<dyn Experiment>>> {
        let maps = match &self.features {
            Amount::None | Amount::Masked => return Ok(None),
            Amount::Some(number) => Maps::Drawn(*number),
            Amount::All => Maps::All,
            Amount::Named(names) => Maps::Named(known(names, asked)?),
        };
        Ok(Some(Box::new(FeatureMaps {
            options: Options {
                features: self.features.clone(),
                strongest: self.strongest,
                per_image: self.per_image,
                randomisation: self.randomisation,
                arrays: self.arrays,
            },
            maps,
        })))
    }
}

/// A layer's name and a map's number, as in `conv1:3`.
fn map(name: &str) -> Option<(&str, usize)> {
    let (layer, map) = name.rsplit_once(':')?;
    (!layer.is_empty()).then_some((layer, map.parse().ok()?))
}

/// The maps of these names, which the layers that are shown must have.
fn known(names: &[String], asked: &Asked<'_>) -> Result<Vec<(String, usize)>> {
    let shapes = shape::shapes(&asked.model.network)?;
    let mut known = Vec::with_capacity(names.len());
    for (layer, map) in names.iter().filter_map(|name| map(name)) {
        let stage = asked.stages.iter().find(|stage| stage.name == layer);
        let stage = stage.ok_or_else(|| Error::UnknownName {
            kind: "layer",
            name: layer.to_owned(),
            known: asked.stages.iter().map(|stage| stage.name.clone()).collect(),
            also: Vec::new(),
        })?;
        let maps = shapes[stage.node].channels;
        if map >= maps {
            return Err(Error::Usage(format!(
                "{layer} has no map {map}: its maps are numbered from 0 to {}",
                maps - 1
            )));
        }
        known.push((layer.to_owned(), map));
    }
    Ok(known)
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
