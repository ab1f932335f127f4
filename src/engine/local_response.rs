//! Contrast normalisation across channels and its derivative (Krizhevsky et al. 2012, §3.3).

use tch::{Kind, TchError, Tensor};

/// `x / (k + alpha · mean of x² over the window)^beta`, `[N, C, H, W]`.
pub(super) fn forward(
    x: &Tensor,
    size: usize,
    alpha: f64,
    beta: f64,
    k: f64,
) -> Result<Tensor, TchError> {
    // Of squares 8 significant bits would be too few.
    if x.kind() == Kind::BFloat16 {
        let exact = forward(&x.f_to_kind(Kind::Float)?, size, alpha, beta, k)?;
        return exact.f_to_kind(x.kind());
    }
    x.f_div(&base(x, size, alpha, k)?.f_pow_tensor_scalar(beta)?)
}

/// The true derivative: the signal `g` at the output carried back to the input `x`.
pub(super) fn backward(
    g: &Tensor,
    x: &Tensor,
    size: usize,
    alpha: f64,
    beta: f64,
    k: f64,
) -> Result<Tensor, TchError> {
    let base = base(x, size, alpha, k)?;
    let direct = g.f_mul(&base.f_pow_tensor_scalar(-beta)?)?;
    let spread = direct.f_mul(x)?.f_div(&base)?;
    let shared = window_mean(&spread, size, size - 1 - size / 2)?.f_mul(x)?;
    direct.f_sub(&shared.f_mul_scalar(2.0 * alpha * beta)?)
}

fn base(x: &Tensor, size: usize, alpha: f64, k: f64) -> Result<Tensor, TchError> {
    window_mean(&x.f_mul(x)?, size, size / 2)?
        .f_mul_scalar(alpha)?
        .f_add_scalar(k)
}

/// Mean over `size` channels, `before` of them in front of the cell's own; zeros outside.
fn window_mean(x: &Tensor, size: usize, before: usize) -> Result<Tensor, TchError> {
    let (size, before) = (size as i64, before as i64);
    x.f_unsqueeze(1)?
        .f_constant_pad_nd([0, 0, 0, 0, before, size - 1 - before])?
        .f_avg_pool3d([size, 1, 1], [1i64; 3], [0i64; 3], false, true, None)?
        .f_squeeze_dim(1)
}
