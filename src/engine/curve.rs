//! Curves that each value goes through by itself.

use network::Curve;
use tch::{TchError, Tensor};

/// The curve of every value.
pub(super) fn forward(x: &Tensor, curve: Curve) -> Result<Tensor, TchError> {
    match curve {
        Curve::Sigmoid => x.f_sigmoid(),
        Curve::HardSigmoid { slope, offset } => x
            .f_mul_scalar(slope)?
            .f_add_scalar(offset)?
            .f_clamp(0.0, 1.0),
        Curve::HardSwish => x.f_hardswish(),
        Curve::Tanh => x.f_tanh(),
        Curve::Elu {
            alpha,
            scale,
            width,
        } => {
            let bend = x.f_clamp_max(0.0)?.f_div_scalar(width)?.f_expm1()?;
            let below = bend.f_mul_scalar(scale * alpha)?;
            x.f_relu()?.f_mul_scalar(scale)?.f_add(&below)
        }
        Curve::Softplus => softplus(x),
        Curve::Softsign => x.f_div(&x.f_abs()?.f_add_scalar(1.0)?),
        Curve::Silu { slope: 1.0 } => x.f_silu(),
        Curve::Silu { slope } => x.f_mul(&x.f_mul_scalar(slope)?.f_sigmoid()?),
        Curve::Mish => x.f_mul(&softplus(x)?.f_tanh()?),
        Curve::Gelu { tanh } => x.f_gelu(if tanh { "tanh" } else { "none" }),
        Curve::Threshold { above } => x.f_threshold(above, 0.0),
        Curve::Abs => x.f_abs(),
        Curve::Sqrt => x.f_sqrt(),
        Curve::Exp => x.f_exp(),
        Curve::Log => x.f_log(),
        Curve::Reciprocal => x.f_reciprocal(),
        Curve::Power { exponent } => x.f_pow_tensor_scalar(exponent),
        Curve::Erf => x.f_erf(),
    }
}

/// Without the straight line that libtorch's own has for large values.
fn softplus(x: &Tensor) -> Result<Tensor, TchError> {
    let bend = x.f_abs()?.f_neg()?.f_exp()?.f_log1p()?;
    x.f_relu()?.f_add(&bend)
}
