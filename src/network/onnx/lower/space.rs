//! Operators over whole maps: means, global poolings, padding.

use super::axes::place;
use super::lowering::Lowering;
use super::value::Maps;
use crate::onnx::node::Node;
use crate::onnx::shapes::{self, Reduction};
use crate::shape::Shape;
use crate::{Axis, Op, Window};

impl Lowering {
    pub(super) fn global_average(&mut self, node: &Node) -> Result<(), String> {
        let x = self.image(node, 0)?;
        let at = self.push(&node.name, Op::GlobalAveragePool, &[x.node])?;
        self.give_image(node, at, x.dims[0]);
        Ok(())
    }

    pub(super) fn global_max(&mut self, node: &Node) -> Result<(), String> {
        let x = self.image(node, 0)?;
        let shape = self.shapes[x.node];
        let window = Window {
            kernel: [shape.height, shape.width],
            ..Window::square(1, 1, 0)
        };
        let at = self.push(
            &node.name,
            Op::MaxPool {
                window,
                ceil: false,
            },
            &[x.node],
        )?;
        self.give_image(node, at, x.dims[0]);
        Ok(())
    }

    /// Over axes that lie side by side: a pooling over all of them, taken as the rows of a map.
    pub(super) fn mean(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        let told = self.told(node, |call| shapes::reduction(call, &x.dims, 18))?;
        let Some(Reduction { over, dims }) = told else {
            self.give(node, 0, x);
            return Ok(());
        };
        let over = over.into_iter().map(|axis| self.image_axis(axis));
        let over = over.collect::<Result<Vec<_>, _>>()?;
        let (Some(&first), Some(&last)) = (over.first(), over.last()) else {
            return Err("takes the mean over nothing".into());
        };
        if last - first + 1 != over.len() {
            return Err(format!(
                "takes the mean over axes {over:?}, which do not lie side by side"
            ));
        }
        let image = self.batch.image(&x.dims)?.to_vec();
        let before: usize = image[..first].iter().product();
        let along: usize = image[first..=last].iter().product();
        let after: usize = image[last + 1..].iter().product();
        let whole = self.shapes[x.node].channels == before && after == 1;
        let at = if whole {
            self.push(&node.name, Op::GlobalAveragePool, &[x.node])?
        } else {
            let columns = Shape::of([before, along, after]);
            let at = self.reshaped(&format!("{}.columns", node.name), x.node, columns)?;
            let window = Window {
                kernel: [along, 1],
                ..Window::square(1, 1, 0)
            };
            let op = Op::AveragePool {
                window,
                ceil: false,
                padding_counts: true,
            };
            self.push(&node.name, op, &[at])?
        };
        self.give_reshaped(node, 0, at, dims)
    }

    pub(super) fn pad(&mut self, node: &Node) -> Result<(), String> {
        let mut x = self.maps(node, 0)?;
        let rank = x.dims.len();
        // Opset 1 called them paddings.
        let name = if node.attributes.has("paddings") {
            "paddings"
        } else {
            "pads"
        };
        let (pads, value, over) = self.told(node, |call| {
            let pads = call.list(name, 1, 11)?.ok_or("has no pads")?;
            let value = match call.optional(2) {
                Some(value) => value.as_floats()?.first().copied().unwrap_or(0.0),
                None => node.attributes.float("value", 0.0)?,
            };
            let over = match call.list("axes", 3, 18)? {
                Some(listed) => shapes::axes(listed, rank)?,
                None => (0..rank).collect(),
            };
            Ok((pads.to_vec(), value, over))
        })?;
        if pads.len() != over.len() * 2 || pads.iter().any(|pad| pad.unsigned_abs() > 1 << 20) {
            return Err(format!(
                "pads are {pads:?}, expected two numbers for each of {} axes",
                over.len()
            ));
        }
        let mode = node
            .attributes
            .string("mode")?
            .unwrap_or("constant")
            .to_owned();
        let mut edges = [[0; 2]; 3];
        let mut dims = x.dims.clone();
        for (number, &full) in over.iter().enumerate() {
            let ends = [pads[number], pads[number + over.len()]];
            if ends == [0, 0] {
                continue;
            }
            let axis = self.image_axis(full)?;
            if mode != "constant" {
                self.spend(x.dims[full].saturating_add_signed((ends[0] + ends[1]) as isize))?;
                let indices = continued(&mode, x.dims[full], ends)?;
                x = self.picked(&node.name, &x, full, indices)?;
                continue;
            }
            let ours = place(rank - self.batch.axes(), axis);
            if ours == Axis::Channels && axis > 0 {
                return Err(
                    "pads an axis between channels and rows, which is not supported".into(),
                );
            }
            edges[ours.number()] = ends;
            let padded = dims[full] as i64 + ends[0] + ends[1];
            dims[full] = usize::try_from(padded).map_err(|_| "cuts all off")?;
        }
        if edges != [[0; 2]; 3] {
            let op = Op::Pad {
                edges,
                value: f64::from(value),
            };
            let at = self.push(&node.name, op, &[x.node])?;
            x = Maps { node: at, dims };
        }
        self.give(node, 0, x);
        Ok(())
    }
}

/// Which slices stand where when an axis goes on past its ends.
fn continued(mode: &str, length: usize, [before, after]: [i64; 2]) -> Result<Vec<usize>, String> {
    let length = length as i64;
    let at = |place: i64| -> Result<usize, String> {
        let index = match mode {
            "edge" => place.clamp(0, length - 1),
            "wrap" => place.rem_euclid(length),
            "reflect" => {
                let period = (2 * (length - 1)).max(1);
                let folded = place.rem_euclid(period);
                folded.min(period - folded)
            }
            other => return Err(format!("mode is '{other}', which is not known")),
        };
        Ok(index as usize)
    };
    (-before..length + after).map(at).collect()
}
