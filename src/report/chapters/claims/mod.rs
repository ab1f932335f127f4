//! A replication: which claims of the papers held. Its front page takes the place of the report's; a page more shows what each verdict
//! rests on.

mod detail;
mod front;
pub(crate) mod verdict;

pub(super) use front::content as front;

use records::tables::{ClaimRow, ClaimRuleRow};

use super::{Chapter, Plan};
use crate::lang::Lang;
use crate::prelude::*;

const CLAIMS: &str = "pages/claims.html";

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.claims",
    holds: "front.contents_claims",
    pages: |site| match site.rows::<ClaimRow>().is_empty() {
        true => Vec::new(),
        false => vec![Plan::new(CLAIMS, detail::content)],
    },
};

/// The text in the page's language.
pub(crate) fn in_language<'r>(page: &Leaf<'_>, en: &'r str, ko: &'r str) -> &'r str {
    match page.lang() {
        Lang::En => en,
        Lang::Ko => ko,
    }
}

/// The figures that a claim was held against.
fn rules<'r>(page: &Page<'r>, claim: &str) -> Vec<&'r ClaimRuleRow> {
    let rules = page.site.rows::<ClaimRuleRow>().iter();
    rules.filter(|rule| rule.claim == claim).collect()
}

/// A figure with its interval: `0.42 (0.31 to 0.54)`.
pub(crate) fn found(page: &Leaf<'_>, rule: &ClaimRuleRow) -> String {
    let value = number(rule.value);
    match rule.low.zip(rule.high) {
        Some((low, high)) => {
            format!(
                "{value} ({} {} {})",
                number(low),
                page.say("common.to"),
                number(high)
            )
        }
        None => value,
    }
}

fn number(value: f64) -> String {
    numbers::small(value).replace('-', "−")
}
