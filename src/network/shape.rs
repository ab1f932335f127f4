//! The shape of every node's output and its parameters, computed from the data alone.

use super::{Network, Op};
use crate::error::{Error, Result};

/// Feature maps × rows × columns of one image; a vector of `n` features is `n × 1 × 1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Feature maps.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Shape {
    /// Cells in all.
    pub fn cells(&self) -> usize {
        self.channels * self.height * self.width
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}×{}×{}", self.channels, self.height, self.width)
    }
}

/// Shapes of all nodes for the network's own input size.
///
/// # Errors
/// [`Error::Network`] where inputs do not fit together.
pub fn shapes(network: &Network) -> Result<Vec<Shape>> {
    let mut shapes: Vec<Shape> = Vec::with_capacity(network.nodes.len());
    for node in &network.nodes {
        let inputs: Vec<Shape> = node.inputs.iter().map(|&input| shapes[input]).collect();
        let shape = output(network, &node.op, &inputs).map_err(|problem| Error::Network {
            network: network.name.clone(),
            node: node.name.clone(),
            problem,
        })?;
        shapes.push(shape);
    }
    Ok(shapes)
}

fn output(network: &Network, op: &Op, inputs: &[Shape]) -> Result<Shape, String> {
    let first = || inputs.first().copied().ok_or("has no input".to_owned());
    let vector = |channels| Shape {
        channels,
        height: 1,
        width: 1,
    };
    Ok(match op {
        Op::Input => Shape {
            channels: 3,
            height: network.input_size,
            width: network.input_size,
        },
        Op::Conv {
            window,
            channels,
            groups,
            ..
        } => {
            let input = first()?;
            if input.channels % groups != 0 || channels % groups != 0 {
                return Err(format!(
                    "{} channels in, {channels} out cannot be split into {groups} groups",
                    input.channels
                ));
            }
            slide(input, window, false, *channels)?
        }
        Op::MaxPool { window, ceil } => slide(first()?, window, *ceil, first()?.channels)?,
        Op::AveragePool { window } => slide(first()?, window, false, first()?.channels)?,
        Op::GlobalAveragePool => vector(first()?.channels),
        Op::Flatten => vector(first()?.cells()),
        Op::Linear { features } => {
            let input = first()?;
            if (input.height, input.width) != (1, 1) {
                return Err(format!("expected a flat input, got {input}"));
            }
            vector(*features)
        }
        Op::Concat => {
            let input = first()?;
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
        Op::Add => {
            let input = first()?;
            match inputs.iter().find(|other| **other != input) {
                Some(other) => return Err(format!("cannot add {input} and {other}")),
                None => input,
            }
        }
        Op::Relu | Op::Lrn { .. } | Op::BatchNorm { .. } | Op::Dropout | Op::Softmax => first()?,
    })
}

fn slide(
    input: Shape,
    window: &super::Window,
    ceil: bool,
    channels: usize,
) -> Result<Shape, String> {
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
    /// `[out, in / groups, rows, columns]` for a convolution, `[out, in]` for a linear layer.
    pub shape: Vec<usize>,
}

/// All parameters in the order of the nodes.
///
/// # Errors
/// As [`shapes`].
pub fn parameters(network: &Network) -> Result<Vec<Parameter>> {
    let shapes = shapes(network)?;
    let mut parameters = Vec::new();
    for node in &network.nodes {
        let mut push = |field: &str, shape: Vec<usize>| {
            parameters.push(Parameter {
                name: format!("{}.{field}", node.name),
                shape,
            });
        };
        let channels_in = node
            .inputs
            .first()
            .map_or(0, |&input| shapes[input].channels);
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
            Op::Linear { features } => {
                push("weight", vec![*features, channels_in]);
                push("bias", vec![*features]);
            }
            Op::BatchNorm { .. } => {
                for field in ["weight", "bias", "running_mean", "running_var"] {
                    push(field, vec![channels_in]);
                }
            }
            _ => {}
        }
    }
    Ok(parameters)
}

/// Multiplications and additions (as pairs) of one forward pass, node by node.
///
/// # Errors
/// As [`shapes`].
pub fn multiply_adds(network: &Network) -> Result<Vec<u64>> {
    let shapes = shapes(network)?;
    Ok(network
        .nodes
        .iter()
        .zip(&shapes)
        .map(|(node, output)| {
            let channels_in = node
                .inputs
                .first()
                .map_or(0, |&input| shapes[input].channels);
            match &node.op {
                Op::Conv { window, groups, .. } => {
                    (output.cells() * window.kernel[0] * window.kernel[1] * channels_in / groups)
                        as u64
                }
                Op::Linear { features } => (features * channels_in) as u64,
                _ => 0,
            }
        })
        .collect())
}
