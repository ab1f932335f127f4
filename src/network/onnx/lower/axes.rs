//! Axes of one image, and what is picked along them.

use super::lowering::Lowering;
use super::value::{as_maps, Maps};
use crate::onnx::node::Node;
use crate::shape::Shape;
use crate::{Axis, Op};

impl Lowering {
    /// An axis of a value as an axis of one image.
    ///
    /// # Errors
    /// The one that counts the images.
    pub(super) fn image_axis(&self, axis: usize) -> Result<usize, String> {
        axis.checked_sub(self.batch.axes()).ok_or_else(|| {
            "works along the batch, which is not supported: images do not mix".into()
        })
    }

    /// A node that makes other maps of the same cells, or the node itself where they are the same.
    pub(super) fn reshaped(
        &mut self,
        name: &str,
        at: usize,
        shape: Shape,
    ) -> Result<usize, String> {
        let here = self.shapes[at];
        if here == shape {
            return Ok(at);
        }
        let node = &self.network.nodes[at];
        if let (Op::Reshape { .. } | Op::Flatten, &[below]) = (&node.op, &node.inputs[..]) {
            if self.shapes[below] == shape {
                return Ok(below);
            }
        }
        let op = match shape == Shape::vector(here.cells()) {
            true => Op::Flatten,
            false => Op::Reshape { shape },
        };
        self.push(name, op, &[at])
    }

    /// The cells of a node under ONNX's shape, by way of a reshape where our maps have another.
    pub(super) fn as_dims(
        &mut self,
        name: &str,
        at: usize,
        dims: Vec<usize>,
    ) -> Result<Maps, String> {
        let shape = as_maps(self.batch.image(&dims)?);
        let node = self.reshaped(&format!("{name}.shape"), at, shape)?;
        Ok(Maps { node, dims })
    }

    /// Gives them as what a node makes.
    pub(super) fn give_reshaped(
        &mut self,
        node: &Node,
        at: usize,
        dims: Vec<usize>,
    ) -> Result<(), String> {
        let maps = self.as_dims(&node.name, at, dims)?;
        self.give(node, 0, maps);
        Ok(())
    }

    /// Places of a value along one of its axes that is not the batch.
    pub(super) fn picked(
        &mut self,
        name: &str,
        x: &Maps,
        axis: usize,
        indices: Vec<usize>,
    ) -> Result<Maps, String> {
        let mut dims = x.dims.clone();
        dims[axis] = indices.len();
        let axis = self.image_axis(axis)?;
        let image = self.batch.image(&x.dims)?.to_vec();
        if indices.is_empty() {
            return Err("picks nothing".into());
        }
        if indices.iter().copied().eq(0..image[axis]) {
            return Ok(x.clone());
        }
        let (axis, indices) = match place(image.len(), axis) {
            Axis::Channels => {
                self.spend(as_maps(self.batch.image(&dims)?).channels)?;
                (Axis::Channels, leading(&image, axis, &indices))
            }
            side => (side, indices),
        };
        let node = self.push(name, Op::Select { axis, indices }, &[x.node])?;
        debug_assert_eq!(self.shapes[node], as_maps(self.batch.image(&dims)?));
        Ok(Maps { node, dims })
    }
}

/// Where an axis of an image of so many lies in our maps.
pub(super) fn place(rank: usize, axis: usize) -> Axis {
    match (rank, rank - axis) {
        (3.., 1) => Axis::Columns,
        (3.., 2) | (2, 1) => Axis::Rows,
        _ => Axis::Channels,
    }
}

/// Numbers of channels where several axes are channels together and one of them is picked from.
fn leading(image: &[usize], axis: usize, indices: &[usize]) -> Vec<usize> {
    let axes = match image.len() {
        0..=2 => 1,
        axes => axes - 2,
    };
    let outer: usize = image[..axis].iter().product();
    let inner: usize = image[axis + 1..axes].iter().product();
    let mut channels = Vec::with_capacity(outer * indices.len() * inner);
    for before in 0..outer {
        for &index in indices {
            let first = (before * image[axis] + index) * inner;
            channels.extend(first..first + inner);
        }
    }
    channels
}
