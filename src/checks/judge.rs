//! Rules held against a finished run, and against a baseline where they name one.

use std::path::Path;

use base::{Error, Result};
use records::tables::MetricRow;

use super::change::{self, Change};
use super::file::{Check, Severity};
use super::rule::{Bound, Certainty, Operator};
use super::subject::Subject;
use super::verdict::{Counts, Finding, Metric, State, Verdict, SCHEMA};
use super::{wording, ALL};

/// Figures of two runs that were computed by other means are equal where they differ by no more: probabilities were seen to
/// move by 7e-7 from one set of a processor's instructions to another, by 2.3e-6 from a processor to a GPU.
const ROUNDING: f64 = 1e-5;

/// Holds the rules against a finished run, and against a baseline where they name one.
///
/// # Errors
/// [`Error::Usage`] where a rule needs a baseline and none is given; [`Error::UnknownName`] for a metric or scope that
/// no such run could have; [`Error::RunFolder`] where a run has no value for a rule that is not optional, or is no
/// finished run; whatever reading it fails with.
pub fn judge(checks: &[Check], run: &Path, baseline: Option<&Path>) -> Result<Verdict> {
    if let (None, Some(check)) = (
        baseline,
        checks.iter().find(|c| c.rule.bound.needs_baseline()),
    ) {
        return Err(Error::Usage(format!(
            "the rule '{}' compares with a baseline: name a finished run with --baseline",
            check.name
        )));
    }
    let by_photo = checks.iter().any(|check| check.certainty().is_some());
    let run = Subject::read(run, by_photo)?;
    let baseline = match baseline {
        Some(root) => Some(Subject::read(root, by_photo)?),
        None => None,
    };
    let rules: Vec<Finding> = checks
        .iter()
        .map(|check| check.find(&run, baseline.as_ref()))
        .collect::<Result<_>>()?;
    let counts = Counts::of(&rules);
    Ok(Verdict {
        schema: SCHEMA,
        passed: counts.fail == 0,
        notes: baseline
            .as_ref()
            .map(|baseline| notes(&run, baseline))
            .unwrap_or_default(),
        counts,
        rules,
        metrics: metrics(&run, baseline.as_ref()),
        run: run.facts,
        baseline: baseline.map(|baseline| baseline.facts),
    })
}

impl Counts {
    fn of(rules: &[Finding]) -> Self {
        let count = |state| rules.iter().filter(|rule| rule.state == state).count();
        Self {
            hold: count(State::Holds),
            fail: count(State::Fails),
            warn: count(State::Warns),
            no_value: count(State::NoValue),
        }
    }
}

impl Check {
    fn certainty(&self) -> Option<Certainty> {
        match self.rule.bound {
            Bound::Baseline { certainty, .. } => certainty,
            Bound::Number(_) => None,
        }
    }

    fn find(&self, run: &Subject, baseline: Option<&Subject>) -> Result<Finding> {
        let found = self.value(run)?;
        let (before, change) = match (self.rule.bound.needs_baseline(), baseline, found) {
            (true, Some(baseline), Some(_)) => (self.value(baseline)?, self.change(run, baseline)?),
            _ => (None, None),
        };
        let otherwise =
            baseline.is_some_and(|baseline| baseline.manifest.rounds_otherwise(&run.manifest));
        let holds = self.holds(found, before, change.as_ref(), otherwise);
        let mut finding = Finding {
            name: self.name.clone(),
            rule: self.rule.to_string(),
            severity: self.severity,
            reason: self.reason.clone(),
            state: match (holds, self.severity) {
                (None, _) => State::NoValue,
                (Some(true), _) => State::Holds,
                (Some(false), Severity::Error) => State::Fails,
                (Some(false), Severity::Warning) => State::Warns,
            },
            found,
            metric: found
                .and_then(|_| self.rule.figure.row(&run.metrics).ok().flatten())
                .cloned(),
            baseline: before,
            change,
            found_text: String::new(),
            expected_text: wording::expected(&self.rule),
        };
        finding.found_text = wording::found(&self.rule, &finding);
        Ok(finding)
    }

    /// `None` where there is nothing to hold the rule against.
    fn holds(
        &self,
        found: Option<f64>,
        before: Option<f64>,
        change: Option<&Change>,
        rounds_otherwise: bool,
    ) -> Option<bool> {
        let operator = self.rule.operator;
        match self.rule.bound {
            Bound::Number(bound) => Some(operator.holds(found?, bound)),
            Bound::Baseline {
                offset,
                certainty: None,
            } => {
                let (found, bound) = (found?, before? + offset);
                Some(match rounds_otherwise {
                    true => operator.holds_up_to(found, bound, ROUNDING),
                    false => operator.holds(found, bound),
                })
            }
            Bound::Baseline {
                offset,
                certainty: Some(certainty),
            } => {
                let change = change?;
                let rising = matches!(operator, Operator::AtLeast | Operator::Above);
                // The end of the interval that speaks for the rule, or against it where it has to be proven.
                let end = match rising != certainty.proven {
                    true => change.high,
                    false => change.low,
                };
                Some(operator.holds(end, offset))
            }
        }
    }

    /// The rule's figure in a run; `None` only for an optional rule.
    fn value(&self, subject: &Subject) -> Result<Option<f64>> {
        let figure = &self.rule.figure;
        match figure.value(&subject.metrics) {
            Err(Error::UnknownName { .. }) if self.optional && figure.is_possible() => Ok(None),
            Ok(None) if !self.optional => Err(self.no_value(subject, &figure.to_string())),
            value => value,
        }
    }

    fn change(&self, run: &Subject, baseline: &Subject) -> Result<Option<Change>> {
        let (Some(certainty), Some(now), Some(before)) =
            (self.certainty(), &run.answers, &baseline.answers)
        else {
            return Ok(None);
        };
        match change::between(before, now, &self.rule.figure, &certainty) {
            None if !self.optional => Err(self.no_value(
                run,
                &format!(
                    "the change of {} against {}: they have no scored photograph in common",
                    self.rule.figure, baseline.facts.path
                ),
            )),
            change => Ok(change),
        }
    }

    fn no_value(&self, subject: &Subject, what: &str) -> Error {
        let problem = format!(
            "the rule '{}' finds no value of {what}; where that may be so, mark it `optional = true` in a rules file",
            self.name
        );
        Error::run_folder(&subject.root, problem)
    }
}

/// What to know about the comparison with the baseline.
fn notes(run: &Subject, baseline: &Subject) -> Vec<String> {
    let mut notes = Vec::new();
    let (now, before) = (&run.manifest, &baseline.manifest);
    if now.dataset.digest != before.dataset.digest {
        notes.push(
            "the baseline was made of other photographs, or of other contents under the same names"
                .into(),
        );
    }
    if now.rounds_otherwise(before) {
        notes.push(format!(
            "the baseline was computed on another device, with another libtorch or with other instructions of the processor: figures that differ by no more than {ROUNDING} count as equal"
        ));
    }
    if now.preprocessing != before.preprocessing {
        notes.push(
            "the baseline's photographs were scaled, cropped or normalised differently".into(),
        );
    }
    if now.options.apply_masks != before.options.apply_masks {
        notes.push(
            "another region, or none, was hidden in the baseline before anything else".into(),
        );
    }
    if now.dataset.label_classes != before.dataset.label_classes
        && now.dataset.labels == before.dataset.labels
    {
        notes.push("other classes of the network count as the labels in the baseline".into());
    }
    notes
}

fn metrics(run: &Subject, baseline: Option<&Subject>) -> Vec<Metric> {
    let value = |row: &MetricRow| {
        baseline?
            .metrics
            .iter()
            .find(|other| other.metric == row.metric && other.scope == row.scope)
            .map(|other| other.value)
    };
    run.metrics
        .iter()
        .filter(|row| row.scope == ALL)
        .map(|row| {
            let before = value(row);
            Metric {
                row: row.clone(),
                baseline: before,
                change: before.map(|before| row.value - before),
            }
        })
        .collect()
}
