//! A window that slides over maps: that of a convolution or of a pooling.

use serde::{Deserialize, Serialize};

/// A sliding window: kernel, stride, padding and dilation as [rows, columns], in cells of the node's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Size of the kernel.
    pub kernel: [usize; 2],
    /// Step of the window.
    pub stride: [usize; 2],
    /// Padding on each side: zeros, or nothing for a max pooling.
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

    /// Cells under the window of an output along an axis that count for a mean, by libtorch's rule: of `length` cells, with
    /// the padding where that counts. An output that the window's slide over them does not reach has 0 or less.
    pub fn counted(&self, axis: usize, output: i64, length: usize, padding_counts: bool) -> i64 {
        let (padding, length) = (self.padding[axis] as i64, length as i64);
        let (low, high) = match padding_counts {
            true => (-padding, length + padding),
            false => (0, length),
        };
        let first = output * self.stride[axis] as i64 - padding;
        (first + self.kernel[axis] as i64).min(high) - first.max(low)
    }

    /// Cells of `length`, from the first to behind the last, that lay the window over an output of a transposed convolution
    /// along an axis; `None` where none does.
    pub(super) fn laid_by(&self, axis: usize, output: i64, length: usize) -> Option<[i64; 2]> {
        let (stride, reach) = (self.stride[axis] as i64, self.extent(axis) as i64 - 1);
        let place = output + self.padding[axis] as i64;
        let first = (place - reach + stride - 1).div_euclid(stride).max(0);
        let end = (place.div_euclid(stride) + 1).min(length as i64);
        (first < end).then_some([first, end])
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

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pair = |[rows, columns]: [usize; 2]| match rows == columns {
            true => rows.to_string(),
            false => format!("{rows}×{columns}"),
        };
        write!(f, "{}×{}", self.kernel[0], self.kernel[1])?;
        if self.stride != [1, 1] {
            write!(f, " /{}", pair(self.stride))?;
        }
        if self.padding != [0, 0] {
            write!(f, " pad {}", pair(self.padding))?;
        }
        if self.dilation != [1, 1] {
            write!(f, " dilated {}", pair(self.dilation))?;
        }
        Ok(())
    }
}
