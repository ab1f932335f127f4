//! A replication: which claims of the papers held. Its front page takes the place of the report's; a page more shows what each verdict
//! rests on.

mod detail;
mod front;

pub(super) use front::content as front;

use records::tables::{ClaimRow, ClaimRuleRow};

use super::{Chapter, Plan};
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

/// The figures that a claim was held against.
fn rules<'r>(page: &Page<'r>, claim: &str) -> Vec<&'r ClaimRuleRow> {
    let rules = page.site.rows::<ClaimRuleRow>().iter();
    rules.filter(|rule| rule.claim == claim).collect()
}
