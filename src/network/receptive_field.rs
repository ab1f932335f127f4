//! Which pixels of the network's input a unit can see.

use super::shape::Shape;
use super::{Axis, Network, Op, Window};

/// The receptive fields of one node's units: unit `i` along an axis sees the input pixels
/// `[offset + i·jump, offset + i·jump + size)`, padding included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Input pixels between neighbouring units, [rows, columns].
    pub jump: [i64; 2],
    /// First pixel of unit 0.
    pub offset: [i64; 2],
    /// Length of the field.
    pub size: [i64; 2],
}

/// Further than this reaches no field, so that no sum or product of its numbers is too large.
const FURTHEST: i64 = 1 << 30;

impl Field {
    const PIXEL: Self = Self {
        jump: [1; 2],
        offset: [0; 2],
        size: [1; 2],
    };

    /// First pixel and length of unit `index` along an axis.
    pub fn of(&self, index: usize, axis: usize) -> (i64, i64) {
        (
            self.offset[axis] + index as i64 * self.jump[axis],
            self.size[axis],
        )
    }

    /// Centre of unit `index` along an axis, in input pixels.
    pub fn centre(&self, index: usize, axis: usize) -> f64 {
        let (first, size) = self.of(index, axis);
        first as f64 + size as f64 / 2.0
    }

    fn slide(self, window: &Window) -> Self {
        let mut field = self;
        for axis in 0..2 {
            field.offset[axis] -= window.padding[axis] as i64 * self.jump[axis];
            field.size[axis] += (window.extent(axis) as i64 - 1) * self.jump[axis];
            field.jump[axis] *= window.stride[axis] as i64;
        }
        field
    }

    /// With numbers that are no larger than [`FURTHEST`].
    fn bounded(self) -> Self {
        let bounded = |pair: [i64; 2]| pair.map(|number| number.clamp(-FURTHEST, FURTHEST));
        Self {
            jump: bounded(self.jump),
            offset: bounded(self.offset),
            size: bounded(self.size),
        }
    }

    /// Units counted from another one: unit 0 becomes the one that was `units`.
    fn shift(self, units: [i64; 2]) -> Self {
        let mut field = self;
        for (axis, units) in units.into_iter().enumerate() {
            field.offset[axis] += units * self.jump[axis];
        }
        field
    }

    /// Units repeated along the axes where there is one of them and more of the output: all see what the one sees.
    fn repeat(self, from: Shape, to: Shape) -> Self {
        let mut field = self;
        let lengths = [(from.height, to.height), (from.width, to.width)];
        for (jump, (from, to)) in field.jump.iter_mut().zip(lengths) {
            if from == 1 && to > 1 {
                *jump = 0;
            }
        }
        field
    }

    /// What either of two sees; `whole` where their units do not run side by side.
    fn join(self, other: Self, whole: Self) -> Self {
        let mut field = self;
        for axis in 0..2 {
            if self.jump[axis] != other.jump[axis] {
                field.jump[axis] = whole.jump[axis];
                field.offset[axis] = whole.offset[axis];
                field.size[axis] = whole.size[axis];
                continue;
            }
            let end =
                (self.offset[axis] + self.size[axis]).max(other.offset[axis] + other.size[axis]);
            field.offset[axis] = self.offset[axis].min(other.offset[axis]);
            field.size[axis] = end - field.offset[axis];
        }
        field
    }

    /// Slices along an axis picked by number: moved and spread where they are evenly spaced, else all that any of
    /// them sees.
    fn select(self, axis: usize, indices: &[usize]) -> Self {
        let mut field = self;
        let first = indices.first().map_or(0, |&index| index as i64);
        let step = indices.get(1).map_or(1, |&next| next as i64 - first);
        let even = |(at, &index): (usize, &usize)| index as i64 == first + at as i64 * step;
        if step > 0 && indices.iter().enumerate().all(even) {
            field.offset[axis] += first * self.jump[axis];
            field.jump[axis] *= step;
            return field;
        }
        let last = indices.iter().max().map_or(0, |&index| index as i64);
        let first = indices.iter().min().map_or(0, |&index| index as i64);
        field.offset[axis] += first * self.jump[axis];
        field.size[axis] += (last - first) * self.jump[axis];
        field.jump[axis] = 0;
        field
    }
}

/// What [`super::Anatomy::fields`] tells.
pub(super) fn fields(network: &Network, shapes: &[Shape]) -> Vec<Field> {
    let whole = Field {
        jump: [0; 2],
        offset: [0; 2],
        size: [network.input.height as i64, network.input.width as i64],
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
