//! Verdicts as JUnit XML: a test case for each claim. One that does not hold is a failure; what is undecided or cannot be tested here is
//! skipped.

use std::io::{self, Write};

use checks::{Case, Outcome, Suite};
use records::tables::{ClaimRow, ClaimRuleRow};
use records::Verdict;

use super::Judged;

/// The class that all claims are cases of.
const CLASS: &str = "deconvscope.claims";

/// Writes what became of claims as JUnit XML; `name` says of what.
///
/// # Errors
/// Whatever `out` fails with.
pub fn junit(judged: &Judged, name: &str, out: impl Write) -> io::Result<()> {
    let cases = judged.claims.iter().map(|claim| case(judged, claim));
    let suite = Suite {
        program: "deconvscope replicate".into(),
        name: name.to_owned(),
        properties: vec![("data_set".into(), name.to_owned())],
        class: CLASS.into(),
        cases: cases.collect(),
    };
    suite.write(out)
}

fn case(judged: &Judged, claim: &ClaimRow) -> Case {
    let rules = judged.rules.iter().filter(|rule| rule.claim == claim.id);
    let found: Vec<String> = rules.map(found).collect();
    let found = found.join("; ");
    Case {
        name: format!("{}: {}", claim.id, claim.claim_en),
        outcome: match claim.verdict {
            Verdict::Held => Outcome::Passed,
            Verdict::NotHeld => Outcome::Failed(format!("not held: {found}")),
            Verdict::NotTestable => {
                Outcome::Skipped(format!("not testable here: {}", claim.needs_en))
            }
            Verdict::Undecided => Outcome::Skipped(format!("undecided: {found}")),
        },
        details: format!("{}\nmeasured: {}", claim.source, claim.measure_en),
        output: match found.is_empty() {
            true => "nothing was found".into(),
            false => found,
        },
    }
}

/// `top1_accuracy > 0.5: found 0.7 (95 % interval 0.6 to 0.8, n 40)`.
fn found(rule: &ClaimRuleRow) -> String {
    let interval = match rule.low.zip(rule.high) {
        Some((low, high)) => format!("95 % interval {low:.4} to {high:.4}"),
        None => "no interval".into(),
    };
    format!(
        "{}: found {:.4} ({interval}, n {})",
        rule.rule, rule.value, rule.count
    )
}
