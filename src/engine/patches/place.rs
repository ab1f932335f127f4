//! Cells of one window laid over another's, for units at different places of a map.

use network::passage::{Passage, Run};
use network::shape::Shape;
use tch::kind::Element;
use tch::{Device, Kind, TchError, Tensor};

use super::super::transfer::sent;
use super::Place;

/// A number so far below zero that it stays there whatever place is added.
const OUTSIDE: i64 = i64::MIN / 4;

/// Where units lie along the axes of their map.
#[derive(Debug)]
pub(super) struct Units {
    count: i64,
    /// The map of each, `[N]`, i64.
    pub(super) features: Tensor,
    images: Tensor,
    /// Rows and columns.
    along: [Along; 2],
    device: Device,
}

/// Coordinates of units along an axis.
#[derive(Debug)]
struct Along {
    /// Each once, rising.
    distinct: Vec<i64>,
    /// Which of them each unit has, `[N]`, i64.
    which: Tensor,
}

impl Units {
    pub(super) fn of(places: &[Place], device: Device) -> Result<Self, TchError> {
        let each =
            |of: &dyn Fn(&Place) -> usize| places.iter().map(|place| of(place) as i64).collect();
        let coordinates: [Vec<i64>; 2] = [each(&|place| place.unit.y), each(&|place| place.unit.x)];
        let distinct = coordinates.each_ref().map(|all| {
            let mut distinct = all.clone();
            distinct.sort_unstable();
            distinct.dedup();
            distinct
        });
        let which = |axis: usize| -> Vec<i64> {
            let number = |at: &i64| distinct[axis].partition_point(|other| other < at) as i64;
            coordinates[axis].iter().map(number).collect()
        };
        let images = places.iter().map(|place| place.image).collect();
        let numbers = [
            each(&|place| place.unit.feature),
            images,
            which(0),
            which(1),
        ]
        .concat();
        let count = places.len() as i64;
        let numbers = sent(&numbers, device)?.f_view([4, count])?;
        let of = |row: i64| numbers.f_select(0, row);
        let [rows, columns] = distinct;
        Ok(Self {
            count,
            features: of(0)?,
            images: of(1)?,
            along: [
                Along {
                    distinct: rows,
                    which: of(2)?,
                },
                Along {
                    distinct: columns,
                    which: of(3)?,
                },
            ],
            device,
        })
    }

    pub(super) fn count(&self) -> i64 {
        self.count
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
        let cells = self.count * rows * columns;
        let along = |axis: usize, step: i64| {
            let (from, to) = (from.axes[axis], to.axes[axis]);
            let place = |unit: i64, cell: i64| match cell - to.first(unit) {
                place if (0..to.size).contains(&place) => place * step,
                _ => OUTSIDE,
            };
            self.cells(axis, from, place)
        };
        let first = Tensor::f_arange(self.count, (Kind::Int64, self.device))?;
        let numbers = first
            .f_mul_scalar(rows * columns)?
            .f_view([-1, 1, 1, 1])?
            .f_add(&along(0, columns)?.f_add(&along(1, 1)?)?)?
            .f_flatten(0, -1)?;
        let numbers = numbers.f_masked_fill(&numbers.f_lt(0)?, cells)?;
        let options = (signal.kind(), signal.device());
        Tensor::f_zeros([cells + 1, channels], options)?
            .f_index_copy(0, &numbers, &signal.f_reshape([-1, channels])?)?
            .f_narrow(0, 0, cells)?
            .f_view([self.count, rows, columns, channels])
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
            let (run, map) = (passage.axes[axis], 0..length as i64);
            let reaches_out = |&unit: &i64| {
                let first = run.first(unit);
                first < map.start || first + run.size > map.end
            };
            if self.along[axis].distinct.iter().any(reaches_out) {
                let there = self.cells(axis, run, |_, cell| f32::from(map.contains(&cell)))?;
                signal = signal.f_mul(&there)?;
            }
        }
        Ok(signal)
    }

    /// Something of each cell along an axis, unit by unit: `[N, size, 1, 1]` along rows, `[N, 1, size, 1]` along columns. `of`
    /// takes the unit's coordinate and the cell's in the map.
    pub(super) fn cells<T: Element>(
        &self,
        axis: usize,
        run: Run,
        of: impl Fn(i64, i64) -> T,
    ) -> Result<Tensor, TchError> {
        let Along { distinct, which } = &self.along[axis];
        let of = &of;
        let each = distinct.iter().flat_map(|&unit| {
            let first = run.first(unit);
            (first..first + run.size).map(move |cell| of(unit, cell))
        });
        let each: Vec<T> = each.collect();
        let mut size = [self.count, 1, 1, 1];
        size[axis + 1] = run.size;
        sent(&each, self.device)?
            .f_view([-1, run.size])?
            .f_index_select(0, which)?
            .f_view(size)
    }

    /// The numbers of a passage's cells in the rows `[images · H · W, C]` of a map, `[units · h · w]`; cells outside the map
    /// have the number of the nearest one.
    pub(super) fn numbers(&self, passage: Passage, shape: Shape) -> Result<Tensor, TchError> {
        let [rows, columns] = passage.axes;
        let (high, wide) = (shape.height as i64, shape.width as i64);
        let firsts = self.cells(0, rows, |_, row| row.clamp(0, high - 1) * wide)?;
        let cells = self.cells(1, columns, |_, column| column.clamp(0, wide - 1))?;
        self.images
            .f_mul_scalar(high * wide)?
            .f_view([-1, 1, 1, 1])?
            .f_add(&firsts)?
            .f_add(&cells)?
            .f_flatten(0, -1)
    }
}
