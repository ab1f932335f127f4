//! What became of a claim.

use serde::{Deserialize, Serialize};

/// What figures say of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All of the interval satisfies the rule.
    Held,
    /// None of the interval satisfies it.
    NotHeld,
    /// The bound lies inside the interval, or there is none.
    Undecided,
    /// The run has no such figure.
    NotTestable,
}

impl Verdict {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 4] = [
        Self::Held,
        Self::NotHeld,
        Self::Undecided,
        Self::NotTestable,
    ];

    /// As in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::NotHeld => "not_held",
            Self::Undecided => "undecided",
            Self::NotTestable => "not_testable",
        }
    }
}
