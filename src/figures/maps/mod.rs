//! Maps of what happens at each position of an occluder, drawn from numbers alone.

pub mod classes;
pub mod heat;
mod positions;

pub use positions::{Positions, Window};
