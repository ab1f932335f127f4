//! Maps as cells in rows, `[N, H, W, C]`, the channels of a cell side by side: what oneDNN is fastest with, and what whole
//! cells are gathered and placed in.

use tch::{Device, TchError, Tensor};

/// Convolves with filters `[outputs, C / groups, kH, kW]` that are ordered as [`filters`] orders them; stride, padding and
/// dilation as libtorch takes them.
pub(super) fn convolve(
    x: &Tensor,
    filters: &Tensor,
    bias: Option<&Tensor>,
    [stride, padding, dilation]: [[i64; 2]; 3],
    groups: usize,
) -> Result<Tensor, TchError> {
    let maps = x.f_permute([0, 3, 1, 2])?;
    let groups = groups as i64;
    let convolved = match x.device() {
        // Called by its name: conv2d takes a slow way for few small images.
        Device::Cpu => maps.f_mkldnn_convolution(filters, bias, padding, stride, dilation, groups),
        _ => maps.f_conv2d(filters, bias, stride, padding, dilation, groups),
    };
    from_maps(&convolved?)
}

/// Filters `[outputs, inputs, kH, kW]` in the order in memory that cells in rows want.
pub(super) fn filters(weight: &Tensor) -> Result<Tensor, TchError> {
    from_maps(weight)?.f_permute([0, 3, 1, 2])
}

/// Maps `[N, C, H, W]` as cells in rows.
pub(super) fn from_maps(maps: &Tensor) -> Result<Tensor, TchError> {
    maps.f_permute([0, 2, 3, 1])?.f_contiguous()
}
