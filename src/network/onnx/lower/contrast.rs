//! Contrast normalisation (LRN) as PyTorch's exporters spell it out: `x / (k + α · mean of x² over neighbouring channels)^β`, where
//! the mean is a 3-D average pooling of the channels as a depth.

use super::lowering::Lowering;
use super::value::Maps;
use crate::onnx::node::Node;
use crate::{Curve, Op, Window};

impl Lowering {
    /// How many neighbouring channels an average pooling is over, where it is over channels alone.
    pub(super) fn over_channels(&self, node: &Node, x: &Maps) -> Result<Option<usize>, String> {
        let image = &x.dims[self.batch.axes().min(x.dims.len())..];
        let [1, channels, _, _] = image[..] else {
            return Ok(None);
        };
        let list = |name: &str| node.attributes.ints(name);
        let all = |name: &str, usual: i64| -> Result<bool, String> {
            Ok(list(name)?.is_none_or(|all| all.iter().all(|&it| it == usual)))
        };
        let is_told = matches!(
            node.attributes.string("auto_pad")?,
            None | Some("NOTSET" | "VALID")
        );
        let is_plain = is_told && all("strides", 1)? && all("pads", 0)? && all("dilations", 1)?;
        Ok(match list("kernel_shape")? {
            Some(&[size, 1, 1]) if is_plain && (1..=channels as i64).contains(&size) => {
                Some(size as usize)
            }
            _ => None,
        })
    }

    /// The mean over so many neighbouring channels, by a convolution of one cell.
    pub(super) fn channel_mean(
        &mut self,
        node: &Node,
        x: &Maps,
        size: usize,
    ) -> Result<(), String> {
        let axis = x.dims.len() - 3;
        let before = x.dims[axis];
        let after = before + 1 - size;
        self.spend(before.saturating_mul(after))?;
        let op = Op::Conv {
            window: Window::square(1, 1, 0),
            channels: after,
            groups: 1,
            bias: false,
        };
        let at = self.push(&node.name, op, &[x.node])?;
        let share = |at: usize| match (at / before..at / before + size).contains(&(at % before)) {
            true => 1.0 / size as f32,
            false => 0.0,
        };
        let values = (0..before * after).map(share).collect();
        self.parameter(at, "weight", vec![after, before, 1, 1], values);
        self.channel_means.insert(at, size);
        let mut dims = x.dims.clone();
        dims[axis] = after;
        self.give(node, 0, Maps { node: at, dims });
        Ok(())
    }

    /// The contrast normalisation that a quotient is, and what it normalises.
    pub(super) fn contrast(&self, quotient: usize) -> Option<(Op, usize)> {
        let node = |at: usize| &self.network.nodes[at];
        let (Op::Divide, &[x, below]) = (&node(quotient).op, &node(quotient).inputs[..]) else {
            return None;
        };
        let beta = match node(below).op {
            Op::Curve(Curve::Power { exponent }) => exponent,
            Op::Curve(Curve::Sqrt) => 0.5,
            _ => return None,
        };
        let input = |at: usize| node(at).inputs.first().copied();
        let shift = input(below)?;
        let k = self.shift(shift)?;
        let scale = input(shift)?;
        let alpha = match node(scale).op {
            Op::Scale { .. } => self.number(scale, "weight")?,
            _ => return None,
        };
        let mean = input(scale)?;
        let &size = self.channel_means.get(&mean)?;
        let padded = input(mean)?;
        let ends = ((size / 2) as i64, ((size - 1) / 2) as i64);
        match node(padded).op {
            Op::Pad {
                edges: [[before, after], [0, 0], [0, 0]],
                value: 0.0,
            } if (before, after) == ends => {}
            _ => return None,
        }
        let square = input(padded)?;
        let squares_x = match node(square).op {
            Op::Multiply => node(square).inputs == [x, x],
            Op::Curve(Curve::Power { exponent: 2.0 }) => node(square).inputs == [x],
            _ => false,
        };
        let op = Op::Lrn {
            size,
            alpha,
            beta,
            k,
        };
        (squares_x && size % 2 == 1).then_some((op, x))
    }
}
