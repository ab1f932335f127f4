//! Operators over whole maps: global poolings, padding.

use super::axes::place;
use super::lowering::Lowering;
use super::value::Maps;
use crate::onnx::node::Node;
use crate::onnx::shapes;
use crate::{Axis, Op, Reduction};

impl Lowering {
    pub(super) fn global_average(&mut self, node: &Node) -> Result<(), String> {
        let x = self.image(node, 0)?;
        let at = self.push(&node.name, Op::GlobalAveragePool, &[x.node])?;
        self.give_image(node, at, x.dims[0]);
        Ok(())
    }

    pub(super) fn global_max(&mut self, node: &Node) -> Result<(), String> {
        let x = self.image(node, 0)?;
        let at = self.over_maps(&node.name, x.node, Reduction::Maximum)?;
        self.give_image(node, at, x.dims[0]);
        Ok(())
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
            // Of several axes that are channels together, one that has all of them.
            let channels = &x.dims[self.batch.axes()..rank.saturating_sub(2)];
            let mut others = channels.iter().enumerate().filter(|(at, _)| *at != axis);
            if ours == Axis::Channels && axis > 0 && others.any(|(_, &length)| length != 1) {
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
