//! Values that depend on constants alone, computed once when a file is read.

mod arithmetic;
mod layout;
mod make;
mod norm;
mod pick;
mod quantised;
mod reduce;

pub(super) use make::cast_target;
pub use make::told_of_shape;

use super::call::Call;
use super::node::Node;
use super::size::elements;
use super::tensor::Tensor;

/// The outputs of a node from its inputs, `None` where the node leaves one out; `None` where its operator is not one
/// of those that are computed here.
///
/// # Errors
/// What is wrong with the node or its inputs, with the node's name, operator and opset.
pub fn evaluate(node: &Node, inputs: &[Option<&Tensor>]) -> Result<Option<Vec<Tensor>>, String> {
    if !node.domain.is_empty() {
        return Ok(None);
    }
    let call = Call { node, inputs };
    outputs(&call).map_err(|problem| node.problem(problem))
}

fn outputs(call: &Call<'_>) -> Result<Option<Vec<Tensor>>, String> {
    for tensor in call.inputs.iter().flatten() {
        if elements(&tensor.dims)? != tensor.values.len() {
            return Err(format!(
                "an input of shape {:?} has {} values",
                tensor.dims,
                tensor.values.len()
            ));
        }
    }
    let outputs = computed(call)?;
    for tensor in outputs.iter().flatten() {
        elements(&tensor.dims)?;
    }
    Ok(outputs)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn squares(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum()
}

fn computed(call: &Call<'_>) -> Result<Option<Vec<Tensor>>, String> {
    let output = match call.node.op.as_str() {
        "Constant" => make::constant(call),
        "ConstantOfShape" => make::constant_of_shape(call),
        "Range" => make::range(call),
        "Shape" | "Size" => make::told_of_shape(call.node, &call.input(0)?.dims),
        "Cast" => make::cast(call),
        "Identity" => call.input(0).cloned(),
        "Dropout" => return make::dropout(call).map(Some),
        "Flatten" | "Reshape" | "Squeeze" | "Unsqueeze" => layout::reshape(call),
        "Transpose" => layout::transpose(call),
        "Expand" => layout::expand(call),
        "Slice" => pick::slice(call),
        "Split" => return pick::split(call).map(Some),
        "Gather" => pick::gather(call),
        "Concat" => pick::concat(call),
        "Add" => arithmetic::binary(call, |a, b| a + b, i64::checked_add),
        "Sub" => arithmetic::binary(call, |a, b| a - b, i64::checked_sub),
        "Mul" => arithmetic::binary(call, |a, b| a * b, i64::checked_mul),
        "Div" => arithmetic::binary(call, |a, b| a / b, i64::checked_div),
        "Pow" => arithmetic::power(call),
        "Min" => arithmetic::variadic(
            call,
            |a, b| if a.is_nan() || a < b { a } else { b },
            i64::min,
        ),
        "Max" => arithmetic::variadic(
            call,
            |a, b| if a.is_nan() || a > b { a } else { b },
            i64::max,
        ),
        "Equal" => arithmetic::compare(call, |a, b| a == b, |a, b| a == b),
        "Greater" => arithmetic::compare(call, |a, b| a > b, |a, b| a > b),
        "Less" => arithmetic::compare(call, |a, b| a < b, |a, b| a < b),
        "And" => arithmetic::and(call),
        "Not" => arithmetic::not(call),
        "Where" => arithmetic::choose(call),
        "Neg" => arithmetic::negate(call),
        "Sqrt" => arithmetic::unary(call, f32::sqrt),
        "Exp" => arithmetic::unary(call, f32::exp),
        "Floor" => arithmetic::unary(call, f32::floor),
        "Ceil" => arithmetic::unary(call, f32::ceil),
        "Reciprocal" => arithmetic::unary(call, f32::recip),
        "DequantizeLinear" => quantised::dequantise(call),
        "Abs" => arithmetic::unary(call, f32::abs),
        "Log" => arithmetic::unary(call, f32::ln),
        "Sigmoid" => arithmetic::unary(call, |value| 1.0 / (1.0 + (-value).exp())),
        "Tanh" => arithmetic::unary(call, f32::tanh),
        "Relu" => arithmetic::unary(call, |value| value.max(0.0)),
        "Sign" => arithmetic::sign(call),
        "Clip" => arithmetic::clip(call),
        "Mod" => arithmetic::modulo(call),
        "GreaterOrEqual" => arithmetic::compare(call, |a, b| a >= b, |a, b| a >= b),
        "LessOrEqual" => arithmetic::compare(call, |a, b| a <= b, |a, b| a <= b),
        "Sum" => arithmetic::variadic(call, |a, b| a + b, i64::wrapping_add),
        "BatchNormalization" => return norm::batch(call).map(Some),
        "CastLike" => make::cast_like(call),
        "ReduceSum" => reduce::sum(call),
        "ReduceProd" => reduce::product(call),
        "ReduceMean" => reduce::of_floats(call, mean),
        "ReduceMax" => reduce::extreme(call, f64::NEG_INFINITY, f64::max, i64::max),
        "ReduceMin" => reduce::extreme(call, f64::INFINITY, f64::min, i64::min),
        "ReduceL1" => reduce::of_floats(call, |values| values.iter().map(|v| v.abs()).sum()),
        "ReduceL2" => reduce::of_floats(call, |values| squares(values).sqrt()),
        "ReduceSumSquare" => reduce::of_floats(call, squares),
        _ => return Ok(None),
    };
    output.map(|output| Some(vec![output]))
}

#[cfg(test)]
mod tests;
