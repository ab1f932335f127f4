//! A node with what it is given.

use crate::network::onnx::node::Node;
use crate::network::onnx::tensor::Tensor;

/// A node, its inputs and the version of its operator.
pub(super) struct Call<'a> {
    pub(super) node: &'a Node,
    pub(super) inputs: &'a [Option<&'a Tensor>],
    pub(super) opset: i64,
}

impl<'a> Call<'a> {
    /// An input that must be there.
    pub(super) fn input(&self, index: usize) -> Result<&'a Tensor, String> {
        self.optional(index)
            .ok_or_else(|| format!("input {index} is missing"))
    }

    /// An input that may be left out.
    pub(super) fn optional(&self, index: usize) -> Option<&'a Tensor> {
        self.inputs.get(index).copied().flatten()
    }

    /// A list of integers that operators have as an attribute before opset `since` and as an input from then on.
    pub(super) fn list(
        &self,
        name: &str,
        index: usize,
        since: i64,
    ) -> Result<Option<&'a [i64]>, String> {
        if self.opset < since {
            return self.node.attributes.ints(name);
        }
        let input = self.optional(index);
        input
            .map(|tensor| {
                tensor
                    .as_integers()
                    .map_err(|problem| format!("{name}: {problem}"))
            })
            .transpose()
    }
}

/// An axis counted from the front, whatever end it was counted from.
pub(super) fn axis(axis: i64, rank: usize) -> Result<usize, String> {
    let from_front = if axis < 0 {
        axis.checked_add_unsigned(rank as u64)
    } else {
        Some(axis)
    };
    from_front
        .and_then(|axis| usize::try_from(axis).ok())
        .filter(|axis| *axis < rank)
        .ok_or_else(|| format!("axis {axis} does not exist among {rank}"))
}

/// Which of `rank` axes are listed, each at most once.
pub(super) fn marked(axes: &[i64], rank: usize) -> Result<Vec<bool>, String> {
    let mut marked = vec![false; rank];
    for listed in axes {
        let place = &mut marked[axis(*listed, rank)?];
        if *place {
            return Err(format!("axis {listed} is listed twice"));
        }
        *place = true;
    }
    Ok(marked)
}
