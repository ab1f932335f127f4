//! The verdict for a terminal or a log: a line a rule, words before marks, and why where a rule does not hold.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::verdict::{Finding, State, Verdict};
use super::wording;

/// The verdict as lines of text.
pub fn text(verdict: &Verdict) -> String {
    let mut text = String::new();
    let widest = verdict.rules.iter().map(|rule| rule.name.width()).max();
    let widest = widest.unwrap_or(0).min(60);
    // Writing to a string cannot fail.
    for finding in &verdict.rules {
        let pad = " ".repeat(widest.saturating_sub(finding.name.width()));
        let mark = mark(finding.state);
        let _ = writeln!(text, "{mark}  {}{pad}  {}", finding.name, outcome(finding));
        if matches!(finding.state, State::Fails | State::Warns) {
            if finding.name != finding.rule {
                let _ = writeln!(text, "            rule: {}", finding.rule);
            }
            if let Some(reason) = &finding.reason {
                let _ = writeln!(text, "            why: {reason}");
            }
        }
    }
    for note in &verdict.notes {
        let _ = writeln!(text, "note: {note}");
    }
    let _ = writeln!(text, "{}", wording::summary(verdict));
    text
}

fn mark(state: State) -> &'static str {
    match state {
        State::Holds => "✔ holds   ",
        State::Fails => "✘ fails   ",
        State::Warns => "! warning ",
        State::NoValue => "– no value",
    }
}

/// `0.5, expected at least 0.6`.
fn outcome(finding: &Finding) -> String {
    match finding.state {
        State::Fails | State::Warns => {
            format!("{}, expected {}", finding.found_text, finding.expected_text)
        }
        State::Holds => finding.found_text.clone(),
        State::NoValue => "the run has none, and the rule is optional".into(),
    }
}
