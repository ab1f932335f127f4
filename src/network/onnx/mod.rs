//! ONNX files: read into a checked graph of nodes and constants.

mod attributes;
mod call;
mod external;
mod file;
pub mod fold;
mod functions;
mod graph;
mod lower;
pub mod messages;
mod node;
mod order;
mod outputs;
mod shapes;
mod size;
mod softmax;
mod tensor;

pub use attributes::{Attribute, Attributes};
pub use graph::{Graph, Kind, Stated};
pub use lower::{Imported, Normalised};
pub use node::Node;
pub use size::{MAX_ELEMENTS, MAX_TOTAL_ELEMENTS};
pub use tensor::{Numbers, Tensor};

use std::path::Path;

use base::{Error, Result};

use super::Scores;

/// What its reader says of a graph that the graph does not tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Rows and columns of an input that leaves them open; 224 where none is told.
    pub size: Option<[usize; 2]>,
    /// The output: its name, or that of any value or node.
    pub output: Option<String>,
    /// How many names of classes there are, by which several outputs are told apart.
    pub classes: Option<usize>,
    /// What the output is.
    pub scores: Option<Scores>,
    /// Whether batch norms in training mode use their running statistics.
    pub running_batch_norm: bool,
}

impl Reading {
    /// Nothing but a size: a square, for an input that leaves it open.
    pub fn of_side(side: usize) -> Self {
        Self {
            size: Some([side; 2]),
            ..Self::default()
        }
    }
}

/// Reads a network for the output of an ONNX file that was chosen, or that looks like scores of classes.
///
/// # Errors
/// [`Error::Io`]; [`Error::Onnx`] with node, operator and opset for what cannot be computed.
pub fn import(path: &Path, reading: &Reading) -> Result<Imported> {
    let graph = Graph::read(path)?;
    let name = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    lower::lower(graph, &name.unwrap_or_default(), reading)
        .map_err(|problem| Error::onnx(path, problem))
}

/// Reads a network from a file in memory that has no other files beside it.
///
/// # Errors
/// As [`import`], in words.
pub fn parse(bytes: &[u8], reading: &Reading) -> std::result::Result<Imported, String> {
    lower::lower(Graph::parse(bytes)?, "network", reading)
}

#[cfg(test)]
mod tests;
