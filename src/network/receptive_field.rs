//! Which pixels of the network's input a unit can see.

use super::passage::Run;
use super::shape::Shape;
use super::{Axis, Network, Op, Window};

/// The receptive fields of one node's units: what each unit sees of the input's pixels, padding included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Along rows and columns.
    pub axes: [Run; 2],
}

/// Further than this reaches no field, so that no sum or product of its numbers is too large.
const FURTHEST: i64 = 1 << 30;

impl Field {
    const PIXEL: Self = Self {
        axes: [Run::UNIT; 2],
    };

    /// First pixel and length of unit `index` along an axis.
    pub fn of(&self, index: usize, axis: usize) -> (i64, i64) {
        let run = self.axes[axis];
        (run.first(index as i64), run.size)
    }

    /// Centre of unit `index` along an axis, in input pixels.
    pub fn centre(&self, index: usize, axis: usize) -> f64 {
        let (first, size) = self.of(index, axis);
        first as f64 + size as f64 / 2.0
    }

    fn slide(mut self, window: &Window) -> Self {
        for (axis, run) in self.axes.iter_mut().enumerate() {
            run.start -= window.padding[axis] as i64 * run.jump;
            run.size += (window.extent(axis) as i64 - 1) * run.jump;
            run.jump *= window.stride[axis] as i64;
        }
        self
    }

    /// With numbers that are no larger than [`FURTHEST`].
    fn bounded(self) -> Self {
        let bounded = |number: i64| number.clamp(-FURTHEST, FURTHEST);
        Self {
            axes: self.axes.map(|run| Run {
                jump: bounded(run.jump),
                start: bounded(run.start),
                size: bounded(run.size),
            }),
        }
    }

    /// Units counted from another one: unit 0 becomes the one that was `units`.
    fn shift(mut self, units: [i64; 2]) -> Self {
        for (run, units) in self.axes.iter_mut().zip(units) {
            run.start += units * run.jump;
        }
        self
    }

    /// Units repeated along the axes where there is one of them and more of the output: all see what the one sees.
    fn repeat(mut self, from: Shape, to: Shape) -> Self {
        let lengths = [(from.height, to.height), (from.width, to.width)];
        for (run, (from, to)) in self.axes.iter_mut().zip(lengths) {
            if from == 1 && to > 1 {
                run.jump = 0;
            }
        }
        self
    }

    /// What either of two sees; `whole` where their units do not run side by side.
    fn join(self, other: Self, whole: Self) -> Self {
        let hull = |axis: usize| self.axes[axis].hull(other.axes[axis]);
        Self {
            axes: [0, 1].map(|axis| hull(axis).unwrap_or(whole.axes[axis])),
        }
    }

    /// Slices along an axis picked by number: moved and spread where they are evenly spaced, else all that any of
    /// them sees.
    fn select(mut self, axis: usize, indices: &[usize]) -> Self {
        let run = &mut self.axes[axis];
        let first = indices.first().map_or(0, |&index| index as i64);
        let step = indices.get(1).map_or(1, |&next| next as i64 - first);
        let even = |(at, &index): (usize, &usize)| index as i64 == first + at as i64 * step;
        if step > 0 && indices.iter().enumerate().all(even) {
            run.start += first * run.jump;
            run.jump *= step;
            return self;
        }
        let last = indices.iter().max().map_or(0, |&index| index as i64);
        let first = indices.iter().min().map_or(0, |&index| index as i64);
        run.start += first * run.jump;
        run.size += (last - first) * run.jump;
        run.jump = 0;
        self
    }
}

/// What [`super::Anatomy::fields`] tells.
pub(super) fn fields(network: &Network, shapes: &[Shape]) -> Vec<Field> {
    let Shape { height, width, .. } = network.input;
    let whole = Field {
        axes: [height, width].map(Run::whole),
    };
    let mut fields: Vec<Field> = Vec::with_capacity(network.nodes.len());
    for (node, shape) in network.nodes.iter().zip(shapes) {
        let joined = node
            .inputs
            .iter()
            .map(|&input| match node.op.broadcasts() {
                true => fields[input].repeat(shapes[input], *shape),
                false => fields[input],
            })
            .reduce(|a, b| a.join(b, whole))
            .unwrap_or(Field::PIXEL);
        let field = match &node.op {
            Op::Conv { window, .. }
            | Op::MaxPool { window, .. }
            | Op::AveragePool { window, .. } => joined.slide(window),
            Op::Pad { edges, .. } => joined.shift([-edges[1][0], -edges[2][0]]),
            Op::Select { axis, indices } => match axis {
                Axis::Channels => joined,
                Axis::Rows => joined.select(0, indices),
                Axis::Columns => joined.select(1, indices),
            },
            Op::GlobalAveragePool
            | Op::Flatten
            | Op::Linear { .. }
            | Op::Permute { .. }
            | Op::Reshape { .. } => whole,
            _ => joined,
        };
        fields.push(field.bounded());
    }
    fields
}
