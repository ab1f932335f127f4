//! Operators that make one number of many along axes.

use crate::onnx::call::Call;
use crate::onnx::shapes::{reduction, Reduction};
use crate::onnx::size::elements;
use crate::onnx::tensor::{Numbers, Tensor};
use crate::strided::Strided;

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

/// The largest or smallest; of nothing `of_none`.
pub(super) fn extreme(
    call: &Call<'_>,
    of_none: f64,
    float: fn(f64, f64) -> f64,
    integer: fn(i64, i64) -> i64,
) -> Result<Tensor, String> {
    reduce(
        call,
        18,
        |values| values.iter().copied().fold(of_none, float),
        |values| values.iter().copied().reduce(integer),
    )
}

/// Of floats alone.
pub(super) fn of_floats(call: &Call<'_>, float: impl Fn(&[f64]) -> f64) -> Result<Tensor, String> {
    call.input(0)?.as_floats()?;
    reduce(call, 18, float, |_| None)
}

/// The axes are an input from opset `since` on. Floats are reduced in double precision.
fn reduce(
    call: &Call<'_>,
    since: i64,
    float: impl Fn(&[f64]) -> f64,
    integer: impl Fn(&[i64]) -> Option<i64>,
) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let Some(Reduction { over, dims }) = reduction(call, &data.dims, since)? else {
        return Ok(data.clone());
    };
    let reduced: Vec<usize> = over.iter().map(|axis| data.dims[*axis]).collect();
    let group = elements(&reduced)?;
    let count = elements(&dims)?;
    let kept = (0..data.dims.len()).filter(|axis| !over.contains(axis));
    let order: Vec<usize> = kept.chain(over.iter().copied()).collect();
    let grouped = data.walked(&Strided::whole(&data.dims).transposed(&order))?;
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
    Ok(Tensor { dims, values })
}
