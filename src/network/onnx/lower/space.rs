//! Operators over whole maps: means, global poolings, padding.

use super::axes;
use super::lowering::Lowering;
use super::value::Maps;
use crate::network::onnx::node::Node;
use crate::network::shape::Shape;
use crate::network::{Axis, Op, Window};

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
        let keeps = node.attributes.int("keepdims", 1)? != 0;
        let idle = node.attributes.int("noop_with_empty_axes", 0)? != 0;
        let told = self.list(node, "axes", 1)?.filter(|axes| !axes.is_empty());
        let mut over = match told {
            Some(told) => told
                .iter()
                .map(|&axis| self.image_axis(&x, axis))
                .collect::<Result<Vec<_>, _>>()?,
            None if idle => {
                self.give(node, 0, x);
                return Ok(());
            }
            None if self.batch.0.is_some() => {
                return Err(
                    "takes the mean over the batch, which is not supported: images do not mix"
                        .into(),
                )
            }
            None => (0..x.dims.len()).collect(),
        };
        over.sort_unstable();
        over.dedup();
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
        let gone = first + self.batch.axes()..=last + self.batch.axes();
        let mut dims = Vec::new();
        for (axis, &dim) in x.dims.iter().enumerate() {
            match (gone.contains(&axis), keeps) {
                (false, _) => dims.push(dim),
                (true, true) => dims.push(1),
                (true, false) => {}
            }
        }
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
        let pads = self.list(node, name, 1)?.ok_or("has no pads")?;
        let value = match self.constant_input(node, 2)? {
            Some(value) => value.as_floats()?.first().copied().unwrap_or(0.0),
            None => node.attributes.float("value", 0.0)?,
        };
        let over: Vec<usize> = match self.list(node, "axes", 3)? {
            Some(told) => told
                .iter()
                .map(|&axis| axes::any_axis(rank, axis))
                .collect::<Result<_, _>>()?,
            None => (0..rank).collect(),
        };
        let twice = |axis| over.iter().filter(|other| *other == axis).count() > 1;
        if over.len() > rank || over.iter().any(twice) {
            return Err("pads an axis twice".into());
        }
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
            let axis = self.image_axis(&x, full as i64)?;
            if mode != "constant" {
                self.spend(x.dims[full].saturating_add_signed((ends[0] + ends[1]) as isize))?;
                let indices = continued(&mode, x.dims[full], ends)?;
                x = self.picked(&node.name, &x, axis, indices)?;
                continue;
            }
            let ours = axes::place(rank - self.batch.axes(), axis);
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
