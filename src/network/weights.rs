//! A network's parameters, read from a checkpoint and checked against its shapes.

use std::collections::BTreeMap;
use std::path::Path;

use base::digest::sha256_of_file;
use base::{Error, Result};

use super::checkpoint::{Checkpoint, Values};
use super::{shape, Network};

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
    let unfit = |problem: String| Error::weights(path, problem);
    let mut checkpoint = Checkpoint::open(path)?;
    let parameters = shape::parameters(network, &shape::shapes(network)?);
    let prefix = prefix(&checkpoint, &parameters).map_err(unfit)?;
    let mut weights = Weights::new();
    for parameter in parameters {
        let name = stored_name(&checkpoint, &format!("{prefix}{}", parameter.name));
        let Some(found) = checkpoint.shape(&name) else {
            return Err(unfit(format!(
                "no tensor '{name}' {:?}, which {} needs; is it the weights of another network?",
                parameter.shape, network.name
            )));
        };
        if found != parameter.shape {
            return Err(unfit(format!(
                "tensor '{name}' has shape {found:?}, {} expects {:?}; is it the weights of another network?",
                network.name, parameter.shape
            )));
        }
        let array = checkpoint
            .read(&name)
            .map_err(|problem| unfit(format!("tensor '{name}': {problem}")))?;
        if array.data.iter().any(|value| !value.is_finite()) {
            return Err(unfit(format!(
                "tensor '{name}' holds values that are not finite (NaN or infinite)"
            )));
        }
        weights.insert(parameter.name, array);
    }
    Ok(Loaded {
        weights,
        sha256: sha256_of_file(path)?,
        prefix,
    })
}

/// What stands before the network's own names in the checkpoint: nothing where they are there as they are, else the one
/// prefix under which all are.
fn prefix(checkpoint: &Checkpoint, parameters: &[shape::Parameter]) -> Result<String, String> {
    let Some(first) = parameters.first() else {
        return Ok(String::new());
    };
    let has_all = |prefix: &str| {
        parameters.iter().all(|parameter| {
            let name = format!("{prefix}{}", parameter.name);
            checkpoint.shape(&stored_name(checkpoint, &name)).is_some()
        })
    };
    if checkpoint.shape(&first.name).is_some() {
        return Ok(String::new());
    }
    let prefixes = checkpoint.names().into_iter().filter_map(|name| {
        let prefix = name.strip_suffix(&first.name)?;
        (prefix.ends_with('.') && has_all(prefix)).then(|| prefix.to_owned())
    });
    let prefixes: Vec<String> = prefixes.collect();
    match &prefixes[..] {
        [] => Ok(String::new()),
        [prefix] => Ok(prefix.clone()),
        several => Err(format!(
            "holds the network more than once, under {}; save one of them alone",
            several.join(", ")
        )),
    }
}

/// The name under which a checkpoint has a tensor. torchvision's DenseNets still have those of before its modules'
/// names lost their dots: `denselayer1.norm.1` for `denselayer1.norm1`.
fn stored_name(checkpoint: &Checkpoint, name: &str) -> String {
    let older = [
        ("norm1", "norm.1"),
        ("norm2", "norm.2"),
        ("conv1", "conv.1"),
        ("conv2", "conv.2"),
    ];
    match checkpoint.shape(name).is_none() && name.contains(".denselayer") {
        true => older
            .into_iter()
            .fold(name.to_owned(), |name, (new, old)| name.replace(new, old)),
        false => name.to_owned(),
    }
}
