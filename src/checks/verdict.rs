//! Rules held against a run: the one record that text, JUnit, Markdown and JSON are made from.

use records::tables::MetricRow;
use serde::Serialize;

use super::change::Change;
use super::file::Severity;
use super::subject::RunFacts;

/// Number of the JSON's contract; it rises when a name changes.
pub const SCHEMA: u32 = 1;

/// What became of the rules.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Whether every rule of severity `error` holds.
    pub passed: bool,
    /// The run.
    pub run: RunFacts,
    /// What it was held against, where a baseline was named.
    pub baseline: Option<RunFacts>,
    /// What to know about the comparison with the baseline.
    pub notes: Vec<String>,
    /// How many rules came to what.
    pub counts: Counts,
    /// The rules in their order.
    pub rules: Vec<Finding>,
    /// The run's figures over all photos.
    pub metrics: Vec<Metric>,
}

/// How many rules came to what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rules that hold.
    pub hold: usize,
    /// Rules of severity `error` that do not.
    pub fail: usize,
    /// Rules of severity `warning` that do not.
    pub warn: usize,
    /// Optional rules without a value to hold them against.
    pub no_value: usize,
}

/// What became of one rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The rule's name.
    pub name: String,
    /// Its text.
    pub rule: String,
    /// What follows where it does not hold.
    pub severity: Severity,
    /// Why it is there.
    pub reason: Option<String>,
    /// What became of it.
    pub state: State,
    /// The figure's value, or lower or upper end or count, whichever the rule names.
    pub found: Option<f64>,
    /// The metric's row of `metrics.csv`.
    pub metric: Option<MetricRow>,
    /// The same figure of the baseline.
    pub baseline: Option<f64>,
    /// The change photo by photo, where the rule reckons with chance.
    pub change: Option<Change>,
    /// What was found, in words.
    pub found_text: String,
    /// What was asked for, in words.
    pub expected_text: String,
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It holds.
    Holds,
    /// It does not hold, and its severity is `error`.
    Fails,
    /// It does not hold, and its severity is `warning`.
    Warns,
    /// There is no value to hold it against, and the rule is optional.
    NoValue,
}

/// A figure over all photos, beside the baseline's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metric {
    /// The row of `metrics.csv`.
    #[serde(flatten)]
    pub row: MetricRow,
    /// The baseline's value.
    pub baseline: Option<f64>,
    /// The run's value less the baseline's.
    pub change: Option<f64>,
}
