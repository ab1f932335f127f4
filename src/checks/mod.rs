//! Rules that a run must keep: read, held against its figures and a baseline's, and told to people and pipelines.

mod change;
mod evaluate;
mod parse;
mod rule;

pub use change::Change;
pub use rule::{Bound, Certainty, Figure, Operator, Part, Rule};

/// The scope of figures over all photos.
const ALL: &str = "all";
