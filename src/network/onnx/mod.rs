//! ONNX files: read into a checked graph of nodes and constants.

mod attributes;
mod external;
mod file;
pub mod fold;
mod graph;
mod lower;
pub mod messages;
mod node;
mod order;
mod strided;
mod tensor;

pub use attributes::{Attribute, Attributes};
pub use graph::{Graph, Input};
pub use node::Node;
pub use tensor::{Numbers, Tensor, MAX_ELEMENTS};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::weights::Weights;
use super::Network;
use crate::error::{Error, Result};

/// A network that was read from an ONNX file, batch norms as they are in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The graph, with a Softmax at its end where it is a classifier.
    pub network: Network,
    /// Its parameters.
    pub weights: Weights,
    /// Which node of ours computes a value of the graph: the same cells in the same order, under ONNX's shape.
    pub values: BTreeMap<String, usize>,
    /// What was assumed, to be said aloud.
    pub notes: Vec<String>,
    /// The files beside it that hold weights, each once.
    pub files: Vec<PathBuf>,
}

/// Reads a network for the first output of an ONNX file. `side` binds rows and columns that the graph leaves open.
///
/// # Errors
/// [`Error::Io`]; [`Error::Onnx`] with node, operator and opset for what cannot be computed.
pub fn import(path: &Path, side: Option<usize>) -> Result<Imported> {
    let graph = Graph::read(path)?;
    let name = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    lower::lower(graph, &name.unwrap_or_default(), side).map_err(|problem| Error::Onnx {
        path: path.to_owned(),
        problem,
    })
}

/// Reads a network from a file in memory that has no other files beside it.
///
/// # Errors
/// As [`import`], in words.
pub fn parse(bytes: &[u8], side: Option<usize>) -> std::result::Result<Imported, String> {
    lower::lower(Graph::parse(bytes)?, "network", side)
}
