//! What the operators that move values and compute nothing make of shapes, as ONNX specifies it: the same for constants
//! that are folded and for maps that are lowered.

mod axes;
mod broadcast;
mod layout;
mod pick;

pub(super) use axes::{axes, axis};
pub(super) use broadcast::{broadcast, operands};
pub(super) use layout::{permutation, reduction, reshaped, Reduction};
pub(super) use pick::{concat, gather, part, slices, split, Gathered};

#[cfg(test)]
mod tests;
