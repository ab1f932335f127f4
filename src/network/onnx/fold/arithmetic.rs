//! Operators that compute each element by itself, with broadcasting.

use std::borrow::Cow;

use crate::onnx::call::Call;
use crate::onnx::shapes;
use crate::onnx::size::{elements, MAX_TOTAL_ELEMENTS};
use crate::onnx::tensor::{each, Numbers, Tensor};
use crate::strided::Strided;

/// The values of a tensor of a shape, repeated up to one that it must be able to have.
fn repeated<'a>(
    tensor: &'a Tensor,
    own: &[usize],
    dims: &[usize],
) -> Result<Cow<'a, Numbers>, String> {
    elements(dims)?;
    if own == dims {
        return Ok(Cow::Borrowed(&tensor.values));
    }
    let walk = Strided::whole(own).broadcast(dims);
    Ok(Cow::Owned(
        each!(&tensor.values, values => walk.read(values)),
    ))
}

/// Two inputs and the shape that both have.
struct Pair<'a> {
    dims: Vec<usize>,
    a: Cow<'a, Numbers>,
    b: Cow<'a, Numbers>,
}

fn pair<'a>(call: &Call<'a>) -> Result<Pair<'a>, String> {
    let (a, b) = (call.input(0)?, call.input(1)?);
    let [matched, dims] = shapes::operands(call, &a.dims, &b.dims)?;
    let (a, b) = (repeated(a, &a.dims, &dims)?, repeated(b, &matched, &dims)?);
    Ok(Pair { dims, a, b })
}

/// Floats with floats and integers with integers.
fn combine(
    a: &Numbers,
    b: &Numbers,
    float: impl Fn(f32, f32) -> f32,
    integer: impl Fn(i64, i64) -> Option<i64>,
) -> Result<Numbers, String> {
    match (a, b) {
        (Numbers::Floats(a), Numbers::Floats(b)) => Ok(Numbers::Floats(
            a.iter().zip(b).map(|(a, b)| float(*a, *b)).collect(),
        )),
        (Numbers::Integers(a), Numbers::Integers(b)) => {
            let values = a.iter().zip(b).map(|(a, b)| integer(*a, *b));
            let values = values.collect::<Option<_>>();
            values
                .map(Numbers::Integers)
                .ok_or("an integer result that does not exist or is too large".into())
        }
        _ => Err("floats and integers together".into()),
    }
}

pub(super) fn binary(
    call: &Call<'_>,
    float: impl Fn(f32, f32) -> f32,
    integer: impl Fn(i64, i64) -> Option<i64>,
) -> Result<Tensor, String> {
    let Pair { dims, a, b } = pair(call)?;
    let values = combine(&a, &b, float, integer)?;
    Ok(Tensor { dims, values })
}

pub(super) fn variadic(
    call: &Call<'_>,
    float: impl Fn(f32, f32) -> f32,
    integer: impl Fn(i64, i64) -> i64,
) -> Result<Tensor, String> {
    let mut result = call.input(0)?.clone();
    let mut made = 0;
    for index in 1..call.inputs.len() {
        let next = call.input(index)?;
        let dims = shapes::broadcast(&result.dims, &next.dims)?;
        made += elements(&dims)?;
        if made > MAX_TOTAL_ELEMENTS {
            return Err(format!(
                "takes more than {MAX_TOTAL_ELEMENTS} elements to compute"
            ));
        }
        let (a, b) = (
            repeated(&result, &result.dims, &dims)?,
            repeated(next, &next.dims, &dims)?,
        );
        let values = combine(&a, &b, &float, |a, b| Some(integer(a, b)))?;
        result = Tensor { dims, values };
    }
    Ok(result)
}

/// The kind of the base is the kind of the result, whatever the exponent's.
pub(super) fn power(call: &Call<'_>) -> Result<Tensor, String> {
    let Pair {
        dims,
        a: base,
        b: exponent,
    } = pair(call)?;
    let values = match (&*base, &*exponent) {
        (Numbers::Floats(base), Numbers::Integers(exponent)) => {
            let both = base.iter().zip(exponent);
            Numbers::Floats(both.map(|(a, b)| a.powf(*b as f32)).collect())
        }
        (Numbers::Integers(base), Numbers::Floats(exponent)) => {
            let both = base.iter().zip(exponent);
            Numbers::Integers(
                both.map(|(a, b)| (*a as f64).powf((*b).into()) as i64)
                    .collect(),
            )
        }
        (base, exponent) => combine(base, exponent, f32::powf, |base, exponent| {
            base.checked_pow(u32::try_from(exponent).ok()?)
        })?,
    };
    Ok(Tensor { dims, values })
}

pub(super) fn compare(
    call: &Call<'_>,
    float: impl Fn(f32, f32) -> bool,
    integer: impl Fn(i64, i64) -> bool,
) -> Result<Tensor, String> {
    let Pair { dims, a, b } = pair(call)?;
    let values = match (&*a, &*b) {
        (Numbers::Floats(a), Numbers::Floats(b)) => {
            a.iter().zip(b).map(|(a, b)| float(*a, *b).into()).collect()
        }
        (Numbers::Integers(a), Numbers::Integers(b)) => a
            .iter()
            .zip(b)
            .map(|(a, b)| integer(*a, *b).into())
            .collect(),
        _ => return Err("floats and integers together".into()),
    };
    Ok(Tensor::integers(dims, values))
}

pub(super) fn and(call: &Call<'_>) -> Result<Tensor, String> {
    for index in 0..2 {
        call.input(index)?.as_integers()?;
    }
    binary(call, f32::min, |a, b| Some((a != 0 && b != 0).into()))
}

pub(super) fn not(call: &Call<'_>) -> Result<Tensor, String> {
    let input = call.input(0)?;
    let values = input
        .as_integers()?
        .iter()
        .map(|value| (*value == 0).into());
    Ok(Tensor::integers(input.dims.clone(), values.collect()))
}

/// The operator Where.
pub(super) fn choose(call: &Call<'_>) -> Result<Tensor, String> {
    fn chosen<T: Copy>(conditions: &[i64], yes: &[T], no: &[T]) -> Vec<T> {
        let both = yes.iter().zip(no).zip(conditions);
        both.map(|((yes, no), condition)| if *condition != 0 { *yes } else { *no })
            .collect()
    }
    let (condition, yes, no) = (call.input(0)?, call.input(1)?, call.input(2)?);
    condition.as_integers()?;
    let dims = shapes::broadcast(&condition.dims, &yes.dims)?;
    let dims = shapes::broadcast(&dims, &no.dims)?;
    let condition = repeated(condition, &condition.dims, &dims)?;
    let Numbers::Integers(condition) = &*condition else {
        return Err("a condition of floats".into());
    };
    let (yes, no) = (
        repeated(yes, &yes.dims, &dims)?,
        repeated(no, &no.dims, &dims)?,
    );
    let values = match (&*yes, &*no) {
        (Numbers::Floats(yes), Numbers::Floats(no)) => Numbers::Floats(chosen(condition, yes, no)),
        (Numbers::Integers(yes), Numbers::Integers(no)) => {
            Numbers::Integers(chosen(condition, yes, no))
        }
        _ => return Err("floats and integers together".into()),
    };
    Ok(Tensor { dims, values })
}

pub(super) fn negate(call: &Call<'_>) -> Result<Tensor, String> {
    let input = call.input(0)?;
    let values = match &input.values {
        Numbers::Floats(values) => Numbers::Floats(values.iter().map(|value| -value).collect()),
        Numbers::Integers(values) => {
            let values = values.iter().map(|value| value.checked_neg());
            Numbers::Integers(
                values
                    .collect::<Option<_>>()
                    .ok_or("an integer result that is too large")?,
            )
        }
    };
    Ok(Tensor {
        dims: input.dims.clone(),
        values,
    })
}

pub(super) fn unary(call: &Call<'_>, float: impl Fn(f32) -> f32) -> Result<Tensor, String> {
    let input = call.input(0)?;
    let values = input.as_floats()?.iter().map(|value| float(*value));
    Ok(Tensor::floats(input.dims.clone(), values.collect()))
}

pub(super) fn sign(call: &Call<'_>) -> Result<Tensor, String> {
    let of_float = |value: &f32| match value {
        value if *value > 0.0 => 1.0,
        value if *value < 0.0 => -1.0,
        value => *value,
    };
    let input = call.input(0)?;
    let values = match &input.values {
        Numbers::Floats(values) => Numbers::Floats(values.iter().map(of_float).collect()),
        Numbers::Integers(values) => {
            Numbers::Integers(values.iter().map(|value| value.signum()).collect())
        }
    };
    Ok(Tensor {
        dims: input.dims.clone(),
        values,
    })
}

/// Bounds are attributes before opset 11, and inputs that may be left out from there on.
pub(super) fn clip(call: &Call<'_>) -> Result<Tensor, String> {
    let input = call.input(0)?;
    let bound = |name: &str, at: usize, usual: f32| -> Result<Tensor, String> {
        match (call.node.opset < 11, call.optional(at)) {
            (true, _) => call.node.attributes.float(name, usual).map(Tensor::number),
            (false, Some(bound)) => Ok(bound.clone()),
            (false, None) => Ok(Tensor::number(usual)),
        }
    };
    let (min, max) = (
        bound("min", 1, f32::NEG_INFINITY)?,
        bound("max", 2, f32::INFINITY)?,
    );
    let values = match &input.values {
        Numbers::Floats(values) => {
            let [min, max] = [min, max].map(|bound| single(bound.as_floats()?));
            let (min, max) = (min?, max?);
            Numbers::Floats(values.iter().map(|value| value.max(min).min(max)).collect())
        }
        Numbers::Integers(values) => {
            let bound = |bound: &Tensor, usual: i64| match &bound.values {
                Numbers::Integers(values) => single(values),
                Numbers::Floats(_) => Ok(usual),
            };
            let (min, max) = (bound(&min, i64::MIN)?, bound(&max, i64::MAX)?);
            Numbers::Integers(
                values
                    .iter()
                    .map(|value| (*value).max(min).min(max))
                    .collect(),
            )
        }
    };
    Ok(Tensor {
        dims: input.dims.clone(),
        values,
    })
}

fn single<T: Copy>(values: &[T]) -> Result<T, String> {
    match values {
        [value] => Ok(*value),
        _ => Err(format!("a bound of {} values, expected one", values.len())),
    }
}

/// Remainders, with the sign of the divisor; with that of the dividend where `fmod` says so, as floats have to.
pub(super) fn modulo(call: &Call<'_>) -> Result<Tensor, String> {
    let of_dividend = call.node.attributes.int("fmod", 0)? != 0;
    binary(
        call,
        |a, b| a % b,
        |a, b| {
            let rest = a.checked_rem(b)?;
            let turns = !of_dividend && rest != 0 && (rest < 0) != (b < 0);
            Some(if turns { rest + b } else { rest })
        },
    )
}
