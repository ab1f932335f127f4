//! Claims and their verdicts in words, as replications and comparisons of them tell them.

use records::tables::ClaimRuleRow;
use records::Verdict;

use super::lang::Lang;
use super::prelude::*;

/// The key of a verdict's word.
pub(super) fn key(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "claims.held",
        Verdict::NotHeld => "claims.not_held",
        Verdict::Undecided => "claims.undecided",
        Verdict::NotTestable => "claims.not_testable",
    }
}

/// A verdict with a mark and a colour.
pub(super) fn cell(page: &Leaf<'_>, verdict: Verdict) -> Cell {
    let (mark, class) = match verdict {
        Verdict::Held => ("✔", "verdict held"),
        Verdict::NotHeld => ("✘", "verdict not-held"),
        Verdict::Undecided => ("?", "verdict"),
        Verdict::NotTestable => ("–", "verdict"),
    };
    Cell::from(format!("{mark}\u{a0}{}", page.say(key(verdict)))).of_class(class)
}

/// The text in the page's language.
pub(super) fn in_language<'r>(page: &Leaf<'_>, en: &'r str, ko: &'r str) -> &'r str {
    match page.lang() {
        Lang::En => en,
        Lang::Ko => ko,
    }
}

/// A figure with its interval: `0.42 (0.31 to 0.54)`.
pub(super) fn found(page: &Leaf<'_>, rule: &ClaimRuleRow) -> String {
    let value = number(rule.value);
    match rule.low.zip(rule.high) {
        Some((low, high)) => {
            let word = page.say("common.to");
            format!("{value} ({} {word} {})", number(low), number(high))
        }
        None => value,
    }
}

/// A figure of whichever kind.
pub(super) fn number(value: f64) -> String {
    numbers::small(value).replace('-', "−")
}
