//! Convolution and linear layer over cells in rows: `[N, H, W, C]`, the channels of a cell side by side.

use base::{Error, Result};
use network::{Op, Window};
use tch::{Device, TchError, Tensor};

use super::super::forward::pair;
use super::super::parameters::Parameters;
use super::super::{rows, Engine};

/// The convolutions' filters in the order that cells in rows want, by node.
#[derive(Debug)]
pub(super) struct Filters(Vec<Option<Tensor>>);

impl Filters {
    /// Brings the filters of an engine into order.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub(super) fn of(engine: &Engine) -> Result<Self> {
        let ordered = |parameters: &Parameters, op: &Op| -> Result<Option<Tensor>, TchError> {
            match (op, parameters) {
                (Op::Conv { .. }, Parameters::Affine { weight, .. }) => {
                    rows::filters(weight).map(Some)
                }
                _ => Ok(None),
            }
        };
        let nodes = engine.parameters.iter().zip(&engine.network().nodes);
        let filters: Result<Vec<_>, TchError> = nodes
            .map(|(parameters, node)| ordered(parameters, &node.op))
            .collect();
        Ok(Self(filters.map_err(Error::compute("ordering filters"))?))
    }

    /// Convolves with a node's filters, padded as told and not as the node says; without bias unless there is one given.
    pub(super) fn convolve(
        &self,
        node: usize,
        x: &Tensor,
        (window, groups): (&Window, usize),
        padding: [i64; 2],
        bias: Option<&Tensor>,
    ) -> Result<Tensor, TchError> {
        let filters = self.0[node]
            .as_ref()
            .ok_or_else(|| TchError::Kind("the node has no filters".into()))?;
        let (stride, dilation) = (pair(window.stride), pair(window.dilation));
        rows::convolve(x, filters, bias, [stride, padding, dilation], groups)
    }
}

impl Clone for Filters {
    fn clone(&self) -> Self {
        let share = |filters: &Option<Tensor>| filters.as_ref().map(Tensor::shallow_clone);
        Self(self.0.iter().map(share).collect())
    }
}

/// Parts that a linear layer's sums are made of on the CPU: one long sum of products rounds several times as much as a matrix
/// product, which full inference uses and which adds up in parts as well.
const PARTS: i64 = 4;
/// What a part's length is a multiple of: oneDNN's blocks of channels.
const BLOCK: i64 = 16;

/// `x Wᵀ` of vectors `[N, F]`, with or without bias. On the CPU the matrix is the image and the vectors are the filters of
/// a convolution of one cell: oneDNN reads it as it lies, and is twice as fast as a matrix product where that is not made
/// for the processor (docs/occlusion.md).
pub(super) fn linear(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
) -> Result<Tensor, TchError> {
    if x.device() != Device::Cpu {
        return x.f_linear(weight, bias);
    }
    let [outputs, features] = [weight.size()[0], weight.size()[1]];
    let vectors = x.size()[0];
    let parts = match features % (PARTS * BLOCK) {
        0 => PARTS,
        _ => 1,
    };
    let image = weight
        .f_view([1, 1, outputs, features])?
        .f_permute([0, 3, 1, 2])?;
    let filters = x
        .f_reshape([vectors, parts, features / parts])?
        .f_transpose(0, 1)?
        .f_contiguous()?
        .f_view([parts * vectors, features / parts, 1, 1])?;
    let products =
        image.f_mkldnn_convolution(&filters, None::<&Tensor>, [0, 0], [1, 1], [1, 1], parts)?;
    let product = products
        .f_view([parts, vectors, outputs])?
        .f_sum_dim_intlist([0i64].as_slice(), false, None)?;
    match bias {
        Some(bias) => product.f_add(bias),
        None => Ok(product),
    }
}
