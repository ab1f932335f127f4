//! What a name of an ONNX graph stands for while the graph is lowered.

use crate::onnx::tensor::Tensor;
use crate::shape::Shape;

/// A constant, or what a node of ours computes.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// Known when the graph is read.
    Constant(Tensor),
    /// Known when an image has come through.
    Maps(Maps),
}

impl Value {
    /// ONNX's shape of it.
    pub(super) fn dims(&self) -> &[usize] {
        match self {
            Self::Constant(tensor) => &tensor.dims,
            Self::Maps(maps) => &maps.dims,
        }
    }
}

/// What a node computes, under the shape that ONNX has for it: the same cells in the same order as our maps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Maps {
    /// Our node.
    pub(super) node: usize,
    /// ONNX's shape, with the batch where there is one.
    pub(super) dims: Vec<usize>,
}

/// The first axis of every shape, where it counts images; a graph of one unbatched image has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Batch(pub(super) Option<usize>);

impl Batch {
    /// Axes in front of an image's own.
    pub(super) fn axes(self) -> usize {
        usize::from(self.0.is_some())
    }

    /// The part of a shape that is one image's.
    ///
    /// # Errors
    /// A first axis that no longer counts the images.
    pub(super) fn image(self, dims: &[usize]) -> Result<&[usize], String> {
        match (self.0, dims) {
            (None, dims) => Ok(dims),
            (Some(batch), [first, rest @ ..]) if *first == batch => Ok(rest),
            (Some(batch), _) => Err(format!(
                "shape {dims:?} does not keep the batch ({batch}) as its first axis"
            )),
        }
    }
}

/// How the axes of one image become channels, rows and columns: of three or more the last two are rows and columns and
/// all before them channels; of two, channels and rows.
pub(super) fn as_maps(image: &[usize]) -> Shape {
    Shape::of(match image {
        [] => [1, 1, 1],
        [features] => [*features, 1, 1],
        [channels, length] => [*channels, *length, 1],
        [leading @ .., height, width] => [leading.iter().product(), *height, *width],
    })
}
