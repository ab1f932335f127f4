//! What is asked of the experiment.

use std::str::FromStr;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use vocabulary::at_least_one;

/// On the command line of `report` there is nothing: the subcommand `transfer` asks.
#[derive(Debug, Clone, Default, Args)]
pub struct TransferArgs {
    /// What is asked.
    #[arg(skip)]
    pub asked: Option<TransferOptions>,
}

/// What linear classifiers are trained on the features, as asked and in force.
#[derive(Debug, Clone, PartialEq, Args, Serialize)]
pub struct TransferOptions {
    /// Layers whose features are used, by stage or node name [default: all stages, linear layers among them]
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        help_heading = "Transfer"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<Vec<String>>,
    /// Photographs of each class to train on
    #[arg(
        long,
        value_name = "N,…",
        value_delimiter = ',',
        default_value = "15,30",
        value_parser = at_least_one,
        help_heading = "Transfer"
    )]
    pub per_class: Vec<usize>,
    /// Times that the photographs are split anew, by --seed
    #[arg(long, value_name = "N", default_value = "5", value_parser = at_least_one, help_heading = "Transfer")]
    pub repeats: usize,
    /// Photographs of each class to test on, at most; those for training are never among them
    #[arg(long, value_name = "N", default_value = "50", value_parser = at_least_one, help_heading = "Transfer")]
    pub test_per_class: usize,
    /// Linear classifiers
    #[arg(
        long,
        value_enum,
        value_name = "NAME,…",
        value_delimiter = ',',
        default_value = "svm",
        help_heading = "Transfer"
    )]
    pub classifier: Vec<Classifier>,
    /// Penalties of errors to choose from, inside the training part
    #[arg(
        long,
        value_name = "C,…",
        value_delimiter = ',',
        default_value = "0.1,1,10,100,1000",
        value_parser = penalty,
        help_heading = "Transfer"
    )]
    pub c: Vec<f64>,
    /// What becomes of classes with too few photographs: they are left out, and named
    #[arg(long, help_heading = "Transfer")]
    pub leave_out_small: bool,
    /// Features as they are, however large a layer is, instead of averaged to ZF's 9,216 values
    #[arg(long, help_heading = "Transfer")]
    pub full: bool,
    /// Keep the features' inner products in arrays/gram.safetensors: 8 bytes for each two photographs and layer
    #[arg(long, help_heading = "Transfer")]
    pub keep_gram: bool,
}

/// A linear classifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Classifier {
    /// A support vector machine for each class against all others
    Svm,
    /// Multinomial logistic regression
    Softmax,
}

impl Classifier {
    /// As in tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Svm => "svm",
            Self::Softmax => "softmax",
        }
    }
}

fn penalty(text: &str) -> Result<f64, String> {
    match f64::from_str(text) {
        Ok(c) if c > 0.0 && c.is_finite() => Ok(c),
        _ => Err("expected a number above 0".into()),
    }
}
