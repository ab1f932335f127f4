//! Maps whose channels come last: beside each the same maps with the channels first, on which what works cell by cell is
//! computed. The turning itself is left out where nothing else reads it.

use super::lowering::Lowering;
use super::value::Maps;
use crate::shape::Shape;
use crate::Op;

/// The order `[rows, columns, channels]` of one image's axes.
pub(super) const CHANNELS_LAST: [usize; 3] = [1, 2, 0];
/// The order that brings them back.
pub(super) const CHANNELS_FIRST: [usize; 3] = [2, 0, 1];

impl Lowering {
    /// The maps with the channels first, where `x` has them last.
    pub(super) fn upright(&self, x: &Maps) -> Option<usize> {
        self.turned.get(&x.node).copied()
    }

    /// Maps with the channels last.
    pub(super) fn turn(&mut self, name: &str, at: usize) -> Result<Maps, String> {
        let Shape {
            channels,
            height,
            width,
        } = self.shapes[at];
        let shape = Shape::of([height, width, channels]);
        let name = format!("{name}.turned");
        let node = match channels == 1 || (height, width) == (1, 1) {
            true => self.reshaped(&name, at, shape)?,
            false => {
                let order = CHANNELS_LAST;
                self.push(&name, Op::Permute { order }, &[at])?
            }
        };
        self.turned.insert(node, at);
        let images = self.batch.0.into_iter();
        Ok(Maps {
            node,
            dims: images.chain(shape.axes()).collect(),
        })
    }

    /// Adds an op that works cell by cell and keeps the shape.
    pub(super) fn cell_by_cell(&mut self, name: &str, op: Op, x: &Maps) -> Result<Maps, String> {
        if let Some(upright) = self.upright(x) {
            let at = self.push(name, op, &[upright])?;
            return self.turn(name, at);
        }
        Ok(Maps {
            node: self.push(name, op, &[x.node])?,
            dims: x.dims.clone(),
        })
    }
}
