//! Shapes that are taken apart along an axis and put together.

use super::axes::{axes, axis, from_front, place};
use crate::onnx::call::Call;
use crate::onnx::node::Node;
use crate::onnx::size::{rank, sizes};
use crate::strided::Slice;

/// What Slice takes, each axis at most once.
///
/// # Errors
/// Lists of different lengths, an axis that is not there or is listed twice, a step of 0.
pub(crate) fn slices(call: &Call<'_>, dims: &[usize]) -> Result<Vec<Slice>, String> {
    let list = |name, input| call.list(name, input, 10);
    let starts = list("starts", 1)?.ok_or("the starts are missing")?;
    let ends = list("ends", 2)?.ok_or("the ends are missing")?;
    let all: Vec<i64> = (0..starts.len() as i64).collect();
    let listed = list("axes", 3)?.unwrap_or(&all);
    let ones = vec![1; starts.len()];
    let steps = list("steps", 4)?.unwrap_or(&ones);
    if [ends.len(), listed.len(), steps.len()] != [starts.len(); 3] {
        return Err("starts, ends, axes and steps are not equally many".into());
    }
    let axes = axes(listed, dims.len())?.into_iter();
    let slice = |(number, axis): (usize, usize)| {
        let step = steps[number];
        let (start, count) = range(dims[axis], starts[number], ends[number], step)?;
        Ok(Slice {
            axis,
            start,
            step: step as isize,
            count,
        })
    };
    axes.enumerate().map(slice).collect()
}

/// Where a slice begins and how many places it takes.
fn range(size: usize, start: i64, end: i64, step: i64) -> Result<(usize, usize), String> {
    if step == 0 {
        return Err("a step of 0".into());
    }
    if size == 0 {
        return Ok((0, 0));
    }
    let (before, last) = match step {
        1.. => (0, size as i64),
        _ => (-1, size as i64 - 1),
    };
    // Backwards the end may lie before the first place, the start may not.
    let start = from_front(start, size).clamp(0, last);
    let end = from_front(end, size).clamp(before, last);
    let distance = if step > 0 { end - start } else { start - end };
    let count = (distance.max(0) as u64).div_ceil(step.unsigned_abs());
    Ok((start as usize, count as usize))
}

/// The part of a shape that Shape gives, from `start` to `end`.
///
/// # Errors
/// `start` or `end` that are not integers.
pub(crate) fn part<'a>(node: &Node, dims: &'a [usize]) -> Result<&'a [usize], String> {
    let start = node.attributes.int("start", 0)?;
    let end = node.attributes.int("end", dims.len() as i64)?;
    let (start, count) = range(dims.len(), start, end, 1)?;
    Ok(&dims[start..start + count])
}

/// What each part of a Split takes.
///
/// # Errors
/// Parts that are not as many as the outputs, or do not come to the whole.
pub(crate) fn split(call: &Call<'_>, dims: &[usize]) -> Result<Vec<Slice>, String> {
    let attributes = &call.node.attributes;
    let axis = axis(attributes.int("axis", 0)?, dims.len())?;
    let (size, parts) = (dims[axis], call.node.outputs.len());
    let told = attributes.int("num_outputs", parts as i64)?;
    if told != parts as i64 {
        return Err(format!("num_outputs is {told}, its outputs are {parts}"));
    }
    let sizes = match call.list("split", 1, 13)? {
        Some(listed) => stated(size, parts, listed)?,
        None => even(size, parts, call.node.opset)?,
    };
    let mut end = 0;
    let part = |count| {
        let start = end;
        end += count;
        Slice {
            axis,
            start,
            step: 1,
            count,
        }
    };
    Ok(sizes.into_iter().map(part).collect())
}

/// As many parts as listed, which come to the whole.
fn stated(size: usize, parts: usize, listed: &[i64]) -> Result<Vec<usize>, String> {
    let sizes = sizes(listed).ok();
    let mut each = sizes.iter().flatten();
    let total = each.try_fold(0_usize, |total, part| total.checked_add(*part));
    match sizes {
        Some(sizes) if sizes.len() == parts && total == Some(size) => Ok(sizes),
        _ => Err(format!(
            "an axis of size {size} cannot be split into {parts} parts of {listed:?}"
        )),
    }
}

/// Equal parts; from opset 18 on the last may be smaller.
fn even(size: usize, parts: usize, opset: i64) -> Result<Vec<usize>, String> {
    let part = size.div_ceil(parts.max(1));
    let equal = parts.saturating_sub(1);
    match size.checked_sub(equal * part) {
        Some(last) if parts > 0 && (last == part || opset >= 18) => {
            Ok([vec![part; equal], vec![last]].concat())
        }
        _ => Err(format!(
            "an axis of size {size} cannot be split into {parts} equal parts"
        )),
    }
}

/// What Gather takes along an axis.
pub(crate) struct Gathered {
    /// The axis.
    pub(crate) axis: usize,
    /// The places that it takes, in its order.
    pub(crate) places: Vec<usize>,
    /// The shape of the result, in which the axes of the indices stand for that axis.
    pub(crate) dims: Vec<usize>,
}

/// What Gather takes.
///
/// # Errors
/// An axis or an index that is not there.
pub(crate) fn gather(call: &Call<'_>, dims: &[usize]) -> Result<Gathered, String> {
    let chosen = call.input(1)?;
    let axis = axis(call.node.attributes.int("axis", 0)?, dims.len())?;
    let size = dims[axis];
    let places = chosen.as_integers()?.iter().map(|index| {
        place(*index, size)
            .ok_or_else(|| format!("index {index} is outside an axis of size {size}"))
    });
    let places = places.collect::<Result<_, _>>()?;
    let dims = [&dims[..axis], &chosen.dims, &dims[axis + 1..]].concat();
    rank(dims.len())?;
    Ok(Gathered { axis, places, dims })
}

/// The axis that Concat joins along, and the shape of the whole.
///
/// # Errors
/// Shapes that differ along other axes.
pub(crate) fn concat(call: &Call<'_>, parts: &[&[usize]]) -> Result<(usize, Vec<usize>), String> {
    let attributes = &call.node.attributes;
    let first = *parts.first().ok_or("has no input")?;
    if call.node.opset >= 4 && !attributes.has("axis") {
        return Err("attribute 'axis' is missing".into());
    }
    let axis = axis(attributes.int("axis", 1)?, first.len())?;
    let mut dims = first.to_vec();
    dims[axis] = 0;
    for part in parts {
        let fits = part.len() == dims.len()
            && (0..dims.len()).all(|other| other == axis || part[other] == dims[other]);
        if !fits {
            return Err(format!(
                "shapes {first:?} and {part:?} cannot be joined along axis {axis}"
            ));
        }
        dims[axis] = dims[axis].saturating_add(part[axis]);
    }
    Ok((axis, dims))
}
