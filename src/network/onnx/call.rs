//! A node with what it is given.

use super::node::Node;
use super::tensor::Tensor;

/// A node and the constants among its inputs.
pub(super) struct Call<'a> {
    pub(super) node: &'a Node,
    pub(super) inputs: &'a [Option<&'a Tensor>],
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
    ///
    /// # Errors
    /// Anything else than integers; an attribute for an input or the other way round.
    pub(super) fn list(
        &self,
        name: &str,
        index: usize,
        since: i64,
    ) -> Result<Option<&'a [i64]>, String> {
        let (attribute, input) = (self.node.attributes.ints(name)?, self.optional(index));
        match (self.node.opset < since, attribute, input) {
            (true, list, None) => Ok(list),
            (false, None, None) => Ok(None),
            (false, None, Some(tensor)) => {
                let list = tensor.as_integers().map(Some);
                list.map_err(|problem| format!("{name}: {problem}"))
            }
            (true, ..) => Err(format!(
                "{name} is an input, expected an attribute before opset {since}"
            )),
            (false, ..) => Err(format!(
                "{name} is an attribute, expected an input from opset {since} on"
            )),
        }
    }
}
