//! Windows of resampled maps: each position's cells are mixed from other cells of its own.

use tch::{Device, Kind, TchError, Tensor};

use super::super::mixing::{nth, Mixing};
use super::super::transfer::sent;
use super::windows::Windows;

/// What windows along one axis are mixed from.
pub(super) struct Part {
    /// The cells that they need of the map below.
    pub(super) canvas: Windows,
    /// For the first, second and so on cell that each is mixed from: its number on the canvas, position by position, and
    /// its part.
    cells: Vec<(Vec<i64>, Vec<f32>)>,
    plain: bool,
    /// Cells of a window.
    length: i64,
}

impl Part {
    /// Of an axis that is mixed, or stays as it is.
    pub(super) fn of(mixing: Option<&Mixing>, outputs: &Windows) -> Self {
        let Some(mixing) = mixing else {
            return Self {
                canvas: outputs.clone(),
                cells: Vec::new(),
                plain: true,
                length: outputs.length,
            };
        };
        let taps = |start: i64| &mixing.taps[start as usize..(start + outputs.length) as usize];
        let spans = outputs.starts.iter().map(|&start| {
            let (mut first, mut end) = (usize::MAX, 0);
            for tap in taps(start) {
                (first, end) = (first.min(tap.first), end.max(tap.first + tap.weights.len()));
            }
            (first as i64, end as i64)
        });
        let spans: Vec<(i64, i64)> = spans.collect();
        let lengths = spans.iter().map(|(first, end)| end - first);
        let (most, plain) = mixing.depth();
        let cells = (0..most).map(|place| {
            let positions = outputs.starts.iter().zip(&spans);
            let each = positions.flat_map(|(&start, &(first, _))| {
                let local = move |(cell, weight): (i64, f32)| (cell - first, weight);
                taps(start).iter().map(move |tap| local(nth(tap, place)))
            });
            each.unzip()
        });
        Self {
            cells: cells.collect(),
            canvas: Windows {
                length: lengths.max().unwrap_or(1),
                starts: spans.iter().map(|(first, _)| *first).collect(),
            },
            plain,
            length: outputs.length,
        }
    }
}

/// Mixes cells `[rows · columns, h, w, C]` along both axes, `positions` along each.
pub(super) fn mixed(
    cells: &Tensor,
    parts: [&Part; 2],
    positions: [i64; 2],
) -> Result<Tensor, TchError> {
    let mut cells = cells.f_unflatten(0, positions)?;
    for (axis, part) in parts.into_iter().enumerate() {
        cells = along(cells, part, axis, positions[axis])?;
    }
    cells.f_flatten(0, 1)?.f_contiguous()
}

/// Of `[rows, columns, h, w, C]` along the rows (0) or the columns (1).
fn along(cells: Tensor, part: &Part, axis: usize, positions: i64) -> Result<Tensor, TchError> {
    let device = cells.device();
    let mut shape = [1; 5];
    (shape[axis], shape[axis + 2]) = (positions, part.length);
    let mut size = cells.size();
    size[axis + 2] = part.length;
    let mut sum: Option<Tensor> = None;
    for (numbers, weights) in &part.cells {
        let numbers = sent(numbers, device)?;
        let numbers = numbers.f_view(shape)?.f_expand(size.as_slice(), false)?;
        let mut picked = cells.f_gather(axis as i64 + 2, &numbers, false)?;
        if !part.plain {
            picked = picked.f_mul(&weights_of(weights, cells.kind(), device)?.f_view(shape)?)?;
        }
        sum = Some(match sum {
            Some(sum) => sum.f_add(&picked)?,
            None => picked,
        });
    }
    Ok(sum.unwrap_or(cells))
}

fn weights_of(weights: &[f32], kind: Kind, device: Device) -> Result<Tensor, TchError> {
    sent(weights, device)?.f_to_kind(kind)
}
