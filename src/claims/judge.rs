//! Claims held against the figures of a replication's parts.

use base::text::distance;
use base::{Error, Result};
use checks::{Bound, Rule};
use records::tables::{ClaimRow, ClaimRuleRow, MetricRow};
use records::Verdict;
use statistics::holm;

use super::verdict::{decided, of_all, p_of_all, p_value};
use super::{Claim, REPORT, TRAIN, TRANSFER};

/// How sure a verdict has to be after Holm's correction.
const LEVEL: f64 = 0.05;

/// A part of a replication that was carried out: a run with its figures.
#[derive(Debug, Clone)]
pub struct Part {
    /// What claims call it.
    pub name: String,
    /// Its run folder inside the replication's; empty for the replication's own.
    pub folder: String,
    /// Its `metrics.csv`.
    pub metrics: Vec<MetricRow>,
}

/// What became of all claims.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// One for each claim, in their order.
    pub claims: Vec<ClaimRow>,
    /// One for each rule that there was a figure for.
    pub rules: Vec<ClaimRuleRow>,
}

impl Judged {
    /// How many claims came to that.
    pub fn count(&self, verdict: Verdict) -> usize {
        let claims = self.claims.iter();
        claims.filter(|row| row.verdict == verdict).count()
    }
}

/// Holds each claim against the figures of the part that it names; a part that was not carried out leaves its claims untested.
///
/// # Errors
/// [`Error::UnknownName`] for the name of a part that is mistyped; `studies` are those that are known.
pub fn judge(claims: &[Claim], parts: &[Part], studies: &[String]) -> Result<Judged> {
    let mut judged = Judged {
        claims: Vec::new(),
        rules: Vec::new(),
    };
    for claim in claims {
        let part = parts.iter().find(|part| part.name == claim.part);
        if part.is_none() {
            mistyped(claim, studies)?;
        }
        let rules = part.and_then(|part| rules(claim, part));
        judged.claims.push(row(claim, part, rules.as_deref()));
        judged.rules.extend(rules.into_iter().flatten());
    }
    correct(&mut judged.claims);
    Ok(judged)
}

/// Refuses the name of a part that is almost one that there may be; any other may be that of a study that is not part of this
/// replication.
fn mistyped(claim: &Claim, studies: &[String]) -> Result<()> {
    let own = [REPORT, TRAIN, TRANSFER].map(str::to_owned);
    let known: Vec<String> = own.into_iter().chain(studies.to_vec()).collect();
    let is_near = |name: &String| distance(&claim.part, name, 2).is_some();
    if known.contains(&claim.part) || !known.iter().any(is_near) {
        return Ok(());
    }
    let mut error = Error::unknown_name("part of a replication", &claim.part, known);
    if let Error::UnknownName { advice, .. } = &mut error {
        *advice = format!(" (claim '{}')", claim.id);
    }
    Err(error)
}

/// The rules of a claim with the figures that they are held against; `None` where one of them is missing.
fn rules(claim: &Claim, part: &Part) -> Option<Vec<ClaimRuleRow>> {
    let of_region = |rules: &Vec<Rule>| {
        let held = rules.iter().map(|rule| held(claim, rule, &part.metrics));
        held.collect::<Option<Vec<_>>>()
    };
    claim.rules.iter().find_map(of_region)
}

fn held(claim: &Claim, rule: &Rule, metrics: &[MetricRow]) -> Option<ClaimRuleRow> {
    let figure = &rule.figure;
    let is_meant = |row: &MetricRow| row.metric == figure.metric && row.scope == figure.scope;
    let at = metrics.iter().position(is_meant)?;
    let found = &metrics[at];
    let Bound::Number(bound) = rule.bound else {
        return None;
    };
    Some(ClaimRuleRow {
        claim: claim.id.clone(),
        rule: rule.to_string(),
        metric: found.metric.clone(),
        scope: found.scope.clone(),
        value: found.value,
        low: found.low,
        high: found.high,
        count: found.count,
        bound,
        // Behind the header, counted from 1.
        line: at + 2,
        verdict: decided(rule.operator, found, bound),
        p_value: p_value(found, bound),
    })
}

fn row(claim: &Claim, part: Option<&Part>, rules: Option<&[ClaimRuleRow]>) -> ClaimRow {
    let told = rules.unwrap_or_default().iter();
    let told: Vec<(Verdict, Option<f64>)> = told.map(|rule| (rule.verdict, rule.p_value)).collect();
    let verdicts: Vec<Verdict> = told.iter().map(|(verdict, _)| *verdict).collect();
    ClaimRow {
        id: claim.id.clone(),
        source: claim.source.clone(),
        claim_en: claim.claim.en.clone(),
        claim_ko: claim.claim.ko.clone(),
        published_en: claim.published.en.clone(),
        published_ko: claim.published.ko.clone(),
        measure_en: claim.measure.en.clone(),
        measure_ko: claim.measure.ko.clone(),
        part: claim.part.clone(),
        folder: part.map_or_else(String::new, |part| part.folder.clone()),
        tables: claim.tables.join(" "),
        verdict: of_all(&verdicts),
        p_value: p_of_all(&told),
        p_corrected: None,
        verdict_corrected: of_all(&verdicts),
        needs_en: claim.needs.en.clone(),
        needs_ko: claim.needs.ko.clone(),
    }
}

/// Holm's correction over all claims that were tested.
fn correct(claims: &mut [ClaimRow]) {
    let tested = claims.iter().enumerate();
    let tested: Vec<(usize, f64)> = tested
        .filter_map(|(at, row)| Some((at, row.p_value?)))
        .collect();
    let p_values: Vec<f64> = tested.iter().map(|(_, p)| *p).collect();
    for ((at, _), p) in tested.into_iter().zip(holm(&p_values)) {
        claims[at].p_corrected = Some(p);
    }
    for row in claims {
        let is_sure = row.p_corrected.is_some_and(|p| p < LEVEL);
        if matches!(row.verdict, Verdict::Held | Verdict::NotHeld) && !is_sure {
            row.verdict_corrected = Verdict::Undecided;
        }
    }
}
