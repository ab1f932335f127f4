//! The same cells under another shape or order, and axes that are reduced.

use super::axes::{axes, axis};
use crate::onnx::call::Call;
use crate::onnx::size::{cells, rank};

/// The shape that Flatten, Reshape, Squeeze or Unsqueeze gives. A Squeeze that lists no axes leaves the first `kept` of
/// them.
///
/// # Errors
/// A shape of more or fewer cells.
pub(crate) fn reshaped(call: &Call<'_>, dims: &[usize], kept: usize) -> Result<Vec<usize>, String> {
    match call.node.op.as_str() {
        "Flatten" => flatten(call, dims),
        "Reshape" => reshape(call, dims),
        "Squeeze" => squeeze(call, dims, kept),
        _ => unsqueeze(call, dims),
    }
}

fn flatten(call: &Call<'_>, dims: &[usize]) -> Result<Vec<usize>, String> {
    let at = match call.node.attributes.int("axis", 1)? {
        end if end == dims.len() as i64 => dims.len(),
        other => axis(other, dims.len())?,
    };
    let (rows, columns) = dims.split_at(at);
    Ok(vec![cells(rows)?, cells(columns)?])
}

/// 0 takes the size over where zeros are not meant, -1 is what is left.
fn reshape(call: &Call<'_>, dims: &[usize]) -> Result<Vec<usize>, String> {
    let shape = call.list("shape", 1, 5)?.ok_or("the shape is missing")?;
    rank(shape.len())?;
    let keep_zeros = call.node.opset >= 14 && call.node.attributes.int("allowzero", 0)? != 0;
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
    let count = cells(dims)?;
    if let Some(place) = unknown {
        let others = cells(&result)?;
        result[place] = count.checked_div(others).ok_or_else(mismatch)?;
    }
    match cells(&result)? == count {
        true => Ok(result),
        false => Err(mismatch()),
    }
}

fn squeeze(call: &Call<'_>, dims: &[usize], kept: usize) -> Result<Vec<usize>, String> {
    let gone = match call.list("axes", 1, 13)? {
        Some(listed) => axes(listed, dims.len())?,
        None => (kept..dims.len()).filter(|axis| dims[*axis] == 1).collect(),
    };
    if let Some(axis) = gone.iter().find(|axis| dims[**axis] != 1) {
        let size = dims[*axis];
        return Err(format!("axis {axis} of size {size} cannot be squeezed"));
    }
    Ok(without(dims, &gone))
}

fn unsqueeze(call: &Call<'_>, dims: &[usize]) -> Result<Vec<usize>, String> {
    let listed = call.list("axes", 1, 13)?.ok_or("the axes are missing")?;
    let rank = rank(dims.len() + listed.len())?;
    let new = axes(listed, rank)?;
    let mut old = dims.iter().copied();
    let sizes = (0..rank).map(|axis| match new.contains(&axis) {
        true => Some(1),
        false => old.next(),
    });
    Ok(sizes.flatten().collect())
}

/// The order of axes that Transpose gives.
///
/// # Errors
/// No order of so many axes.
pub(crate) fn permutation(call: &Call<'_>, rank: usize) -> Result<Vec<usize>, String> {
    match call.node.attributes.ints("perm")? {
        None => Ok((0..rank).rev().collect()),
        Some(perm) if perm.len() == rank => axes(perm, rank),
        Some(perm) => Err(format!("perm {perm:?} does not fit a shape of {rank} axes")),
    }
}

/// What an operator that makes one number of many does to a shape.
pub(crate) struct Reduction {
    /// The axes that are reduced, in ascending order.
    pub(crate) over: Vec<usize>,
    /// The shape of the result.
    pub(crate) dims: Vec<usize>,
}

/// A reduction whose axes are an input from opset `since` on; `None` where it leaves all as it is.
///
/// # Errors
/// An axis that is not there or is listed twice.
pub(crate) fn reduction(
    call: &Call<'_>,
    dims: &[usize],
    since: i64,
) -> Result<Option<Reduction>, String> {
    let attributes = &call.node.attributes;
    let mut over = match call.list("axes", 1, since)?.unwrap_or_default() {
        [] if attributes.int("noop_with_empty_axes", 0)? != 0 => return Ok(None),
        [] => (0..dims.len()).collect(),
        listed => axes(listed, dims.len())?,
    };
    over.sort_unstable();
    let dims = if attributes.int("keepdims", 1)? != 0 {
        let mut dims = dims.to_vec();
        over.iter().for_each(|axis| dims[*axis] = 1);
        dims
    } else {
        without(dims, &over)
    };
    Ok(Some(Reduction { over, dims }))
}

fn without(dims: &[usize], gone: &[usize]) -> Vec<usize> {
    let kept = (0..dims.len()).filter(|axis| !gone.contains(axis));
    kept.map(|axis| dims[axis]).collect()
}
