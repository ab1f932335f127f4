//! A network that can be run: graph, weights, preprocessing and class names, found and read together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::words::count;
use base::{Error, Result};

use super::class_names;
use super::classes::Class;
use super::onnx::Normalised;
use super::origin::{Found, Origin};
use super::weights::Weights;
use super::{
    fold_batch_norm, Anatomy, BatchNorm, Changes, Channels, Description, Network, Preprocessing,
    Preset, Resize, Scores, Size, Whole,
};

/// What the user named.
#[derive(Debug, Clone, Default)]
pub struct ModelSource {
    /// A network of the zoo, an ONNX file, or a safetensors file with the network in the TOML beside it.
    pub name: String,
    /// Weights of a network of the zoo; by default those that set-up installed.
    pub weights: Option<PathBuf>,
    /// Class names; by default the description's, or ImageNet's where there are 1,000 outputs.
    pub classes: Option<PathBuf>,
    /// What its outputs are; by default what its file tells.
    pub scores: Option<Scores>,
    /// Which output of an ONNX graph is used, by the name of a value or node.
    pub output_node: Option<String>,
    /// What batch norms normalise by that an ONNX graph has in training mode; by default they are refused.
    pub batch_norm: Option<BatchNorm>,
    /// The family whose preprocessing it is; by default the description's.
    pub preset: Option<Preset>,
    /// From photograph to input, where it differs from the family's and the description's.
    pub preprocessing: Changes,
}

impl ModelSource {
    /// What is told of the preprocessing: a preset on the command line stands over all that the description says.
    pub(super) fn changes(&self, description: &Description) -> Changes {
        match self.preset {
            Some(_) => self.preprocessing,
            None => self.preprocessing.or(description.preprocessing),
        }
    }

    /// How photographs become inputs, as far as it is told, and as usual for the rest: a family and what differs from it; and
    /// what is to be said where not all is told.
    pub(super) fn inputs(
        &self,
        origin: &Origin,
        (toml, found): (&Path, Option<&Description>),
        normalised: Option<&Normalised>,
    ) -> (Preset, Changes, Option<String>) {
        let description = found.cloned().unwrap_or_default();
        let changes = self.changes(&description);
        // The network's own is for those who tell of no family.
        if let Some(preset) = self.preset.or(description.preset) {
            return (preset, changes, None);
        }
        let (preset, usual, whose) = match normalised {
            Some(normalised) => normalised.usual_preprocessing(),
            None => origin.usual_preprocessing(),
        };
        // Without its folder: notes stand in the report, which does not depend on where the file lies.
        let toml = toml.file_name().unwrap_or_default().display();
        let note = match found {
            None => format!(
                "no {toml} beside the weights: {whose} preprocessing assumed where no option says otherwise"
            ),
            Some(_) => format!(
                "{toml} does not tell all of the preprocessing: {whose} assumed for the rest"
            ),
        };
        let note = (!changes.tell_all()).then_some(note);
        (preset, changes.or(usual), note)
    }
}

/// A network with everything it needs.
#[derive(Debug, Clone)]
pub struct Model {
    /// The graph, batch norms folded, and what it tells.
    pub anatomy: Arc<Anatomy>,
    /// Its parameters, folded likewise.
    pub weights: Weights,
    /// The file they were read from.
    pub weights_path: PathBuf,
    /// sha256 of that file.
    pub weights_sha256: String,
    /// Where the weights come from, as the description says.
    pub source: String,
    /// The value of an ONNX graph that its scores are.
    pub output: Option<String>,
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
    /// [`Error::Onnx`] for a graph that cannot be computed, [`Error::Table`] for class names, [`Error::Usage`] for a preprocessing
    /// that was told and cannot be.
    pub fn load(source: &ModelSource) -> Result<Self> {
        let origin = Origin::of(source)?;
        let path = origin.path().to_owned();
        let (toml, found) = origin.description()?;
        let description = found.clone().unwrap_or_default();
        let changes = source.changes(&description);
        let named = class_names::given(source, &description, &origin)?;
        let classes = named.as_ref().map(|(_, names)| names.len());
        let reading = origin.reading(source, &description, classes)?;
        let Found {
            mut network,
            mut weights,
            sha256: weights_sha256,
            output,
            class_names: own_names,
            normalised,
            mut notes,
        } = origin.read(&description, &reading)?;
        let unfit = |problem: String| Error::weights(&path, problem);
        let (preset, told, note) =
            source.inputs(&origin, (&toml, found.as_ref()), normalised.as_ref());
        notes.extend(note);
        let preprocessing = Preprocessing::of(preset, &told, network.input)
            .map_err(|problem| match source.preprocessing == Changes::default() {
                true => unfit(format!("their preprocessing: {problem}")),
                false => Error::Usage(format!(
                    "from photograph to input, as --resize, --crop, --mean and their like tell it: {problem}"
                )),
            })?;
        if let Some(normalised) = normalised {
            notes.push(normalised.held_against(&preprocessing).map_err(unfit)?);
        }
        takes_photographs(&network, &preprocessing).map_err(unfit)?;
        if matches!(origin, Origin::Onnx(_)) && changes.crop.is_none() {
            notes.push(size_note(&preprocessing));
        }
        if preprocessing.may_pad() {
            notes.push("photographs that are smaller than the crop are padded with black".into());
        }
        let assumed = changes.mean.is_none() && normalised.is_none();
        if preprocessing.channels == Channels::Grey && assumed {
            notes.push(grey_note(&preprocessing));
        }
        fold_batch_norm(&mut network, &mut weights);
        let anatomy = Anatomy::of(network)?;
        notes.extend(anatomy.notes());
        let known = class_names::Known {
            named,
            own: own_names,
            imagenet_is_meant: description.classes.is_some() || matches!(origin, Origin::Zoo(..)),
            output: output.as_deref(),
        };
        let classes = known.names(&anatomy, &mut notes)?;
        Ok(Self {
            anatomy: Arc::new(anatomy),
            weights,
            weights_path: path,
            weights_sha256,
            source: description.source,
            output,
            preprocessing,
            classes,
            notes,
        })
    }

    /// A network that is not in a file: its batch norms are folded.
    ///
    /// # Errors
    /// [`Error::Network`] where it contradicts itself.
    pub fn of(whole: &Whole<'_>, path: &Path, sha256: &str) -> Result<Self> {
        let (mut network, mut weights) = (whole.network.clone(), whole.weights.clone());
        fold_batch_norm(&mut network, &mut weights);
        let anatomy = Anatomy::of(network)?;
        let notes = anatomy.notes().collect();
        Ok(Self {
            anatomy: Arc::new(anatomy),
            weights,
            weights_path: path.to_owned(),
            weights_sha256: sha256.to_owned(),
            source: whole.source.to_owned(),
            output: None,
            preprocessing: whole.preprocessing.clone(),
            classes: whole.classes.to_vec(),
            notes,
        })
    }

    /// The network itself.
    pub fn network(&self) -> &Network {
        self.anatomy.network()
    }
}

/// The folder that holds this room, `src`, and all else.
fn checkout() -> &'static Path {
    let room = Path::new(env!("CARGO_MANIFEST_DIR"));
    room.ancestors().nth(2).unwrap_or(room)
}

/// Where set-up puts weights: `DECONVSCOPE_WEIGHTS`, which the launcher of an installed package sets, or `.deps/weights` of the checkout this binary was built from.
pub fn weights_folder() -> PathBuf {
    match std::env::var_os("DECONVSCOPE_WEIGHTS") {
        Some(folder) => PathBuf::from(folder),
        None => checkout().join(".deps/weights"),
    }
}

/// The weights that set-up installed for a network of the zoo.
pub fn installed(name: &str) -> Option<PathBuf> {
    let forms = ["safetensors", "pth"].into_iter();
    let mut paths = forms.map(|form| weights_folder().join(format!("{name}.{form}")));
    paths.find(|path| path.is_file())
}

/// How large photographs become for a network whose file alone tells its input.
fn size_note(preprocessing: &Preprocessing) -> String {
    let Size { height, width } = preprocessing.crop;
    let resized = match preprocessing.resize {
        Resize::Shorter(side) => format!("photographs resized to {side} before the crop"),
        Resize::Cover(size) => format!(
            "photographs resized in proportion to at least {}×{} before the crop",
            size.height, size.width
        ),
        Resize::Squash => "photographs squashed to it".into(),
    };
    let order = match height == width {
        true => "",
        false => " (rows × columns)",
    };
    format!("input of {height}×{width} pixels{order}, {resized}")
}

fn grey_note(preprocessing: &Preprocessing) -> String {
    let (mean, std) = (preprocessing.mean.values(), preprocessing.std.values());
    format!(
        "an input of one channel: photographs in grey, 0–{}, mean {mean:?} and std {std:?} assumed; --mean and --std name others",
        preprocessing.scale
    )
}

/// Whether the network's input is what the preprocessing makes of a photograph.
fn takes_photographs(network: &Network, preprocessing: &Preprocessing) -> Result<(), String> {
    let (input, made) = (network.input, preprocessing.input());
    if input == made {
        return Ok(());
    }
    if input.channels != made.channels {
        return Err(match input.channels {
            1 | 3 => format!(
                "its input has {}, --channels {} gives {}; leave --channels out",
                count(input.channels, "channel"),
                preprocessing.channels.name(),
                made.channels
            ),
            _ => format!(
                "its input is {input}, not a colour photograph of three channels or a grey one, whose channels come before or after rows and columns; export a network that takes such an image"
            ),
        });
    }
    Err(format!(
        "its input is {}×{} pixels (rows × columns) and cannot be {}×{}; leave --crop out, or export the graph with open sizes",
        input.height, input.width, made.height, made.width
    ))
}
