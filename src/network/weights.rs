//! A network's parameters, read from safetensors and checked against its shapes.

use std::collections::BTreeMap;
use std::path::Path;

use safetensors::{Dtype, SafeTensors};

use super::{shape, Network};
use crate::digest::sha256_hex;
use crate::error::{Error, Result};

/// One parameter: its shape and its values in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// As [`shape::Parameter::shape`].
    pub shape: Vec<usize>,
    /// `shape`'s product values.
    pub data: Vec<f32>,
}

/// Parameters by name (`features.0.weight`).
pub type Weights = BTreeMap<String, Array>;

/// Reads the parameters that `network` needs and the sha256 of the file. Tensors that the network does not name are
/// left alone: a checkpoint may hold a classifier that is not used.
///
/// # Errors
/// [`Error::Weights`] with the first tensor that is missing, of another shape or not f32, or where values are not
/// finite; [`Error::Io`].
pub fn read(path: &Path, network: &Network) -> Result<(Weights, String)> {
    let bytes = std::fs::read(path).map_err(Error::io("cannot read", path))?;
    let unfit = |problem: String| Error::Weights {
        path: path.to_owned(),
        problem,
    };
    let file = SafeTensors::deserialize(&bytes).map_err(|error| {
        unfit(format!(
            "not a whole safetensors file ({error}); was it cut off?"
        ))
    })?;
    let mut weights = Weights::new();
    for parameter in shape::parameters(network)? {
        let name = &parameter.name;
        let tensor = file.tensor(name).map_err(|_| {
            unfit(format!(
                "no tensor '{name}' {:?}, which {} needs; is it the weights of another network?",
                parameter.shape, network.name
            ))
        })?;
        if tensor.shape() != parameter.shape {
            return Err(unfit(format!(
                "tensor '{name}' has shape {:?}, {} expects {:?}; is it the weights of another network?",
                tensor.shape(),
                network.name,
                parameter.shape
            )));
        }
        if tensor.dtype() != Dtype::F32 {
            return Err(unfit(format!(
                "tensor '{name}' is {:?}, expected F32",
                tensor.dtype()
            )));
        }
        let data: Vec<f32> = tensor
            .data()
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        if data.iter().any(|value| !value.is_finite()) {
            return Err(unfit(format!(
                "tensor '{name}' holds values that are not finite (NaN or infinite)"
            )));
        }
        let shape = parameter.shape;
        weights.insert(parameter.name, Array { shape, data });
    }
    Ok((weights, sha256_hex(&bytes)))
}
