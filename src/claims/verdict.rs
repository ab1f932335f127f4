//! What becomes of a claim.

use checks::Operator;
use records::tables::MetricRow;
use serde::{Deserialize, Serialize};
use statistics::p_of_interval;

/// What the figures say of a claim.
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

/// How many claims came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// [`Verdict::Held`].
    pub held: usize,
    /// [`Verdict::NotHeld`].
    pub not_held: usize,
    /// [`Verdict::Undecided`].
    pub undecided: usize,
    /// [`Verdict::NotTestable`].
    pub not_testable: usize,
}

impl Verdict {
    /// All of them.
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

    /// Of a figure's 95 % interval against a bound.
    pub(crate) fn of(operator: Operator, row: &MetricRow, bound: f64) -> Self {
        let Some((low, high)) = row.low.zip(row.high) else {
            return Self::Undecided;
        };
        let both = |operator: Operator| operator.holds(low, bound) && operator.holds(high, bound);
        if both(operator) {
            Self::Held
        } else if both(operator.opposite()) {
            Self::NotHeld
        } else {
            Self::Undecided
        }
    }

    /// Of a claim whose rules must all hold.
    pub(crate) fn of_all(verdicts: &[Self]) -> Self {
        let has = |verdict| verdicts.contains(&verdict);
        if verdicts.is_empty() || has(Self::NotTestable) {
            Self::NotTestable
        } else if has(Self::NotHeld) {
            Self::NotHeld
        } else if has(Self::Undecided) {
            Self::Undecided
        } else {
            Self::Held
        }
    }
}

impl std::str::FromStr for Verdict {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|verdict| verdict.name() == text);
        found.ok_or_else(|| "expected held, not_held, undecided or not_testable".into())
    }
}

impl Counts {
    /// Of so many verdicts.
    pub fn of(verdicts: impl Iterator<Item = Verdict>) -> Self {
        let mut counts = Self::default();
        for verdict in verdicts {
            *match verdict {
                Verdict::Held => &mut counts.held,
                Verdict::NotHeld => &mut counts.not_held,
                Verdict::Undecided => &mut counts.undecided,
                Verdict::NotTestable => &mut counts.not_testable,
            } += 1;
        }
        counts
    }
}

/// How likely a figure so far from the bound would be, were the bound true; `None` without an interval.
pub(crate) fn p_value(row: &MetricRow, bound: f64) -> Option<f64> {
    p_of_interval(row.value, row.low.zip(row.high)?, bound)
}

/// The p-value of a claim with several rules. Where all hold, or none is refuted, each of them had to be shown: the largest counts.
/// Where one does not hold, the smallest of those that do not, multiplied by the number of rules that could have failed.
pub(crate) fn p_of_all(rules: &[(Verdict, Option<f64>)]) -> Option<f64> {
    let refuted = rules
        .iter()
        .filter(|(verdict, _)| *verdict == Verdict::NotHeld);
    let refuted: Vec<f64> = refuted.filter_map(|(_, p)| *p).collect();
    match refuted.into_iter().reduce(f64::min) {
        Some(smallest) => Some((smallest * rules.len() as f64).min(1.0)),
        None => {
            let all: Option<Vec<f64>> = rules.iter().map(|(_, p)| *p).collect();
            all?.into_iter().reduce(f64::max)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: f64, low: f64, high: f64) -> MetricRow {
        MetricRow {
            metric: "m".into(),
            scope: "all".into(),
            value,
            low: Some(low),
            high: Some(high),
            count: 9,
        }
    }

    #[test]
    fn the_interval_decides() {
        let of = |row: &MetricRow| Verdict::of(Operator::Above, row, 0.0);
        assert_eq!(of(&row(0.2, 0.1, 0.3)), Verdict::Held);
        assert_eq!(of(&row(-0.2, -0.3, -0.1)), Verdict::NotHeld);
        assert_eq!(of(&row(0.2, -0.1, 0.5)), Verdict::Undecided);
        // An end on the bound does not show more than the bound.
        assert_eq!(of(&row(0.2, 0.0, 0.4)), Verdict::Undecided);
        assert_eq!(of(&row(0.0, 0.0, 0.0)), Verdict::NotHeld);
        let without = MetricRow {
            low: None,
            ..row(0.2, 0.1, 0.3)
        };
        assert_eq!(of(&without), Verdict::Undecided);
        assert_eq!(p_value(&without, 0.0), None);
    }

    #[test]
    fn all_rules_must_hold() {
        use Verdict::{Held, NotHeld, NotTestable, Undecided};
        assert_eq!(Verdict::of_all(&[Held, Held]), Held);
        assert_eq!(Verdict::of_all(&[Held, Undecided]), Undecided);
        assert_eq!(Verdict::of_all(&[NotHeld, Undecided]), NotHeld);
        assert_eq!(Verdict::of_all(&[NotHeld, NotTestable]), NotTestable);
        assert_eq!(Verdict::of_all(&[]), NotTestable);
        assert_eq!(
            p_of_all(&[(Held, Some(0.01)), (Held, Some(0.03))]),
            Some(0.03)
        );
        assert_eq!(
            p_of_all(&[(NotHeld, Some(0.01)), (Undecided, Some(0.3))]),
            Some(0.02)
        );
        assert_eq!(p_of_all(&[(Held, Some(0.01)), (Undecided, None)]), None);
    }
}
