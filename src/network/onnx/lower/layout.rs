//! Operators that move values and compute nothing: concatenation, splitting, slicing, shapes, the order of axes.

use super::axes::place;
use super::lowering::Lowering;
use super::upright::{CHANNELS_FIRST, CHANNELS_LAST};
use super::value::{as_maps, Maps};
use crate::onnx::node::Node;
use crate::onnx::shapes::{self, Gathered};
use crate::onnx::size::{elements, sizes};
use crate::onnx::tensor::Tensor;
use crate::strided::Strided;
use crate::{Axis, Op};

impl Lowering {
    /// Along the first axis of the images by stacking; along another by padding each part to the whole and adding.
    pub(super) fn concat(&mut self, node: &Node) -> Result<(), String> {
        let parts: Vec<Maps> = (0..node.inputs.len())
            .map(|input| self.maps(node, input))
            .collect::<Result<_, _>>()?;
        let shapes: Vec<&[usize]> = parts.iter().map(|part| &part.dims[..]).collect();
        let (full, dims) = shapes::concat(&self.call(node, &[]), &shapes)?;
        let axis = self.image_axis(full)?;
        let nodes: Vec<usize> = parts.iter().map(|part| part.node).collect();
        let at = match (axis, place(dims.len() - self.batch.axes(), axis)) {
            (0, _) => self.push(&node.name, Op::Concat, &nodes)?,
            (_, Axis::Channels) => {
                return Err(
                    "joins along an axis between channels and rows, which is not supported".into(),
                )
            }
            (_, side) => {
                let total = dims[full] as i64;
                let mut before = 0;
                let mut padded = Vec::new();
                for part in &parts {
                    let length = part.dims[full] as i64;
                    let mut edges = [[0; 2]; 3];
                    edges[side.number()] = [before, total - before - length];
                    before += length;
                    let op = Op::Pad { edges, value: 0.0 };
                    padded.push(self.push(&format!("{}.part", node.name), op, &[part.node])?);
                }
                self.push(&node.name, Op::Add, &padded)?
            }
        };
        self.give(node, 0, Maps { node: at, dims });
        Ok(())
    }

    pub(super) fn split(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        let parts = self.told(node, |call| shapes::split(call, &x.dims))?;
        for (output, part) in parts.iter().enumerate() {
            if !node.outputs[output].is_empty() {
                self.spend(part.count)?;
                let name = format!("{}.{output}", node.name);
                let part = self.picked(&name, &x, part.axis, part.places())?;
                self.give(node, output, part);
            }
        }
        Ok(())
    }

    pub(super) fn slice(&mut self, node: &Node) -> Result<(), String> {
        let mut x = self.maps(node, 0)?;
        for slice in self.told(node, |call| shapes::slices(call, &x.dims))? {
            self.spend(slice.count)?;
            let places = slice.places();
            if !places.iter().copied().eq(0..x.dims[slice.axis]) {
                x = self.picked(&node.name, &x, slice.axis, places)?;
            }
        }
        self.give(node, 0, x);
        Ok(())
    }

    /// Slices picked by a constant list along one axis, under the axes of the list.
    pub(super) fn gather(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        let gathered = self.told(node, |call| shapes::gather(call, &x.dims))?;
        let Gathered { axis, places, dims } = gathered;
        self.spend(places.len())?;
        // All cells in their order: as a view of what was laid out as a row.
        if x.dims.len() == 1 && places.iter().copied().eq(0..x.dims[0]) {
            return self.give_reshaped(node, x.node, dims);
        }
        let picked = self.picked(&node.name, &x, axis, places)?;
        self.give_reshaped(node, picked.node, dims)
    }

    /// Flatten, Reshape, Squeeze and Unsqueeze: the same cells under another shape.
    pub(super) fn reshape(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        // The batch stays, also where it is one image.
        let batch = self.batch.axes();
        let dims = self.told(node, |call| shapes::reshaped(call, &x.dims, batch));
        let dims = dims.map_err(|problem| self.of_size(problem))?;
        let is_row = dims.len() == 1 && batch == 1 && x.dims.len() > 1;
        if is_row && self.batch.image(&dims).is_err() {
            // The cells of all images in a row, for what takes them into a shape again.
            self.give(node, 0, Maps { node: x.node, dims });
            return Ok(());
        }
        let shape = as_maps(self.batch.image(&dims)?);
        let at = self.reshaped(&node.name, x.node, shape)?;
        self.give(node, 0, Maps { node: at, dims });
        Ok(())
    }

    /// Repeated along axes of length 1, by adding zeros; where readers would repeat it themselves, [`Lowering::unexpand`] leaves
    /// that out.
    pub(super) fn expand(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        let target = self
            .constant_input(node, 1)?
            .ok_or("the shape is missing")?;
        let target = sizes(target.as_integers()?)?;
        let dims = shapes::broadcast(&x.dims, &target).map_err(|problem| self.of_size(problem))?;
        if dims.iter().product::<usize>() == x.dims.iter().product::<usize>() {
            return self.give_reshaped(node, x.node, dims);
        }
        let batch = self.batch.axes();
        let mut own = vec![1; batch];
        own.extend(&dims[batch..]);
        let zeros = vec![0.0; elements(&own)?];
        self.spend(zeros.len())?;
        let expanded = self.shifted(&node.name, &x, &Tensor::floats(own, zeros))?;
        self.expanded.push(expanded.node);
        self.give(node, 0, expanded);
        Ok(())
    }

    /// Lets what repeats its operands read what was expanded as it was before, beside an operand of the whole shape.
    pub(super) fn unexpand(&mut self) {
        for at in std::mem::take(&mut self.expanded) {
            let below = match self.network.nodes[at].op {
                Op::Shift { .. } => self.network.nodes[at].inputs[0],
                _ => continue,
            };
            for reader in at + 1..self.network.nodes.len() {
                let whole = self.shapes[reader];
                let node = &self.network.nodes[reader];
                let repeats = matches!(
                    node.op,
                    Op::Multiply | Op::Divide | Op::Add | Op::Pairwise { .. }
                );
                let mut others = node.inputs.iter().filter(|input| **input != at);
                if repeats && others.any(|&other| self.shapes[other] == whole) {
                    let inputs = self.network.nodes[reader].inputs.iter_mut();
                    inputs
                        .filter(|input| **input == at)
                        .for_each(|input| *input = below);
                }
            }
        }
    }

    pub(super) fn transpose(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        let order = shapes::permutation(&self.call(node, &[]), x.dims.len())?;
        let batch = self.batch.axes();
        if order[..batch].iter().any(|&axis| axis != 0) {
            return Err("moves the batch, which is not supported".into());
        }
        let dims: Vec<usize> = order.iter().map(|&axis| x.dims[axis]).collect();
        let image = self.batch.image(&x.dims)?.to_vec();
        let order: Vec<usize> = order[batch..].iter().map(|axis| axis - batch).collect();
        match (order[..].try_into(), self.upright(&x)) {
            (Ok(CHANNELS_LAST), _) => {
                let turned = self.turn(&node.name, x.node)?;
                self.give(node, 0, turned);
                return Ok(());
            }
            (Ok(CHANNELS_FIRST), Some(upright)) => {
                self.give(
                    node,
                    0,
                    Maps {
                        node: upright,
                        dims,
                    },
                );
                return Ok(());
            }
            _ => {}
        }
        // Where axes of length 1 alone move, no cell does.
        let long = |axes: &mut dyn Iterator<Item = usize>| -> Vec<usize> {
            axes.filter(|&axis| image[axis] > 1).collect()
        };
        if long(&mut order.iter().copied()) == long(&mut (0..image.len())) {
            return self.give_reshaped(node, x.node, dims);
        }
        if let Some(at) = self.spelled_blocks(node, &x, &order)? {
            return self.give_reshaped(node, at, dims);
        }
        let op = match order[..] {
            [a, b] => Op::Permute { order: [a, b, 2] },
            [a, b, c] => Op::Permute { order: [a, b, c] },
            [.., rows, columns] if [rows, columns] == [image.len() - 2, image.len() - 1] => {
                self.spend(self.shapes[x.node].channels)?;
                Op::Select {
                    axis: Axis::Channels,
                    indices: shuffled(&image, &order),
                }
            }
            _ => return Err(format!("the order {order:?} of an image's {} axes is not supported where it moves rows or columns", image.len())),
        };
        let at = self.push(&node.name, op, &[x.node])?;
        self.give_reshaped(node, at, dims)
    }
}

/// The order of the channels after the axes that they are made of have changed places.
fn shuffled(image: &[usize], order: &[usize]) -> Vec<usize> {
    let axes = image.len() - 2;
    let channels: Vec<usize> = (0..image[..axes].iter().product()).collect();
    Strided::whole(&image[..axes])
        .transposed(&order[..axes])
        .read(&channels)
}
