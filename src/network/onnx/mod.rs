//! ONNX files: read into a checked graph of nodes and constants.

mod attributes;
mod call;
mod external;
mod file;
pub mod fold;
mod graph;
mod lower;
pub mod messages;
mod node;
mod order;
mod shapes;
mod size;
mod tensor;

pub use attributes::{Attribute, Attributes};
pub use graph::{Graph, Input};
pub use lower::Imported;
pub use node::Node;
pub use size::{MAX_ELEMENTS, MAX_TOTAL_ELEMENTS};
pub use tensor::{Numbers, Tensor};

use std::path::Path;

use base::{Error, Result};

/// Reads a network for the first output of an ONNX file. `size` binds rows and columns that the graph leaves open.
///
/// # Errors
/// [`Error::Io`]; [`Error::Onnx`] with node, operator and opset for what cannot be computed.
pub fn import(path: &Path, size: Option<[usize; 2]>) -> Result<Imported> {
    let graph = Graph::read(path)?;
    let name = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    lower::lower(graph, &name.unwrap_or_default(), size)
        .map_err(|problem| Error::onnx(path, problem))
}

/// Reads a network from a file in memory that has no other files beside it; `side` binds both rows and columns.
///
/// # Errors
/// As [`import`], in words.
pub fn parse(bytes: &[u8], side: Option<usize>) -> std::result::Result<Imported, String> {
    let size = side.map(|side| [side; 2]);
    lower::lower(Graph::parse(bytes)?, "network", size)
}

#[cfg(test)]
mod tests;
