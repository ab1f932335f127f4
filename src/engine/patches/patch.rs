//! The part of the network's input that a unit sees, cut out of what was computed for it.

use network::receptive_field::Field;
use network::shape::Shape;

use crate::seeds::Unit;

/// A projection on its unit's receptive field, as far as that lies in the network's input.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// Its first row in the input.
    pub y: usize,
    /// Its first column.
    pub x: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// `[C, height, width]` in network input units, not rectified.
    pub values: Vec<f32>,
}

impl Patch {
    /// Laid into an empty input: `[C, H, W]`.
    pub fn in_input(&self, input: Shape) -> Vec<f32> {
        let mut image = vec![0.0; input.cells()];
        let rows = self.values.chunks_exact(self.width.max(1));
        for (at, row) in rows.enumerate() {
            let (channel, y) = (at / self.height, at % self.height);
            let first = (channel * input.height + self.y + y) * input.width + self.x;
            image[first..first + self.width].copy_from_slice(row);
        }
        image
    }
}

/// What was computed for one unit: pixels from a place of the input on.
pub(super) struct Pixels<'v> {
    pub(super) values: &'v [f32],
    /// Row and column of the first pixel; they may lie outside of the input.
    pub(super) first: [i64; 2],
    /// Rows and columns.
    pub(super) size: [i64; 2],
    /// From row to row, column to column, channel to channel.
    pub(super) steps: [usize; 3],
}

impl Pixels<'_> {
    /// The unit's receptive field, as far as it lies in the input; zero where nothing was computed.
    pub(super) fn cut(&self, unit: &Unit, field: &Field, input: Shape) -> Patch {
        let rows = self.along(0, field.of(unit.y, 0), input.height);
        let columns = self.along(1, field.of(unit.x, 1), input.width);
        let (height, width) = (rows.length, columns.length);
        let mut values = vec![0.0; input.channels * height * width];
        let [down, right, deep] = self.steps;
        for channel in 0..input.channels {
            for line in (0..rows.computed).filter(|_| columns.computed > 0) {
                let from = (rows.skipped + line) * down + columns.skipped * right + channel * deep;
                let to = (channel * height + rows.empty + line) * width + columns.empty;
                let computed = self.values[from..].iter().step_by(right.max(1));
                let cut = &mut values[to..to + columns.computed];
                cut.iter_mut()
                    .zip(computed)
                    .for_each(|(to, from)| *to = *from);
            }
        }
        Patch {
            y: rows.first,
            x: columns.first,
            height,
            width,
            values,
        }
    }

    fn along(&self, axis: usize, (first, size): (i64, i64), length: usize) -> Along {
        let start = first.clamp(0, length as i64);
        let end = (first + size).clamp(start, length as i64);
        let from = self.first[axis].clamp(start, end);
        let to = (self.first[axis] + self.size[axis]).clamp(from, end);
        let count = |number: i64| number.max(0) as usize;
        Along {
            first: count(start),
            length: count(end - start),
            empty: count(from - start),
            computed: count(to - from),
            skipped: count(from - self.first[axis]),
        }
    }
}

/// A patch along an axis.
struct Along {
    /// Its first cell in the input.
    first: usize,
    length: usize,
    /// Its cells before those that were computed.
    empty: usize,
    computed: usize,
    /// Computed cells before its own.
    skipped: usize,
}
