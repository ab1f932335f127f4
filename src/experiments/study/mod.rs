//! Studies: variants of a network, trained one like another, to see what of it matters (ZF §4.1, §4.3, tables 2 and 3).
//!
//! A [`Study`] is data, as a recipe is: a base, and variants that each edit its network or its recipe, with the published errors
//! that they stand beside.

mod file;
mod published;
mod variant;

pub use file::Study;
pub use published::{Errors, Published};
pub use variant::Variant;
