//! A rule held against the figures of a run.

use std::collections::BTreeSet;

use base::{Error, Result};
use records::tables::MetricRow;
use records::FIGURES_OF_REGIONS;

use super::rule::{Figure, Part, Rule};
use super::Bound;

/// Metrics that a run may have no value of: nothing is labelled, the network has no classifier, or its classes do (or do not)
/// exclude each other.
const ACCURACIES: [&str; 3] = ["top1_accuracy", "top5_accuracy", "label_found"];
impl Rule {
    /// Whether the rule holds of a run's `metrics.csv`; `None` where the run has no value to hold it against.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a metric or scope that no such run could have; [`Error::Usage`] for a rule that needs a
    /// baseline.
    pub fn holds(&self, metrics: &[MetricRow]) -> Result<Option<bool>> {
        let Bound::Number(bound) = self.bound else {
            return Err(Error::Usage(format!(
                "the rule '{self}' needs a baseline, and here is none"
            )));
        };
        let found = self.figure.value(metrics)?;
        Ok(found.map(|found| self.operator.holds(found, bound)))
    }
}

impl Figure {
    /// The figure's value in a run's `metrics.csv`; `None` where the run has none.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a metric or scope that no such run could have.
    pub fn value(&self, metrics: &[MetricRow]) -> Result<Option<f64>> {
        Ok(self.row(metrics)?.and_then(|row| match self.part {
            Part::Value => Some(row.value),
            Part::Low => row.low,
            Part::High => row.high,
            Part::Count => Some(row.count as f64),
        }))
    }

    /// The row that the figure is part of.
    pub(super) fn row<'a>(&self, metrics: &'a [MetricRow]) -> Result<Option<&'a MetricRow>> {
        let of_metric = || metrics.iter().filter(|row| row.metric == self.metric);
        if let Some(row) = of_metric().find(|row| row.scope == self.scope) {
            return Ok(Some(row));
        }
        let scopes: Vec<String> = of_metric().map(|row| row.scope.clone()).collect();
        if !scopes.is_empty() {
            return Err(Error::unknown_name("scope", &self.scope, scopes));
        }
        if self.may_be_missing(metrics) {
            return Ok(None);
        }
        let known: BTreeSet<String> = metrics.iter().map(|row| row.metric.clone()).collect();
        let known = known.into_iter().collect();
        Err(Error::unknown_name("metric", &self.metric, known))
    }

    /// Whether the metric is one that this run happens to have no value of at all.
    fn may_be_missing(&self, metrics: &[MetricRow]) -> bool {
        ACCURACIES.contains(&self.metric.as_str())
            || self
                .family()
                .is_some_and(|family| !metrics.iter().any(|row| row.metric.starts_with(family)))
    }

    /// Whether another run could have a value of it.
    pub(super) fn is_possible(&self) -> bool {
        ACCURACIES.contains(&self.metric.as_str()) || self.family().is_some()
    }

    fn family(&self) -> Option<&'static str> {
        let mut families = FIGURES_OF_REGIONS.iter().copied();
        families.find(|family| self.metric.starts_with(family))
    }
}
