//! Operators that take arrays apart along an axis and put them together.

use super::call::{axis, marked, Call};
use crate::network::onnx::size::elements;
use crate::network::onnx::strided::Strided;
use crate::network::onnx::tensor::{each, Numbers, Tensor};

pub(super) fn slice(call: &Call<'_>) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let rank = data.dims.len();
    let starts = call
        .list("starts", 1, 10)?
        .ok_or("the starts are missing")?;
    let ends = call.list("ends", 2, 10)?.ok_or("the ends are missing")?;
    let all: Vec<i64> = (0..starts.len() as i64).collect();
    let axes = call.list("axes", 3, 10)?.unwrap_or(&all);
    let ones = vec![1; starts.len()];
    let steps = match call.opset {
        ..10 => &ones,
        _ => call.list("steps", 4, 10)?.unwrap_or(&ones),
    };
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err("starts, ends, axes and steps are not equally many".into());
    }
    marked(axes, rank)?;
    let mut walk = Strided::whole(&data.dims);
    for (place, listed) in axes.iter().enumerate() {
        let axis = axis(*listed, rank)?;
        let (start, count) = range(data.dims[axis], starts[place], ends[place], steps[place])?;
        walk = walk.sliced(axis, start, steps[place] as isize, count);
    }
    data.walked(&walk)
}

/// Where a slice begins and how many elements it has, by Python's rules.
fn range(size: usize, start: i64, end: i64, step: i64) -> Result<(usize, usize), String> {
    if step == 0 {
        return Err("a step of 0".into());
    }
    if size == 0 {
        return Ok((0, 0));
    }
    let size = size as i64;
    let (low, high) = if step > 0 { (0, size) } else { (-1, size - 1) };
    let place = |at: i64| (if at < 0 { at + size } else { at }).clamp(low, high);
    let (start, end) = (place(start), place(end));
    let distance = if step > 0 { end - start } else { start - end };
    let count = (distance.max(0) as u64).div_ceil(step.unsigned_abs());
    Ok((start.max(0) as usize, count as usize))
}

pub(super) fn split(call: &Call<'_>) -> Result<Vec<Tensor>, String> {
    let data = call.input(0)?;
    let axis = axis(call.node.attributes.int("axis", 0)?, data.dims.len())?;
    let size = data.dims[axis];
    let parts = call.node.outputs.len();
    let sizes = match call.list("split", 1, 13)? {
        Some(sizes) => sizes
            .iter()
            .map(|size| usize::try_from(*size))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| "a negative size of a part")?,
        None => even(size, parts, call.opset)?,
    };
    let total = sizes
        .iter()
        .try_fold(0_usize, |total, part| total.checked_add(*part));
    if sizes.len() != parts || total != Some(size) {
        return Err(format!(
            "an axis of size {size} cannot be split into {parts} parts of {sizes:?}"
        ));
    }
    let mut start = 0;
    let mut outputs = Vec::new();
    for part in sizes {
        outputs.push(data.walked(&Strided::whole(&data.dims).sliced(axis, start, 1, part))?);
        start += part;
    }
    Ok(outputs)
}

/// Equal parts; from opset 18 on the last may be smaller.
fn even(size: usize, parts: usize, opset: i64) -> Result<Vec<usize>, String> {
    if parts == 0 || (opset < 18 && !size.is_multiple_of(parts)) {
        return Err(format!(
            "an axis of size {size} cannot be split into {parts} equal parts"
        ));
    }
    let part = size.div_ceil(parts);
    Ok((0..parts)
        .map(|i| part.min(size.saturating_sub(i * part)))
        .collect())
}

pub(super) fn gather(call: &Call<'_>) -> Result<Tensor, String> {
    let data = call.input(0)?;
    let chosen = call.input(1)?;
    let axis = axis(call.node.attributes.int("axis", 0)?, data.dims.len())?;
    let size = data.dims[axis];
    let places = chosen.as_integers()?.iter().map(|index| {
        let place = if *index < 0 {
            index + size as i64
        } else {
            *index
        };
        let place = usize::try_from(place).ok().filter(|place| *place < size);
        place.ok_or_else(|| format!("index {index} is outside an axis of size {size}"))
    });
    let places = places.collect::<Result<Vec<_>, _>>()?;
    let dims = [&data.dims[..axis], &chosen.dims, &data.dims[axis + 1..]].concat();
    elements(&dims)?;
    let inner = elements(&data.dims[axis + 1..])?;
    let values = each!(&data.values, values => gathered(values, size * inner, inner, &places));
    Ok(Tensor { dims, values })
}

/// Of each block of `block` values the runs of `inner` values at these places.
fn gathered<T: Copy>(values: &[T], block: usize, inner: usize, places: &[usize]) -> Vec<T> {
    let mut result = Vec::new();
    if block == 0 {
        return result;
    }
    result.reserve_exact(values.len() / block * inner * places.len());
    for block in values.chunks_exact(block) {
        for place in places {
            result.extend_from_slice(&block[place * inner..(place + 1) * inner]);
        }
    }
    result
}

pub(super) fn concat(call: &Call<'_>) -> Result<Tensor, String> {
    let parts: Vec<&Tensor> = call.inputs.iter().copied().flatten().collect();
    let first = call.input(0)?;
    let attributes = &call.node.attributes;
    if call.opset >= 4 && !attributes.has("axis") {
        return Err("attribute 'axis' is missing".into());
    }
    let axis = axis(attributes.int("axis", 1)?, first.dims.len())?;
    let mut dims = first.dims.clone();
    dims[axis] = 0;
    for part in &parts {
        let fits = part.dims.len() == dims.len()
            && (0..dims.len()).all(|other| other == axis || part.dims[other] == dims[other]);
        if !fits {
            return Err(format!(
                "shapes {:?} and {:?} cannot be joined along axis {axis}",
                first.dims, part.dims
            ));
        }
        dims[axis] = dims[axis].saturating_add(part.dims[axis]);
    }
    let count = elements(&dims)?;
    let values = match first.values {
        Numbers::Floats(_) => {
            let parts = parts.iter().map(|part| part.as_floats());
            Numbers::Floats(joined(
                &parts.collect::<Result<Vec<_>, _>>()?,
                &dims[..axis],
                count,
            )?)
        }
        Numbers::Integers(_) => {
            let parts = parts.iter().map(|part| part.as_integers());
            Numbers::Integers(joined(
                &parts.collect::<Result<Vec<_>, _>>()?,
                &dims[..axis],
                count,
            )?)
        }
    };
    Ok(Tensor { dims, values })
}

/// Row by row, where the axes in front of the joined one count the rows.
fn joined<T: Copy>(parts: &[&[T]], outer: &[usize], count: usize) -> Result<Vec<T>, String> {
    let mut result = Vec::with_capacity(count);
    if count == 0 {
        return Ok(result);
    }
    let rows = elements(outer)?;
    for row in 0..rows {
        for part in parts {
            let width = part.len() / rows;
            result.extend_from_slice(&part[row * width..(row + 1) * width]);
        }
    }
    Ok(result)
}
