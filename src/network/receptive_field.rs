//! Which pixels of the network's input a unit can see.

use super::{Network, Op, Window};

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

    fn join(self, other: Self) -> Self {
        let mut field = self;
        for axis in 0..2 {
            let end =
                (self.offset[axis] + self.size[axis]).max(other.offset[axis] + other.size[axis]);
            field.offset[axis] = self.offset[axis].min(other.offset[axis]);
            field.size[axis] = end - field.offset[axis];
        }
        field
    }
}

/// Receptive fields of all nodes. Units of global ops and of linear layers see the whole input. Contrast
/// normalisation stays within a cell and does not widen a field.
pub fn fields(network: &Network) -> Vec<Field> {
    let side = network.input_size as i64;
    let whole = Field {
        jump: [0; 2],
        offset: [0; 2],
        size: [side; 2],
    };
    let mut fields: Vec<Field> = Vec::with_capacity(network.nodes.len());
    for node in &network.nodes {
        let joined = node
            .inputs
            .iter()
            .map(|&input| fields[input])
            .reduce(Field::join)
            .unwrap_or(Field::PIXEL);
        fields.push(match &node.op {
            Op::Conv { window, .. } | Op::MaxPool { window, .. } | Op::AveragePool { window } => {
                joined.slide(window)
            }
            Op::GlobalAveragePool | Op::Flatten | Op::Linear { .. } => whole,
            _ => joined,
        });
    }
    fields
}
