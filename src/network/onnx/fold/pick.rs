//! Operators that take arrays apart along an axis and put them together.

use crate::onnx::call::Call;
use crate::onnx::shapes::{self, Gathered};
use crate::onnx::size::elements;
use crate::onnx::tensor::{each, Numbers, Tensor};
use crate::strided::Strided;

pub(super) fn slice(call: &Call<'_>) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let slices = shapes::slices(call, &data.dims)?.into_iter();
    data.walked(&slices.fold(Strided::whole(&data.dims), Strided::sliced))
}

pub(super) fn split(call: &Call<'_>) -> Result<Vec<Tensor>, String> {
    let data = call.input(0)?;
    let parts = shapes::split(call, &data.dims)?.into_iter();
    parts
        .map(|part| data.walked(&Strided::whole(&data.dims).sliced(part)))
        .collect()
}

pub(super) fn gather(call: &Call<'_>) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let Gathered { axis, places, dims } = shapes::gather(call, &data.dims)?;
    elements(&dims)?;
    let inner = elements(&data.dims[axis + 1..])?;
    let block = data.dims[axis].saturating_mul(inner);
    let values = each!(&data.values, values => gathered(values, block, inner, &places));
    Ok(Tensor { dims, values })
}

/// Of each block of `block` values the runs of `inner` values at these places.
fn gathered<T: Copy>(values: &[T], block: usize, inner: usize, places: &[usize]) -> Vec<T> {
    let mut result = Vec::new();
    if block == 0 {
        return result;
    }
    result.reserve_exact(values.len() / block * inner * places.len());
    for block in values.chunks_exact(block) {
        for place in places {
            result.extend_from_slice(&block[place * inner..(place + 1) * inner]);
        }
    }
    result
}

pub(super) fn concat(call: &Call<'_>) -> Result<Tensor, String> {
    let first = call.input(0)?;
    let parts: Vec<&Tensor> = call.inputs.iter().copied().flatten().collect();
    let shapes: Vec<&[usize]> = parts.iter().map(|part| &part.dims[..]).collect();
    let (axis, dims) = shapes::concat(call, &shapes)?;
    let count = elements(&dims)?;
    let values = match first.values {
        Numbers::Floats(_) => {
            let parts = parts.iter().map(|part| part.as_floats());
            Numbers::Floats(joined(
                &parts.collect::<Result<Vec<_>, _>>()?,
                &dims[..axis],
                count,
            )?)
        }
        Numbers::Integers(_) => {
            let parts = parts.iter().map(|part| part.as_integers());
            Numbers::Integers(joined(
                &parts.collect::<Result<Vec<_>, _>>()?,
                &dims[..axis],
                count,
            )?)
        }
    };
    Ok(Tensor { dims, values })
}

/// Row by row, where the axes in front of the joined one count the rows.
fn joined<T: Copy>(parts: &[&[T]], outer: &[usize], count: usize) -> Result<Vec<T>, String> {
    let mut result = Vec::with_capacity(count);
    if count == 0 {
        return Ok(result);
    }
    let rows = elements(outer)?;
    for row in 0..rows {
        for part in parts {
            let width = part.len() / rows;
            result.extend_from_slice(&part[row * width..(row + 1) * width]);
        }
    }
    Ok(result)
}
