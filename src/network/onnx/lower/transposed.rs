//! Transposed convolutions.

use super::linear::{floats, four_axes, groups, vector};
use super::lowering::Lowering;
use super::window::Sliding;
use crate::onnx::node::Node;
use crate::shape::Shape;
use crate::{Op, Window};

impl Lowering {
    pub(super) fn conv_transpose(&mut self, node: &Node) -> Result<(), String> {
        let x = self.image(node, 0)?;
        let filters = self.constant_input(node, 1)?.ok_or("has no weights")?;
        let [from, each, rows, columns] = four_axes(&filters)?;
        let groups = groups(node)?;
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
                    let values = vector("bias", bias, channels)?;
                    self.parameter(at, "bias", shape.to_vec(), values);
                    at
                }
            }
        };
        self.give_image(node, at, x.dims[0]);
        Ok(())
    }
}

/// Rows and columns of what a transposed convolution gives; sets the pads that lead there.
fn transposed(node: &Node, input: Shape, sliding: &mut Sliding) -> Result<[usize; 2], String> {
    let pair = |name: &str| -> Result<Option<[usize; 2]>, String> {
        match node.attributes.ints(name)? {
            None => Ok(None),
            Some(&[.., rows, columns])
                if [rows, columns].iter().all(|n| (0..=1 << 20).contains(n)) =>
            {
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
