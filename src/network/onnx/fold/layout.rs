//! Operators that give the same numbers another shape or order.

use super::arithmetic::broadcast;
use super::call::{axis, marked, Call};
use crate::network::onnx::size::elements;
use crate::network::onnx::strided::Strided;
use crate::network::onnx::tensor::{each, Numbers, Tensor};

impl Tensor {
    /// The elements of a walk over this tensor.
    pub(super) fn walked(&self, walk: &Strided) -> Result<Self, String> {
        elements(walk.dims())?;
        Ok(Self {
            dims: walk.dims().to_vec(),
            values: each!(&self.values, values => walk.read(values)),
        })
    }

    fn with_dims(&self, dims: Vec<usize>) -> Self {
        let values = self.values.clone();
        Self { dims, values }
    }
}

pub(super) fn reshape(call: &Call<'_>) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let shape = call.list("shape", 1, 5)?.ok_or("the shape is missing")?;
    let keep_zeros = call.opset >= 14 && call.node.attributes.int("allowzero", 0)? != 0;
    Ok(data.with_dims(reshaped(&data.dims, shape, keep_zeros)?))
}

/// The shape that Reshape gives: 0 takes the size over where zeros are not meant, -1 is what is left.
fn reshaped(dims: &[usize], shape: &[i64], keep_zeros: bool) -> Result<Vec<usize>, String> {
    let mismatch = || format!("{dims:?} cannot be given the shape {shape:?}");
    let mut unknown = None;
    let mut result = Vec::with_capacity(shape.len());
    for (place, size) in shape.iter().enumerate() {
        result.push(match size {
            -1 if unknown.replace(place).is_some() => return Err(mismatch()),
            -1 => 1,
            0 if !keep_zeros => *dims.get(place).ok_or_else(mismatch)?,
            _ => usize::try_from(*size).map_err(|_| mismatch())?,
        });
    }
    let count = elements(dims)?;
    if let Some(place) = unknown {
        let others = elements(&result)?;
        result[place] = count.checked_div(others).ok_or_else(mismatch)?;
    }
    if elements(&result)? != count {
        return Err(mismatch());
    }
    Ok(result)
}

pub(super) fn flatten(call: &Call<'_>) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let rank = data.dims.len();
    let at = match call.node.attributes.int("axis", 1)? {
        end if end == rank as i64 => rank,
        other => axis(other, rank)?,
    };
    let (rows, columns) = data.dims.split_at(at);
    Ok(data.with_dims(vec![elements(rows)?, elements(columns)?]))
}

pub(super) fn squeeze(call: &Call<'_>) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let gone = match call.list("axes", 1, 13)? {
        Some(axes) => marked(axes, data.dims.len())?,
        None => data.dims.iter().map(|dim| *dim == 1).collect(),
    };
    let mut dims = Vec::new();
    for (dim, gone) in data.dims.iter().zip(gone) {
        match dim {
            1 if gone => {}
            _ if gone => return Err(format!("an axis of size {dim} cannot be squeezed")),
            _ => dims.push(*dim),
        }
    }
    Ok(data.with_dims(dims))
}

pub(super) fn unsqueeze(call: &Call<'_>) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let axes = call.list("axes", 1, 13)?.ok_or("the axes are missing")?;
    let new = marked(axes, data.dims.len() + axes.len())?;
    let mut old = data.dims.iter();
    let dims = new
        .into_iter()
        .map(|new| if new { Some(1) } else { old.next().copied() });
    Ok(data.with_dims(dims.flatten().collect()))
}

pub(super) fn transpose(call: &Call<'_>) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let rank = data.dims.len();
    let permutation = match call.node.attributes.ints("perm")? {
        None => (0..rank).rev().collect(),
        Some(axes) => {
            if axes.len() != rank {
                return Err(format!("perm {axes:?} does not fit shape {:?}", data.dims));
            }
            marked(axes, rank)?;
            axes.iter()
                .map(|listed| axis(*listed, rank))
                .collect::<Result<Vec<_>, _>>()?
        }
    };
    data.walked(&Strided::whole(&data.dims).transposed(&permutation))
}

pub(super) fn expand(call: &Call<'_>) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let shape = call.input(1)?.as_integers()?;
    let shape = shape.iter().map(|size| usize::try_from(*size));
    let shape = shape.collect::<Result<Vec<_>, _>>();
    let shape = shape.map_err(|_| "the shape has a negative size")?;
    let dims = broadcast(&data.dims, &shape)?;
    data.walked(&Strided::whole(&data.dims).broadcast(&dims))
}
