//! Where a network comes from: the zoo, an ONNX file, or a safetensors file with the network in its TOML.

use std::fs::File;
use std::path::{Path, PathBuf};

use base::digest::sha256_of;
use base::{Error, Result};

use super::description::Description;
use super::model::{installed, weights_folder, ModelSource};
use super::preprocessing::{Changes, Preset};
use super::weights::{self, Weights};
use super::written::WrittenStage;
use super::{onnx, zoo, Anatomy, Network};

/// What `--model` names.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// A network of the zoo and the file of its weights.
    Zoo(&'static zoo::Entry, PathBuf),
    /// An ONNX file.
    Onnx(PathBuf),
    /// Weights with the network in the TOML beside them.
    Written(PathBuf),
}

/// A network as it was read: batch norms not folded.
pub(super) struct Found {
    pub(super) network: Network,
    pub(super) weights: Weights,
    pub(super) sha256: String,
    pub(super) notes: Vec<String>,
}

impl Origin {
    /// Tells files from names of the zoo.
    ///
    /// # Errors
    /// [`Error::UnknownName`], [`Error::Usage`] for weights beside a file that has its own, [`Error::Weights`] where
    /// none are installed, [`Error::Io`] for a file that is not there.
    pub(super) fn of(source: &ModelSource) -> Result<Self> {
        let path = Path::new(&source.name);
        let extension = path.extension().and_then(|extension| extension.to_str());
        let is_file = path.components().count() > 1 || path.is_file();
        let origin = match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("onnx") => Self::Onnx(path.to_owned()),
            Some("toml" | "safetensors") => Self::Written(path.with_extension("safetensors")),
            Some("pth" | "pt" | "bin" | "ckpt") => {
                return Err(Error::Usage(format!(
                    "{}: a state dict names no network; give it with --weights and the network with --model (see deconvscope model list), or export the network to ONNX",
                    path.display()
                )))
            }
            _ if is_file => {
                return Err(Error::Usage(format!(
                    "{}: expected an ONNX file (.onnx), or a .safetensors with a .toml beside it (deconvscope model convert writes them)",
                    path.display()
                )))
            }
            _ => {
                let entry = zoo::find(&source.name)?;
                return Ok(Self::Zoo(
                    entry,
                    match &source.weights {
                        Some(path) => path.clone(),
                        None => installed_weights(entry.name)?,
                    },
                ));
            }
        };
        if source.weights.is_some() {
            return Err(Error::Usage(format!(
                "--weights is for a network of the zoo; {} has its own",
                path.display()
            )));
        }
        Ok(origin)
    }

    /// The file of the weights.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Zoo(_, path) | Self::Onnx(path) | Self::Written(path) => path,
        }
    }

    /// The preprocessing where nobody tells one: its family, what differs from it, and whose it is, in words.
    pub(super) fn usual_preprocessing(&self) -> (Preset, Changes, String) {
        match self {
            Self::Zoo(entry, _) => (
                entry.preset,
                entry.preprocessing,
                entry.whose_preprocessing(),
            ),
            Self::Onnx(_) | Self::Written(_) => {
                (Preset::Torchvision, Changes::NONE, "torchvision's".into())
            }
        }
    }

    /// What a network needs beside its weights, and the file that tells it.
    ///
    /// # Errors
    /// Those of [`Description::read`].
    pub(super) fn description(&self) -> Result<(PathBuf, Option<Description>)> {
        let toml = self.path().with_extension("toml");
        let found = Description::read(&toml)?;
        Ok((toml, found))
    }

    /// Reads the network; `size` binds rows and columns of an input that is open.
    ///
    /// # Errors
    /// Those of [`weights::read`] and [`onnx::import`]; [`Error::Weights`] for a file without a network.
    pub(super) fn read(
        &self,
        description: &Description,
        size: Option<[usize; 2]>,
    ) -> Result<Found> {
        let mut found = match self {
            Self::Zoo(entry, path) => {
                let mut network = sized(entry, size);
                if !description.classifier {
                    network = network.without_classifier();
                }
                checkpoint(network, path)?
            }
            Self::Onnx(path) => {
                let imported = onnx::import(path, size)?;
                finite(&imported.weights).map_err(|problem| Error::onnx(path, problem))?;
                let mut network = imported.network;
                if !description.classifier {
                    network = network.without_classifier();
                }
                Found {
                    network,
                    weights: imported.weights,
                    sha256: sha256_in_a_row(path, &imported.files)?,
                    notes: imported.notes,
                }
            }
            Self::Written(path) => {
                let unfit = |problem: String| Error::weights(path, problem);
                let Some(written) = description.network.clone() else {
                    return Err(unfit(
                        "no network in the TOML beside it; deconvscope model convert writes both"
                            .into(),
                    ));
                };
                checkpoint(written.network().map_err(unfit)?, path)?
            }
        };
        if let Some(stages) = &description.stages {
            WrittenStage::set(stages, &mut found.network).map_err(|problem| {
                Error::table(&self.path().with_extension("toml"), None, problem)
            })?;
        }
        Ok(found)
    }
}

/// A network without its weights, where it can be had without them, and what was assumed; as [`Model::load`] finds it,
/// batch norms not folded.
///
/// # Errors
/// Those of [`Model::load`] as far as they are the network's.
///
/// [`Model::load`]: super::Model::load
pub fn outline(name: &str, size: Option<[usize; 2]>) -> Result<(Anatomy, Vec<String>)> {
    if let Ok(entry) = zoo::find(name) {
        return Ok((Anatomy::of(sized(entry, size))?, Vec::new()));
    }
    let origin = Origin::of(&ModelSource {
        name: name.to_owned(),
        ..ModelSource::default()
    })?;
    let description = origin.description()?.1.unwrap_or_default();
    let Found {
        network, mut notes, ..
    } = origin.read(&description, size)?;
    let anatomy = Anatomy::of(network)?;
    notes.extend(anatomy.notes());
    Ok((anatomy, notes))
}

/// A network of the zoo, for an input of so many rows and columns where they are told.
fn sized(entry: &zoo::Entry, size: Option<[usize; 2]>) -> Network {
    let mut network = entry.network();
    if let Some([height, width]) = size {
        network.input.height = height;
        network.input.width = width;
    }
    network
}

fn checkpoint(network: Network, path: &Path) -> Result<Found> {
    let loaded = weights::read(path, &network)?;
    let mut notes = Vec::new();
    if !loaded.prefix.is_empty() {
        notes.push(format!(
            "the weights are those under '{}' in their file",
            loaded.prefix
        ));
    }
    Ok(Found {
        network,
        weights: loaded.weights,
        sha256: loaded.sha256,
        notes,
    })
}

fn finite(weights: &Weights) -> Result<(), String> {
    let bad = weights
        .iter()
        .find(|(_, array)| array.data.iter().any(|value| !value.is_finite()));
    match bad {
        Some((name, _)) => Err(format!(
            "'{name}' holds values that are not finite (NaN or infinite)"
        )),
        None => Ok(()),
    }
}

/// The sha256 of a file and of those that hold its weights, one after the other.
fn sha256_in_a_row(path: &Path, files: &[PathBuf]) -> Result<String> {
    let mut all: Box<dyn std::io::Read> = Box::new(std::io::empty());
    for path in std::iter::once(path).chain(files.iter().map(PathBuf::as_path)) {
        let file = File::open(path).map_err(Error::io("cannot read", path))?;
        all = Box::new(std::io::Read::chain(all, file));
    }
    sha256_of(all).map_err(Error::io("cannot read", path))
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
    Err(Error::weights(&path, format!("no such file; {advice}")))
}
