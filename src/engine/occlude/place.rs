//! Cells of one window laid over another's, for all positions of a chunk at once.

use network::shape::Shape;
use tch::{TchError, Tensor};

use super::numbers::Outside;
use super::windows::{runs, Windows};

/// Windows of a map for all positions of a chunk: `[rows · columns, height, width, C]`, positions row by row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) rows: &'a Windows,
    pub(super) columns: &'a Windows,
}

impl Place<'_> {
    pub(super) fn positions(&self) -> i64 {
        (self.rows.starts.len() * self.columns.starts.len()) as i64
    }

    pub(super) fn height(&self) -> i64 {
        self.rows.length
    }

    pub(super) fn width(&self) -> i64 {
        self.columns.length
    }

    /// Whether it is all of a map.
    pub(super) fn is_whole(&self, shape: Shape) -> bool {
        (self.height(), self.width()) == (shape.height as i64, shape.width as i64)
            && self.rows.starts.iter().all(|&start| start == 0)
            && self.columns.starts.iter().all(|&start| start == 0)
    }

    /// The numbers of its cells in a map's rows, position by position; those outside the map have a number of their own.
    pub(super) fn cells(&self, shape: Shape, outside: Outside) -> Vec<i64> {
        let (high, wide) = (shape.height as i64, shape.width as i64);
        let outside = outside.number(high * wide);
        let cells = self.positions() * self.height() * self.width();
        let mut numbers: Vec<i64> = Vec::with_capacity(cells as usize);
        for top in &self.rows.starts {
            for left in &self.columns.starts {
                for row in *top..top + self.height() {
                    let inside = (0..high).contains(&row);
                    numbers.extend((*left..left + self.width()).map(|column| {
                        match inside && (0..wide).contains(&column) {
                            true => row * wide + column,
                            false => outside,
                        }
                    }));
                }
            }
        }
        numbers
    }

    /// The tensor with the two axes of positions apart: `[rows, columns, height, width, C]`.
    fn apart(&self, cells: &Tensor) -> Result<Tensor, TchError> {
        let (rows, columns) = (self.rows.starts.len(), self.columns.starts.len());
        cells.f_unflatten(0, [rows as i64, columns as i64])
    }
}

/// How cells lie over a window: for each position along an axis where the cells begin, from the window's beginning.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Offsets {
    pub(super) rows: Vec<i64>,
    pub(super) columns: Vec<i64>,
}

impl Offsets {
    /// Of cells at `from` over windows at `to`.
    pub(super) fn between(from: Place<'_>, to: Place<'_>) -> Self {
        Self {
            rows: to.rows.to(from.rows),
            columns: to.columns.to(from.columns),
        }
    }

    /// The numbers of the cells `[height, width]` of all positions that fall into their windows `[height, width]`, and
    /// theirs in the windows.
    pub(super) fn overlaps(&self, cells: [i64; 2], window: [i64; 2]) -> (Vec<i64>, Vec<i64>) {
        let (mut from, mut into) = (Vec::new(), Vec::new());
        let mut position = 0;
        for top in &self.rows {
            for left in &self.columns {
                let (first, within) = (
                    position * cells[0] * cells[1],
                    position * window[0] * window[1],
                );
                for row in (-top).max(0)..cells[0].min(window[0] - top) {
                    for column in (-left).max(0)..cells[1].min(window[1] - left) {
                        from.push(first + row * cells[1] + column);
                        into.push(within + (row + top) * window[1] + column + left);
                    }
                }
                position += 1;
            }
        }
        (from, into)
    }
}

/// Cells as they are, or the part of them under the window, where that is all that the window needs: the offsets are
/// the same for all positions and no cell of the window is left open.
pub(super) fn cut(
    cells: &Tensor,
    offsets: &Offsets,
    to: Place<'_>,
) -> Result<Option<Tensor>, TchError> {
    let size = cells.size();
    let mut part = cells.shallow_clone();
    let axes = [
        (1, &offsets.rows, to.height()),
        (2, &offsets.columns, to.width()),
    ];
    for (axis, offsets, length) in axes {
        let (first, have) = (offsets.first().copied().unwrap_or(0), size[axis]);
        let same = offsets.iter().all(|&offset| offset == first);
        if !same || first > 0 || have + first < length {
            return Ok(None);
        }
        if have != length {
            part = part.f_narrow(axis as i64, -first, length)?;
        }
    }
    Ok(Some(part))
}

/// Copies cells into windows; what falls outside is left out.
pub(super) fn paste(
    into: &Tensor,
    cells: &Tensor,
    offsets: &Offsets,
    to: Place<'_>,
) -> Result<(), TchError> {
    let (into, cells) = (to.apart(into)?, to.apart(cells)?);
    let (high, wide) = (cells.size()[2], cells.size()[3]);
    for (row, rows, top) in runs(&offsets.rows) {
        for (column, columns, left) in runs(&offsets.columns) {
            let part = |tensor: &Tensor, from: [i64; 2], size: [i64; 2]| {
                tensor
                    .f_narrow(0, row, rows)?
                    .f_narrow(1, column, columns)?
                    .f_narrow(2, from[0], size[0])?
                    .f_narrow(3, from[1], size[1])
            };
            let overlap = |offset: i64, have: i64, room: i64| {
                let (start, end) = (offset.max(0), (offset + have).min(room));
                (start, (end - start).max(0))
            };
            let (y, height) = overlap(top, high, to.height());
            let (x, width) = overlap(left, wide, to.width());
            if height > 0 && width > 0 {
                let source = part(&cells, [y - top, x - left], [height, width])?;
                part(&into, [y, x], [height, width])?.f_copy_(&source)?;
            }
        }
    }
    Ok(())
}
