//! Rules that a run must keep: read, held against its figures and a baseline's, and told to people and pipelines.

mod change;
mod evaluate;
mod file;
mod judge;
mod junit;
mod markdown;
mod parse;
mod rule;
mod subject;
mod text;
mod verdict;
mod wording;

pub use change::Change;
pub use file::{collect, Check, Severity};
pub use judge::judge;
pub use junit::{junit, Case, Outcome, Suite};
pub use markdown::{markdown, STEP_SUMMARY_BYTES};
pub use rule::{Bound, Certainty, Figure, Operator, Part, Rule};
pub use subject::RunFacts;
pub use text::text;
pub use verdict::{Counts, Finding, Metric, State, Verdict, SCHEMA};

/// The scope of figures over all photos.
const ALL: &str = "all";
