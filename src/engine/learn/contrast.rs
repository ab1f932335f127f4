//! Contrast normalisation across channels (Krizhevsky et al. 2012, §3.3) where its gradient is asked for.

use tch::{TchError, Tensor};

/// `x / (k + alpha · mean of x² over the window)^beta`, `[N, C, H, W]`: windows are added up by a matrix with a band of ones, which
/// there and back takes a fraction of the time that a pooling across channels takes.
pub(super) fn forward(
    x: &Tensor,
    size: usize,
    (alpha, beta, k): (f64, f64, f64),
) -> Result<Tensor, TchError> {
    let (images, channels, height, width) = x.size4()?;
    let cells = x.f_permute([0, 2, 3, 1])?.f_reshape([-1, channels])?;
    let band = band(x, channels, size as i64)?.f_mul_scalar(alpha / size as f64)?;
    let base = cells.f_mul(&cells)?.f_mm(&band)?.f_add_scalar(k)?;
    let normed = cells.f_div(&base.f_pow_tensor_scalar(beta)?)?;
    let normed = normed.f_view([images, height, width, channels])?;
    normed.f_permute([0, 3, 1, 2])
}

/// `[C, C]`: which channels (rows) are in the window of each (columns), `size / 2` of them in front of it.
fn band(like: &Tensor, channels: i64, size: i64) -> Result<Tensor, TchError> {
    let before = size / 2;
    let all = Tensor::f_ones([channels, channels], (like.kind(), like.device()))?;
    all.f_triu(before + 1 - size)?.f_tril(before)
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::super::super::local_response;
    use super::*;

    /// A pooling across channels says the same, there and back, for windows of any size.
    #[test]
    fn it_is_what_the_forward_pass_computes() {
        for size in [1, 2, 4, 5] {
            let constants = (0.3, 0.75, 2.0);
            let x = Tensor::arange(2 * 6 * 3 * 4, (Kind::Double, Device::Cpu));
            let x = x.sin().view([2, 6, 3, 4]).set_requires_grad(true);
            let weights = x.detach().cos();
            let found = forward(&x, size, constants).unwrap();
            let expected = local_response::forward(&x, size, 0.3, 0.75, 2.0).unwrap();
            let of = |y: &Tensor| {
                Tensor::run_backward(&[(y * &weights).sum(Kind::Double)], &[&x], false, false)
            };
            let apart = |a: &Tensor, b: &Tensor| (a - b).abs().max().double_value(&[]);
            assert!(apart(&found, &expected) < 1e-14, "{size}");
            assert!(apart(&of(&found)[0], &of(&expected)[0]) < 1e-14, "{size}");
        }
    }
}
