//! Axes of ONNX's shapes, and slices along them.

use super::lowering::Lowering;
use super::value::{as_maps, Maps};
use crate::network::onnx::node::Node;
use crate::network::shape::Shape;
use crate::network::{Axis, Op};

impl Lowering {
    /// An axis of a value, negative ones counted from the end, as an axis of one image.
    ///
    /// # Errors
    /// An axis that is not there, or the one that counts the images.
    pub(super) fn image_axis(&self, x: &Maps, axis: i64) -> Result<usize, String> {
        let axis = any_axis(x.dims.len(), axis)?;
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
        let op = match shape == Shape::vector(here.cells()) {
            true => Op::Flatten,
            false => Op::Reshape { shape },
        };
        self.push(name, op, &[at])
    }

    /// Slices of a value along an axis of one image, picked by number.
    pub(super) fn picked(
        &mut self,
        name: &str,
        x: &Maps,
        axis: usize,
        indices: Vec<usize>,
    ) -> Result<Maps, String> {
        let image = self.batch.image(&x.dims)?.to_vec();
        let length = image[axis];
        if indices.iter().any(|&index| index >= length) {
            return Err(format!("picks what an axis of {length} does not have"));
        }
        let mut dims = x.dims.clone();
        dims[axis + self.batch.axes()] = indices.len();
        if indices.iter().copied().eq(0..length) {
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

/// An axis of a shape of so many, negative ones counted from the end.
pub(super) fn any_axis(rank: usize, axis: i64) -> Result<usize, String> {
    let counted = if axis < 0 { axis + rank as i64 } else { axis };
    match usize::try_from(counted) {
        Ok(counted) if counted < rank => Ok(counted),
        _ => Err(format!("axis {axis} of a shape of {rank} axes")),
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

/// The lists of whole numbers that say where a slice begins and ends, by axis.
pub(super) struct Ranges {
    pub(super) starts: Vec<i64>,
    pub(super) ends: Vec<i64>,
    pub(super) axes: Vec<i64>,
    pub(super) steps: Vec<i64>,
}

impl Ranges {
    /// From attributes (up to opset 9) or from inputs.
    pub(super) fn of(lowering: &mut Lowering, node: &Node) -> Result<Self, String> {
        let starts = lowering.list(node, "starts", 1)?.ok_or("has no starts")?;
        let ends = lowering.list(node, "ends", 2)?.ok_or("has no ends")?;
        let all = || (0..starts.len() as i64).collect();
        let axes = lowering.list(node, "axes", 3)?.unwrap_or_else(all);
        let steps = lowering.list(node, "steps", 4)?;
        let steps = steps.unwrap_or_else(|| vec![1; starts.len()]);
        if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
            return Err("starts, ends, axes and steps differ in number".into());
        }
        Ok(Self {
            starts,
            ends,
            axes,
            steps,
        })
    }

    /// What the n-th range picks of an axis of that length.
    pub(super) fn indices(&self, number: usize, length: usize) -> Result<Vec<usize>, String> {
        let length = length as i64;
        let from_end = |at: i64| {
            if at < 0 {
                at.saturating_add(length)
            } else {
                at
            }
        };
        let (start, end) = (from_end(self.starts[number]), from_end(self.ends[number]));
        let step = self.steps[number];
        let picked: Vec<usize> = match step {
            0 => return Err("a step is 0".into()),
            1.. => {
                let step = usize::try_from(step).unwrap_or(usize::MAX);
                (start.clamp(0, length)..end.clamp(0, length))
                    .step_by(step)
                    .map(|at| at as usize)
                    .collect()
            }
            _ => {
                let step = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
                let (first, last) = (start.clamp(-1, length - 1), end.clamp(-1, length - 1));
                (last + 1..=first)
                    .rev()
                    .step_by(step)
                    .map(|at| at as usize)
                    .collect()
            }
        };
        match picked.is_empty() {
            true => Err("picks nothing".into()),
            false => Ok(picked),
        }
    }
}

impl Lowering {
    /// A list of whole numbers: an attribute in older opsets, a constant input in newer ones.
    pub(super) fn list(
        &mut self,
        node: &Node,
        name: &str,
        input: usize,
    ) -> Result<Option<Vec<i64>>, String> {
        if let Some(tensor) = self.constant_input(node, input)? {
            return Ok(Some(tensor.as_integers()?.to_vec()));
        }
        Ok(node.attributes.ints(name)?.map(<[i64]>::to_vec))
    }
}
