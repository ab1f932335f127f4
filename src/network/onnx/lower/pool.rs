//! Poolings over windows.

use super::lowering::Lowering;
use super::value::Maps;
use super::window::Sliding;
use crate::onnx::node::Node;
use crate::{Op, Window};

/// Half of the window is what libtorch pads at most.
fn paddable(window: &Window) -> bool {
    (0..2).all(|axis| window.padding[axis] * 2 <= window.kernel[axis])
}

impl Lowering {
    pub(super) fn max_pool(&mut self, node: &Node) -> Result<(), String> {
        let x = self.image(node, 0)?;
        let ceil = node.attributes.int("ceil_mode", 0)? != 0;
        let input = self.shapes[x.node];
        let native = Sliding::of(node, input, None, false)?
            .symmetric()
            .filter(paddable);
        let at = match native {
            Some(window) => self.push(&node.name, Op::MaxPool { window, ceil }, &[x.node])?,
            None => {
                let sliding = Sliding::of(node, input, None, ceil)?;
                let padded = self.padded(node, x.node, &sliding, f64::NEG_INFINITY)?;
                let op = Op::MaxPool {
                    window: sliding.window,
                    ceil: false,
                };
                self.push(&node.name, op, &[padded])?
            }
        };
        self.give_image(node, at, x.dims[0]);
        Ok(())
    }

    /// Natively where libtorch can; else the sum over each window (zeros padded), over the number of cells that count.
    pub(super) fn average_pool(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        if let Some(size) = self.over_channels(node, &x)? {
            return self.channel_mean(node, &x, size);
        }
        let x = self.image(node, 0)?;
        let ceil = node.attributes.int("ceil_mode", 0)? != 0;
        let padding_counts = node.attributes.int("count_include_pad", 0)? != 0;
        let input = self.shapes[x.node];
        let told = Sliding::of(node, input, None, false)?;
        let native = told
            .symmetric()
            .filter(paddable)
            .filter(|window| window.dilation == [1; 2]);
        if let Some(window) = native {
            let op = Op::AveragePool {
                window,
                ceil,
                padding_counts,
            };
            let at = self.push(&node.name, op, &[x.node])?;
            self.give_image(node, at, x.dims[0]);
            return Ok(());
        }
        let sliding = Sliding::of(node, input, None, ceil)?;
        let inner = |name: &str| format!("{}.{name}", node.name);
        let padded = self.padded(node, x.node, &sliding, 0.0)?;
        let window = sliding.window;
        let [rows, columns] = window.kernel;
        let area = rows * columns;
        let summed = if window.dilation == [1; 2] {
            let op = Op::AveragePool {
                window,
                ceil: false,
                padding_counts: true,
            };
            self.push(&inner("mean"), op, &[padded])?
        } else {
            let op = Op::Conv {
                window,
                channels: input.channels,
                groups: input.channels,
                bias: false,
            };
            let at = self.push(&inner("mean"), op, &[padded])?;
            self.spend(input.channels * area)?;
            let values = vec![1.0 / area as f32; input.channels * area];
            self.parameter(at, "weight", vec![input.channels, 1, rows, columns], values);
            at
        };
        let shape = self.shapes[summed];
        self.spend(shape.height * shape.width)?;
        let counted = |axis: usize, steps: usize, length: usize| -> Vec<usize> {
            let before = sliding.pads[axis][0];
            let (first, last) = match padding_counts {
                true => (0, before + length + told.pads[axis][1]),
                false => (before, before + length),
            };
            let count = |step: usize| {
                let start = step * window.stride[axis];
                let before = |edge: usize| {
                    let cells = edge.saturating_sub(start).div_ceil(window.dilation[axis]);
                    cells.min(window.kernel[axis])
                };
                before(last) - before(first)
            };
            (0..steps).map(count).collect()
        };
        let down = counted(0, shape.height, input.height);
        let across = counted(1, shape.width, input.width);
        let cells = down
            .iter()
            .flat_map(|rows| across.iter().map(move |columns| rows * columns));
        let factors: Vec<f32> = cells
            .map(|cells| area as f32 / cells.max(1) as f32)
            .collect();
        let axes = [1, shape.height, shape.width];
        let at = self.push(&node.name, Op::Scale { shape: axes }, &[summed])?;
        self.parameter(at, "weight", axes.to_vec(), factors);
        self.give_image(node, at, x.dims[0]);
        Ok(())
    }

    /// What a window slides over, with its pads around it.
    pub(super) fn padded(
        &mut self,
        node: &Node,
        at: usize,
        sliding: &Sliding,
        value: f64,
    ) -> Result<usize, String> {
        let edges = sliding.edges();
        let name = format!("{}.pad", node.name);
        self.push(&name, Op::Pad { edges, value }, &[at])
    }

    /// Gives maps as `[images, channels, rows, columns]`.
    pub(super) fn give_image(&mut self, node: &Node, at: usize, images: usize) {
        let shape = self.shapes[at];
        let dims = vec![images, shape.channels, shape.height, shape.width];
        self.give(node, 0, Maps { node: at, dims });
    }
}
