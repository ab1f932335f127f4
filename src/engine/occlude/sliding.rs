//! Ops that slide a window over maps, or mix neighbouring cells.

use network::Window;
use tch::{TchError, Tensor};

use super::super::forward::{pair, spans};
use super::super::mixing::Mixing;
use super::super::transfer::sent;
use super::numbers::Outside;
use super::place::{Offsets, Place};
use super::resample::{self, Part};
use super::walk::{Form, Walk};
use super::windows::{Slide, Windows};

impl Walk<'_> {
    pub(super) fn convolve(
        &mut self,
        index: usize,
        below: usize,
        (window, groups): (&Window, usize),
        bias: Option<&Tensor>,
    ) -> Result<Form, TchError> {
        let one_cell = Window::square(1, 1, 0);
        if *window == one_cell && self.has_new(below) {
            let (new, _) = self.new_values(below)?;
            let filters = self.ground.filters;
            let convolved = filters.convolve(index, &new, (window, groups), [0; 2], bias)?;
            return Ok(Form::New(convolved));
        }
        let (from, to) = (self.place(below), self.place(index));
        if self.ground.large_steps {
            let canvas = Canvas::under(window, to);
            let cells = self.new_at(below, canvas.place(), Outside::Zero)?;
            let filters = self.ground.filters;
            let made = filters.convolve(index, &cells, (window, groups), [0; 2], bias)?;
            return Ok(Form::New(made));
        }
        let rows = slide(window, 0).align(from.rows, to.rows);
        let columns = slide(window, 1).align(from.columns, to.columns);
        let canvas = Place {
            rows: &rows.canvas(from.rows),
            columns: &columns.canvas(from.columns),
        };
        let offsets = Offsets::between(from, canvas);
        let change = self.change(below)?;
        let change = self.laid(&change, &offsets, canvas)?;
        let padding = [rows.padding, columns.padding];
        let made = self
            .ground
            .filters
            .convolve(index, &change, (window, groups), padding, None)?;
        let offsets = Offsets {
            rows: rows.offsets,
            columns: columns.offsets,
        };
        Ok(Form::Change(self.laid(&made, &offsets, to)?))
    }

    /// The changed cells lay the filters over what they change.
    pub(super) fn spread(
        &mut self,
        index: usize,
        below: usize,
        (window, groups): (&Window, usize),
        weight: &Tensor,
    ) -> Result<Form, TchError> {
        let (from, to) = (self.place(below), self.place(index));
        let maps = self.change(below)?.f_permute([0, 3, 1, 2])?;
        let [stride, _, dilation] = spans(window);
        let none = None::<&Tensor>;
        let groups = groups as i64;
        let made =
            maps.f_conv_transpose2d(weight, none, stride, [0, 0], [0, 0], groups, dilation)?;
        let offsets = |axis: usize, from: &Windows, to: &Windows| -> Vec<i64> {
            let slide = slide(window, axis);
            let pairs = from.starts.iter().zip(&to.starts);
            pairs
                .map(|(from, to)| from * slide.stride - slide.padding - to)
                .collect()
        };
        let offsets = Offsets {
            rows: offsets(0, from.rows, to.rows),
            columns: offsets(1, from.columns, to.columns),
        };
        let made = made.f_permute([0, 2, 3, 1])?.f_contiguous()?;
        Ok(Form::Change(self.laid(&made, &offsets, to)?))
    }

    pub(super) fn resample(
        &mut self,
        index: usize,
        below: usize,
        axes: &[Option<Mixing>; 2],
    ) -> Result<Form, TchError> {
        let to = self.place(index);
        let [rows, columns] = [
            Part::of(axes[0].as_ref(), to.rows),
            Part::of(axes[1].as_ref(), to.columns),
        ];
        let canvas = Place {
            rows: &rows.canvas,
            columns: &columns.canvas,
        };
        let change = self.change_at(below, canvas)?;
        let positions = [to.rows.starts.len(), to.columns.starts.len()];
        let mixed = resample::mixed(
            &change,
            [&rows, &columns],
            positions.map(|count| count as i64),
        )?;
        Ok(Form::Change(mixed))
    }

    pub(super) fn max_pool(
        &mut self,
        index: usize,
        below: usize,
        window: &Window,
    ) -> Result<Form, TchError> {
        let to = self.place(index);
        let canvas = Canvas::under(window, to);
        let cells = self
            .new_at(below, canvas.place(), Outside::Least)?
            .f_permute([0, 3, 1, 2])?;
        let (stride, dilation) = (pair(window.stride), pair(window.dilation));
        let pooled = cells.f_max_pool2d(pair(window.kernel), stride, [0, 0], dilation, false)?;
        Ok(Form::New(pooled.f_permute([0, 2, 3, 1])?.f_contiguous()?))
    }

    pub(super) fn average_pool(
        &mut self,
        index: usize,
        below: usize,
        window: &Window,
        padding_counts: bool,
    ) -> Result<Form, TchError> {
        let to = self.place(index);
        let canvas = Canvas::under(window, to);
        let cells = self
            .change_at(below, canvas.place())?
            .f_permute([0, 3, 1, 2])?;
        let kernel = pair(window.kernel);
        let sums = cells.f_avg_pool2d(kernel, pair(window.stride), [0, 0], false, true, 1)?;
        let share = |axis: usize, outputs: &Windows, cells: usize| -> Result<Tensor, TchError> {
            let starts = outputs.starts.iter();
            let all = starts.flat_map(|start| *start..start + outputs.length);
            let counts: Vec<f32> = all
                .map(|output| window.counted(axis, output, cells, padding_counts) as f32)
                .collect();
            sent(&counts, sums.device())?.f_reciprocal()
        };
        let shape = self.shape(below);
        let (high, wide) = (to.rows.starts.len() as i64, to.columns.starts.len() as i64);
        let rows = share(0, to.rows, shape.height)?.f_view([high, 1, to.height(), 1, 1])?;
        let columns = share(1, to.columns, shape.width)?.f_view([1, wide, 1, to.width(), 1])?;
        let shares = rows.f_mul(&columns)?.f_flatten(0, 1)?;
        let means = sums.f_permute([0, 2, 3, 1])?.f_mul(&shares)?;
        Ok(Form::Change(means.f_contiguous()?))
    }
}

/// The inputs under outputs' windows.
struct Canvas {
    rows: Windows,
    columns: Windows,
}

impl Canvas {
    fn under(window: &Window, outputs: Place<'_>) -> Self {
        Self {
            rows: slide(window, 0).canvas(outputs.rows),
            columns: slide(window, 1).canvas(outputs.columns),
        }
    }

    fn place(&self) -> Place<'_> {
        Place {
            rows: &self.rows,
            columns: &self.columns,
        }
    }
}

fn slide(window: &Window, axis: usize) -> Slide {
    Slide {
        stride: window.stride[axis] as i64,
        padding: window.padding[axis] as i64,
        extent: window.extent(axis) as i64,
    }
}
