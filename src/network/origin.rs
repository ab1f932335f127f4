//! Where a network comes from: the zoo, an ONNX file, or a safetensors file with the network in its TOML.

use std::fs::File;
use std::path::{Path, PathBuf};

use base::digest::sha256_of;
use base::{Error, Result};

use super::description::Description;
use super::hub::Hub;
use super::model::{installed, weights_folder, ModelSource};
use super::onnx::{Normalised, Reading};
use super::preprocessing::{Changes, Preset, Size};
use super::shape;
use super::weights::{self, Loaded, StateDict, Weights};
use super::written::WrittenStage;
use super::{class_names, export, onnx, zoo, Anatomy, Network, Scores};

/// What a training leaves in its run folder.
pub const TRAINED: &str = "network.safetensors";

/// What `--model` names.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// A network of the zoo and the file of its weights.
    Zoo(&'static zoo::Entry, PathBuf),
    /// An ONNX file.
    Onnx(PathBuf),
    /// A TOML with the network, and its weights: those beside it, or others of the same network.
    Written { toml: PathBuf, weights: PathBuf },
}

/// A network as it was read: batch norms not folded.
pub(super) struct Found {
    pub(super) network: Network,
    pub(super) weights: Weights,
    pub(super) sha256: String,
    /// The output that was taken of a graph of several, or that was named.
    pub(super) output: Option<String>,
    /// Names of the classes, where the graph has them.
    pub(super) class_names: Vec<String>,
    /// What the graph expects its image to be, where it normalises it itself.
    pub(super) normalised: Option<Normalised>,
    pub(super) notes: Vec<String>,
}

impl Origin {
    /// Tells files from names of the zoo.
    ///
    /// # Errors
    /// [`Error::UnknownName`], [`Error::Usage`] for weights beside a graph that has its own, [`Error::Weights`] where
    /// none are installed, [`Error::Io`] for a file that is not there.
    pub(super) fn of(source: &ModelSource) -> Result<Self> {
        let path = Path::new(&source.name);
        let extension = path.extension().and_then(|extension| extension.to_str());
        let is_file = path.components().count() > 1 || path.is_file();
        let extension = extension.map(str::to_ascii_lowercase);
        // A graph, or a TOML of ours, tells more than timm's config beside it.
        let is_graph = extension.as_deref() == Some("onnx");
        let hub = match is_graph || (path.is_file() && path.with_extension("toml").is_file()) {
            true => None,
            false => Hub::of(path)?,
        };
        if let Some((hub, weights)) = hub {
            let weights = source.weights.clone().unwrap_or(weights);
            return Ok(Self::Zoo(hub.entry()?, weights));
        }
        let origin = match extension.as_deref() {
            Some("onnx") => Self::Onnx(path.to_owned()),
            Some("toml" | "safetensors") => Self::written(path, source),
            Some("pth" | "pt" | "bin" | "ckpt" | "h5" | "keras" | "pb" | "tflite" | "pt2") => {
                return Err(without_network(path))
            }
            // The folder of a training, with the network that it left.
            _ if path.join(TRAINED).is_file() => Self::written(&path.join(TRAINED), source),
            _ if is_file || path.is_dir() => return Err(without_network(path)),
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
        if let (Self::Onnx(path), Some(_)) = (&origin, &source.weights) {
            return Err(Error::Usage(format!(
                "--weights is for a network of the zoo or of a TOML; {} has its own",
                path.display()
            )));
        }
        Ok(origin)
    }

    /// The network in the TOML of a path's name, with the weights of that name where no others are told.
    fn written(path: &Path, source: &ModelSource) -> Self {
        let told = source.weights.clone();
        Self::Written {
            toml: path.with_extension("toml"),
            weights: told.unwrap_or_else(|| path.with_extension("safetensors")),
        }
    }

    /// The file of the weights.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Zoo(_, path) | Self::Onnx(path) | Self::Written { weights: path, .. } => path,
        }
    }

    /// The file that tells what the network needs beside its weights, where there is one.
    pub(super) fn toml(&self) -> PathBuf {
        match self {
            Self::Zoo(_, path) | Self::Onnx(path) => path.with_extension("toml"),
            Self::Written { toml, .. } => toml.clone(),
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
            Self::Onnx(_) | Self::Written { .. } => {
                (Preset::Torchvision, Changes::NONE, "torchvision's".into())
            }
        }
    }

    /// What a network needs beside its weights, and the file that tells it: a TOML or, for weights of a network of the zoo
    /// that lie as the model hub lays them, timm's `config.json`.
    ///
    /// # Errors
    /// Those of [`Description::read`] and [`Hub`].
    pub(super) fn description(&self) -> Result<(PathBuf, Option<Description>)> {
        let toml = self.toml();
        let found = match (Description::read(&toml)?, self) {
            (None, Self::Zoo(_, path)) => match Hub::beside(path)? {
                Some(hub) => Some(hub.description()?),
                None => None,
            },
            (found, _) => found,
        };
        Ok((toml, found))
    }

    /// What is said of its graph: by the user or, where nothing is said, in its description.
    ///
    /// # Errors
    /// [`Error::Usage`] for what only a graph can be told.
    pub(super) fn reading(
        &self,
        source: &ModelSource,
        description: &Description,
        classes: Option<usize>,
    ) -> Result<Reading> {
        if !matches!(self, Self::Onnx(_)) {
            only_for_graphs(source, description)?;
        }
        let output = source.output_node.clone();
        Ok(Reading {
            size: source.changes(description).crop.map(Size::sides),
            output: output.or_else(|| description.output_node.clone()),
            classes,
            scores: source.scores.or(description.scores),
            running_batch_norm: source.batch_norm.or(description.batch_norm).is_some(),
        })
    }

    /// Reads the network, which ends as `reading` says.
    ///
    /// # Errors
    /// Those of [`weights::read`] and [`onnx::import`]; [`Error::Weights`] for a file without a network; [`Error::Usage`]
    /// for scores that it cannot end in.
    pub(super) fn read(&self, description: &Description, reading: &Reading) -> Result<Found> {
        let mut found = match self {
            Self::Zoo(entry, path) => {
                let network = sized(entry.network(), reading.size);
                let timm = entry.as_timm_names_it();
                let timm = timm.map(|network| sized(network, reading.size));
                let mut found = match description.classifier {
                    true => {
                        let (network, loaded, notes) = zoo::weights::read(network, timm, path)?;
                        let classes = shape::shapes(&network)?.last().map_or(0, |of| of.channels);
                        if let Some(hub) = Hub::beside(path)? {
                            hub.hold_against(entry, classes)?;
                        }
                        found(network, loaded, notes)
                    }
                    false => checkpoint(network.without_classifier(), path)?,
                };
                let notes = end_of_zoo(&mut found.network, reading.scores)?;
                found.notes.extend(notes);
                found
            }
            Self::Onnx(path) => {
                let imported = onnx::import(path, reading)?;
                finite(&imported.weights).map_err(|problem| Error::onnx(path, problem))?;
                let mut network = imported.network;
                if !description.classifier {
                    network = network.without_classifier();
                }
                Found {
                    network,
                    weights: imported.weights,
                    sha256: sha256_in_a_row(path, &imported.files)?,
                    output: Some(imported.output),
                    class_names: imported.class_names,
                    normalised: imported.normalised,
                    notes: imported.notes,
                }
            }
            Self::Written { weights: path, .. } => {
                let Some(written) = description.network.clone() else {
                    return Err(without_network(path));
                };
                let unfit = |problem: String| Error::weights(path, problem);
                let mut found = checkpoint(written.network().map_err(unfit)?, path)?;
                if reading.scores.is_some() {
                    found.notes.extend(end(&mut found.network, reading.scores)?);
                }
                found
            }
        };
        if let Some(stages) = &description.stages {
            WrittenStage::set(stages, &mut found.network)
                .map_err(|problem| Error::table(&self.toml(), None, problem))?;
        }
        Ok(found)
    }
}

/// A network without its weights, where it can be had without them, and what was assumed; as [`Model::load`] finds it,
/// batch norms not folded. Of a network of the zoo `weights` tell the head.
///
/// # Errors
/// Those of [`Model::load`] as far as they are the network's.
///
/// [`Model::load`]: super::Model::load
pub fn outline(source: &ModelSource) -> Result<(Anatomy, Vec<String>)> {
    if let (Ok(entry), None) = (zoo::find(&source.name), &source.weights) {
        only_for_graphs(source, &Description::default())?;
        let size = source.preprocessing.crop.map(Size::sides);
        let mut network = sized(entry.network(), size);
        let mut notes = end_of_zoo(&mut network, source.scores)?;
        let anatomy = Anatomy::of(network)?;
        notes.extend(anatomy.notes());
        return Ok((anatomy, notes));
    }
    let origin = Origin::of(source)?;
    let description = origin.description()?.1.unwrap_or_default();
    let named = class_names::given(source, &description, &origin)?;
    let classes = named.map(|(_, names)| names.len());
    let reading = origin.reading(source, &description, classes)?;
    let Found {
        network, mut notes, ..
    } = origin.read(&description, &reading)?;
    let anatomy = Anatomy::of(network)?;
    notes.extend(anatomy.notes());
    Ok((anatomy, notes))
}

/// What to do with a file or folder that has no network in it, or none that is read.
fn without_network(path: &Path) -> Error {
    if path.is_dir() {
        let problem = match path.join("saved_model.pb").is_file() {
            true => export::TENSORFLOW,
            false => "expected an ONNX file, what deconvscope model convert wrote, or the folder of deconvscope train",
        };
        return Error::Usage(format!("{}: a folder; {problem}", path.display()));
    }
    match StateDict::open(path) {
        Ok(state) => Error::Usage(match &zoo::weights::fitting(&state)[..] {
            [] if state.is_part() || state.attends() => format!(
                "{}: {}",
                path.display(),
                zoo::weights::advice(&state, zoo::USUAL_SIDE)
            ),
            [] => format!(
                "{}: weights without their network, and no network of the zoo has such: {}",
                path.display(),
                export::pytorch(zoo::USUAL_SIDE)
            ),
            [name, ..] => format!(
                "{file}: weights without their network; they fit {name}: --model {name} --weights {file}",
                file = path.display(),
            ),
        }),
        Err(error) => error,
    }
}

/// Ends a network in scores; tells what was assumed.
fn end(network: &mut Network, scores: Option<Scores>) -> Result<Vec<String>> {
    let (_, notes) = network.end_in(scores).map_err(Error::Usage)?;
    Ok(notes)
}

/// Ends a network of the zoo, whose Softmax is not its file's: one output gets none, nor does what is no classifier of
/// one class among several.
fn end_of_zoo(network: &mut Network, scores: Option<Scores>) -> Result<Vec<String>> {
    let outputs = shape::shapes(network)?.last().map(|shape| shape.channels);
    let one = outputs == Some(1);
    let softmax = network.scores == Some(Scores::Softmax);
    if softmax && (one || scores == Some(Scores::None)) {
        network.nodes.pop();
    }
    match scores.is_some() || (softmax && one) {
        true => end(network, scores),
        false => Ok(Vec::new()),
    }
}

/// That nothing is said that only a graph can be told.
fn only_for_graphs(source: &ModelSource, description: &Description) -> Result<()> {
    let told = [
        ("--output-node", source.output_node.is_some()),
        ("--batch-norm", source.batch_norm.is_some()),
        ("output_node in its TOML", description.output_node.is_some()),
        ("batch_norm in its TOML", description.batch_norm.is_some()),
    ];
    match told.iter().find(|(_, told)| *told) {
        Some((option, _)) => Err(Error::Usage(format!(
            "{option} is for an ONNX file, which {} is not",
            source.name
        ))),
        None => Ok(()),
    }
}

/// A network for an input of so many rows and columns where they are told.
fn sized(mut network: Network, size: Option<[usize; 2]>) -> Network {
    if let Some([height, width]) = size {
        network.input.height = height;
        network.input.width = width;
    }
    network
}

fn checkpoint(network: Network, path: &Path) -> Result<Found> {
    let loaded = weights::read(path, &network)?;
    Ok(found(network, loaded, Vec::new()))
}

fn found(network: Network, loaded: Loaded, notes: Vec<String>) -> Found {
    let prefix = (!loaded.prefix.is_empty()).then(|| {
        format!(
            "the weights are those under '{}' in their file",
            loaded.prefix
        )
    });
    Found {
        network,
        weights: loaded.weights,
        sha256: loaded.sha256,
        output: None,
        class_names: Vec::new(),
        normalised: None,
        notes: prefix.into_iter().chain(notes).collect(),
    }
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
        "squeezenet1_1" => "run `deconvscope setup-sample` to install them",
        "alexnet" | "vgg16" => {
            "run `deconvscope setup-sample --extra` to install the convolution layers, or name a file with --weights"
        }
        _ => "name their file with --weights (`deconvscope model list` tells which one torchvision publishes)",
    };
    Err(Error::weights(&path, format!("no such file; {advice}")))
}
