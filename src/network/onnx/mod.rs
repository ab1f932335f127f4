//! ONNX files: read into a checked graph of nodes and constants.

mod attributes;
mod external;
mod file;
pub mod fold;
mod graph;
mod messages;
mod node;
mod order;
mod strided;
mod tensor;

pub use attributes::{Attribute, Attributes};
pub use graph::{Graph, Input};
pub use node::Node;
pub use tensor::{Numbers, Tensor, MAX_ELEMENTS, MAX_TOTAL_ELEMENTS};

#[cfg(test)]
mod tests;
