//! Blocks of cells taken for channels and the other way round: as operators, and as exporters spell them out with a
//! Reshape, a Transpose and a Reshape.

use super::lowering::Lowering;
use super::value::Maps;
use crate::onnx::node::Node;
use crate::onnx::size::MAX_ELEMENTS;
use crate::shape::Shape;
use crate::strided::Strided;
use crate::{Axis, Op, Window};

/// A block of more cells along an axis has no channel.
const LARGEST_BLOCK: usize = 1 << 10;

impl Lowering {
    pub(super) fn space_to_depth(&mut self, node: &Node) -> Result<(), String> {
        let x = self.image(node, 0)?;
        let block = block(node)?;
        let channels = self.shapes[x.node].channels;
        let at = self.blocks_to_channels(&node.name, x.node, [block; 2])?;
        // Of one cell of the blocks after the other all channels.
        let at = self.reordered(node, at, [channels, block, block], [1, 2, 0])?;
        self.give_image(node, at, x.dims[0]);
        Ok(())
    }

    pub(super) fn depth_to_space(&mut self, node: &Node) -> Result<(), String> {
        let x = self.image(node, 0)?;
        let block = block(node)?;
        let channels = self.shapes[x.node].channels;
        let made = channels / (block * block);
        if made * block * block != channels || made == 0 {
            return Err(format!(
                "{channels} channels do not come to blocks of {block}×{block} cells"
            ));
        }
        let at = match node.attributes.string("mode")? {
            Some("CRD") => x.node,
            None | Some("DCR") => self.reordered(node, x.node, [block, block, made], [2, 0, 1])?,
            Some(other) => return Err(format!("mode is '{other}', which is not known")),
        };
        let at = self.channels_to_blocks(&node.name, at, [block; 2])?;
        self.give_image(node, at, x.dims[0]);
        Ok(())
    }

    /// What a Transpose of five axes gives, where it takes blocks for channels or channels for blocks.
    pub(super) fn spelled_blocks(
        &mut self,
        node: &Node,
        x: &Maps,
        order: &[usize],
    ) -> Result<Option<usize>, String> {
        let image = self.batch.image(&x.dims)?.to_vec();
        let permutes = |axes: [usize; 3], of: [usize; 3]| of.iter().all(|axis| axes.contains(axis));
        Ok(match *order {
            [a, b, c, 1, 3] if permutes([a, b, c], [0, 2, 4]) => {
                let (channels, block) = (image[0], [image[2], image[4]]);
                let whole = Shape::of([channels, image[1] * block[0], image[3] * block[1]]);
                let at = self.reshaped(&format!("{}.whole", node.name), x.node, whole)?;
                let at = self.blocks_to_channels(&node.name, at, block)?;
                let order = [a, b, c].map(|axis| axis / 2);
                Some(self.reordered(node, at, [channels, block[0], block[1]], order)?)
            }
            [a, 3, b, 4, c] if permutes([a, b, c], [0, 1, 2]) => {
                let axes = [image[0], image[1], image[2]];
                let at = self.reordered(node, x.node, axes, [a, b, c])?;
                Some(self.channels_to_blocks(&node.name, at, [image[b], image[c]])?)
            }
            _ => None,
        })
    }

    /// Channels that are three axes, with these in another order.
    fn reordered(
        &mut self,
        node: &Node,
        at: usize,
        axes: [usize; 3],
        order: [usize; 3],
    ) -> Result<usize, String> {
        if order == [0, 1, 2] {
            return Ok(at);
        }
        let channels: Vec<usize> = (0..axes.iter().product()).collect();
        self.spend(channels.len())?;
        let indices = Strided::whole(&axes).transposed(&order).read(&channels);
        let axis = Axis::Channels;
        let name = format!("{}.order", node.name);
        self.push(&name, Op::Select { axis, indices }, &[at])
    }

    /// `[C, H·b, W·b]` as `[C·b·b, H, W]`, of each channel the cells of the blocks row by row: a convolution of each channel
    /// by itself whose filters each see one cell of a block.
    fn blocks_to_channels(
        &mut self,
        name: &str,
        at: usize,
        block: [usize; 2],
    ) -> Result<usize, String> {
        let Shape {
            channels,
            height,
            width,
        } = self.shapes[at];
        let [high, wide] = block;
        if height % high != 0 || width % wide != 0 {
            return Err(format!(
                "{height}×{width} cells do not come to blocks of {high}×{wide}"
            ));
        }
        let weights = self.one_cell_each(channels, block)?;
        let op = Op::Conv {
            window: over(block),
            channels: channels * high * wide,
            groups: channels,
            bias: false,
        };
        let at = self.push(name, op, &[at])?;
        let shape = vec![channels * high * wide, 1, high, wide];
        self.parameter(at, "weight", shape, weights);
        Ok(at)
    }

    /// And back, by its adjoint.
    fn channels_to_blocks(
        &mut self,
        name: &str,
        at: usize,
        block: [usize; 2],
    ) -> Result<usize, String> {
        let channels = self.shapes[at].channels;
        let [high, wide] = block;
        let groups = channels / (high * wide);
        let weights = self.one_cell_each(groups, block)?;
        let op = Op::ConvTranspose {
            window: over(block),
            left_over: [0; 2],
            channels: groups,
            groups,
            bias: false,
        };
        let at = self.push(name, op, &[at])?;
        self.parameter(at, "weight", vec![channels, 1, high, wide], weights);
        Ok(at)
    }

    /// For each channel and each cell of a block a filter that is 1 there and 0 elsewhere.
    fn one_cell_each(
        &mut self,
        channels: usize,
        [high, wide]: [usize; 2],
    ) -> Result<Vec<f32>, String> {
        let cells = high.checked_mul(wide);
        let count = cells.and_then(|cells| cells.checked_mul(cells)?.checked_mul(channels));
        let (Some(cells), Some(count)) = (cells, count.filter(|&count| count <= MAX_ELEMENTS))
        else {
            return Err(format!("blocks of {high}×{wide} cells are too large"));
        };
        self.spend(count)?;
        let mut filters = vec![0.0; count];
        for number in 0..channels * cells {
            filters[number * cells + number % cells] = 1.0;
        }
        Ok(filters)
    }
}

/// The window over one block after the other.
fn over(block: [usize; 2]) -> Window {
    Window {
        kernel: block,
        stride: block,
        ..Window::square(1, 1, 0)
    }
}

fn block(node: &Node) -> Result<usize, String> {
    let block = node.attributes.int("blocksize", 0)?;
    let known = usize::try_from(block).ok();
    known
        .filter(|block| (1..=LARGEST_BLOCK).contains(block))
        .ok_or_else(|| format!("blocksize is {block}, expected a number from 1"))
}
