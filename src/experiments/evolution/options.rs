//! What is asked of the experiment.

use base::{Error, Result};
use clap::Args;
use serde::Serialize;
use vocabulary::{amount, at_least_one, Amount, Form};

use crate::training::Snapshots;

/// Maps of a layer that are followed where nobody says otherwise.
const MAPS: usize = 6;

/// On the command line of `train`.
#[derive(Debug, Clone, Args)]
pub struct EvolutionArgs {
    /// Follow N maps of each layer, drawn by --seed, from snapshot to snapshot (ZF fig. 4), or none [default: 6]
    #[arg(long, value_name = "none|N", value_parser = amount(&[Form::None, Form::AtLeastOne]), help_heading = "Experiments")]
    pub evolution: Option<Amount>,
    /// Photographs held back, drawn by --seed, whose projections are held against those of the last snapshot
    #[arg(long, value_name = "N", default_value = "32", value_parser = at_least_one, help_heading = "Experiments")]
    pub evolution_photos: usize,
}

/// In force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Options {
    /// Maps of each layer that are followed.
    pub evolution: usize,
    /// Photos whose projections are held against those of the last snapshot.
    pub evolution_photos: usize,
}

impl EvolutionArgs {
    /// Asks for nothing.
    pub fn none() -> Self {
        Self {
            evolution: Some(Amount::None),
            evolution_photos: 1,
        }
    }

    /// What is asked of a training that keeps these snapshots; `None` where nothing is.
    ///
    /// # Errors
    /// [`Error::Usage`] for maps to follow without snapshots.
    pub fn resolve(&self, snapshots: &Snapshots) -> Result<Option<Options>> {
        let evolution = match &self.evolution {
            Some(Amount::Some(_)) if snapshots.is_none() => return Err(Error::Usage(
                "--evolution follows maps from snapshot to snapshot: leave --snapshots none out"
                    .into(),
            )),
            Some(asked) => asked.most(),
            None => MAPS,
        };
        Ok((evolution > 0 && !snapshots.is_none()).then_some(Options {
            evolution,
            evolution_photos: self.evolution_photos,
        }))
    }
}
