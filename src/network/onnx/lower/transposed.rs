//! Transposed convolutions, and blocks of cells taken for channels and the other way round.

use super::linear::floats;
use super::lowering::Lowering;
use super::window::Sliding;
use crate::onnx::node::Node;
use crate::shape::Shape;
use crate::{Axis, Op, Window};

/// A block of more cells has no channel.
const LARGEST_BLOCK: usize = 1 << 10;

impl Lowering {
    pub(super) fn conv_transpose(&mut self, node: &Node) -> Result<(), String> {
        let x = self.image(node, 0)?;
        let filters = self.constant_input(node, 1)?.ok_or("has no weights")?;
        let [from, each, rows, columns] = filters.dims[..] else {
            return Err(format!(
                "its weights have shape {:?}, expected four axes",
                filters.dims
            ));
        };
        let groups = usize::try_from(node.attributes.int("group", 1)?).ok();
        let groups = groups.filter(|&groups| groups > 0);
        let groups = groups.ok_or("its group is not a number from 1")?;
        let channels = each.checked_mul(groups).ok_or("it has too many channels")?;
        let input = self.shapes[x.node];
        if from != input.channels {
            return Err(format!(
                "its weights are for {from} channels, its input has {}",
                input.channels
            ));
        }
        let mut window = Sliding::of(node, input, Some([rows, columns]), false)?;
        let lengths = transposed(node, input, &mut window)?;
        let bias = self.constant_input(node, 2)?;
        let weights = floats(filters)?;
        let shape = vec![from, each, rows, columns];
        let op = |padding: [usize; 2], left_over: [usize; 2], bias: bool| Op::ConvTranspose {
            window: Window {
                padding,
                ..window.window
            },
            left_over,
            channels,
            groups,
            bias,
        };
        let full = |axis: usize| {
            let length = [input.height, input.width][axis];
            ((length - 1) * window.window.stride[axis] + window.window.extent(axis)) as i64
        };
        let before = window.pads.map(|[before, _]| before);
        let more = [0, 1].map(|axis| lengths[axis] as i64 + 2 * before[axis] as i64 - full(axis));
        let fits = |axis: usize| {
            let step = window.window.stride[axis].max(window.window.dilation[axis]);
            (0..step as i64).contains(&more[axis])
        };
        let at = if fits(0) && fits(1) {
            let op = op(before, more.map(|more| more as usize), bias.is_some());
            let at = self.push(&node.name, op, &[x.node])?;
            self.parameter(at, "weight", shape, weights);
            if let Some(bias) = bias {
                self.vector_parameter(at, "bias", bias, channels)?;
            }
            at
        } else {
            // All of it, then cut and padded to its size.
            let name = format!("{}.full", node.name);
            let at = self.push(&name, op([0; 2], [0; 2], false), &[x.node])?;
            self.parameter(at, "weight", shape, weights);
            let edge = |axis: usize| {
                let before = before[axis] as i64;
                [-before, lengths[axis] as i64 - full(axis) + before]
            };
            let edges = [[0, 0], edge(0), edge(1)];
            let name = format!("{}.cut", node.name);
            let at = self.push(&name, Op::Pad { edges, value: 0.0 }, &[at])?;
            match bias {
                None => at,
                Some(bias) => {
                    let shape = [channels, 1, 1];
                    let at = self.push(&node.name, Op::Shift { shape }, &[at])?;
                    self.vector_parameter(at, "bias", bias, channels)?;
                    if let Some(bias) = self.weights.get_mut(&format!("{}.bias", self.network.nodes[at].name)) {
                        bias.shape = shape.to_vec();
                    }
                    at
                }
            }
        };
        self.give_image(node, at, x.dims[0]);
        Ok(())
    }

    /// As a convolution of each channel by itself whose filters each see one cell of a block.
    pub(super) fn space_to_depth(&mut self, node: &Node) -> Result<(), String> {
        let x = self.image(node, 0)?;
        let block = block(node)?;
        let Shape {
            channels,
            height,
            width,
        } = self.shapes[x.node];
        if height % block != 0 || width % block != 0 {
            return Err(format!(
                "{height}×{width} cells do not come to blocks of {block}×{block}"
            ));
        }
        let at = self.blocks_to_channels(&node.name, x.node, block)?;
        // Of one cell of the blocks after the other all channels.
        let cells = block * block;
        let indices = (0..cells).flat_map(|cell| (0..channels).map(move |c| c * cells + cell));
        let op = Op::Select {
            axis: Axis::Channels,
            indices: indices.collect(),
        };
        let at = self.push(&format!("{}.order", node.name), op, &[at])?;
        self.give_image(node, at, x.dims[0]);
        Ok(())
    }

    /// Its adjoint.
    pub(super) fn depth_to_space(&mut self, node: &Node) -> Result<(), String> {
        let x = self.image(node, 0)?;
        let block = block(node)?;
        let cells = block * block;
        let channels = self.shapes[x.node].channels;
        if !channels.is_multiple_of(cells) {
            return Err(format!(
                "{channels} channels do not come to blocks of {block}×{block} cells"
            ));
        }
        let made = channels / cells;
        let at = match node.attributes.string("mode")? {
            Some("CRD") => x.node,
            None | Some("DCR") => {
                self.spend(channels)?;
                let indices = (0..made).flat_map(|c| (0..cells).map(move |cell| cell * made + c));
                let op = Op::Select {
                    axis: Axis::Channels,
                    indices: indices.collect(),
                };
                self.push(&format!("{}.order", node.name), op, &[x.node])?
            }
            Some(other) => return Err(format!("mode is '{other}', which is not known")),
        };
        let at = self.channels_to_blocks(&node.name, at, block)?;
        self.give_image(node, at, x.dims[0]);
        Ok(())
    }

    /// `[C, H·b, W·b]` as `[C·b·b, H, W]`, of each channel the cells of the blocks row by row.
    pub(super) fn blocks_to_channels(
        &mut self,
        name: &str,
        at: usize,
        block: usize,
    ) -> Result<usize, String> {
        let groups = self.shapes[at].channels;
        let weights = self.one_cell_each(groups, block)?;
        let op = Op::Conv {
            window: Window::square(block, block, 0),
            channels: groups * block * block,
            groups,
            bias: false,
        };
        let at = self.push(name, op, &[at])?;
        let shape = vec![groups * block * block, 1, block, block];
        self.parameter(at, "weight", shape, weights);
        Ok(at)
    }

    /// And back.
    pub(super) fn channels_to_blocks(
        &mut self,
        name: &str,
        at: usize,
        block: usize,
    ) -> Result<usize, String> {
        let channels = self.shapes[at].channels;
        let groups = channels / (block * block);
        let weights = self.one_cell_each(groups, block)?;
        let op = Op::ConvTranspose {
            window: Window::square(block, block, 0),
            left_over: [0; 2],
            channels: groups,
            groups,
            bias: false,
        };
        let at = self.push(name, op, &[at])?;
        self.parameter(at, "weight", vec![channels, 1, block, block], weights);
        Ok(at)
    }

    /// For each channel and each cell of a block a filter that is 1 there and 0 elsewhere.
    fn one_cell_each(&mut self, channels: usize, block: usize) -> Result<Vec<f32>, String> {
        let cells = block * block;
        let count = cells.checked_mul(cells).and_then(|each| each.checked_mul(channels));
        let count = count.filter(|&count| count <= crate::onnx::size::MAX_ELEMENTS);
        let count = count.ok_or_else(|| format!("blocks of {block}×{block} cells are too large"))?;
        self.spend(count)?;
        let mut filters = vec![0.0; count];
        for number in 0..channels * cells {
            filters[number * cells + number % cells] = 1.0;
        }
        Ok(filters)
    }
}

fn block(node: &Node) -> Result<usize, String> {
    let block = node.attributes.int("blocksize", 0)?;
    let known = usize::try_from(block).ok();
    known
        .filter(|block| (1..=LARGEST_BLOCK).contains(block))
        .ok_or_else(|| format!("blocksize is {block}, expected a number from 1"))
}

/// Rows and columns of what a transposed convolution gives; sets the pads that lead there.
fn transposed(node: &Node, input: Shape, sliding: &mut Sliding) -> Result<[usize; 2], String> {
    let pair = |name: &str| -> Result<Option<[usize; 2]>, String> {
        match node.attributes.ints(name)? {
            None => Ok(None),
            Some(&[.., rows, columns]) if [rows, columns].iter().all(|n| (0..=1 << 20).contains(n)) => {
                Ok(Some([rows as usize, columns as usize]))
            }
            Some(values) => Err(format!(
                "{name} is {values:?}, expected one number for the rows and one for the columns"
            )),
        }
    };
    let more = pair("output_padding")?.unwrap_or([0; 2]);
    let told = pair("output_shape")?;
    let auto = node.attributes.string("auto_pad")?.unwrap_or("NOTSET");
    let mut lengths = [0; 2];
    for axis in 0..2 {
        let window = sliding.window;
        let length = [input.height, input.width][axis];
        let all = (length - 1) * window.stride[axis] + more[axis] + window.extent(axis);
        let wanted = match (told, auto.starts_with("SAME")) {
            (Some(told), _) => told[axis],
            (None, true) => length * window.stride[axis],
            (None, false) => {
                let pads: usize = sliding.pads[axis].iter().sum();
                let cells = all.checked_sub(pads).filter(|&cells| cells > 0);
                lengths[axis] = cells.ok_or("its pads cut all off")?;
                continue;
            }
        };
        let missing = all.saturating_sub(wanted);
        let (less, rest) = (missing / 2, missing - missing / 2);
        sliding.pads[axis] = match auto {
            "SAME_UPPER" => [less, rest],
            _ => [rest, less],
        };
        lengths[axis] = wanted;
    }
    Ok(lengths)
}
