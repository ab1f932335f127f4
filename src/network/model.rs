//! A network that can be run: graph, weights, preprocessing and class names, found and read together.

use std::path::{Path, PathBuf};

use super::classes::{self, Class};
use super::shape::Shape;
use super::weights::{self, Weights};
use super::{fold_batch_norm, shape, zoo, Changes, Description, Network, Preprocessing, Preset};
use crate::error::{Error, Result};

/// What the user named.
#[derive(Debug, Clone, Default)]
pub struct ModelSource {
    /// A network of the zoo.
    pub name: String,
    /// Its weights; by default those that set-up installed.
    pub weights: Option<PathBuf>,
    /// Class names; by default the description's, or ImageNet's where there are 1,000 outputs.
    pub classes: Option<PathBuf>,
    /// The family whose preprocessing it is; by default the description's.
    pub preset: Option<Preset>,
    /// From photograph to input, where it differs from the family's and the description's.
    pub preprocessing: Changes,
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
        let entry = zoo::find(&source.name)?;
        let mut network = entry.network();
        let path = match &source.weights {
            Some(path) => path.clone(),
            None => installed_weights(&source.name)?,
        };
        let mut notes = Vec::new();
        let toml = path.with_extension("toml");
        let found = Description::read(&toml)?;
        let description = found.clone().unwrap_or_default();
        let preset = source.preset.or(description.preset);
        // A preset on the command line stands over all that the file says.
        let changes = match source.preset {
            Some(_) => source.preprocessing,
            None => source.preprocessing.or(description.preprocessing),
        };
        if preset.is_none() && !changes.tell_all() {
            let whose = entry.whose_preprocessing();
            notes.push(match found {
                None => format!(
                    "no {} beside the weights: {whose} preprocessing assumed where no option says otherwise",
                    toml.display()
                ),
                Some(_) => format!(
                    "{} does not tell all of the preprocessing: {whose} assumed for the rest",
                    toml.display()
                ),
            });
        }
        // The network's own is for those who tell of no family.
        let (preset, changes) = match preset {
            Some(preset) => (preset, changes),
            None => (entry.preset, changes.or(entry.preprocessing)),
        };
        let preprocessing =
            Preprocessing::of(preset, &changes, network.input.height).map_err(|problem| {
                Error::Weights {
                    path: path.clone(),
                    problem: format!("their preprocessing: {problem}"),
                }
            })?;
        if !description.classifier {
            network = network.without_classifier();
        }
        network.input = Shape::of([3, preprocessing.crop as usize, preprocessing.crop as usize]);
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
            preprocessing,
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

/// The weights that set-up installed for a network of the zoo.
pub fn installed(name: &str) -> Option<PathBuf> {
    let forms = ["safetensors", "pth"].into_iter();
    let mut paths = forms.map(|form| weights_folder().join(format!("{name}.{form}")));
    paths.find(|path| path.is_file())
}

fn installed_weights(name: &str) -> Result<PathBuf> {
    if let Some(path) = installed(name) {
        return Ok(path);
    }
    let path = weights_folder().join(format!("{name}.safetensors"));
    let advice = match name {
        "squeezenet1_1" | "efficientnet_lite0" => "run `make setup` to install them",
        "alexnet" | "vgg16" => {
            "run `make weights` to install the convolution layers, or name a file with --weights"
        }
        _ => "name their file with --weights",
    };
    Err(Error::Weights {
        path,
        problem: format!("no such file; {advice}"),
    })
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
