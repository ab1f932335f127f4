//! Numbers that are stored as integers.

use crate::onnx::call::Call;
use crate::onnx::shapes;
use crate::onnx::size::elements;
use crate::onnx::tensor::Tensor;

/// `(x − zero point) · scale`, for all elements alike, for each place along an axis, or for each block along it.
pub(super) fn dequantise(call: &Call<'_>) -> Result<Tensor, String> {
    let (data, scale) = (call.input(0)?, call.input(1)?);
    let (values, scales) = (data.as_integers()?, scale.as_floats()?);
    let zeros = call.optional(2);
    if let Some(zeros) = zeros.filter(|zeros| zeros.dims != scale.dims) {
        return Err(format!(
            "its zero point has shape {:?}, its scale {:?}",
            zeros.dims, scale.dims
        ));
    }
    let zeros = zeros.map(|zeros| zeros.as_integers()).transpose()?;
    let value = |(&value, number): (&i64, usize)| {
        let zero = zeros.map_or(0, |zeros| zeros[number]);
        value.saturating_sub(zero) as f32 * scales[number]
    };
    let numbers = numbers(call, &data.dims, &scale.dims)?;
    let values = values.iter().zip(numbers).map(value);
    Ok(Tensor::floats(data.dims.clone(), values.collect()))
}

/// The number of its scale for each element.
fn numbers(call: &Call<'_>, dims: &[usize], scale: &[usize]) -> Result<Vec<usize>, String> {
    let count = elements(dims)?;
    if elements(scale)? == 1 {
        return Ok(vec![0; count]);
    }
    let attributes = &call.node.attributes;
    let axis = shapes::axis(attributes.int("axis", 1)?, dims.len())?;
    let block = usize::try_from(attributes.int("block_size", 0)?);
    let block = block.map_err(|_| "its block_size is negative")?;
    let length = dims[axis];
    let blocks = length.div_ceil(block.max(1));
    let fits = match block {
        0 => *scale == [length],
        _ => *scale == [&dims[..axis], &[blocks], &dims[axis + 1..]].concat(),
    };
    if !fits {
        return Err(format!(
            "its scale has shape {scale:?}, which does not fit {dims:?} along axis {axis}"
        ));
    }
    let inner = elements(&dims[axis + 1..])?;
    let number = |at: usize| {
        let (outer, place, within) = (at / inner / length, at / inner % length, at % inner);
        match block {
            0 => place,
            _ => (outer * blocks + place / block) * inner + within,
        }
    };
    Ok((0..count).map(number).collect())
}
