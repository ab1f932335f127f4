//! Claims whose verdict is another in another run.

use comparison::claims::{ClaimLine, JudgedClaim};
use comparison::Comparison;

use crate::prelude::*;
use crate::verdicts::{found, in_language, key};

/// The claims that the runs do not agree about; `None` where fewer than two of them are replications.
pub(super) fn section(leaf: &Leaf<'_>, comparison: &Comparison) -> Option<Block> {
    let lines = &comparison.claims;
    if lines.is_empty() {
        return None;
    }
    let differing: Vec<&ClaimLine> = lines.iter().filter(|line| line.differs()).collect();
    let gaps: [Gap<'_>; 1] = [("all", &numbers::count(lines.len()))];
    let lead = Block::text(leaf.count("compare.claims_lead", differing.len(), &gaps));
    let mut blocks = vec![lead];
    if !differing.is_empty() {
        blocks.push(table(leaf, comparison, &differing));
    }
    Some(leaf.section("claims", "compare.claims", blocks))
}

fn table(leaf: &Leaf<'_>, comparison: &Comparison, lines: &[&ClaimLine]) -> Block {
    let mut columns = leaf.columns(lines).text("claims.claim", |line| {
        let claim = in_language(leaf, &line.claim.claim_en, &line.claim.claim_ko);
        Text::from(claim).and(Text::of_class("small", &line.claim.source))
    });
    for (at, side) in comparison.lineup.sides.iter().enumerate() {
        columns = columns.column(Column::text(&side.name), |line| {
            told(leaf, &line.judged[at])
        });
    }
    columns
        .of_class("text")
        .table("compare.claims", "compare.claims_caption")
}

fn told(leaf: &Leaf<'_>, judged: &Option<JudgedClaim>) -> Text {
    let Some(judged) = judged else {
        return Text::from(None);
    };
    let word = Text::of_class("strong", leaf.say(key(judged.verdict)));
    let rules = judged.rules.iter().map(|rule| found(leaf, rule));
    let rules: Vec<String> = rules.collect();
    match rules.is_empty() {
        true => word,
        false => word.and(rules.join("; ")),
    }
}
