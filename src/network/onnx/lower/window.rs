//! Kernel, strides, dilations and pads of a convolution or pooling.

use crate::onnx::node::Node;
use crate::shape::Shape;
use crate::Window;

/// More than this has no axis of a kernel, stride, dilation or padding.
const MOST: i64 = 1 << 20;

/// A window with the pads as ONNX has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sliding {
    /// Not padded.
    pub(super) window: Window,
    /// [before, after] for the rows, then for the columns.
    pub(super) pads: [[usize; 2]; 2],
}

impl Sliding {
    /// `kernel` is the weights' where there are weights; with `ceil` the last window may hang over.
    pub(super) fn of(
        node: &Node,
        input: Shape,
        kernel: Option<[usize; 2]>,
        ceil: bool,
    ) -> Result<Self, String> {
        let pair = |name: &str, least: i64| -> Result<Option<[usize; 2]>, String> {
            let Some(values) = node.attributes.ints(name)? else {
                return Ok(None);
            };
            match values {
                [rows, columns] if (least..=MOST).contains(rows) && (least..=MOST).contains(columns) => {
                    Ok(Some([*rows as usize, *columns as usize]))
                }
                _ => Err(format!("{name} is {values:?}, expected one number for the rows and one for the columns")),
            }
        };
        let told = pair("kernel_shape", 1)?;
        let kernel = match (told, kernel) {
            (Some(told), Some(kernel)) if told != kernel => {
                return Err(format!(
                    "kernel_shape is {told:?}, the weights' is {kernel:?}"
                ))
            }
            (_, Some(kernel)) | (Some(kernel), None) => kernel,
            (None, None) => return Err("has no kernel_shape".into()),
        };
        if kernel
            .iter()
            .any(|side| !(1..=MOST as usize).contains(side))
        {
            return Err(format!("its kernel is {kernel:?}"));
        }
        let window = Window {
            kernel,
            stride: pair("strides", 1)?.unwrap_or([1; 2]),
            padding: [0; 2],
            dilation: pair("dilations", 1)?.unwrap_or([1; 2]),
        };
        let mut sliding = Self {
            window,
            pads: [[0; 2]; 2],
        };
        match node.attributes.string("auto_pad")? {
            None | Some("NOTSET") => sliding.pads = told_pads(node)?,
            Some("VALID") => {}
            Some(same @ ("SAME_UPPER" | "SAME_LOWER")) => {
                for (axis, length) in [input.height, input.width].into_iter().enumerate() {
                    let steps = length.div_ceil(window.stride[axis]);
                    let needed = (steps - 1) * window.stride[axis] + window.extent(axis);
                    let missing = needed.saturating_sub(length);
                    let (less, more) = (missing / 2, missing - missing / 2);
                    sliding.pads[axis] = match same {
                        "SAME_UPPER" => [less, more],
                        _ => [more, less],
                    };
                }
            }
            Some(other) => return Err(format!("auto_pad is '{other}', which is not known")),
        }
        if ceil {
            sliding.hang_over([input.height, input.width]);
        }
        Ok(sliding)
    }

    /// Pads as much more behind as lets the last window that starts inside be whole.
    fn hang_over(&mut self, lengths: [usize; 2]) {
        for (axis, length) in lengths.into_iter().enumerate() {
            let [before, after] = self.pads[axis];
            let (extent, stride) = (self.window.extent(axis), self.window.stride[axis]);
            let Some(room) = (before + length + after).checked_sub(extent) else {
                continue;
            };
            let mut steps = room.div_ceil(stride);
            if steps * stride >= length + before {
                steps -= 1;
            }
            self.pads[axis][1] =
                after.max((steps * stride + extent).saturating_sub(before + length));
        }
    }

    /// The window with its pads in it, where it is padded alike on both sides.
    pub(super) fn symmetric(&self) -> Option<Window> {
        let alike = self.pads.iter().all(|[before, after]| before == after);
        alike.then_some(Window {
            padding: self.pads.map(|[before, _]| before),
            ..self.window
        })
    }

    /// The pads as edges of channels, rows and columns.
    pub(super) fn edges(&self) -> [[i64; 2]; 3] {
        let [rows, columns] = self.pads.map(|pads| pads.map(|cells| cells as i64));
        [[0, 0], rows, columns]
    }
}

fn told_pads(node: &Node) -> Result<[[usize; 2]; 2], String> {
    match node.attributes.ints("pads")? {
        None => Ok([[0; 2]; 2]),
        Some(pads @ [top, left, bottom, right])
            if pads.iter().all(|pad| (0..=MOST).contains(pad)) =>
        {
            Ok([
                [*top as usize, *bottom as usize],
                [*left as usize, *right as usize],
            ])
        }
        Some(pads) => Err(format!(
            "pads are {pads:?}, expected four numbers from 0: top, left, bottom, right"
        )),
    }
}
