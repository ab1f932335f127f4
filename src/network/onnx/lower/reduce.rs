//! Means, sums, extremes and norms over axes of an image.

use super::lowering::Lowering;
use super::value::Maps;
use crate::onnx::node::Node;
use crate::onnx::shapes::{self, Reduction as Axes};
use crate::onnx::tensor::Tensor;
use crate::shape::Shape;
use crate::{Curve, Op, Reduction, Window};

impl Lowering {
    pub(super) fn reduce(&mut self, node: &Node) -> Result<(), String> {
        let mut x = self.maps(node, 0)?;
        let since = if node.op == "ReduceSum" { 13 } else { 18 };
        let told = self.told(node, |call| shapes::reduction(call, &x.dims, since))?;
        let Some(axes) = told else {
            self.give(node, 0, x);
            return Ok(());
        };
        let inner = |name: &str| format!("{}.{name}", node.name);
        let square = Curve::Power { exponent: 2.0 };
        let before = match node.op.as_str() {
            "ReduceL1" => Some(Curve::Abs),
            "ReduceL2" | "ReduceSumSquare" => Some(square),
            _ => None,
        };
        if let Some(curve) = before {
            x = self.cell_by_cell(&inner("each"), Op::Curve(curve), &x)?;
        }
        let least = node.op == "ReduceMin";
        if least {
            x = self.negative(&inner("negative"), &x)?;
        }
        let by = match node.op.as_str() {
            "ReduceMax" | "ReduceMin" => Reduction::Maximum,
            _ => Reduction::Mean,
        };
        let cells: usize = axes.over.iter().map(|&axis| x.dims[axis]).product();
        let mut reduced = self.reduced(&node.name, &x, by, axes)?;
        if least {
            reduced = self.negative(&inner("least"), &reduced)?;
        } else if by == Reduction::Mean && node.op != "ReduceMean" {
            reduced = self.scaled(&inner("sum"), &reduced, &Tensor::number(cells as f32))?;
        }
        let after = match node.op.as_str() {
            "ReduceL2" => Some(Curve::Sqrt),
            "ReduceLogSum" => Some(Curve::Log),
            _ => None,
        };
        if let Some(curve) = after {
            reduced = self.cell_by_cell(&inner("norm"), Op::Curve(curve), &reduced)?;
        }
        self.give(node, 0, reduced);
        Ok(())
    }

    /// Over axes that lie side by side: of the channels cell by cell, else by a pooling over all of them, taken as the rows
    /// of a map.
    pub(super) fn reduced(
        &mut self,
        name: &str,
        x: &Maps,
        by: Reduction,
        Axes { over, dims }: Axes,
    ) -> Result<Maps, String> {
        let over = over.into_iter().map(|axis| self.image_axis(axis));
        let over = over.collect::<Result<Vec<_>, _>>()?;
        let (Some(&first), Some(&last)) = (over.first(), over.last()) else {
            return Err("reduces nothing".into());
        };
        let image = self.batch.image(&x.dims)?.to_vec();
        if let Some(upright) = self.upright(x) {
            let at = match over[..] {
                [2] => Some(self.push(name, Op::ReduceChannels { by }, &[upright])?),
                [0, 1] => Some(self.over_maps(name, upright, by)?),
                _ => None,
            };
            if let Some(at) = at {
                let kept = self.turn(name, at)?;
                return match kept.dims == dims {
                    true => Ok(kept),
                    // Axes of length 1 are gone: the order of the others is the same.
                    false => self.as_dims(name, at, dims),
                };
            }
        }
        if last - first + 1 != over.len() {
            return Err(format!(
                "reduces axes {over:?}, which do not lie side by side"
            ));
        }
        let before: usize = image[..first].iter().product();
        let along: usize = image[first..=last].iter().product();
        let after: usize = image[last + 1..].iter().product();
        let at = if self.shapes[x.node].channels == before && after == 1 {
            self.over_maps(name, x.node, by)?
        } else if self.shapes[x.node].channels == along && before == 1 {
            self.push(name, Op::ReduceChannels { by }, &[x.node])?
        } else {
            let columns = Shape::of([before, along, after]);
            let at = self.reshaped(&format!("{name}.columns"), x.node, columns)?;
            let window = Window {
                kernel: [along, 1],
                ..Window::square(1, 1, 0)
            };
            self.push(name, pooling(window, by), &[at])?
        };
        self.as_dims(name, at, dims)
    }

    /// Each map to one cell.
    pub(super) fn over_maps(
        &mut self,
        name: &str,
        at: usize,
        by: Reduction,
    ) -> Result<usize, String> {
        let Shape { height, width, .. } = self.shapes[at];
        let window = Window {
            kernel: [height, width],
            ..Window::square(1, 1, 0)
        };
        let op = match by {
            Reduction::Mean => Op::GlobalAveragePool,
            Reduction::Maximum => pooling(window, by),
        };
        self.push(name, op, &[at])
    }
}

fn pooling(window: Window, by: Reduction) -> Op {
    match by {
        Reduction::Mean => Op::AveragePool {
            window,
            ceil: false,
            padding_counts: true,
        },
        Reduction::Maximum => Op::MaxPool {
            window,
            ceil: false,
        },
    }
}
