//! Replications held against each other: what became of the same claim in each.

use base::Result;
use records::tables::{ClaimRow, ClaimRuleRow};
use records::Verdict;

use super::tables::ClaimVerdictRow;
use super::Lineup;

/// A claim that two runs at least have judged.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimLine {
    /// The claim, as the first of these runs has it.
    pub claim: ClaimRow,
    /// Run by run; `None` for one that has not judged it.
    pub judged: Vec<Option<JudgedClaim>>,
}

/// What became of a claim in a run.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedClaim {
    /// As in `claims.csv`.
    pub verdict: Verdict,
    /// The figures that it was held against.
    pub rules: Vec<ClaimRuleRow>,
}

impl ClaimLine {
    /// Whether the runs that have judged it do not agree.
    pub fn differs(&self) -> bool {
        let mut verdicts = self.judged.iter().flatten().map(|judged| judged.verdict);
        let first = verdicts.next();
        verdicts.any(|verdict| Some(verdict) != first)
    }
}

/// The claims of all runs, in the order of the first that has them; none where fewer than two are replications.
///
/// # Errors
/// Those of [`records::Run::rows`].
pub fn lines(lineup: &Lineup) -> Result<Vec<ClaimLine>> {
    let mut lines: Vec<ClaimLine> = Vec::new();
    for (side, of) in lineup.sides.iter().enumerate() {
        let rules = of.run.rows::<ClaimRuleRow>()?;
        for row in of.run.rows::<ClaimRow>()? {
            let at = match lines.iter().position(|line| line.claim.id == row.id) {
                Some(at) => at,
                None => {
                    lines.push(ClaimLine {
                        claim: row.clone(),
                        judged: vec![None; lineup.sides.len()],
                    });
                    lines.len() - 1
                }
            };
            let rules = rules.iter().filter(|rule| rule.claim == row.id);
            lines[at].judged[side] = Some(JudgedClaim {
                verdict: row.verdict,
                rules: rules.cloned().collect(),
            });
        }
    }
    lines.retain(|line| line.judged.iter().flatten().count() > 1);
    Ok(lines)
}

/// As a table.
pub(super) fn rows(lineup: &Lineup, lines: &[ClaimLine]) -> Vec<ClaimVerdictRow> {
    let of_line = |line: &ClaimLine| {
        let told = lineup.sides.iter().zip(&line.judged);
        let row = |(side, judged): (&super::Side, &Option<JudgedClaim>)| ClaimVerdictRow {
            claim: line.claim.id.clone(),
            source: line.claim.source.clone(),
            run: side.name.clone(),
            verdict: judged.as_ref().map(|judged| judged.verdict),
            differs: line.differs(),
        };
        told.map(row).collect::<Vec<_>>()
    };
    lines.iter().flat_map(of_line).collect()
}
