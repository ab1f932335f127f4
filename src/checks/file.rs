//! Where rules come from: a rules file and the command line.

use std::path::Path;

use base::{Error, Result};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::rule::Rule;

/// A rule with what its author says about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// A short name; the rule's own text where none was given.
    pub name: String,
    /// The rule.
    pub rule: Rule,
    /// What follows where it does not hold.
    pub severity: Severity,
    /// Whether the run may have no value that the rule could be held against.
    pub optional: bool,
    /// Why the rule is there.
    pub reason: Option<String>,
}

/// What follows where a rule does not hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The check fails: exit code 4.
    #[default]
    Error,
    /// It is told.
    Warning,
}

/// `rules.toml`: tables `[[rule]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    #[serde(default)]
    rule: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: Spanned<String>,
    name: Option<String>,
    #[serde(default)]
    severity: Severity,
    #[serde(default)]
    optional: bool,
    reason: Option<String>,
}

impl Check {
    /// A rule with nothing said about it.
    pub fn new(rule: Rule) -> Self {
        Self {
            name: rule.to_string(),
            rule,
            severity: Severity::Error,
            optional: false,
            reason: None,
        }
    }
}

/// The rules of a file and of the command line, in this order.
///
/// # Errors
/// [`Error::Io`] and [`Error::Table`] for a file that cannot be read; [`Error::Rule`] for a rule that cannot;
/// [`Error::Usage`] where there is no rule, or two have one name.
pub fn collect(file: Option<&Path>, rules: &[String]) -> Result<Vec<Check>> {
    let mut checks = match file {
        Some(path) => read(path)?,
        None => Vec::new(),
    };
    for rule in rules {
        checks.push(Check::new(rule.parse()?));
    }
    if checks.is_empty() {
        return Err(Error::Usage(
            "nothing to check: give --rule, or --rules with a file that holds tables [[rule]]"
                .into(),
        ));
    }
    let mut names = std::collections::HashSet::new();
    match checks.iter().find(|check| !names.insert(&check.name)) {
        Some(twice) => Err(Error::Usage(format!(
            "two rules are called '{}'; pipelines tell rules by their names, so give one of them another",
            twice.name
        ))),
        None => Ok(checks),
    }
}

fn read(path: &Path) -> Result<Vec<Check>> {
    let text = std::fs::read_to_string(path).map_err(Error::io("cannot read", path))?;
    let line = |offset: usize| 1 + text.bytes().take(offset).filter(|b| *b == b'\n').count();
    let file: RulesFile = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| line(span.start) as u64);
        Error::table(path, line, error.message().replace('\n', "; "))
    })?;
    file.rule
        .into_iter()
        .map(|entry| {
            let place = format!(
                "{}, line {}: ",
                path.display(),
                line(entry.rule.span().start)
            );
            let rule: Rule = entry.rule.get_ref().parse().map_err(|error| match error {
                Error::Rule {
                    rule,
                    character,
                    problem,
                    ..
                } => Error::Rule {
                    origin: place,
                    rule,
                    character,
                    problem,
                },
                other => other,
            })?;
            Ok(Check {
                name: one_line(entry.name).unwrap_or_else(|| rule.to_string()),
                rule,
                severity: entry.severity,
                optional: entry.optional,
                reason: one_line(entry.reason),
            })
        })
        .collect()
}

/// The text as one line without control characters; `None` where nothing is left.
fn one_line(text: Option<String>) -> Option<String> {
    let text = text?.replace(char::is_control, " ");
    let words: Vec<&str> = text.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}
