//! Resize and Upsample: rows and columns resampled.

use super::lowering::Lowering;
use super::value::Maps;
use crate::onnx::call::Call;
use crate::onnx::node::Node;
use crate::onnx::shapes;
use crate::shape::Shape;
use crate::{Coordinates, Filter, Nearest, Op, Resampling};

/// What an operator says of the axes of its input, one by one.
struct Told {
    axes: Vec<Resampling>,
    /// Stands where the output lies beyond the input.
    beyond: Option<f32>,
}

impl Lowering {
    pub(super) fn resize(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        let told = self.told(node, |call| told(call, &x.dims))?;
        let resized: Vec<usize> = (0..x.dims.len())
            .filter(|&axis| !told.axes[axis].is_none(x.dims[axis]))
            .collect();
        if resized.is_empty() && told.beyond.is_none() {
            self.give(node, 0, x);
            return Ok(());
        }
        let batch = self.batch.axes();
        let upright = self.upright(&x);
        // Where the rows lie; the columns follow.
        let rows = match upright {
            Some(_) => batch,
            None => (x.dims.len().max(batch + 3)) - 2,
        };
        let sides = [rows, rows + 1];
        if x.dims.len() != batch + 3 || resized.iter().any(|axis| !sides.contains(axis)) {
            return Err(format!(
                "resizes axes {resized:?} of shape {:?}; rows and columns are supported",
                x.dims
            ));
        }
        let axes = sides.map(|axis| told.axes[axis]);
        let [high, wide] = axes.map(|axis| axis.length);
        let below = upright.unwrap_or(x.node);
        let from = self.shapes[below];
        let mut at = self.push(&node.name, Op::Resample { axes }, &[below])?;
        self.spend(high + wide)?;
        if let Some(value) = told.beyond {
            at = self.beyond(node, at, (axes, from), value)?;
        }
        let resized = match upright {
            Some(_) => self.turn(&node.name, at)?,
            None => {
                let mut dims = x.dims;
                (dims[rows], dims[rows + 1]) = (high, wide);
                Maps { node: at, dims }
            }
        };
        self.give(node, 0, resized);
        Ok(())
    }

    /// A value where the output lies beyond the input.
    fn beyond(
        &mut self,
        node: &Node,
        at: usize,
        (axes, from): ([Resampling; 2], Shape),
        value: f32,
    ) -> Result<usize, String> {
        let [rows, columns] = [axes[0].outside(from.height), axes[1].outside(from.width)];
        let shape = [1, rows.len(), columns.len()];
        self.spend(2 * rows.len() * columns.len())?;
        let each = |inside: f32, outside: f32| -> Vec<f32> {
            let of = |outside_row: bool| {
                let cell = move |&column: &bool| match outside_row || column {
                    true => outside,
                    false => inside,
                };
                columns.iter().map(cell)
            };
            rows.iter().flat_map(|&row| of(row)).collect()
        };
        let (kept, put) = (each(1.0, 0.0), each(0.0, value));
        let inner = |name: &str| format!("{}.{name}", node.name);
        let at = self.push(&inner("inside"), Op::Scale { shape }, &[at])?;
        self.parameter(at, "weight", shape.to_vec(), kept);
        let at = self.push(&inner("beyond"), Op::Shift { shape }, &[at])?;
        self.parameter(at, "bias", shape.to_vec(), put);
        Ok(at)
    }
}

fn told(call: &Call<'_>, dims: &[usize]) -> Result<Told, String> {
    let attributes = &call.node.attributes;
    let old = is_old(call);
    let part = match attributes.string("coordinate_transformation_mode")? {
        _ if old => "asymmetric",
        told => told.unwrap_or("half_pixel"),
    };
    let crop = part == "tf_crop_and_resize";
    let over = match attributes.ints("axes")? {
        Some(listed) => shapes::axes(listed, dims.len())?,
        None => (0..dims.len()).collect(),
    };
    let factors = factors(call, dims, &over)?;
    let roi = match call.optional(1) {
        Some(roi) if crop => roi.as_floats()?.to_vec(),
        _ => Vec::new(),
    };
    if crop && roi.len() != 2 * over.len() {
        return Err(format!(
            "its roi has {} numbers, expected two for each of {} axes",
            roi.len(),
            over.len()
        ));
    }
    let mut axes: Vec<Resampling> = dims
        .iter()
        .map(|&length| Resampling::none(length))
        .collect();
    for (number, &axis) in over.iter().enumerate() {
        let (scale, told_length) = factors[number];
        let mut length = dims[axis] as f32;
        let coordinates = if crop {
            let [start, end] = [roi[number], roi[number + over.len()]].map(f64::from);
            if [start, end] == [0.0, 1.0] && told_length == Some(dims[axis]) {
                continue;
            }
            length *= (end - start) as f32;
            Coordinates::Part { start, end }
        } else {
            coordinates(part)?
        };
        let cells = match told_length {
            Some(cells) => cells,
            // A float beyond all sizes becomes the largest of them, which is refused.
            None => (scale * length).floor() as usize,
        };
        axes[axis] = Resampling {
            length: cells,
            scale: f64::from(scale),
            coordinates,
            filter: filter(call, scale)?,
            antialias: !old && attributes.int("antialias", 0)? != 0,
            exclude_outside: !old && attributes.int("exclude_outside", 0)? != 0,
        };
    }
    let beyond = match crop {
        true => Some(attributes.float("extrapolation_value", 0.0)?),
        false => None,
    };
    Ok(Told { axes, beyond })
}

/// Whether scales alone tell it: Upsample, and Resize before opset 11.
fn is_old(call: &Call<'_>) -> bool {
    call.node.opset < 11 || call.node.op == "Upsample"
}

fn unknown(name: &str, value: &str) -> String {
    format!("{name} is '{value}', which is not known")
}

/// Where cells lie that are no part of the input.
fn coordinates(told: &str) -> Result<Coordinates, String> {
    Ok(match told {
        "half_pixel" => Coordinates::HalfPixel,
        "half_pixel_symmetric" => Coordinates::HalfPixelSymmetric,
        "pytorch_half_pixel" => Coordinates::PytorchHalfPixel,
        "align_corners" => Coordinates::AlignCorners,
        "asymmetric" => Coordinates::Asymmetric,
        "tf_half_pixel_for_nn" => Coordinates::TfHalfPixelForNn,
        other => return Err(unknown("coordinate_transformation_mode", other)),
    })
}

/// The filter for an axis of that factor.
fn filter(call: &Call<'_>, scale: f32) -> Result<Filter, String> {
    let attributes = &call.node.attributes;
    match attributes.string("mode")?.unwrap_or("nearest") {
        "nearest" => {
            let told = attributes.string("nearest_mode")?;
            let rounding = match told.unwrap_or("round_prefer_floor") {
                _ if is_old(call) && scale < 1.0 && call.node.op == "Resize" => Nearest::Ceil,
                _ if is_old(call) => Nearest::Floor,
                "round_prefer_floor" => Nearest::PreferFloor,
                "round_prefer_ceil" => Nearest::PreferCeil,
                "floor" => Nearest::Floor,
                "ceil" => Nearest::Ceil,
                other => return Err(unknown("nearest_mode", other)),
            };
            Ok(Filter::Nearest { rounding })
        }
        "linear" | "bilinear" => Ok(Filter::Linear),
        "cubic" => match attributes.float("cubic_coeff_a", -0.75)? {
            coefficient if coefficient.is_finite() => Ok(Filter::Cubic {
                coefficient: coefficient.into(),
            }),
            odd => Err(format!("cubic_coeff_a is {odd}")),
        },
        other => Err(unknown("mode", other)),
    }
}

/// For each axis told of its factor, and its length where that is told.
fn factors(
    call: &Call<'_>,
    dims: &[usize],
    over: &[usize],
) -> Result<Vec<(f32, Option<usize>)>, String> {
    let attributes = &call.node.attributes;
    let old = is_old(call);
    let count = |found: usize| match found == over.len() {
        true => Ok(()),
        false => Err(format!(
            "tells the size of {found} axes, expected {}",
            over.len()
        )),
    };
    if let (true, Some(scales)) = (old, attributes.floats("scales")?) {
        count(scales.len())?;
        return Ok(scales.iter().map(|&scale| (scale, None)).collect());
    }
    let scales = call.optional(if old { 1 } else { 2 });
    if let Some(scales) = scales.filter(|scales| !scales.values.is_empty()) {
        let scales = scales.as_floats()?;
        count(scales.len())?;
        return Ok(scales.iter().map(|&scale| (scale, None)).collect());
    }
    let sizes = call.optional(3).ok_or("has neither scales nor sizes")?;
    let sizes = sizes.as_integers()?;
    count(sizes.len())?;
    let sizes = sizes.iter().map(|&size| usize::try_from(size));
    let sizes: Vec<usize> = sizes
        .collect::<Result<_, _>>()
        .map_err(|_| "has a negative size")?;
    let each = sizes.iter().zip(over);
    let each = each.map(|(&size, &axis)| (size as f32 / dims[axis] as f32, Some(size)));
    let each: Vec<(f32, Option<usize>)> = each.collect();
    let all = each.iter().map(|(scale, _)| *scale);
    let scale = match attributes.string("keep_aspect_ratio_policy")? {
        None | Some("stretch") => return Ok(each),
        Some("not_larger") => all.fold(f32::INFINITY, f32::min),
        Some("not_smaller") => all.fold(0.0, f32::max),
        Some(other) => return Err(unknown("keep_aspect_ratio_policy", other)),
    };
    let length = |&axis: &usize| (scale * dims[axis] as f32 + 0.5).floor() as usize;
    Ok(over
        .iter()
        .map(|axis| (scale, Some(length(axis))))
        .collect())
}
