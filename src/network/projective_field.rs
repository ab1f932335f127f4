//! Which units a change of some input pixels can reach, and what it costs to compute those alone.

use super::{Anatomy, Axis, Node, Op, Window};

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

/// Multiplications (with their additions) of one network's convolutions and linear layers over all positions of an
/// occluder, in four ways.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Work {
    /// The whole network for every position.
    pub full: f64,
    /// Windows of one size for all positions, shifted inward at the borders (Krypton).
    pub one_size: f64,
    /// Each position's own window of outputs.
    pub windows: f64,
    /// Each position's changed inputs alone.
    pub changed: f64,
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
            | Op::Reshape { .. }
            | Op::Permute { .. } => true,
            Op::Select { axis, .. } => *axis != Axis::Channels,
            Op::Scale { shape } | Op::Shift { shape } => spatial(shape),
            Op::Add | Op::Multiply | Op::Divide => inputs.iter().any(repeated),
            Op::Input
            | Op::Conv { .. }
            | Op::MaxPool { .. }
            | Op::AveragePool { .. }
            | Op::Relu
            | Op::LeakyRelu { .. }
            | Op::Clip { .. }
            | Op::Curve(_)
            | Op::Lrn { .. }
            | Op::BatchNorm { .. }
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

    /// The arithmetic of each node for the positions whose changed pixels along the rows and the columns are given; all
    /// pairs of them are positions. Of the first linear layer over maps only the columns that change are counted.
    pub fn work(&self, rows: &[Span], columns: &[Span]) -> Vec<Work> {
        let (network, shapes) = (self.network(), self.shapes());
        let spans_of = |axis: usize, changed: &[Span]| -> Vec<Vec<Span>> {
            let each = changed.iter().map(|&span| self.spans(axis, span));
            each.collect()
        };
        let (rows, columns) = (spans_of(0, rows), spans_of(1, columns));
        let positions = (rows.len() * columns.len()) as f64;
        let along = |node: usize, count: &dyn Fn(usize, &Span) -> f64| -> (f64, f64) {
            let of = |axis: usize, all: &[Vec<Span>]| -> Vec<f64> {
                all.iter().map(|spans| count(axis, &spans[node])).collect()
            };
            let (rows, columns) = (of(0, &rows), of(1, &columns));
            let most = |counts: &[f64]| counts.iter().copied().fold(0.0, f64::max);
            let sum = |counts: &[f64]| counts.iter().sum::<f64>();
            (
                sum(&rows) * sum(&columns),
                most(&rows) * most(&columns) * positions,
            )
        };
        let cells = |_: usize, span: &Span| span.length() as f64;
        let node_work = |index: usize| -> Work {
            let node = &network.nodes[index];
            let Some(&below) = node.inputs.first() else {
                return Work::default();
            };
            let (input, output) = (shapes[below], shapes[index]);
            match &node.op {
                Op::Conv { window, groups, .. } => {
                    let each = (output.channels * input.channels / groups) as f64;
                    let kernel = (window.kernel[0] * window.kernel[1]) as f64;
                    let (windows, one_size) = along(index, &cells);
                    let outputs = [output.height, output.width];
                    let taps =
                        |axis: usize, span: &Span| taps(*span, window, axis, outputs[axis]) as f64;
                    Work {
                        full: each * kernel * (output.height * output.width) as f64 * positions,
                        one_size: each * kernel * one_size,
                        windows: each * kernel * windows,
                        changed: each * along(below, &taps).0,
                    }
                }
                Op::Linear { features } => {
                    let full = (features * input.channels) as f64 * positions;
                    let flat = match network.nodes[below].op {
                        Op::Flatten => network.nodes[below].inputs.first().copied(),
                        _ => None,
                    };
                    let (windows, one_size) = match flat {
                        Some(maps) => {
                            let each = (features * shapes[maps].channels) as f64;
                            let (windows, one_size) = along(maps, &cells);
                            (each * windows, each * one_size)
                        }
                        None => (full, full),
                    };
                    Work {
                        full,
                        one_size,
                        windows,
                        changed: windows,
                    }
                }
                _ => Work::default(),
            }
        };
        (0..network.nodes.len()).map(node_work).collect()
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

/// Products along one axis of the cells `changed` with the kernel's taps, in outputs that there are.
fn taps(changed: Span, window: &Window, axis: usize, outputs: usize) -> usize {
    let (stride, padding) = (window.stride[axis] as i64, window.padding[axis] as i64);
    let mut count = 0;
    for cell in changed.start as i64..changed.end as i64 {
        for tap in 0..window.kernel[axis] {
            let first = cell + padding - (tap * window.dilation[axis]) as i64;
            let output = first.div_euclid(stride);
            if first.rem_euclid(stride) == 0 && (0..outputs as i64).contains(&output) {
                count += 1;
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::shape::Shape;
    use crate::network::{zoo, Builder};

    fn total(name: &str, occluder: usize, stride: usize) -> Work {
        let anatomy = Anatomy::of(zoo::find(name).unwrap().network()).unwrap();
        let side = anatomy.network().input.height;
        let spans: Vec<Span> = (0..=side - occluder)
            .step_by(stride)
            .map(|start| Span {
                start,
                end: start + occluder,
            })
            .collect();
        let nodes = anatomy.work(&spans, &spans);
        nodes.into_iter().fold(Work::default(), |sum, node| Work {
            full: sum.full + node.full,
            one_size: sum.one_size + node.one_size,
            windows: sum.windows + node.windows,
            changed: sum.changed + node.changed,
        })
    }

    /// Full inference's work over that of windows of one size, of windows and of changed cells alone.
    #[test]
    fn the_arithmetic_saved_is_what_docs_occlusion_says() {
        for (name, occluder, stride, expected) in [
            ("vgg16", 32, 16, [5.25, 6.86, 8.98]),
            ("alexnet", 32, 8, [1.99, 2.89, 4.02]),
            ("squeezenet1_1", 32, 8, [1.94, 2.98, 3.38]),
            ("resnet18", 32, 8, [1.99, 2.47, 3.20]),
            ("vgg16", 32, 8, [5.06, 6.59, 8.57]),
            ("vgg16", 16, 4, [6.54, 9.37, 13.0]),
            ("resnet18", 16, 4, [2.19, 2.83, 3.81]),
        ] {
            let work = total(name, occluder, stride);
            let found = [work.one_size, work.windows, work.changed].map(|part| work.full / part);
            let pairs = found.iter().zip(expected);
            let near = pairs.clone().all(|(a, b)| (a - b).abs() <= 0.02);
            assert!(near, "{name}: {found:.3?}, expected {expected:?}");
        }
    }

    /// A 3×3 kernel at stride 2 over 7 cells has 3 outputs; it was counted by hand.
    #[test]
    fn the_work_of_one_convolution_is_its_products() {
        let mut net = Builder::of("one", Shape::of([2, 7, 7]));
        net.conv("conv", 0, 5, Window::square(3, 2, 0));
        let anatomy = Anatomy::of(net.finish()).unwrap();
        let one = Span { start: 2, end: 3 };
        let all = Span { start: 0, end: 7 };
        // Cell 2 is under the last tap of the first output and the first tap of the second.
        let work = anatomy.work(&[one, all], &[one])[1];
        let expected = Work {
            full: (10 * 9 * 9 * 2) as f64,
            one_size: (10 * 9 * 3 * 2 * 2) as f64,
            windows: (10 * 9 * (2 + 3) * 2) as f64,
            changed: (10 * (2 + 9) * 2) as f64,
        };
        assert_eq!(work, expected);
    }

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
