//! Which units a change of some input pixels can reach.

use super::{Anatomy, Axis, Node, Op, Resampling, Tap, Window};

/// Cells `[start, end)` along one axis; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first cell.
    pub start: usize,
    /// One past the last cell.
    pub end: usize,
}

impl Span {
    /// All cells of an axis.
    pub fn whole(length: usize) -> Self {
        Self {
            start: 0,
            end: length.max(1),
        }
    }

    /// Cells.
    pub fn length(self) -> usize {
        self.end - self.start
    }

    fn hull(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// Of `[start, end)`, which may reach beyond the axis or be empty, what lies on an axis of `length` cells; at least
    /// one cell.
    fn on_axis(start: i64, end: i64, length: usize) -> Self {
        let last = length.max(1) as i64;
        let start = start.clamp(0, last - 1);
        let end = end.clamp(start + 1, last);
        Self {
            start: start as usize,
            end: end as usize,
        }
    }
}

impl Anatomy {
    /// Whether a node's output may change everywhere where an input changes somewhere: what cannot be followed by windows.
    /// The ends of a network (global average, flattening) are of this kind, and so is a gate that is repeated over its map.
    pub fn spreads(&self, node: usize) -> bool {
        let Node { op, inputs, .. } = &self.network().nodes[node];
        let size = |node: usize| (self.shapes()[node].height, self.shapes()[node].width);
        let spatial = |shape: &[usize; 3]| shape[1..] != [1, 1];
        let repeated = |&input: &usize| size(input) != size(node);
        match op {
            Op::GlobalAveragePool
            | Op::Flatten
            | Op::Linear { .. }
            | Op::GroupNorm { .. }
            | Op::Reshape { .. }
            | Op::Permute { .. } => true,
            Op::Select { axis, .. } => *axis != Axis::Channels,
            Op::Scale { shape } | Op::Shift { shape } | Op::PRelu { shape } => spatial(shape),
            Op::Add | Op::Multiply | Op::Divide | Op::Pairwise { .. } | Op::Choose => {
                inputs.iter().any(repeated)
            }
            Op::Input
            | Op::Conv { .. }
            | Op::MaxPool { .. }
            | Op::AveragePool { .. }
            | Op::Relu
            | Op::LeakyRelu { .. }
            | Op::Clip { .. }
            | Op::Curve(_)
            | Op::ConvTranspose { .. }
            | Op::ReduceChannels { .. }
            | Op::Resample { .. }
            | Op::LayerNorm { .. }
            | Op::Lrn { .. }
            | Op::BatchNorm { .. }
            | Op::Constant { .. }
            | Op::Concat
            | Op::Pad { .. }
            | Op::Dropout
            | Op::Softmax => false,
        }
    }

    /// Which maps an occluder changes as a whole, because something at or below them cannot be followed by windows: they are
    /// computed as if there were none.
    pub fn whole_maps(&self) -> Vec<bool> {
        let mut whole: Vec<bool> = Vec::with_capacity(self.shapes().len());
        for (index, shape) in self.shapes().iter().enumerate() {
            let node = &self.network().nodes[index];
            let below = node.inputs.iter().any(|&input| whole[input]);
            let is_map = shape.height * shape.width > 1;
            whole.push(is_map && (below || self.spreads(index)));
        }
        whole
    }

    /// For every node the cells along an axis (0 rows, 1 columns) that may change where the input's pixels `changed` do.
    pub fn spans(&self, axis: usize, changed: Span) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::with_capacity(self.shapes().len());
        for (index, shape) in self.shapes().iter().enumerate() {
            let node = &self.network().nodes[index];
            let length = [shape.height, shape.width][axis];
            let hull = node.inputs.iter().map(|&input| spans[input]);
            let Some(hull) = hull.reduce(Span::hull) else {
                spans.push(changed);
                continue;
            };
            spans.push(match &node.op {
                _ if self.spreads(index) => Span::whole(length),
                Op::Conv { window, .. }
                | Op::MaxPool { window, .. }
                | Op::AveragePool { window, .. } => slide(hull, window, axis, length),
                Op::ConvTranspose { window, .. } => spread(hull, window, axis, length),
                Op::Resample { axes } => {
                    let below = &self.shapes()[node.inputs[0]];
                    resample(hull, &axes[axis], [below.height, below.width][axis])
                }
                // Nothing changes in it, wherever it is.
                Op::Constant { .. } => Span::on_axis(hull.start as i64, hull.end as i64, length),
                Op::Pad { edges, .. } => {
                    let before = edges[axis + 1][0];
                    let (start, end) = (hull.start as i64 + before, hull.end as i64 + before);
                    Span::on_axis(start, end, length)
                }
                _ => hull,
            });
        }
        spans
    }
}

/// Outputs whose window touches the cells `changed`.
fn slide(changed: Span, window: &Window, axis: usize, outputs: usize) -> Span {
    let [stride, padding, reach] = [
        window.stride[axis],
        window.padding[axis],
        window.extent(axis) - 1,
    ]
    .map(|cells| cells as i64);
    let first = changed.start as i64 + padding - reach;
    let last = changed.end as i64 - 1 + padding;
    Span::on_axis(
        (first + stride - 1).div_euclid(stride),
        last.div_euclid(stride) + 1,
        outputs,
    )
}

/// Outputs of a transposed convolution that the cells `changed` lay its window over.
fn spread(changed: Span, window: &Window, axis: usize, outputs: usize) -> Span {
    let [stride, padding, extent] = [
        window.stride[axis],
        window.padding[axis],
        window.extent(axis),
    ]
    .map(|cells| cells as i64);
    Span::on_axis(
        changed.start as i64 * stride - padding,
        (changed.end as i64 - 1) * stride - padding + extent,
        outputs,
    )
}

/// Outputs that are mixed from one of the cells `changed` of an axis of `length`.
fn resample(changed: Span, resampling: &Resampling, length: usize) -> Span {
    let taps = resampling.taps(length);
    let touches =
        |tap: &Tap| tap.first < changed.end && tap.first + tap.weights.len() > changed.start;
    let first = taps.iter().position(touches).unwrap_or(0) as i64;
    let last = taps.iter().rposition(touches).unwrap_or(0) as i64;
    Span::on_axis(first, last + 1, taps.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Shape;
    use crate::Builder;

    #[test]
    fn a_cell_between_two_windows_has_a_span_all_the_same() {
        let mut net = Builder::of("gaps", Shape::of([1, 7, 7]));
        net.conv("conv", 0, 1, Window::square(1, 3, 0));
        let anatomy = Anatomy::of(net.finish()).unwrap();
        let of = |start, end| anatomy.spans(0, Span { start, end })[1];
        let span = |start, end| Span { start, end };
        assert_eq!(of(3, 4), span(1, 2));
        assert_eq!(of(4, 6), span(2, 3));
        assert_eq!(of(2, 7), span(1, 3));
    }
}
