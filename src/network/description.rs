//! What a network needs beside its weights, in a TOML of the same name beside them.

use std::path::Path;
use std::str::FromStr;

use base::{Error, Result};
use serde::{Deserialize, Serialize};

use super::preprocessing::{Changes, Preset};
use super::scores::Scores;
use super::written::{WrittenNetwork, WrittenStage};

/// The file's content. What it does not say of the preprocessing, the preset says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Description {
    /// Where the weights come from.
    pub source: String,
    /// `imagenet`, or a file of class names beside this one.
    pub classes: Option<String>,
    /// Whether the weights hold the classifier; without it there are projections but no class probabilities.
    pub classifier: bool,
    /// What the network's outputs are, where its file does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scores: Option<Scores>,
    /// Which output of an ONNX graph is used, by the name of a value or node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_node: Option<String>,
    /// The statistics of batch norms that an ONNX graph has in training mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_norm: Option<BatchNorm>,
    /// The family whose preprocessing it is.
    pub preset: Option<Preset>,
    /// From photograph to input, where it differs from the family's.
    pub preprocessing: Changes,
    /// The layers that a report shows; without it those of the zoo, or those found by the graph.
    pub stages: Option<Vec<WrittenStage>>,
    /// The network itself, where it is not one of the zoo and not in the file of the weights.
    pub network: Option<WrittenNetwork>,
}

/// What batch norms in training mode normalise by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchNorm {
    /// The mean and variance that they kept while the network was trained.
    Running,
}

impl FromStr for BatchNorm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "running" => Ok(Self::Running),
            _ => Err("expected running".into()),
        }
    }
}

impl Default for Description {
    fn default() -> Self {
        Self {
            source: String::new(),
            classes: None,
            classifier: true,
            scores: None,
            output_node: None,
            batch_norm: None,
            preset: None,
            preprocessing: Changes::default(),
            stages: None,
            network: None,
        }
    }
}

impl Description {
    /// Reads the file; `None` where there is none.
    ///
    /// # Errors
    /// [`Error::Table`] with the line for a file that is malformed; [`Error::Io`].
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("cannot read", path)(error)),
        };
        toml::from_str(&text).map(Some).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map(|before| before.matches('\n').count() as u64 + 1);
            Error::table(path, line, error.message())
        })
    }
}
