//! Shapes that are repeated until they fit together.

use super::axes::axis;
use crate::onnx::call::Call;

/// The shape that arrays of two shapes have together: matched from the last axis on, and repeated where they have an
/// axis once or not at all.
///
/// # Errors
/// Shapes that do not fit.
pub(crate) fn broadcast(a: &[usize], b: &[usize]) -> Result<Vec<usize>, String> {
    let rank = a.len().max(b.len());
    let size = |dims: &[usize], axis: usize| match (axis + dims.len()).checked_sub(rank) {
        Some(axis) => dims[axis],
        None => 1,
    };
    let sizes = (0..rank).map(|axis| match (size(a, axis), size(b, axis)) {
        (a, b) if a == b => Some(a),
        (1, size) | (size, 1) => Some(size),
        _ => None,
    });
    let dims: Option<_> = sizes.collect();
    dims.ok_or_else(|| misfit(a, b))
}

/// The shape that an operator's second operand is matched under, and the shape of the result. Before opset 7 only the
/// second is repeated, where `broadcast` says so and from `axis` on.
///
/// # Errors
/// Shapes that do not fit.
pub(crate) fn operands(
    call: &Call<'_>,
    a: &[usize],
    b: &[usize],
) -> Result<[Vec<usize>; 2], String> {
    let attributes = &call.node.attributes;
    let mut matched = b.to_vec();
    if call.node.opset >= 7 {
        let dims = broadcast(a, b)?;
        return Ok([matched, dims]);
    }
    let repeats = attributes.int("broadcast", 0)? != 0;
    if repeats && attributes.has("axis") {
        let axis = axis(attributes.int("axis", 0)?, a.len())?;
        let behind = a.len().checked_sub(axis + b.len());
        matched.extend(std::iter::repeat_n(1, behind.ok_or_else(|| misfit(a, b))?));
    }
    if (!repeats && a != b) || broadcast(a, &matched)? != a {
        return Err(misfit(a, b));
    }
    Ok([matched, a.to_vec()])
}

fn misfit(a: &[usize], b: &[usize]) -> String {
    format!("shapes {a:?} and {b:?} do not fit together")
}
