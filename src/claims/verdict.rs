//! What becomes of a claim, by the intervals of its figures.

use checks::Operator;
use records::tables::MetricRow;
use records::Verdict;
use statistics::p_of_interval;

/// Of a figure's 95 % interval against a bound.
pub(crate) fn decided(operator: Operator, row: &MetricRow, bound: f64) -> Verdict {
    let Some((low, high)) = row.low.zip(row.high) else {
        return Verdict::Undecided;
    };
    let both = |operator: Operator| operator.holds(low, bound) && operator.holds(high, bound);
    if both(operator) {
        Verdict::Held
    } else if both(operator.opposite()) {
        Verdict::NotHeld
    } else {
        Verdict::Undecided
    }
}

/// Of a claim whose rules must all hold.
pub(crate) fn of_all(verdicts: &[Verdict]) -> Verdict {
    let worst = [Verdict::NotTestable, Verdict::NotHeld, Verdict::Undecided];
    match verdicts.is_empty() {
        true => Verdict::NotTestable,
        false => {
            let mut worst = worst.into_iter();
            worst
                .find(|verdict| verdicts.contains(verdict))
                .unwrap_or(Verdict::Held)
        }
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
        let of = |row: &MetricRow| decided(Operator::Above, row, 0.0);
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
        assert_eq!(of_all(&[Held, Held]), Held);
        assert_eq!(of_all(&[Held, Undecided]), Undecided);
        assert_eq!(of_all(&[NotHeld, Undecided]), NotHeld);
        assert_eq!(of_all(&[NotHeld, NotTestable]), NotTestable);
        assert_eq!(of_all(&[]), NotTestable);
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
