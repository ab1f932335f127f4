//! `deconvscope check`: rules read, held against figures made by hand, and told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod baseline;
mod command;
mod fixture;
mod grammar;
mod junit;
mod rules_file;
mod summary;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;

use deconvscope::checks::{self, Check, Verdict};

/// The verdict on a run by rules as one types them.
fn judge(rules: &[&str], run: &Path, baseline: Option<&Path>) -> deconvscope::Result<Verdict> {
    let rules: Vec<String> = rules.iter().map(|rule| (*rule).to_owned()).collect();
    checks::judge(&checks::collect(None, &rules)?, run, baseline)
}

/// A rule under a name.
fn named(name: &str, rule: &str) -> Check {
    Check {
        name: name.into(),
        ..Check::new(rule.parse().unwrap())
    }
}
