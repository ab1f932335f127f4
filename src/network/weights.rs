//! A network's parameters, read from a checkpoint and checked against its shapes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use base::digest::sha256_of_file;
use base::{Error, Result};
use safetensors::tensor::TensorView;
use safetensors::Dtype;

use super::checkpoint::{Checkpoint, Values};
use super::shape::{self, Parameter};
use super::{Anatomy, Network, Op};

/// One parameter: its shape and its values in row-major order.
pub type Array = Values;

/// Parameters by name (`features.0.weight`).
pub type Weights = BTreeMap<String, Array>;

/// A checkpoint's parameters for a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// Under the network's own names.
    pub weights: Weights,
    /// sha256 of the file.
    pub sha256: String,
    /// What the file's names have before the network's (`module.`); empty for most.
    pub prefix: String,
}

/// Reads the parameters that `network` needs from a safetensors file or one of `torch.save`. Tensors that the network
/// does not name are left alone: a checkpoint may hold a classifier that is not used. The names may have something in
/// front that is the same for all (`module.`, `state_dict.`).
///
/// # Errors
/// [`Error::Weights`] with the first tensor that is missing, of another shape or not of floating point, or where
/// values are not finite; [`Error::Io`].
pub fn read(path: &Path, network: &Network) -> Result<Loaded> {
    let mut state = StateDict::open(path)?;
    let parameters = shape::parameters(network, &shape::shapes(network)?);
    let prefix = state
        .place(&network.name, &parameters)
        .map_err(|misfit| Error::weights(path, misfit.problem(ANOTHERS)))?;
    state.read(&prefix, network)
}

impl Anatomy {
    /// Parameters that are named as PyTorch stores them, under the network's own names and in its shapes; others stay as they are.
    pub fn under_own_names(&self, mut stored: Weights) -> Weights {
        for parameter in self.parameters() {
            let (name, _) = parameter.stored();
            if let Some(Array { data, .. }) = stored.remove(&*name) {
                let shape = parameter.shape.clone();
                stored.insert(parameter.name, Array { shape, data });
            }
        }
        stored
    }
}

/// Writes parameters as a safetensors file's content, as PyTorch names them, with texts about them.
///
/// # Errors
/// Whatever safetensors says.
pub fn safetensors(
    weights: &Weights,
    about: HashMap<String, String>,
) -> std::result::Result<Vec<u8>, safetensors::SafeTensorError> {
    let bytes = |array: &Array| -> Vec<u8> {
        let values = array.data.iter();
        values.flat_map(|value| value.to_le_bytes()).collect()
    };
    let parameter = |(name, array): (&String, &Array)| Parameter {
        name: name.clone(),
        shape: array.shape.clone(),
    };
    let parameters: Vec<Parameter> = weights.iter().map(parameter).collect();
    let data: Vec<Vec<u8>> = weights.values().map(bytes).collect();
    let mut views = Vec::with_capacity(data.len());
    for (parameter, data) in parameters.iter().zip(&data) {
        let (name, shape) = parameter.stored();
        views.push((name, TensorView::new(Dtype::F32, shape, data)?));
    }
    let about = (!about.is_empty()).then_some(about);
    safetensors::serialize(views, about)
}

const ANOTHERS: &str = "is it the weights of another network?";

/// Why a network's tensors are not there.
#[derive(Debug)]
pub(super) enum Misfit {
    /// They seem to be those of another network.
    Other(String),
    /// They are there, and cannot be used.
    Unusable(String),
}

impl Misfit {
    /// In words, with what to do about weights of another network.
    pub(super) fn problem(self, advice: &str) -> String {
        match self {
            Self::Other(problem) => format!("{problem}; {advice}"),
            Self::Unusable(problem) => problem,
        }
    }
}

/// What to do about a layer that is stored in integers.
pub(super) fn quantised(name: &str) -> String {
    format!("'{name}' is quantised; save the state dict of the network before it was quantised")
}

/// A checkpoint in which networks are looked for.
#[derive(Debug)]
pub(super) struct StateDict {
    path: PathBuf,
    checkpoint: Checkpoint,
    names: Vec<String>,
}

impl StateDict {
    /// Opens a file.
    ///
    /// # Errors
    /// Those of [`Checkpoint::open`].
    pub(super) fn open(path: &Path) -> Result<Self> {
        let checkpoint = Checkpoint::open(path)?;
        Ok(Self {
            path: path.to_owned(),
            names: checkpoint.names(),
            checkpoint,
        })
    }

    /// What stands before the names of a network's parameters, all of which are there in their shapes.
    ///
    /// # Errors
    /// The first that is not.
    pub(super) fn place(&self, network: &str, parameters: &[Parameter]) -> Result<String, Misfit> {
        let prefix = self.prefix(parameters).map_err(Misfit::Unusable)?;
        for parameter in parameters {
            let (name, expected) = self.stored(prefix.as_str(), parameter);
            let expected = &expected;
            match self.checkpoint.shape(&name) {
                Some(found) if found == *expected => {}
                Some(found) => {
                    return Err(Misfit::Other(format!(
                        "tensor '{name}' has shape {found:?}, {network} expects {expected:?}"
                    )))
                }
                None => return Err(self.missing(&name, expected, network)),
            }
        }
        Ok(prefix)
    }

    fn missing(&self, name: &str, expected: &[usize], network: &str) -> Misfit {
        let beside = |field: &str| {
            let (module, _) = name.rsplit_once('.').unwrap_or_default();
            self.checkpoint.shape(&format!("{module}.{field}"))
        };
        match self.checkpoint.opaque(name) {
            Some(what) => Misfit::Unusable(format!("'{name}' {what}")),
            None if beside("scale").is_some() && beside("zero_point").is_some() => {
                Misfit::Unusable(quantised(name))
            }
            None => match self.checkpoint.module() {
                Some(module) => Misfit::Unusable(module),
                None => Misfit::Other(format!(
                    "no tensor '{name}' {expected:?}, which {network} needs"
                )),
            },
        }
    }

    /// What stands before the network's own names: nothing where they are there as they are, else the one prefix under
    /// which all are; where not all are, the shortest.
    fn prefix(&self, parameters: &[Parameter]) -> Result<String, String> {
        let Some(first) = parameters.first() else {
            return Ok(String::new());
        };
        let is_there = |name: &str| {
            self.checkpoint.shape(name).is_some() || self.checkpoint.opaque(name).is_some()
        };
        let (first, _) = first.stored();
        if is_there(&first) {
            return Ok(String::new());
        }
        let has_all = |prefix: &str| {
            let mut names = parameters.iter().map(|own| self.stored(prefix, own).0);
            names.all(|name| is_there(&name))
        };
        let suffixed = |name: &'_ String| name.strip_suffix(&*first).map(str::to_owned);
        let before = self.names.iter().filter_map(suffixed);
        let before: Vec<String> = before.filter(|prefix| prefix.ends_with('.')).collect();
        let whole: Vec<&str> = before
            .iter()
            .map(String::as_str)
            .filter(|prefix| has_all(prefix))
            .collect();
        match &whole[..] {
            [] => Ok(before
                .into_iter()
                .min_by_key(String::len)
                .unwrap_or_default()),
            [prefix] => Ok((*prefix).to_owned()),
            several => Err(format!(
                "holds the network more than once, under {}; save one of them alone",
                several.join(", ")
            )),
        }
    }

    /// Whether the file is one of several that hold a network together (`model-00001-of-00002.safetensors`).
    pub(super) fn is_part(&self) -> bool {
        let name = self.path.file_stem().unwrap_or_default().to_string_lossy();
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        name.rsplit_once("-of-").is_some_and(|(before, of)| {
            digits(of)
                && before
                    .rsplit_once('-')
                    .is_some_and(|(_, number)| digits(number))
        })
    }

    /// Whether there are layers of attention, as PyTorch, timm and transformers name them.
    pub(super) fn attends(&self) -> bool {
        let marks = [
            "attn.qkv.",
            "attn.in_proj",
            "self_attention.",
            "attention.query.",
            "cls_token",
        ];
        let named = |name: &String| marks.iter().any(|mark| name.contains(mark));
        self.names.iter().any(named)
    }

    /// What is under a name in a tensor's place, and what to do about it.
    pub(super) fn opaque(&self, name: &str) -> Option<String> {
        self.checkpoint.opaque(name)
    }

    /// The names and shapes of the tensors that these parameters leave, in the order of the file.
    pub(super) fn others(
        &self,
        prefix: &str,
        parameters: &[Parameter],
    ) -> Vec<(String, Vec<usize>)> {
        let named = |own: &Parameter| self.stored(prefix, own).0;
        let taken: BTreeSet<String> = parameters.iter().map(named).collect();
        let others = self.names.iter().filter(|name| !taken.contains(*name));
        others
            .filter_map(|name| Some((name.clone(), self.checkpoint.shape(name)?)))
            .collect()
    }

    /// The values of all of a network's parameters. A linear layer without a bias has one of zeros.
    ///
    /// # Errors
    /// [`Error::Weights`] with the tensor that is not of floating point or not finite; [`Error::Io`].
    pub(super) fn read(&mut self, prefix: &str, network: &Network) -> Result<Loaded> {
        let mut weights = Weights::new();
        let linear = network
            .nodes
            .iter()
            .filter(|node| matches!(node.op, Op::Linear { .. }));
        let biases: BTreeSet<String> = linear.map(|node| format!("{}.bias", node.name)).collect();
        for parameter in shape::parameters(network, &shape::shapes(network)?) {
            let (name, shape) = self.stored(prefix, &parameter);
            let is_there = self.checkpoint.shape(&name).is_some();
            let array = match is_there || !biases.contains(&parameter.name) {
                true => self.values(&name, &shape, &network.name),
                false => Ok(vec![0.0; parameter.shape.iter().product()]),
            };
            let data = array.map_err(|problem| Error::weights(&self.path, problem))?;
            let shape = parameter.shape;
            weights.insert(parameter.name, Array { shape, data });
        }
        Ok(Loaded {
            weights,
            sha256: sha256_of_file(&self.path)?,
            prefix: prefix.to_owned(),
        })
    }

    fn values(
        &mut self,
        name: &str,
        shape: &Vec<usize>,
        network: &str,
    ) -> Result<Vec<f32>, String> {
        if self.checkpoint.shape(name).as_ref() != Some(shape) {
            let misfit = self.missing(name, shape, network);
            return Err(misfit.problem(ANOTHERS));
        }
        let array = self
            .checkpoint
            .read(name)
            .map_err(|problem| format!("tensor '{name}': {problem}"))?;
        match array.data.iter().all(|value| value.is_finite()) {
            true => Ok(array.data),
            false => Err(format!(
                "tensor '{name}' holds values that are not finite (NaN or infinite)"
            )),
        }
    }

    /// The name and shape that a checkpoint has for a parameter of a network whose names have this in front. torchvision's
    /// DenseNets still have names of before its modules' lost their dots: `denselayer1.norm.1` for `denselayer1.norm1`.
    fn stored(&self, prefix: &str, parameter: &Parameter) -> (String, Vec<usize>) {
        let (name, shape) = parameter.stored();
        let name = format!("{prefix}{name}");
        let older = [
            ("norm1", "norm.1"),
            ("norm2", "norm.2"),
            ("conv1", "conv.1"),
            ("conv2", "conv.2"),
        ];
        let name = match self.checkpoint.shape(&name).is_none() && name.contains(".denselayer") {
            true => older
                .into_iter()
                .fold(name, |name, (new, old)| name.replace(new, old)),
            false => name,
        };
        (name, shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Builder, Window};

    /// One node for each role that a name can tell.
    #[test]
    fn what_is_several_nodes_here_is_stored_as_pytorch_names_it() {
        let mut net = Builder::new("named", 4);
        let x = net.conv("widen@cells", 0, 6, Window::square(1, 1, 0));
        let x = net.node("norm", Op::LayerNorm { epsilon: 1e-6 }, &[x]);
        let shape = [6, 1, 1];
        let x = net.node("norm@scale", Op::Scale { shape }, &[x]);
        let x = net.node("norm@shift", Op::Shift { shape }, &[x]);
        let x = net.node("gamma@vector", Op::Scale { shape }, &[x]);
        net.node("layer_scale@maps", Op::Scale { shape }, &[x]);
        let anatomy = Anatomy::of(net.finish()).unwrap();
        let values = |(parameter, seed): (Parameter, usize)| {
            let count: usize = parameter.shape.iter().product();
            let data = (0..count).map(|at| (at + 100 * seed) as f32).collect();
            let shape = parameter.shape;
            (parameter.name, Array { shape, data })
        };
        let weights: Weights = anatomy
            .parameters()
            .into_iter()
            .zip(1..)
            .map(values)
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("named.safetensors");
        std::fs::write(&path, safetensors(&weights, HashMap::new()).unwrap()).unwrap();
        assert_eq!(read(&path, anatomy.network()).unwrap().weights, weights);
        let mut stored = Checkpoint::open(&path).unwrap();
        let shapes: Vec<(String, Vec<usize>)> = stored
            .names()
            .into_iter()
            .map(|name| (name.clone(), stored.shape(&name).unwrap()))
            .collect();
        let expected = [
            ("gamma", vec![6]),
            ("layer_scale", vec![6, 1, 1]),
            ("norm.bias", vec![6]),
            ("norm.weight", vec![6]),
            ("widen.bias", vec![6]),
            ("widen.weight", vec![6, 3]),
        ];
        let expected = expected.map(|(name, shape)| (name.to_owned(), shape));
        assert_eq!(shapes, expected);
        let names = stored.names().into_iter();
        let all: Weights = names
            .map(|name| (name.clone(), stored.read(&name).unwrap()))
            .collect();
        assert_eq!(anatomy.under_own_names(all), weights);
    }
}
