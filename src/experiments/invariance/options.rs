//! What is asked of the experiment.

use clap::Args;
use serde::Serialize;
use vocabulary::{amount, Amount, Form};

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
