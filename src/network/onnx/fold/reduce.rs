//! Operators that make one number of many along axes.

use super::call::{marked, Call};
use crate::network::onnx::size::elements;
use crate::network::onnx::strided::Strided;
use crate::network::onnx::tensor::{Numbers, Tensor};

pub(super) fn sum(call: &Call<'_>) -> Result<Tensor, String> {
    reduce(
        call,
        13,
        |values| values.iter().sum(),
        |values| values.iter().try_fold(0, |a: i64, b| a.checked_add(*b)),
    )
}

pub(super) fn product(call: &Call<'_>) -> Result<Tensor, String> {
    reduce(
        call,
        18,
        |values| values.iter().product(),
        |values| values.iter().try_fold(1, |a: i64, b| a.checked_mul(*b)),
    )
}

/// The axes are an input from opset `since` on. Floats are reduced in double precision.
fn reduce(
    call: &Call<'_>,
    since: i64,
    float: impl Fn(&[f64]) -> f64,
    integer: impl Fn(&[i64]) -> Option<i64>,
) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let attributes = &call.node.attributes;
    let axes = call.list("axes", 1, since)?.unwrap_or_default();
    if axes.is_empty() && attributes.int("noop_with_empty_axes", 0)? != 0 {
        return Ok(data.clone());
    }
    let rank = data.dims.len();
    let gone = if axes.is_empty() {
        vec![true; rank]
    } else {
        marked(axes, rank)?
    };
    let (reduced, kept): (Vec<usize>, Vec<usize>) = (0..rank).partition(|axis| gone[*axis]);
    let sizes = |axes: &[usize]| axes.iter().map(|axis| data.dims[*axis]).collect::<Vec<_>>();
    let count = elements(&sizes(&kept))?;
    let group = elements(&sizes(&reduced))?;
    let grouped =
        data.walked(&Strided::whole(&data.dims).transposed(&[kept.clone(), reduced].concat()))?;
    let range = |i: usize| i * group..(i + 1) * group;
    let values = match &grouped.values {
        Numbers::Floats(values) => {
            let mut wide = Vec::with_capacity(group);
            let one = |i| {
                wide.clear();
                wide.extend(values[range(i)].iter().map(|value| f64::from(*value)));
                float(&wide) as f32
            };
            Numbers::Floats((0..count).map(one).collect())
        }
        Numbers::Integers(values) => {
            let results = (0..count).map(|i| integer(&values[range(i)]));
            Numbers::Integers(
                results
                    .collect::<Option<_>>()
                    .ok_or("an integer result that is too large")?,
            )
        }
    };
    let dims = if attributes.int("keepdims", 1)? != 0 {
        let dims = data.dims.iter().zip(&gone);
        dims.map(|(dim, gone)| if *gone { 1 } else { *dim })
            .collect()
    } else {
        sizes(&kept)
    };
    Ok(Tensor { dims, values })
}
