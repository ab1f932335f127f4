//! Which pixels of the network's input a unit can see.

use super::passage::Run;
use super::reach::signals;
use super::shape::Shape;
use super::{Axis, Network, Op, Window};

/// The receptive fields of one node's units: what each unit sees of the input's pixels, padding included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Along rows and columns, in parts of a pixel.
    pub axes: [Run; 2],
    /// How many parts a pixel has: more than one where neighbouring units lie less than a pixel apart.
    pub parts: [i64; 2],
}

/// Further than this reaches no field, so that no sum or product of its numbers is too large.
const FURTHEST: i64 = 1 << 30;
/// Into more parts no pixel is divided: what would need it counts as seeing everything.
const FINEST: i64 = 1 << 16;
/// Longer axes are not looked at cell by cell.
const LONGEST: usize = 1 << 16;

impl Field {
    const PIXEL: Self = Self {
        axes: [Run::UNIT; 2],
        parts: [1; 2],
    };

    /// What units see that are all alike.
    fn of_all(axes: [Run; 2]) -> Self {
        Self {
            axes,
            ..Self::PIXEL
        }
    }

    /// First pixel and length of unit `index` along an axis.
    pub fn of(&self, index: usize, axis: usize) -> (i64, i64) {
        self.at(index as i64, axis)
    }

    /// Pixels that a unit sees along an axis at most.
    pub fn size(&self, axis: usize) -> i64 {
        let (run, parts) = (self.axes[axis], self.parts[axis]);
        match parts {
            1 => run.size,
            _ => (run.size + 2 * (parts - 1)) / parts,
        }
    }

    /// Pixels between neighbouring units along an axis; 0 where all see the same.
    pub fn jump(&self, axis: usize) -> f64 {
        self.axes[axis].jump as f64 / self.parts[axis] as f64
    }

    fn at(&self, unit: i64, axis: usize) -> (i64, i64) {
        let (run, parts) = (self.axes[axis], self.parts[axis]);
        let start = run.first(unit);
        let first = start.div_euclid(parts);
        let end = -(-(start + run.size)).div_euclid(parts);
        (first, end - first)
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

    /// Units that all see everything along an axis.
    fn alike(mut self, axis: usize, whole: Self) -> Self {
        (self.axes[axis], self.parts[axis]) = (whole.axes[axis], 1);
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
            ..self
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
        let mut joined = whole;
        for axis in 0..2 {
            let parts = least_common(self.parts[axis], other.parts[axis]);
            let [mine, others] = [self, other].map(|field| {
                let times = parts / field.parts[axis];
                let run = field.axes[axis];
                Run {
                    jump: run.jump * times,
                    start: run.start * times,
                    size: run.size * times,
                }
            });
            if let Some(hull) = mine.hull(others).filter(|_| parts <= FINEST) {
                (joined.axes[axis], joined.parts[axis]) = (hull, parts);
            }
        }
        joined
    }

    /// Units that each read neighbouring units of these along an axis, from the first to behind the last, `up` of them for
    /// `down` of these; none where a unit reads nothing.
    fn regroup(
        mut self,
        axis: usize,
        [up, down]: [usize; 2],
        read: &[Option<[i64; 2]>],
        whole: Self,
    ) -> Self {
        let common = greatest_common(up as i64, down as i64).max(1);
        let (jump, parts) = (
            self.axes[axis].jump * (down as i64 / common),
            self.parts[axis] * (up as i64 / common),
        );
        let less = greatest_common(jump, parts).max(1);
        let (jump, parts) = (jump / less, parts / less);
        let seen = read.iter().zip(0..).filter_map(|(read, unit)| {
            let [first, end] = (*read)?;
            let of = |unit: i64| {
                let (first, size) = self.at(unit, axis);
                [first, first + size]
            };
            Some((unit, of(first)[0], of(end - 1)[1]))
        });
        // The latest start that rounds down to no later pixel than any unit's first, and the earliest end likewise.
        let (mut start, mut end) = (i64::MAX, i64::MIN);
        for (unit, first, behind) in seen {
            start = start.min(first * parts + parts - 1 - unit * jump);
            end = end.max((behind - 1) * parts + 1 - unit * jump);
        }
        if parts > FINEST || jump > FURTHEST || start == i64::MAX {
            return self.alike(axis, whole);
        }
        let size = (end - start).max(1);
        (self.axes[axis], self.parts[axis]) = (Run { jump, start, size }, parts);
        self
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

/// What [`super::Anatomy::fields`] tells, or [`super::Anatomy::signal_fields`] where it is said what is held constant.
pub(super) fn fields(
    network: &Network,
    shapes: &[Shape],
    held: Option<&[Option<usize>]>,
) -> Vec<Field> {
    let Shape { height, width, .. } = network.input;
    let whole = Field::of_all([height, width].map(Run::whole));
    let mut fields: Vec<Field> = Vec::with_capacity(network.nodes.len());
    for (index, (node, shape)) in network.nodes.iter().zip(shapes).enumerate() {
        let joined = signals(node, held.and_then(|held| held[index]))
            .map(|input| match node.op.broadcasts() {
                true => fields[input].repeat(shapes[input], *shape),
                false => fields[input],
            })
            .reduce(|a, b| a.join(b, whole))
            .unwrap_or(Field::PIXEL);
        let field = match &node.op {
            Op::Conv { window, .. }
            | Op::MaxPool { window, .. }
            | Op::AveragePool { window, .. } => joined.slide(window),
            Op::ConvTranspose { window, .. } => (0..2).fold(joined, |field, axis| {
                let lengths = [shapes[node.inputs[0]], *shape].map(|shape| shape.axes()[axis + 1]);
                if lengths[1] > LONGEST {
                    return field.alike(axis, whole);
                }
                let read: Vec<Option<[i64; 2]>> = (0..lengths[1] as i64)
                    .map(|output| window.laid_by(axis, output, lengths[0]))
                    .collect();
                field.regroup(axis, [window.stride[axis], 1], &read, whole)
            }),
            Op::Resample { axes } => (0..2).fold(joined, |field, axis| {
                let length = shapes[node.inputs[0]].axes()[axis + 1];
                match axes[axis].is_none(length) {
                    true => field,
                    false => {
                        let taps = axes[axis].taps(length).into_iter();
                        let read: Vec<Option<[i64; 2]>> = taps
                            .map(|tap| {
                                let first = tap.first as i64;
                                Some([first, first + tap.weights.len() as i64])
                            })
                            .collect();
                        field.regroup(axis, axes[axis].step(length), &read, whole)
                    }
                }
            }),
            Op::Pad { edges, .. } => joined.shift([-edges[1][0], -edges[2][0]]),
            Op::Select { axis, indices } => match axis {
                Axis::Channels => joined,
                Axis::Rows => joined.select(0, indices),
                Axis::Columns => joined.select(1, indices),
            },
            Op::GroupNorm { .. } if held.is_some() => joined,
            Op::GlobalAveragePool
            | Op::GroupNorm { .. }
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

fn greatest_common(a: i64, b: i64) -> i64 {
    match b {
        0 => a,
        _ => greatest_common(b, a % b),
    }
}

fn least_common(a: i64, b: i64) -> i64 {
    a / greatest_common(a, b).max(1) * b
}
