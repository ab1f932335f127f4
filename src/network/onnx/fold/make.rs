//! Operators that make numbers from attributes, shapes and other kinds of numbers.

use crate::onnx::messages::tensor_proto::DataType;
use half::{bf16, f16};
use protobuf::Enum;

use crate::onnx::call::Call;
use crate::onnx::node::Node;
use crate::onnx::shapes;
use crate::onnx::size::{cells, elements, sizes};
use crate::onnx::tensor::{self, each, Numbers, Tensor};

pub(super) fn constant(call: &Call<'_>) -> Result<Tensor, String> {
    let attributes = &call.node.attributes;
    if let Some(tensor) = attributes.tensor("value")? {
        Ok(tensor.clone())
    } else if attributes.has("value_float") {
        Ok(Tensor::floats(
            vec![],
            vec![attributes.float("value_float", 0.0)?],
        ))
    } else if attributes.has("value_int") {
        Ok(Tensor::integers(
            vec![],
            vec![attributes.int("value_int", 0)?],
        ))
    } else if let Some(values) = attributes.floats("value_floats")? {
        Ok(Tensor::floats(vec![values.len()], values.to_vec()))
    } else if let Some(values) = attributes.ints("value_ints")? {
        Ok(Tensor::integers(vec![values.len()], values.to_vec()))
    } else {
        Err("has no value that is a dense tensor of numbers".into())
    }
}

pub(super) fn constant_of_shape(call: &Call<'_>) -> Result<Tensor, String> {
    let dims = sizes(call.input(0)?.as_integers()?)?;
    let count = elements(&dims)?;
    let values = match call.node.attributes.tensor("value")? {
        None => Numbers::Floats(vec![0.0; count]),
        Some(tensor) => each!(&tensor.values, values => vec![single(values)?; count]),
    };
    Ok(Tensor { dims, values })
}

pub(super) fn range(call: &Call<'_>) -> Result<Tensor, String> {
    let (start, limit, delta) = (call.input(0)?, call.input(1)?, call.input(2)?);
    match (&start.values, &limit.values, &delta.values) {
        (Numbers::Integers(start), Numbers::Integers(limit), Numbers::Integers(delta)) => {
            integer_range(single(start)?, single(limit)?, single(delta)?)
        }
        (Numbers::Floats(start), Numbers::Floats(limit), Numbers::Floats(delta)) => {
            float_range(single(start)?, single(limit)?, single(delta)?)
        }
        _ => Err("floats and integers together".into()),
    }
}

fn single<T: Copy>(values: &[T]) -> Result<T, String> {
    match values {
        [value] => Ok(*value),
        _ => Err(format!("expected one value, found {}", values.len())),
    }
}

fn integer_range(start: i64, limit: i64, delta: i64) -> Result<Tensor, String> {
    if delta == 0 {
        return Err("a step of 0".into());
    }
    let ahead = (start < limit) == (delta > 0) && start != limit;
    let count = match ahead {
        true => start.abs_diff(limit).div_ceil(delta.unsigned_abs()),
        false => 0,
    };
    let count = elements(&[usize::try_from(count).unwrap_or(usize::MAX)])?;
    // A product may be too large where the sum is not.
    let values = (0..count as i64).map(|i| start.wrapping_add(i.wrapping_mul(delta)));
    Ok(Tensor::integers(vec![count], values.collect()))
}

fn float_range(start: f32, limit: f32, delta: f32) -> Result<Tensor, String> {
    let (start, delta) = (f64::from(start), f64::from(delta));
    let count = ((f64::from(limit) - start) / delta).ceil();
    if count.is_nan() {
        return Err("a range without an end".into());
    }
    let count = elements(&[count.max(0.0) as usize])?;
    let values = (0..count).map(|i| (start + i as f64 * delta) as f32);
    Ok(Tensor::floats(vec![count], values.collect()))
}

/// What the operators Shape and Size tell of an input of this shape.
///
/// # Errors
/// `start` or `end` that are not integers; more cells than can be counted.
pub fn told_of_shape(node: &Node, dims: &[usize]) -> Result<Tensor, String> {
    if node.op == "Size" {
        return Ok(Tensor::integers(vec![], vec![cells(dims)? as i64]));
    }
    let sizes: Vec<i64> = shapes::part(node, dims)?
        .iter()
        .map(|size| *size as i64)
        .collect();
    Ok(Tensor::integers(vec![sizes.len()], sizes))
}

/// The input as it is, and a mask of nothing dropped where one is wanted.
pub(super) fn dropout(call: &Call<'_>) -> Result<Vec<Tensor>, String> {
    let input = call.input(0)?;
    let training = call.optional(2);
    if training.is_some_and(|flag| flag.values != Numbers::Integers(vec![0])) {
        return Err("drops at random (training_mode); export the model for inference".into());
    }
    let mut outputs = vec![input.clone()];
    if call.node.outputs.len() > 1 {
        outputs.push(Tensor::integers(
            input.dims.clone(),
            vec![1; input.values.len()],
        ));
    }
    Ok(outputs)
}

pub(super) fn cast(call: &Call<'_>) -> Result<Tensor, String> {
    let input = call.input(0)?;
    let to = cast_target(call.node)?;
    let float = |value: f32| match to {
        DataType::FLOAT16 => f16::from_f32(value).to_f32(),
        DataType::BFLOAT16 => bf16::from_f32(value).to_f32(),
        _ => value,
    };
    let integer = |value: i64| match to {
        DataType::INT8 => (value as i8).into(),
        DataType::INT16 => (value as i16).into(),
        DataType::INT32 => (value as i32).into(),
        DataType::UINT8 => (value as u8).into(),
        DataType::UINT16 => (value as u16).into(),
        DataType::UINT32 => (value as u32).into(),
        DataType::BOOL => (value != 0).into(),
        _ => value,
    };
    let values = match (to, &input.values) {
        (DataType::FLOAT | DataType::FLOAT16 | DataType::BFLOAT16 | DataType::DOUBLE, values) => {
            Numbers::Floats(match values {
                Numbers::Floats(values) => values.iter().map(|value| float(*value)).collect(),
                Numbers::Integers(values) => {
                    values.iter().map(|value| float(*value as f32)).collect()
                }
            })
        }
        (DataType::BOOL, Numbers::Floats(values)) => {
            Numbers::Integers(values.iter().map(|value| (*value != 0.0).into()).collect())
        }
        (_, Numbers::Floats(values)) => {
            Numbers::Integers(values.iter().map(|value| integer(*value as i64)).collect())
        }
        (_, Numbers::Integers(values)) => {
            Numbers::Integers(values.iter().map(|value| integer(*value)).collect())
        }
    };
    Ok(Tensor {
        dims: input.dims.clone(),
        values,
    })
}

/// Floats or integers, as the second input has.
pub(super) fn cast_like(call: &Call<'_>) -> Result<Tensor, String> {
    let (input, like) = (call.input(0)?, call.input(1)?);
    let values = match (&input.values, &like.values) {
        (Numbers::Integers(values), Numbers::Floats(_)) => {
            Numbers::Floats(values.iter().map(|value| *value as f32).collect())
        }
        (Numbers::Floats(values), Numbers::Integers(_)) => {
            Numbers::Integers(values.iter().map(|value| *value as i64).collect())
        }
        (values, _) => values.clone(),
    };
    Ok(Tensor {
        dims: input.dims.clone(),
        values,
    })
}

/// The type to cast to: a number, before opset 6 a name.
///
/// # Errors
/// A type that is none of numbers, or not known.
pub(in crate::onnx) fn cast_target(node: &Node) -> Result<DataType, String> {
    let attributes = &node.attributes;
    let (told, known) = if node.opset < 6 {
        let name = attributes.string("to")?.unwrap_or_default();
        (name.to_owned(), DataType::from_str(&name.to_uppercase()))
    } else {
        let number = attributes.int("to", 0)?;
        (
            number.to_string(),
            i32::try_from(number).ok().and_then(DataType::from_i32),
        )
    };
    let known = known.filter(|known| tensor::size(*known).is_ok());
    known.ok_or_else(|| format!("a cast to element type '{told}' is not supported"))
}
