//! What a rule asked for and what was found, as one sentence's parts.

use base::words::count;

use super::change::Change;
use super::rule::{Bound, Operator, Part, Rule};
use super::verdict::{Finding, Verdict};

/// `at least 0.6`.
pub(super) fn expected(rule: &Rule) -> String {
    let asked = words(rule.operator);
    match rule.bound {
        Bound::Number(bound) => format!("{asked} {bound}"),
        Bound::Baseline {
            offset,
            certainty: None,
        } => format!("{asked} the baseline's{}", margin(offset)),
        Bound::Baseline {
            offset,
            certainty: Some(certainty),
        } => {
            let (percent, offset) = (certainty.percent, signed(offset));
            match certainty.proven {
                true => format!("proof at {percent} % of a change of {asked} {offset}"),
                false => {
                    let opposite = words(rule.operator.opposite());
                    format!("no proof at {percent} % of a change of {opposite} {offset}")
                }
            }
        }
    }
}

fn words(operator: Operator) -> &'static str {
    match operator {
        Operator::AtLeast => "at least",
        Operator::Above => "more than",
        Operator::AtMost => "at most",
        Operator::Below => "less than",
        Operator::Equal => "exactly",
        Operator::Unequal => "anything but",
    }
}

/// `0.5 (95 % interval 0.24 to 0.76, 10 photographs)`.
pub(super) fn found(rule: &Rule, finding: &Finding) -> String {
    if let Some(change) = &finding.change {
        return changed(change);
    }
    let Some(found) = finding.found else {
        return "no value".into();
    };
    let bound = match (rule.bound, finding.baseline) {
        (Bound::Number(bound), _) => Some(bound),
        (Bound::Baseline { offset, .. }, before) => before.map(|before| before + offset),
    };
    let mut text = match bound {
        // Rounded alike they would seem to be equal.
        Some(bound) if found != bound && number(found) == number(bound) => found.to_string(),
        _ => number(found),
    };
    if let (Some(row), Part::Value) = (&finding.metric, rule.figure.part) {
        let photos = count(row.count, "photograph");
        text += &match (row.low, row.high) {
            (Some(low), Some(high)) => {
                let (low, high) = (number(low), number(high));
                format!(" (95 % interval {low} to {high}, {photos})")
            }
            _ => format!(" ({photos})"),
        };
    }
    if let Some(before) = finding.baseline {
        text += &format!(" against the baseline's {}", number(before));
    }
    text
}

fn changed(change: &Change) -> String {
    let mut text = format!(
        "a change of {} ({} % interval {} to {}, {} in both runs",
        signed(change.difference),
        change.percent,
        signed(change.low),
        signed(change.high),
        count(change.photos, "photograph")
    );
    for (photos, place) in [
        (change.only_in_run, "this run"),
        (change.only_in_baseline, "the baseline"),
    ] {
        if photos > 0 {
            text += &format!("; {photos} of {place} left out");
        }
    }
    text + ")"
}

/// In four decimals at most.
pub(super) fn number(value: f64) -> String {
    match value {
        value if !value.is_finite() => "not a number".into(),
        value if value != 0.0 && value.abs() < 1e-3 => format!("{value:.2e}"),
        value => format!("{}", (value * 1e4).round() / 1e4),
    }
}

/// With its sign.
pub(super) fn signed(value: f64) -> String {
    match value > 0.0 {
        true => format!("+{}", number(value)),
        false => number(value),
    }
}

fn margin(offset: f64) -> String {
    match offset {
        offset if offset > 0.0 => format!(" + {}", number(offset)),
        offset if offset < 0.0 => format!(" - {}", number(-offset)),
        _ => String::new(),
    }
}

/// `2 of 5 rules hold; 1 fails, 1 warning, 1 without a value`.
pub(super) fn summary(verdict: &Verdict) -> String {
    let counts = &verdict.counts;
    let total = verdict.rules.len();
    let mut text = match counts.hold == total {
        true if total == 1 => "the rule holds".to_owned(),
        true => format!("all {total} rules hold"),
        false => format!("{} of {} hold", counts.hold, count(total, "rule")),
    };
    let others = [
        (counts.fail, if counts.fail == 1 { "fails" } else { "fail" }),
        (
            counts.warn,
            if counts.warn == 1 {
                "warning"
            } else {
                "warnings"
            },
        ),
        (counts.no_value, "without a value"),
    ];
    let others: Vec<String> = others
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !others.is_empty() {
        text += &format!(": {}", others.join(", "));
    }
    text
}
