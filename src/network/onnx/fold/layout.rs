//! Operators that give the same numbers another shape or order.

use crate::onnx::call::Call;
use crate::onnx::shapes;
use crate::onnx::size::{elements, sizes};
use crate::onnx::tensor::{each, Numbers, Tensor};
use crate::strided::Strided;

impl Tensor {
    /// The elements of a walk over this tensor.
    pub(super) fn walked(&self, walk: &Strided) -> Result<Self, String> {
        elements(walk.dims())?;
        Ok(Self {
            dims: walk.dims().to_vec(),
            values: each!(&self.values, values => walk.read(values)),
        })
    }
}

pub(super) fn reshape(call: &Call<'_>) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let dims = shapes::reshaped(call, &data.dims, 0)?;
    let values = data.values.clone();
    Ok(Tensor { dims, values })
}

pub(super) fn transpose(call: &Call<'_>) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let permutation = shapes::permutation(call, data.dims.len())?;
    data.walked(&Strided::whole(&data.dims).transposed(&permutation))
}

pub(super) fn expand(call: &Call<'_>) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let shape = sizes(call.input(1)?.as_integers()?)?;
    let dims = shapes::broadcast(&data.dims, &shape)?;
    data.walked(&Strided::whole(&data.dims).broadcast(&dims))
}
