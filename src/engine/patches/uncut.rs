//! Units that were walked back, read back from the device and yet to be cut out of what was computed for them.

use base::Result;
use network::passage::Run;
use network::receptive_field::Field;
use network::shape::Shape;
use tch::Tensor;

use super::patch::{Patch, Pixels};
use super::{Place, SHEAF};
use crate::seeds::Unit;
use crate::transfer::{read_back, Values};

/// How the pixels that are computed for a unit lie, in memory and in the input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// Along rows and columns.
    pub(super) axes: [Run; 2],
    /// In memory from row to row, column to column, channel to channel.
    pub(super) steps: [usize; 3],
    /// What the units see.
    pub(super) field: Field,
    pub(super) input: Shape,
}

/// One pass of units, on the device.
pub(super) struct Pass {
    /// `[N, …]`.
    pixels: Tensor,
    frame: Frame,
    units: Vec<Unit>,
}

impl Pass {
    pub(super) fn of(pixels: Tensor, frame: Frame, places: &[Place]) -> Self {
        Self {
            pixels,
            frame,
            units: places.iter().map(|place| place.unit).collect(),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.pixels.numel() * size_of::<f32>()
    }
}

/// Reads passes back at once and hands over their units, some at a time.
pub(super) fn read(passes: Vec<Pass>, give: &mut dyn FnMut(Uncut) -> Result<()>) -> Result<()> {
    if passes.is_empty() {
        return Ok(());
    }
    let pixels: Vec<&Tensor> = passes.iter().map(|pass| &pass.pixels).collect();
    let read = read_back(&pixels)?;
    for (pixels, pass) in read.iter().zip(&passes) {
        let mut first = 0;
        for units in pass.units.chunks(SHEAF) {
            let part = pixels.rows(first, units.len())?;
            first += units.len();
            give(Uncut {
                pixels: part,
                frame: pass.frame,
                units: units.to_vec(),
            })?;
        }
    }
    Ok(())
}

/// Some units' pixels on the CPU.
#[derive(Debug)]
pub struct Uncut {
    pixels: Values,
    frame: Frame,
    units: Vec<Unit>,
}

impl Uncut {
    /// The units, in their order.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Their patches.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn cut(&self) -> Result<Vec<Patch>> {
        let values = self.pixels.all::<f32>()?;
        let Frame {
            axes: [rows, columns],
            steps,
            field,
            input,
        } = self.frame;
        let each = values.len() / self.units.len().max(1);
        let patch = |(values, unit): (&[f32], &Unit)| {
            let pixels = Pixels {
                values,
                first: [rows.first(unit.y as i64), columns.first(unit.x as i64)],
                size: [rows.size, columns.size],
                steps,
            };
            pixels.cut(unit, &field, input)
        };
        let each = values.chunks_exact(each.max(1));
        Ok(each.zip(&self.units).map(patch).collect())
    }
}
