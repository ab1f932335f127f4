//! What is asked of the experiment.

use clap::Args;
use serde::Serialize;

use super::Invariance;
use crate::dataset::Dataset;
use crate::error::Result;
use crate::experiments::{Asked, Experiment};
use crate::network::Stage;
use crate::vocabulary::{amount, Amount, Form};

/// On the command line.
#[derive(Debug, Clone, Default, Args)]
pub struct InvarianceArgs {
    /// Move, enlarge and turn N photographs drawn by --seed, or those named by their paths (ZF fig. 5)
    #[arg(
        long,
        value_name = "N|PATH,…",
        value_parser = amount(&[Form::AtLeastOne, Form::Names("paths of photographs", |_| true)]),
        help_heading = "Experiments"
    )]
    pub invariance: Option<Amount>,
}

/// In force.
#[derive(Debug, Serialize)]
pub(super) struct Options {
    pub(super) invariance: Amount,
}

impl InvarianceArgs {
    pub(in crate::experiments) fn resolve(
        &self,
        asked: &Asked<'_>,
        _: &mut Vec<String>,
    ) -> Result<Option<Box<dyn Experiment>>> {
        let Some(invariance) = self.invariance.clone() else {
            return Ok(None);
        };
        let network = &asked.model.network;
        let mut layers: Vec<Stage> = network.stages.first().into_iter().cloned().collect();
        layers.extend(network.late_stages()?.last().cloned());
        layers.dedup();
        let named = match &invariance {
            Amount::Named(names) => Some(numbers(names, asked.dataset)?),
            _ => None,
        };
        Ok(Some(Box::new(Invariance {
            options: Options { invariance },
            named,
            layers,
        })))
    }
}

/// The photographs' numbers in the data set, each once, in its order.
fn numbers(names: &[String], dataset: &Dataset) -> Result<Vec<usize>> {
    let found: Result<Vec<usize>> = names.iter().map(|name| dataset.find(name)).collect();
    let mut numbers = found?;
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}
