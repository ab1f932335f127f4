//! What a node computes, as data.

/// A sliding window: kernel, stride, padding and dilation as [rows, columns], in cells of the node's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Size of the kernel.
    pub kernel: [usize; 2],
    /// Step of the window.
    pub stride: [usize; 2],
    /// Zero padding on each side.
    pub padding: [usize; 2],
    /// Distance between the kernel's cells.
    pub dilation: [usize; 2],
}

impl Window {
    /// A square window of the given kernel, stride and padding, not dilated.
    pub const fn square(kernel: usize, stride: usize, padding: usize) -> Self {
        Self {
            kernel: [kernel; 2],
            stride: [stride; 2],
            padding: [padding; 2],
            dilation: [1; 2],
        }
    }

    /// Cells from the first to the last one that the kernel touches.
    pub fn extent(&self, axis: usize) -> usize {
        (self.kernel[axis] - 1) * self.dilation[axis] + 1
    }

    /// Length of the output along an axis, or `None` where the window does not fit. With `ceil` the last window may
    /// hang over the padded edge, as long as it starts inside (PyTorch's rule).
    pub fn output(&self, input: usize, axis: usize, ceil: bool) -> Option<usize> {
        let padded = input + 2 * self.padding[axis];
        let room = padded.checked_sub(self.extent(axis))?;
        let stride = self.stride[axis];
        let mut steps = room / stride;
        if ceil && room % stride != 0 && (steps + 1) * stride < input + self.padding[axis] {
            steps += 1;
        }
        Some(steps + 1)
    }
}

/// What a node computes. A closed set: the forward walk, the projection and the shapes each match on it.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// The network's input, `[3, H, W]`.
    Input,
    /// Cross-correlation with learned filters; parameters `weight` and `bias`.
    Conv {
        /// The filters' window.
        window: Window,
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
    /// Maximum over a window; its place is the switch.
    MaxPool {
        /// The pooling window.
        window: Window,
        /// Whether the output size is rounded up.
        ceil: bool,
    },
    /// Mean over a window, padding counted.
    AveragePool {
        /// The pooling window.
        window: Window,
    },
    /// Mean of each feature map.
    GlobalAveragePool,
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
    /// Inputs stacked along the channels.
    Concat,
    /// Sum of the inputs.
    Add,
    /// `[C, H, W]` to `[C·H·W]`.
    Flatten,
    /// The identity in inference.
    Dropout,
    /// Class probabilities.
    Softmax,
}

impl Op {
    /// The op's name for people (`conv 3×3/2`).
    pub fn describe(&self) -> String {
        let shape = |w: &Window| {
            let mut text = format!("{}×{}", w.kernel[0], w.kernel[1]);
            if w.stride != [1, 1] {
                text += &format!(" /{}", w.stride[0]);
            }
            if w.padding != [0, 0] {
                text += &format!(" pad {}", w.padding[0]);
            }
            text
        };
        match self {
            Self::Input => "input".into(),
            Self::Conv { window, groups, .. } if *groups > 1 => {
                format!("conv {}, {groups} groups", shape(window))
            }
            Self::Conv { window, .. } => format!("conv {}", shape(window)),
            Self::Linear { .. } => "linear".into(),
            Self::Relu => "relu".into(),
            Self::MaxPool { window, ceil } => format!(
                "max pool {}{}",
                shape(window),
                if *ceil { " ceil" } else { "" }
            ),
            Self::AveragePool { window } => format!("average pool {}", shape(window)),
            Self::GlobalAveragePool => "global average".into(),
            Self::Lrn { size, .. } => format!("contrast norm {size}"),
            Self::BatchNorm { .. } => "batch norm".into(),
            Self::Concat => "concat".into(),
            Self::Add => "add".into(),
            Self::Flatten => "flatten".into(),
            Self::Dropout => "dropout".into(),
            Self::Softmax => "softmax".into(),
        }
    }
}
