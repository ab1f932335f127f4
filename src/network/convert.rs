//! Writes a network as safetensors with a TOML beside it, which holds all else.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use base::{Error, Result};

use super::classes::{self, Class};
use super::description::Description;
use super::preprocessing::Changes;
use super::weights::{self, Weights};
use super::written::{WrittenNetwork, WrittenStage};
use super::{Model, Network, Preprocessing, Scores};

/// A network and all that it needs.
#[derive(Debug, Clone, Copy)]
pub struct Whole<'a> {
    /// The network.
    pub network: &'a Network,
    /// Its parameters.
    pub weights: &'a Weights,
    /// Names of its classes.
    pub classes: &'a [Class],
    /// From photograph to input.
    pub preprocessing: &'a Preprocessing,
    /// Where the weights come from.
    pub source: &'a str,
}

impl<'a> Whole<'a> {
    /// Of a model, whose batch norms are folded.
    pub fn of(model: &'a Model) -> Self {
        Self {
            network: model.network(),
            weights: &model.weights,
            classes: &model.classes,
            preprocessing: &model.preprocessing,
            source: &model.source,
        }
    }

    /// Writes `path` (safetensors), the TOML beside it and, where the classes are not ImageNet's, their names; tells which
    /// files it wrote.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, path: &Path) -> Result<Vec<PathBuf>> {
        let toml = path.with_extension("toml");
        let mut written = vec![path.to_owned(), toml.clone()];
        let imagenet = self.classes == classes::imagenet()?;
        let names = match (self.classes.is_empty(), imagenet) {
            (true, _) => None,
            (_, true) => Some("imagenet".to_owned()),
            (_, false) => {
                let names = path.with_extension("classes.txt");
                classes::write(self.classes, &names)?;
                let name = names
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned());
                written.push(names);
                name
            }
        };
        let description = Description {
            source: self.source.to_owned(),
            classes: names,
            classifier: true,
            scores: self
                .network
                .scores
                .filter(|scores| *scores != Scores::Softmax),
            output_node: None,
            batch_norm: None,
            preset: None,
            preprocessing: Changes::from(self.preprocessing),
            stages: Some(WrittenStage::all_of(self.network)),
            network: Some(WrittenNetwork::of(self.network)),
        };
        let text = toml::to_string(&description)
            .map_err(|error| Error::weights(&toml, error.to_string()))?;
        std::fs::write(&toml, text).map_err(Error::io("cannot write", &toml))?;
        let file = weights::safetensors(self.weights, HashMap::new())
            .map_err(|error| Error::weights(path, error.to_string()))?;
        std::fs::write(path, file).map_err(Error::io("cannot write", path))?;
        Ok(written)
    }
}
