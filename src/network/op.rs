//! What a node computes, as data.

use serde::{Deserialize, Serialize};

use super::shape::Shape;
use super::{Curve, Resampling, Window};

/// An axis of one image's maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// Feature maps.
    Channels,
    /// Rows.
    Rows,
    /// Columns.
    Columns,
}

impl Axis {
    /// The axis' number in `[C, H, W]`.
    pub fn number(self) -> usize {
        match self {
            Self::Channels => 0,
            Self::Rows => 1,
            Self::Columns => 2,
        }
    }
}

/// How two values make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// The larger one.
    Maximum,
    /// The smaller one.
    Minimum,
    /// The first to the power of the second.
    Power,
    /// 1 where the first is larger, else 0.
    Greater,
    /// 1 where the first is larger or they are equal, else 0.
    GreaterOrEqual,
    /// 1 where they are equal, else 0.
    Equal,
}

/// How values along an axis make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// Their mean.
    Mean,
    /// The largest.
    Maximum,
}

/// What a node computes. A closed set: the forward walk, the projection and the shapes each match on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    /// The network's input.
    Input,
    /// Cross-correlation with learned filters; parameters `weight` and `bias`.
    Conv {
        /// The filters' window.
        #[serde(flatten)]
        window: Window,
        /// Feature maps computed.
        channels: usize,
        /// Groups of channels that do not see each other.
        groups: usize,
        /// Whether there is a `bias`.
        bias: bool,
    },
    /// The adjoint of a convolution: each cell of the input lays the filters over the output, where they add up;
    /// parameters `weight` and `bias`.
    ConvTranspose {
        /// The filters' window, as that of the convolution from the output to the input.
        #[serde(flatten)]
        window: Window,
        /// Cells that the output has more behind, along rows and columns.
        left_over: [usize; 2],
        /// Feature maps computed.
        channels: usize,
        /// Groups of channels that do not see each other.
        groups: usize,
        /// Whether there is a `bias`.
        bias: bool,
    },
    /// `y = W x + b` on a flattened input; parameters `weight` and `bias`.
    Linear {
        /// Outputs.
        features: usize,
    },
    /// `max(0, x)`.
    Relu,
    /// `x` where it is positive, `slope · x` elsewhere.
    LeakyRelu {
        /// At least 0.
        slope: f64,
    },
    /// `x` within bounds; a rectifier where the lower bound is 0 (ReLU6).
    Clip {
        /// Lower bound.
        min: f64,
        /// Upper bound.
        max: f64,
    },
    /// A curve that each value goes through by itself: a smooth rectifier, or one that a deconvnet does not know.
    Curve(Curve),
    /// `x` where it is positive, `slope · x` elsewhere; parameter `slope`, broadcast as that of a scale.
    PRelu {
        /// Shape of the parameter.
        shape: [usize; 3],
    },
    /// Maximum over a window; its place is the switch.
    MaxPool {
        /// The pooling window.
        #[serde(flatten)]
        window: Window,
        /// Whether the output size is rounded up.
        ceil: bool,
    },
    /// Mean over a window, not dilated.
    AveragePool {
        /// The pooling window.
        #[serde(flatten)]
        window: Window,
        /// Whether the output size is rounded up.
        ceil: bool,
        /// Whether padding counts as cells of value 0.
        padding_counts: bool,
    },
    /// Mean of each feature map.
    GlobalAveragePool,
    /// Mean or maximum of each cell over its channels.
    ReduceChannels {
        /// Which.
        by: Reduction,
    },
    /// Rows and columns resampled, one after the other.
    Resample {
        /// The rows and the columns.
        axes: [Resampling; 2],
    },
    /// `(x − mean) / √(variance + epsilon)` of each cell across its channels.
    LayerNorm {
        /// Added to the variance.
        epsilon: f64,
    },
    /// Likewise of groups of channels that follow each other, each over all of its cells: of single maps where there are as
    /// many groups as channels.
    GroupNorm {
        /// Groups.
        groups: usize,
        /// Added to the variance.
        epsilon: f64,
    },
    /// Contrast normalisation across channels: `x / (k + alpha / size · Σ x²)^beta`, the convention of Caffe,
    /// ONNX and PyTorch.
    Lrn {
        /// Channels in the sum.
        size: usize,
        /// Weight of the mean square.
        alpha: f64,
        /// Exponent.
        beta: f64,
        /// Constant.
        k: f64,
    },
    /// Batch normalisation in inference; parameters `weight`, `bias`, `running_mean`, `running_var`.
    BatchNorm {
        /// Added to the variance.
        epsilon: f64,
    },
    /// `x · weight`, broadcast as NumPy does; parameter `weight` of the shape `[C, H, W]` given, each of them may be 1.
    Scale {
        /// Shape of the parameter.
        shape: [usize; 3],
    },
    /// `x + bias`, likewise; parameter `bias`.
    Shift {
        /// Shape of the parameter.
        shape: [usize; 3],
    },
    /// Inputs stacked along the channels.
    Concat,
    /// Sum of the inputs, broadcast as NumPy does.
    Add,
    /// Product of two inputs, likewise: a gate.
    Multiply,
    /// Quotient of two inputs, likewise.
    Divide,
    /// Two inputs paired value by value, likewise.
    Pairwise {
        /// How.
        by: Pairing,
    },
    /// Of three inputs the second where the first is not 0, the third elsewhere, likewise.
    Choose,
    /// Numbers that are the same for every image, broadcast to the shape of what it reads; parameter `value`.
    Constant {
        /// Shape of the parameter.
        shape: [usize; 3],
    },
    /// Cells of one value added at the edges; where a number is negative, cells cut off.
    Pad {
        /// [before, after] for the channels, the rows and the columns.
        edges: [[i64; 2]; 3],
        /// The value.
        value: f64,
    },
    /// Slices along an axis picked by number, in any order, also several times: slicing, splitting, shuffling channels,
    /// padding by reflection.
    Select {
        /// The axis.
        axis: Axis,
        /// Numbers of the slices.
        indices: Vec<usize>,
    },
    /// The axes in another order; `order` tells for each axis of the output which one of the input it is.
    Permute {
        /// Of channels (0), rows (1), columns (2).
        order: [usize; 3],
    },
    /// The same values, in the same order, as other maps.
    Reshape {
        /// Shape of the output.
        #[serde(flatten)]
        shape: Shape,
    },
    /// `[C, H, W]` to `[C·H·W]`.
    Flatten,
    /// The identity in inference.
    Dropout,
    /// Class probabilities: over the channels.
    Softmax,
}

impl Op {
    /// Whether a deconvnet has a way back through it; of a product [`super::Anatomy::wall`] tells by its branches.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(super) fn projectable(&self) -> Result<(), &'static str> {
        match self {
            Self::Curve(curve) => curve.projectable(),
            Self::ReduceChannels {
                by: Reduction::Maximum,
            } => Err("a maximum over channels has no rule in a deconvnet yet"),
            Self::Pairwise { .. } | Self::Choose => {
                Err("a choice between values has no rule in a deconvnet yet")
            }
            Self::Clip { min, .. } if *min != 0.0 => {
                Err("clipping is a rectifier only where its lower bound is 0")
            }
            Self::Softmax => Err("probabilities are not activations of a feature"),
            _ => Ok(()),
        }
    }

    /// Whether it has a gradient to train by.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn learnable(&self) -> Result<(), &'static str> {
        match self {
            Self::Pairwise {
                by: Pairing::Greater | Pairing::GreaterOrEqual | Pairing::Equal,
            } => Err("a comparison has no gradient"),
            _ => Ok(()),
        }
    }

    /// Whether it is what makes a layer's activations out of its sums.
    pub fn is_activation(&self) -> bool {
        match self {
            Self::Relu | Self::LeakyRelu { .. } | Self::PRelu { .. } | Self::Clip { .. } => true,
            Self::Curve(curve) => curve.is_activation(),
            _ => false,
        }
    }

    /// Whether axes of length 1 are repeated to the length of another input's or of a parameter's.
    pub(super) fn broadcasts(&self) -> bool {
        matches!(
            self,
            Self::Scale { .. }
                | Self::Shift { .. }
                | Self::PRelu { .. }
                | Self::Constant { .. }
                | Self::Add
                | Self::Multiply
                | Self::Divide
                | Self::Pairwise { .. }
                | Self::Choose
        )
    }

    /// The op's name for people (`conv 3×3 /2`).
    pub fn describe(&self) -> String {
        let up = |ceil: bool| if ceil { " ceil" } else { "" };
        match self {
            Self::Input => "input".into(),
            Self::Conv { window, groups, .. } if *groups > 1 => {
                format!("conv {window}, {groups} groups")
            }
            Self::Conv { window, .. } => format!("conv {window}"),
            Self::ConvTranspose { window, groups, .. } if *groups > 1 => {
                format!("transposed conv {window}, {groups} groups")
            }
            Self::ConvTranspose { window, .. } => format!("transposed conv {window}"),
            Self::Linear { .. } => "linear".into(),
            Self::Relu => "relu".into(),
            Self::LeakyRelu { slope } => format!("leaky relu {slope}"),
            Self::Clip { min, max } => format!("clip {min} to {max}"),
            Self::Curve(curve) => curve.describe(),
            Self::PRelu { .. } => "learned leaky relu".into(),
            Self::MaxPool { window, ceil } => format!("max pool {window}{}", up(*ceil)),
            Self::AveragePool { window, ceil, .. } => {
                format!("average pool {window}{}", up(*ceil))
            }
            Self::GlobalAveragePool => "global average".into(),
            Self::ReduceChannels { by } => match by {
                Reduction::Mean => "mean over channels".into(),
                Reduction::Maximum => "maximum over channels".into(),
            },
            Self::Resample {
                axes: [rows, columns],
            } => format!(
                "resample to {}×{}, {}",
                rows.length,
                columns.length,
                rows.describe()
            ),
            Self::LayerNorm { .. } => "layer norm".into(),
            Self::GroupNorm { groups, .. } => format!("norm of {groups} groups"),
            Self::Lrn { size, .. } => format!("contrast norm {size}"),
            Self::BatchNorm { .. } => "batch norm".into(),
            Self::Scale { .. } => "scale".into(),
            Self::Shift { .. } => "shift".into(),
            Self::Concat => "concat".into(),
            Self::Add => "add".into(),
            Self::Multiply => "multiply".into(),
            Self::Divide => "divide".into(),
            Self::Pairwise { by } => match by {
                Pairing::Maximum => "maximum".into(),
                Pairing::Minimum => "minimum".into(),
                Pairing::Power => "power".into(),
                Pairing::Greater => "greater".into(),
                Pairing::GreaterOrEqual => "greater or equal".into(),
                Pairing::Equal => "equal".into(),
            },
            Self::Choose => "choose".into(),
            Self::Constant { .. } => "constant".into(),
            Self::Pad { edges, .. } => {
                let [channels, rows, columns] =
                    edges.map(|[before, after]| format!("{before},{after}"));
                match channels.as_str() {
                    "0,0" => format!("pad {rows} {columns}"),
                    _ => format!("pad {channels} {rows} {columns}"),
                }
            }
            Self::Select { axis, indices } => {
                let axis = match axis {
                    Axis::Channels => "channels",
                    Axis::Rows => "rows",
                    Axis::Columns => "columns",
                };
                format!("select {} {axis}", indices.len())
            }
            Self::Permute { .. } => "permute".into(),
            Self::Reshape { shape } => format!("reshape {shape}"),
            Self::Flatten => "flatten".into(),
            Self::Dropout => "dropout".into(),
            Self::Softmax => "softmax".into(),
        }
    }
}
