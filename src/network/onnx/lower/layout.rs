//! Operators that move values and compute nothing: concatenation, splitting, slicing, shapes, the order of axes.

use super::axes::{any_axis, place, Ranges};
use super::lowering::Lowering;
use super::value::{as_maps, Maps};
use crate::network::onnx::node::Node;
use crate::network::onnx::size::MAX_AXES;
use crate::network::{Axis, Op};

impl Lowering {
    /// Along the first axis of the images by stacking; along another by padding each part to the whole and adding.
    pub(super) fn concat(&mut self, node: &Node) -> Result<(), String> {
        let parts: Vec<Maps> = (0..node.inputs.len())
            .map(|input| self.maps(node, input))
            .collect::<Result<_, _>>()?;
        let Some(first) = parts.first().cloned() else {
            return Err("has no input".into());
        };
        // Up to opset 3 the axis was 1 where none is told.
        let axis = self.image_axis(&first, node.attributes.int("axis", 1)?)?;
        let full = axis + self.batch.axes();
        let mut dims = first.dims.clone();
        dims[full] = 0;
        for part in &parts {
            let fits = part.dims.len() == dims.len()
                && (0..dims.len()).all(|other| other == full || part.dims[other] == dims[other]);
            if !fits {
                return Err(format!(
                    "{:?} and {:?} cannot be joined along axis {full}",
                    first.dims, part.dims
                ));
            }
            dims[full] += part.dims[full];
        }
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
        let axis = self.image_axis(&x, node.attributes.int("axis", 0)?)?;
        let length = x.dims[axis + self.batch.axes()];
        let parts = node.outputs.len();
        let sizes: Vec<usize> = match self.list(node, "split", 1)? {
            Some(sizes) => {
                let sizes = sizes.iter().map(|&size| usize::try_from(size));
                sizes
                    .collect::<Result<_, _>>()
                    .map_err(|_| "a part has a negative size")?
            }
            None => {
                let parts = node.attributes.int("num_outputs", parts as i64)?;
                let parts = usize::try_from(parts)
                    .ok()
                    .filter(|parts| (1..=length).contains(parts))
                    .ok_or_else(|| format!("splits an axis of {length} into {parts} parts"))?;
                let each = length.div_ceil(parts);
                (0..parts)
                    .map(|part| each.min(length.saturating_sub(part * each)))
                    .collect()
            }
        };
        let whole = sizes
            .iter()
            .try_fold(0_usize, |sum, &size| sum.checked_add(size));
        if sizes.len() < parts || whole != Some(length) {
            return Err(format!("parts of {sizes:?} of an axis of {length}"));
        }
        self.spend(length)?;
        let mut first = 0;
        for (output, &size) in sizes.iter().enumerate().take(parts) {
            let indices = (first..first + size).collect();
            first += size;
            if !node.outputs[output].is_empty() {
                let part = self.picked(&format!("{}.{output}", node.name), &x, axis, indices)?;
                self.give(node, output, part);
            }
        }
        Ok(())
    }

    pub(super) fn slice(&mut self, node: &Node) -> Result<(), String> {
        let mut x = self.maps(node, 0)?;
        let ranges = Ranges::of(self, node)?;
        for (number, &axis) in ranges.axes.iter().enumerate() {
            let full = any_axis(x.dims.len(), axis)?;
            self.spend(x.dims[full])?;
            let indices = ranges.indices(number, x.dims[full])?;
            if indices.iter().copied().eq(0..x.dims[full]) {
                continue;
            }
            let axis = self.image_axis(&x, axis)?;
            x = self.picked(&node.name, &x, axis, indices)?;
        }
        self.give(node, 0, x);
        Ok(())
    }

    /// Slices picked by a constant list along one axis; a single number takes the axis away.
    pub(super) fn gather(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        let axis = self.image_axis(&x, node.attributes.int("axis", 0)?)?;
        let length = x.dims[axis + self.batch.axes()] as i64;
        let list = self.constant_input(node, 1)?.ok_or("has no indices")?;
        self.spend(list.values.len())?;
        let index = |&index: &i64| usize::try_from(if index < 0 { index + length } else { index });
        let indices: Vec<usize> = list
            .as_integers()?
            .iter()
            .map(index)
            .collect::<Result<_, _>>()
            .map_err(|_| "an index is out of range")?;
        let picked = self.picked(&node.name, &x, axis, indices)?;
        let mut dims = picked.dims;
        match list.dims.len() {
            0 => drop(dims.remove(axis + self.batch.axes())),
            1 => {}
            _ => return Err("indices of several axes are not supported".into()),
        }
        self.give_reshaped(node, 0, picked.node, dims)
    }

    /// Flatten, Reshape, Squeeze and Unsqueeze: the same cells under another shape.
    pub(super) fn reshape(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        let dims = match node.op.as_str() {
            "Flatten" => {
                let axis = node.attributes.int("axis", 1)?;
                let axis = match axis == x.dims.len() as i64 {
                    true => x.dims.len(),
                    false => any_axis(x.dims.len(), axis)?,
                };
                let (before, after) = x.dims.split_at(axis);
                vec![before.iter().product(), after.iter().product()]
            }
            "Reshape" => self.target(node, &x.dims)?,
            "Squeeze" => self.squeezed(node, &x.dims)?,
            _ => {
                let axes = self.list(node, "axes", 1)?.ok_or("has no axes")?;
                let rank = x.dims.len() + axes.len();
                if rank > MAX_AXES {
                    return Err(format!("makes {rank} axes; up to {MAX_AXES} are allowed"));
                }
                let mut new: Vec<usize> = Vec::new();
                for axis in axes {
                    new.push(any_axis(rank, axis)?);
                }
                let mut old = x.dims.iter();
                let dim = |axis: usize| match new.contains(&axis) {
                    true => Some(1),
                    false => old.next().copied(),
                };
                let dims: Option<Vec<usize>> = (0..rank).map(dim).collect();
                dims.ok_or("an axis is there twice")?
            }
        };
        let cells = |dims: &[usize]| {
            dims.iter()
                .try_fold(1_usize, |cells, &dim| cells.checked_mul(dim))
        };
        if dims.len() > MAX_AXES || cells(&dims) != cells(&x.dims) {
            return Err(format!("shape {:?} cannot become {dims:?}", x.dims));
        }
        let shape = as_maps(self.batch.image(&dims)?);
        let at = self.reshaped(&node.name, x.node, shape)?;
        self.give(node, 0, Maps { node: at, dims });
        Ok(())
    }

    /// What a Reshape asks for: 0 keeps an axis, -1 is what is left over.
    fn target(&mut self, node: &Node, from: &[usize]) -> Result<Vec<usize>, String> {
        let asked = self.list(node, "shape", 1)?.ok_or("has no shape")?;
        let keeps_zero = node.attributes.int("allowzero", 0)? == 1;
        let mut dims = Vec::new();
        let mut open = None;
        for (axis, &dim) in asked.iter().enumerate() {
            dims.push(match dim {
                -1 if open.replace(axis).is_none() => 1,
                0 if !keeps_zero => *from.get(axis).ok_or("keeps an axis that is not there")?,
                dim => usize::try_from(dim).map_err(|_| format!("asks for shape {asked:?}"))?,
            });
        }
        if let Some(open) = open {
            let product = |dims: &[usize]| {
                dims.iter()
                    .try_fold(1_usize, |cells, &dim| cells.checked_mul(dim))
            };
            let left = product(from)
                .zip(product(&dims))
                .and_then(|(all, told)| all.checked_div(told));
            dims[open] = left.ok_or_else(|| format!("asks for shape {asked:?}"))?;
        }
        Ok(dims)
    }

    fn squeezed(&mut self, node: &Node, from: &[usize]) -> Result<Vec<usize>, String> {
        let gone: Vec<usize> = match self.list(node, "axes", 1)? {
            Some(axes) => axes
                .iter()
                .map(|&axis| any_axis(from.len(), axis))
                .collect::<Result<_, _>>()?,
            // The batch stays, also where it is one image.
            None => (self.batch.axes()..from.len())
                .filter(|&axis| from[axis] == 1)
                .collect(),
        };
        if let Some(&axis) = gone.iter().find(|&&axis| from[axis] != 1) {
            return Err(format!(
                "takes away axis {axis} of shape {from:?}, which is not 1"
            ));
        }
        Ok((0..from.len())
            .filter(|axis| !gone.contains(axis))
            .map(|axis| from[axis])
            .collect())
    }

    pub(super) fn transpose(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        let rank = x.dims.len();
        let order: Vec<usize> = match node.attributes.ints("perm")? {
            Some(perm) => perm
                .iter()
                .map(|&axis| any_axis(rank, axis))
                .collect::<Result<_, _>>()?,
            None => (0..rank).rev().collect(),
        };
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..rank) {
            return Err(format!("perm {order:?} is not an order of {rank} axes"));
        }
        let batch = self.batch.axes();
        if order[..batch].iter().any(|&axis| axis != 0) {
            return Err("moves the batch, which is not supported".into());
        }
        let dims: Vec<usize> = order.iter().map(|&axis| x.dims[axis]).collect();
        let image = self.batch.image(&x.dims)?.to_vec();
        let order: Vec<usize> = order[batch..].iter().map(|axis| axis - batch).collect();
        // Where axes of length 1 alone move, no cell does.
        let long = |axes: &mut dyn Iterator<Item = usize>| -> Vec<usize> {
            axes.filter(|&axis| image[axis] > 1).collect()
        };
        if long(&mut order.iter().copied()) == long(&mut (0..image.len())) {
            return self.give_reshaped(node, 0, x.node, dims);
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
        self.give_reshaped(node, 0, at, dims)
    }
}

/// The order of the channels after the axes that they are made of have changed places.
fn shuffled(image: &[usize], order: &[usize]) -> Vec<usize> {
    let axes = image.len() - 2;
    let mut strides = vec![1; axes];
    for axis in (0..axes.saturating_sub(1)).rev() {
        strides[axis] = strides[axis + 1] * image[axis + 1];
    }
    let mut channels = vec![0];
    for &axis in &order[..axes] {
        channels = channels
            .iter()
            .flat_map(|first| (0..image[axis]).map(move |index| (first, index)))
            .map(|(first, index)| first + index * strides[axis])
            .collect();
    }
    channels
}
