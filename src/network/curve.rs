//! Curves that each value goes through by itself.

use serde::{Deserialize, Serialize};

/// A curve that each value goes through.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "curve", rename_all = "snake_case")]
pub enum Curve {
    /// `1 / (1 + exp(−x))`.
    Sigmoid,
    /// `max(0, min(1, slope · x + offset))`.
    HardSigmoid {
        /// Steepness in the middle.
        slope: f64,
        /// Value at 0.
        offset: f64,
    },
    /// `x · max(0, min(1, x / 6 + 1 / 2))`.
    HardSwish,
    /// `tanh(x)`.
    Tanh,
    /// `scale · x` where it is positive, `scale · alpha · (exp(x / width) − 1)` elsewhere: ELU, SELU and CELU.
    Elu {
        /// Depth below 0, before the scale.
        alpha: f64,
        /// Steepness above 0.
        scale: f64,
        /// How far below 0 the curve bends.
        width: f64,
    },
    /// `log(1 + exp(x))`.
    Softplus,
    /// `x / (1 + |x|)`.
    Softsign,
    /// `x / (1 + exp(−slope · x))`: SiLU, or Swish.
    Silu {
        /// 1 for SiLU.
        slope: f64,
    },
    /// `x · tanh(log(1 + exp(x)))`.
    Mish,
    /// `x · Φ(x)`, the normal distribution's share below `x`.
    Gelu {
        /// Whether Φ is approximated by `1 / 2 · (1 + tanh(√(2 / π) · (x + 0.044715 · x³)))`.
        tanh: bool,
    },
    /// `x` where it is above a threshold, else 0.
    Threshold {
        /// The threshold.
        above: f64,
    },
    /// `|x|`.
    Abs,
    /// `√x`.
    Sqrt,
    /// `exp(x)`.
    Exp,
    /// The natural logarithm.
    Log,
    /// `1 / x`.
    Reciprocal,
    /// `x` to the power of a number.
    Power {
        /// The number.
        exponent: f64,
    },
    /// The error function.
    Erf,
}

impl Curve {
    /// Whether layers are activated by it: a saturating curve or a smooth rectifier, and no step of a longer formula.
    pub(super) fn is_activation(self) -> bool {
        match self {
            Self::Sigmoid | Self::HardSigmoid { .. } | Self::Tanh | Self::Softsign => true,
            other => other.is_rectifier(),
        }
    }

    /// Whether it lets large values through as they are, or scaled, and large negative ones not.
    pub(super) fn is_rectifier(self) -> bool {
        matches!(
            self,
            Self::HardSwish
                | Self::Elu { .. }
                | Self::Softplus
                | Self::Silu { .. }
                | Self::Mish
                | Self::Gelu { .. }
                | Self::Threshold { .. }
        )
    }

    /// Whether a deconvnet has a way back through it: through rectifiers, as through a ReLU.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(super) fn projectable(self) -> Result<(), &'static str> {
        match self {
            _ if self.is_rectifier() => Ok(()),
            _ if self.is_activation() => Err("a saturating curve has no inverse in a deconvnet"),
            _ => Err("this curve has no rule in a deconvnet"),
        }
    }

    /// What a rectifier multiplies large values with.
    pub fn gain(self) -> f64 {
        match self {
            Self::Elu { scale, .. } => scale,
            _ => 1.0,
        }
    }

    /// The value above which a rectifier counts as open.
    pub fn opens_at(self) -> f64 {
        match self {
            Self::Threshold { above } => above,
            _ => 0.0,
        }
    }

    /// Its name for people.
    pub(super) fn describe(self) -> String {
        match self {
            Self::Sigmoid => "sigmoid".into(),
            Self::HardSigmoid { .. } => "hard sigmoid".into(),
            Self::HardSwish => "hard swish".into(),
            Self::Tanh => "tanh".into(),
            Self::Elu { scale, .. } if scale != 1.0 => "selu".into(),
            Self::Elu { width, .. } if width != 1.0 => "celu".into(),
            Self::Elu { .. } => "elu".into(),
            Self::Softplus => "softplus".into(),
            Self::Softsign => "softsign".into(),
            Self::Silu { slope: 1.0 } => "silu".into(),
            Self::Silu { slope } => format!("swish {slope}"),
            Self::Mish => "mish".into(),
            Self::Gelu { tanh: false } => "gelu".into(),
            Self::Gelu { tanh: true } => "gelu (tanh)".into(),
            Self::Threshold { above } => format!("rectifier above {above}"),
            Self::Abs => "absolute value".into(),
            Self::Sqrt => "square root".into(),
            Self::Exp => "exponential".into(),
            Self::Log => "logarithm".into(),
            Self::Reciprocal => "reciprocal".into(),
            Self::Power { exponent } => format!("power {exponent}"),
            Self::Erf => "error function".into(),
        }
    }
}
