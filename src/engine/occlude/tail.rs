//! The end of a network, where no maps are left: computed for many positions at once, so that large matrices are read
//! once for all of them.

use base::{Error, Result};
use network::{Anatomy, Op};
use tch::{TchError, Tensor};

use super::super::forward::vectors;
use super::super::parameters::Parameters;
use super::super::Engine;
use super::kernels::linear;
use super::ops::compute;

/// The first node of the end: from there on each node reads the one before it and computes vectors; nodes up to
/// `watched` do not belong to it.
pub(super) fn start(anatomy: &Anatomy, watched: usize) -> usize {
    let (nodes, shapes) = (&anatomy.network().nodes, anatomy.shapes());
    let mut start = nodes.len();
    while start > watched + 1 {
        let index = start - 1;
        let node = &nodes[index];
        let vector = (shapes[index].height, shapes[index].width) == (1, 1);
        let follows = node.inputs == [index - 1];
        let of_vectors = (shapes[index - 1].height, shapes[index - 1].width) == (1, 1);
        let known = match node.op {
            Op::Flatten | Op::Linear { .. } | Op::Relu | Op::Dropout | Op::Softmax => true,
            Op::Curve(_) | Op::Pad { .. } => of_vectors,
            _ => false,
        };
        if !(vector && follows && known) {
            break;
        }
        start = index;
    }
    start
}

/// What the network gives for some positions.
pub(super) struct Answer {
    /// The last node's output, `[positions, classes]`.
    pub(super) output: Tensor,
    /// The same before a last softmax.
    pub(super) scores: Tensor,
}

/// Computes the nodes from `start` on, for the values `[positions, C·H·W]` of the node before them.
///
/// # Errors
/// [`Error::Compute`] with the node at fault.
pub(super) fn finish(engine: &Engine, start: usize, values: &Tensor) -> Result<Answer> {
    let nodes = &engine.network().nodes;
    let mut x = values.shallow_clone();
    let mut scores = values.shallow_clone();
    for (index, node) in nodes.iter().enumerate().skip(start) {
        let step = |x: &Tensor| -> Result<Tensor, TchError> {
            match (&node.op, &engine.parameters[index]) {
                (Op::Linear { .. }, Parameters::Affine { weight, bias }) => {
                    linear(x, weight, bias.as_ref())
                }
                (Op::Flatten | Op::Dropout, _) => Ok(x.shallow_clone()),
                _ => compute(engine, index, &[&vectors(x)?])?.f_flatten(1, -1),
            }
        };
        let y = step(&x).map_err(Error::compute(format!(
            "occlusion at node '{}' ({})",
            node.name,
            node.op.describe()
        )))?;
        scores = match node.op {
            Op::Softmax => x,
            _ => y.shallow_clone(),
        };
        x = y;
    }
    Ok(Answer { output: x, scores })
}
