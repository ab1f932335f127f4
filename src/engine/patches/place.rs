//! Cells of one window laid over another's, for units at different places of a map.

use network::passage::{Passage, Run};
use network::shape::Shape;
use tch::{Device, TchError, Tensor};

use super::Place;

/// Where units lie along the axes of their map.
#[derive(Debug)]
pub(super) struct Units {
    pub(super) images: Vec<i64>,
    /// Rows and columns.
    along: [Vec<i64>; 2],
    device: Device,
}

impl Units {
    pub(super) fn of(places: &[Place], device: Device) -> Self {
        Self {
            images: places.iter().map(|place| place.image).collect(),
            along: [
                places.iter().map(|place| place.unit.y as i64).collect(),
                places.iter().map(|place| place.unit.x as i64).collect(),
            ],
            device,
        }
    }

    pub(super) fn count(&self) -> i64 {
        self.images.len() as i64
    }

    /// Signals that lie at one passage, laid over another one; what falls outside is left out.
    pub(super) fn fit(
        &self,
        signal: Tensor,
        from: Passage,
        to: Passage,
    ) -> Result<Tensor, TchError> {
        if from == to {
            return Ok(signal);
        }
        let side_by_side = |axis: usize| from.axes[axis].jump == to.axes[axis].jump;
        if side_by_side(0) && side_by_side(1) {
            let edges = |axis: usize| {
                let before = from.axes[axis].start - to.axes[axis].start;
                [before, to.axes[axis].size - before - from.axes[axis].size]
            };
            let ([top, bottom], [left, right]) = (edges(0), edges(1));
            return signal.f_constant_pad_nd([0, 0, left, right, top, bottom]);
        }
        self.scatter(&signal, from, to)
    }

    /// Unit by unit, each at its own place.
    fn scatter(&self, signal: &Tensor, from: Passage, to: Passage) -> Result<Tensor, TchError> {
        let [rows, columns] = [0, 1].map(|axis| to.axes[axis].size);
        let channels = signal.size()[3];
        let cells = self.count() * rows * columns;
        let along = |axis: usize, unit: usize| {
            let at = self.along[axis][unit];
            let offset = from.axes[axis].first(at) - to.axes[axis].first(at);
            (0..from.axes[axis].size).map(move |cell| cell + offset)
        };
        let mut numbers = Vec::with_capacity(signal.numel() / channels.max(1) as usize);
        for unit in 0..self.images.len() {
            let first = unit as i64 * rows * columns;
            for row in along(0, unit) {
                numbers.extend(along(1, unit).map(|column| {
                    match (0..rows).contains(&row) && (0..columns).contains(&column) {
                        true => first + row * columns + column,
                        false => cells,
                    }
                }));
            }
        }
        let numbers = Tensor::f_from_slice(&numbers)?.f_to_device(self.device)?;
        let options = (signal.kind(), signal.device());
        Tensor::f_zeros([cells + 1, channels], options)?
            .f_index_copy(0, &numbers, &signal.f_reshape([-1, channels])?)?
            .f_narrow(0, 0, cells)?
            .f_view([self.count(), rows, columns, channels])
    }

    /// Signals without what lies outside the map, where the network has no cells.
    pub(super) fn inside(
        &self,
        signal: Tensor,
        passage: Passage,
        shape: Shape,
    ) -> Result<Tensor, TchError> {
        let mut signal = signal;
        for (axis, length) in [(0, shape.height), (1, shape.width)] {
            let run = passage.axes[axis];
            let there = self.cells(axis, run, |cell| (0..length as i64).contains(&cell));
            if there.contains(&false) {
                let mut size = [self.count(), 1, 1, 1];
                size[axis + 1] = run.size;
                let there: Vec<f32> = there.into_iter().map(f32::from).collect();
                let there = Tensor::f_from_slice(&there)?.f_view(size)?;
                signal = signal.f_mul(&there.f_to_device(self.device)?)?;
            }
        }
        Ok(signal)
    }

    /// Something of each cell along an axis, unit by unit; `of` takes its number in the map.
    pub(super) fn cells<T>(&self, axis: usize, run: Run, of: impl Fn(i64) -> T) -> Vec<T> {
        let each = self.along[axis].iter();
        each.flat_map(|&unit| {
            let first = run.first(unit);
            (first..first + run.size).map(&of)
        })
        .collect()
    }

    /// The numbers of a passage's cells in the rows `[images · H · W, C]` of a map, `[units · h · w]`; cells outside the map
    /// have the number of the nearest one.
    pub(super) fn numbers(&self, passage: Passage, shape: Shape) -> Result<Tensor, TchError> {
        let [rows, columns] = passage.axes;
        let (high, wide) = (shape.height as i64, shape.width as i64);
        let mut numbers = Vec::new();
        for (unit, image) in self.images.iter().enumerate() {
            let (top, left) = (
                rows.first(self.along[0][unit]),
                columns.first(self.along[1][unit]),
            );
            for row in top..top + rows.size {
                let first = (image * high + row.clamp(0, high - 1)) * wide;
                let cells = left..left + columns.size;
                numbers.extend(cells.map(|column| first + column.clamp(0, wide - 1)));
            }
        }
        Tensor::f_from_slice(&numbers)?.f_to_device(self.device)
    }
}
