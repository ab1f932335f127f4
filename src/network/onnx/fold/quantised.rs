//! Numbers that are stored as integers.

use crate::onnx::call::Call;
use crate::onnx::shapes;
use crate::onnx::size::elements;
use crate::onnx::tensor::{Numbers, Tensor};
use crate::strided::Strided;

/// `(x − zero point) · scale`, for all elements alike, for each place along an axis, or for each block along it.
pub(super) fn dequantise(call: &Call<'_>) -> Result<Tensor, String> {
    let (data, scale) = (call.input(0)?, call.input(1)?);
    let scales = scale.as_floats()?;
    let attributes = &call.node.attributes;
    let zeros = call.optional(2);
    if let Some(zeros) = zeros.filter(|zeros| zeros.dims != scale.dims) {
        return Err(format!(
            "its zero point has shape {:?}, its scale {:?}",
            zeros.dims, scale.dims
        ));
    }
    let zeros = zeros.map(|zeros| zeros.as_integers()).transpose()?;
    let Numbers::Integers(values) = &data.values else {
        return Err("expected integers, found floats".into());
    };
    let place = |rank: usize| shapes::axis(attributes.int("axis", 1)?, rank);
    // The number of the scale for each element.
    let count = scales.len();
    let block = attributes.int("block_size", 0)?;
    let numbers: Vec<usize> = if count == 1 {
        vec![0; values.len()]
    } else {
        let axis = place(data.dims.len())?;
        let length = data.dims[axis];
        let own: Vec<usize> = (0..data.dims.len())
            .map(|at| if at == axis { length } else { 1 })
            .collect();
        let misfit = || {
            format!(
                "its scale has shape {:?}, which does not fit {:?} along axis {axis}",
                scale.dims, data.dims
            )
        };
        if block == 0 {
            if scale.dims != [length] {
                return Err(misfit());
            }
            let along: Vec<usize> = (0..length).collect();
            Strided::whole(&own).broadcast(&data.dims).read(&along)
        } else {
            let block = usize::try_from(block).map_err(|_| "its block_size is negative")?;
            let mut blocked = data.dims.clone();
            blocked[axis] = length.div_ceil(block);
            if scale.dims != blocked {
                return Err(misfit());
            }
            let inner = elements(&data.dims[axis + 1..])?;
            let of = |at: usize| {
                let (outer, rest) = (at / (inner * length), at % (inner * length));
                (outer * blocked[axis] + rest / inner / block) * inner + rest % inner
            };
            (0..values.len()).map(of).collect()
        }
    };
    let value = |(&value, &number): (&i64, &usize)| {
        let zero = zeros.map_or(0, |zeros| zeros[number]);
        value.saturating_sub(zero) as f32 * scales[number]
    };
    let values = values.iter().zip(&numbers).map(value);
    Ok(Tensor::floats(data.dims.clone(), values.collect()))
}
