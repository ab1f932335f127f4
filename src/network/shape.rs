//! The shape of every node's output and its parameters, computed from the data alone.

use std::borrow::Cow;

use base::{Error, Result};
use serde::{Deserialize, Serialize};

use super::{Anatomy, Network, Node, Op};

/// More cells has no node's output.
const MAX_CELLS: usize = 1 << 31;

/// Feature maps × rows × columns of one image; a vector of `n` features is `n × 1 × 1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Feature maps.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Shape {
    /// A vector of so many features.
    pub fn vector(features: usize) -> Self {
        Self::of([features, 1, 1])
    }

    /// From `[C, H, W]`.
    pub fn of([channels, height, width]: [usize; 3]) -> Self {
        Self {
            channels,
            height,
            width,
        }
    }

    /// `[C, H, W]`.
    pub fn axes(&self) -> [usize; 3] {
        [self.channels, self.height, self.width]
    }

    /// Cells in all.
    pub fn cells(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// What comes of two shapes when each axis of length 1 is repeated as often as the other's is long (NumPy's rule).
    fn broadcast(self, other: Self) -> Option<Self> {
        let mut axes = self.axes();
        for (mine, other) in axes.iter_mut().zip(other.axes()) {
            match (*mine, other) {
                (a, b) if a == b => {}
                (1, b) => *mine = b,
                (_, 1) => {}
                _ => return None,
            }
        }
        Some(Self::of(axes))
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}×{}×{}", self.channels, self.height, self.width)
    }
}

/// Shapes of all nodes for the network's own input.
///
/// # Errors
/// [`Error::Network`] where inputs do not fit together.
pub(super) fn shapes(network: &Network) -> Result<Vec<Shape>> {
    let mut shapes: Vec<Shape> = Vec::with_capacity(network.nodes.len());
    for node in &network.nodes {
        let inputs: Vec<Shape> = node.inputs.iter().map(|&input| shapes[input]).collect();
        let shape = output(network.input, &node.op, &inputs).map_err(|problem| Error::Network {
            network: network.name.clone(),
            node: node.name.clone(),
            problem,
        })?;
        shapes.push(shape);
    }
    Ok(shapes)
}

/// The shape that an op makes of its inputs' shapes; `image` is that of the network's input.
///
/// # Errors
/// What does not fit together, in words.
pub(super) fn output(image: Shape, op: &Op, inputs: &[Shape]) -> Result<Shape, String> {
    let shape = unbounded_output(image, op, inputs)?;
    let [channels, height, width] = shape.axes();
    let cells = channels
        .checked_mul(height)
        .and_then(|cells| cells.checked_mul(width));
    match cells {
        Some(1..=MAX_CELLS) => Ok(shape),
        _ => Err(format!("{shape} is not a size that can be computed with")),
    }
}

fn unbounded_output(image: Shape, op: &Op, inputs: &[Shape]) -> Result<Shape, String> {
    let Some(&input) = inputs.first() else {
        return match op {
            Op::Input => Ok(image),
            _ => Err("has no input".into()),
        };
    };
    let joined = |other: Shape| {
        let joined = input.broadcast(other);
        joined.ok_or_else(|| format!("{input} and {other} do not fit together"))
    };
    Ok(match op {
        Op::Input => return Err("an input reads nothing".into()),
        Op::Conv {
            window,
            channels,
            groups,
            ..
        } => {
            in_groups(input, *channels, *groups)?;
            slide(input, window, false, *channels)?
        }
        Op::ConvTranspose {
            window,
            left_over,
            channels,
            groups,
            ..
        } => {
            in_groups(input, *channels, *groups)?;
            spread(input, window, *left_over, *channels)?
        }
        Op::Resample {
            axes: [rows, columns],
        } => {
            rows.check(input.height)?;
            columns.check(input.width)?;
            Shape {
                height: rows.length,
                width: columns.length,
                ..input
            }
        }
        Op::ReduceChannels { .. } => Shape {
            channels: 1,
            ..input
        },
        Op::GroupNorm { groups, .. } if *groups == 0 || input.channels % groups != 0 => {
            return Err(format!(
                "{} channels cannot be split into {groups} groups",
                input.channels
            ));
        }
        Op::MaxPool { window, ceil } | Op::AveragePool { window, ceil, .. } => {
            if (0..2).any(|axis| window.padding[axis] * 2 > window.kernel[axis]) {
                return Err("pads by more than half its window".into());
            }
            if matches!(op, Op::AveragePool { .. }) && window.dilation != [1; 2] {
                return Err("an average pooling cannot be dilated".into());
            }
            slide(input, window, *ceil, input.channels)?
        }
        Op::GlobalAveragePool => Shape::vector(input.channels),
        Op::Flatten => Shape::vector(input.cells()),
        Op::Linear { features } => {
            if (input.height, input.width) != (1, 1) {
                return Err(format!("expected a flat input, got {input}"));
            }
            Shape::vector(*features)
        }
        Op::Concat => {
            if inputs
                .iter()
                .any(|other| (other.height, other.width) != (input.height, input.width))
            {
                return Err("inputs of different sizes cannot be stacked".into());
            }
            Shape {
                channels: inputs.iter().map(|input| input.channels).sum(),
                ..input
            }
        }
        Op::Scale { shape }
        | Op::Shift { shape }
        | Op::PRelu { shape }
        | Op::Constant { shape } => joined(Shape::of(*shape))?,
        Op::Choose if inputs.len() != 3 => {
            return Err(format!("takes three inputs, has {}", inputs.len()))
        }
        Op::Add | Op::Choose => {
            let mut sum = input;
            for other in &inputs[1..] {
                let both = sum.broadcast(*other);
                sum = both.ok_or_else(|| format!("{sum} and {other} do not fit together"))?;
            }
            sum
        }
        Op::Multiply | Op::Divide | Op::Pairwise { .. } => match inputs {
            [_, other] => joined(*other)?,
            _ => return Err(format!("takes two inputs, has {}", inputs.len())),
        },
        Op::Pad { edges, .. } => {
            let mut axes = input.axes();
            for (length, [before, after]) in axes.iter_mut().zip(edges) {
                let all = *length as i64;
                let padded = all.saturating_add(*before).saturating_add(*after);
                if *before <= -all || *after <= -all || padded <= 0 {
                    return Err(format!("cuts all of {input} off"));
                }
                *length = padded as usize;
            }
            Shape::of(axes)
        }
        Op::Select { axis, indices } => {
            let mut axes = input.axes();
            let length = &mut axes[axis.number()];
            if indices.is_empty() || indices.iter().any(|index| index >= length) {
                return Err(format!("picks what {input} does not have"));
            }
            *length = indices.len();
            Shape::of(axes)
        }
        Op::Permute { order } => {
            let axes = input.axes();
            let mut sorted = *order;
            sorted.sort_unstable();
            if sorted != [0, 1, 2] {
                return Err(format!("{order:?} is not an order of three axes"));
            }
            Shape::of(order.map(|axis| axes[axis]))
        }
        Op::Reshape { shape } => {
            if shape.cells() != input.cells() {
                return Err(format!("{input} cannot become {shape}"));
            }
            *shape
        }
        Op::Relu
        | Op::LeakyRelu { .. }
        | Op::Clip { .. }
        | Op::Curve(_)
        | Op::Lrn { .. }
        | Op::BatchNorm { .. }
        | Op::LayerNorm { .. }
        | Op::GroupNorm { .. }
        | Op::Dropout
        | Op::Softmax => input,
    })
}

fn in_groups(input: Shape, channels: usize, groups: usize) -> Result<(), String> {
    let split = |channels: usize| channels.checked_rem(groups) == Some(0);
    match split(input.channels) && split(channels) {
        true => Ok(()),
        false => Err(format!(
            "{} channels in, {channels} out cannot be split into {groups} groups",
            input.channels
        )),
    }
}

/// What a transposed convolution makes of a size.
fn spread(
    input: Shape,
    window: &super::Window,
    left_over: [usize; 2],
    channels: usize,
) -> Result<Shape, String> {
    can_be(window)?;
    let along = |length: usize, axis: usize| {
        let (stride, more) = (window.stride[axis], left_over[axis]);
        if more >= stride.max(window.dilation[axis]) {
            return Err(format!("leaves {more} cells over, more than it strides"));
        }
        let reach = (length - 1)
            .checked_mul(stride)
            .and_then(|cells| cells.checked_add(window.extent(axis) + more));
        let cells = reach.and_then(|cells| cells.checked_sub(2 * window.padding[axis]));
        cells
            .filter(|&cells| cells > 0)
            .ok_or_else(|| format!("a window of {window} cuts all off what it makes of {input}"))
    };
    Ok(Shape {
        channels,
        height: along(input.height, 0)?,
        width: along(input.width, 1)?,
    })
}

fn can_be(window: &super::Window) -> Result<(), String> {
    let steps = [window.kernel, window.stride, window.dilation].concat();
    let fits = steps.iter().all(|step| (1..=MAX_CELLS).contains(step));
    match fits && window.padding.iter().all(|&cells| cells <= MAX_CELLS) {
        true => Ok(()),
        false => Err(format!("a window cannot be {window}")),
    }
}

fn slide(
    input: Shape,
    window: &super::Window,
    ceil: bool,
    channels: usize,
) -> Result<Shape, String> {
    can_be(window)?;
    let along = |length, axis| {
        window.output(length, axis, ceil).ok_or_else(|| {
            format!(
                "a window of {:?} does not fit into {input}; the input is too small",
                window.kernel
            )
        })
    };
    Ok(Shape {
        channels,
        height: along(input.height, 0)?,
        width: along(input.width, 1)?,
    })
}

/// Name and shape of a parameter that a network needs, as PyTorch stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// `<node>.weight`, `<node>.bias`, …
    pub name: String,
    /// `[out, in / groups, rows, columns]` for a convolution, `[in, out / groups, rows, columns]` for a transposed one, `[out, in]` for a linear layer.
    pub shape: Vec<usize>,
}

impl Parameter {
    /// The name and shape that PyTorch's state dict has for it. Where one of PyTorch's modules, or a parameter of its own, is
    /// several nodes here or one of another kind, the node's name says behind an `@` what it does for the module before it:
    /// `scale` and `shift` are the weight and bias of a normalisation, `cells` a linear layer of the channels of each cell,
    /// `vector` and `maps` a parameter by itself that each map is multiplied with, `[C]` and `[C, 1, 1]`.
    pub(super) fn stored(&self) -> (Cow<'_, str>, Vec<usize>) {
        let role = self.name.split_once('@').and_then(|(module, rest)| {
            let (role, field) = rest.split_once('.')?;
            Some((module, role, field))
        });
        let first = |axes: usize| self.shape.iter().take(axes).copied().collect();
        match role {
            Some((module, "scale" | "shift", field)) => {
                (format!("{module}.{field}").into(), first(1))
            }
            Some((module, "cells", field)) => (format!("{module}.{field}").into(), first(2)),
            Some((module, "vector", _)) => (module.into(), first(1)),
            Some((module, "maps", _)) => (module.into(), self.shape.clone()),
            _ => (self.name.as_str().into(), self.shape.clone()),
        }
    }
}

/// What [`Anatomy::parameters`] tells.
pub(super) fn parameters(network: &Network, shapes: &[Shape]) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for node in &network.nodes {
        let mut push = |field: &str, shape: Vec<usize>| {
            parameters.push(Parameter {
                name: format!("{}.{field}", node.name),
                shape,
            });
        };
        let channels_in = channels_in(node, shapes);
        match &node.op {
            Op::Conv {
                window,
                channels,
                groups,
                bias,
            } => {
                let [rows, columns] = window.kernel;
                push(
                    "weight",
                    vec![*channels, channels_in / groups, rows, columns],
                );
                if *bias {
                    push("bias", vec![*channels]);
                }
            }
            Op::ConvTranspose {
                window,
                channels,
                groups,
                bias,
                ..
            } => {
                let [rows, columns] = window.kernel;
                push(
                    "weight",
                    vec![channels_in, channels / groups, rows, columns],
                );
                if *bias {
                    push("bias", vec![*channels]);
                }
            }
            Op::Linear { features } => {
                push("weight", vec![*features, channels_in]);
                push("bias", vec![*features]);
            }
            Op::BatchNorm { .. } => {
                for field in ["weight", "bias", "running_mean", "running_var"] {
                    push(field, vec![channels_in]);
                }
            }
            Op::Scale { shape } => push("weight", shape.to_vec()),
            Op::Shift { shape } => push("bias", shape.to_vec()),
            Op::PRelu { shape } => push("slope", shape.to_vec()),
            Op::Constant { shape } => push("value", shape.to_vec()),
            _ => {}
        }
    }
    parameters
}

/// Channels of what a node reads first.
fn channels_in(node: &Node, shapes: &[Shape]) -> usize {
    let input = node.inputs.first();
    input.map_or(0, |&input| shapes[input].channels)
}

impl Anatomy {
    /// All parameters in the order of the nodes.
    pub fn parameters(&self) -> Vec<Parameter> {
        parameters(self.network(), self.shapes())
    }

    /// Multiplications and additions (as pairs) of one forward pass, node by node.
    pub fn multiply_adds(&self) -> Vec<u64> {
        let shapes = self.shapes();
        let of_node = |(node, output): (&Node, &Shape)| {
            let channels_in = channels_in(node, shapes);
            match &node.op {
                Op::Conv { window, groups, .. } => {
                    let [rows, columns] = window.kernel;
                    (output.cells() * rows * columns * channels_in / groups) as u64
                }
                Op::ConvTranspose {
                    window,
                    channels,
                    groups,
                    ..
                } => {
                    let [rows, columns] = window.kernel;
                    let cells = node
                        .inputs
                        .first()
                        .map_or(0, |&input| shapes[input].cells());
                    (cells * rows * columns * channels / groups) as u64
                }
                Op::Linear { features } => (features * channels_in) as u64,
                _ => 0,
            }
        };
        self.network()
            .nodes
            .iter()
            .zip(shapes)
            .map(of_node)
            .collect()
    }
}
