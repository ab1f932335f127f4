//! A network that can be run: graph, weights, preprocessing and class names, found and read together.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::classes::{self, Class};
use super::weights::{self, Weights};
use super::{fold_batch_norm, shape, zoo, Network, Preprocessing};
use crate::error::{Error, Result};

/// What a network needs beside its weights, in a TOML of the same name beside them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Where the weights come from.
    #[serde(default)]
    pub source: String,
    /// `imagenet`, or a file of class names beside this one.
    #[serde(default)]
    pub classes: Option<String>,
    /// Whether the weights hold the classifier; without it there are projections but no class probabilities.
    #[serde(default = "yes")]
    pub classifier: bool,
    /// From photograph to input.
    pub preprocessing: Preprocessing,
}

fn yes() -> bool {
    true
}

/// What the user named.
#[derive(Debug, Clone, Default)]
pub struct ModelSource {
    /// A network of the zoo.
    pub name: String,
    /// Its weights; by default those that set-up installed.
    pub weights: Option<PathBuf>,
    /// Class names; by default the description's, or ImageNet's where there are 1,000 outputs.
    pub classes: Option<PathBuf>,
}

/// A network with everything it needs.
#[derive(Debug, Clone)]
pub struct Model {
    /// The graph, batch norms folded.
    pub network: Network,
    /// Its parameters, folded likewise.
    pub weights: Weights,
    /// The file they were read from.
    pub weights_path: PathBuf,
    /// sha256 of that file.
    pub weights_sha256: String,
    /// Where the weights come from, as the description says.
    pub source: String,
    /// From photograph to input.
    pub preprocessing: Preprocessing,
    /// Names of the outputs; empty without a classifier.
    pub classes: Vec<Class>,
    /// What was assumed, to be said aloud.
    pub notes: Vec<String>,
}

impl Model {
    /// Finds and reads a model.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for the model, [`Error::Weights`] for weights that are missing or do not fit,
    /// [`Error::Table`] for class names.
    pub fn load(source: &ModelSource) -> Result<Self> {
        let mut network = zoo::find(&source.name)?.network();
        let path = match &source.weights {
            Some(path) => path.clone(),
            None => installed_weights(&source.name)?,
        };
        let mut notes = Vec::new();
        let description = match read_description(&path.with_extension("toml"))? {
            Some(description) => description,
            None => {
                notes.push(format!(
                    "no {} beside the weights: torchvision's preprocessing assumed",
                    path.with_extension("toml").display()
                ));
                Description {
                    source: String::new(),
                    classes: None,
                    classifier: true,
                    preprocessing: Preprocessing {
                        resize: Preprocessing::torchvision()
                            .resize
                            .max(network.input_size as u32),
                        crop: network.input_size as u32,
                        ..Preprocessing::torchvision()
                    },
                }
            }
        };
        if !description.classifier {
            network = network.without_classifier();
        }
        network.input_size = description.preprocessing.crop as usize;
        let weights::Loaded {
            mut weights,
            sha256: weights_sha256,
            prefix,
        } = weights::read(&path, &network)?;
        if !prefix.is_empty() {
            notes.push(format!(
                "the weights are those under '{prefix}' in their file"
            ));
        }
        fold_batch_norm(&mut network, &mut weights);
        let classes = match network.has_classifier() {
            true => class_names(source, &description, &path, &network)?,
            false => Vec::new(),
        };
        Ok(Self {
            network,
            weights,
            weights_path: path,
            weights_sha256,
            source: description.source,
            preprocessing: description.preprocessing,
            classes,
            notes,
        })
    }
}

/// Where set-up puts weights: `DECONVSCOPE_WEIGHTS`, or `.deps/weights` of the checkout this binary was built from.
pub fn weights_folder() -> PathBuf {
    match std::env::var_os("DECONVSCOPE_WEIGHTS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join(".deps/weights"),
    }
}

fn installed_weights(name: &str) -> Result<PathBuf> {
    let path = weights_folder().join(format!("{name}.safetensors"));
    if path.is_file() {
        return Ok(path);
    }
    let advice = match name {
        "squeezenet1_1" => "run `make setup` to install them",
        "alexnet" | "vgg16" => {
            "run `make weights` to install the convolution layers, or name a file with --weights"
        }
        _ => "name a safetensors file with --weights",
    };
    Err(Error::Weights {
        path,
        problem: format!("no such file; {advice}"),
    })
}

fn read_description(path: &Path) -> Result<Option<Description>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("cannot read", path)(error)),
    };
    let malformed_at = |line: Option<u64>, problem: String| Error::Table {
        path: path.to_owned(),
        line,
        column: None,
        problem,
    };
    let malformed = |problem: String| malformed_at(None, problem);
    let description: Description = toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map(|before| before.matches('\n').count() as u64 + 1);
        malformed_at(line, error.message().to_owned())
    })?;
    let preprocessing = &description.preprocessing;
    if preprocessing.crop == 0 || preprocessing.resize < preprocessing.crop {
        return Err(malformed(format!(
            "preprocessing.crop must be between 1 and preprocessing.resize ({}), found {}",
            preprocessing.resize, preprocessing.crop
        )));
    }
    let numbers = preprocessing.mean.iter().chain(&preprocessing.std);
    if !numbers.chain([&preprocessing.scale]).all(|n| n.is_finite())
        || preprocessing.std.contains(&0.0)
        || preprocessing.scale == 0.0
    {
        return Err(malformed(
            "preprocessing.scale, mean and std must be finite, scale and std not 0".into(),
        ));
    }
    Ok(Some(description))
}

fn class_names(
    source: &ModelSource,
    description: &Description,
    weights: &Path,
    network: &Network,
) -> Result<Vec<Class>> {
    let outputs = shape::shapes(network)?.last().map_or(0, |s| s.channels);
    let beside = |name: &str| weights.parent().unwrap_or(Path::new(".")).join(name);
    let file = match (&source.classes, description.classes.as_deref()) {
        (Some(path), _) => Some(path.clone()),
        (None, Some("imagenet") | None) => None,
        (None, Some(name)) => Some(beside(name)),
    };
    let Some(file) = file else {
        if outputs == 1000 {
            return classes::imagenet();
        }
        return Ok((0..outputs)
            .map(|index| Class {
                wnid: None,
                name: format!("class {index}"),
            })
            .collect());
    };
    let names = classes::read(&file)?;
    if names.len() != outputs {
        return Err(Error::Table {
            path: file,
            line: None,
            column: None,
            problem: format!(
                "{} class names for a network of {outputs} outputs",
                names.len()
            ),
        });
    }
    Ok(names)
}
