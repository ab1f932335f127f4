//! Results as JUnit XML, in the subset that Jenkins' schema (`tests/fixtures/junit/`) and GitLab both read: a suite for the run, a test
//! case for each rule.

use std::io::{self, Write};

use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::Writer;

use super::subject::RunFacts;
use super::verdict::{Finding, State, Verdict};

/// The class that all rules are cases of; pipelines tell a case by class and name.
const CLASS: &str = "deconvscope.check";

/// What JUnit XML is made from.
#[derive(Debug, Clone)]
pub struct Suite {
    /// What ran.
    pub program: String,
    /// What it was about.
    pub name: String,
    /// What is known of that.
    pub properties: Vec<(String, String)>,
    /// The class that all cases are of.
    pub class: String,
    /// What was tested.
    pub cases: Vec<Case>,
}

/// A test case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name; two of a suite have different ones.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What was tested, where it did not pass.
    pub details: String,
    /// What was found.
    pub output: String,
}

/// What became of a test case, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It did not.
    Failed(String),
    /// It counts for neither.
    Skipped(String),
}

/// Writes the verdict as JUnit XML. A warning counts as skipped, as a rule without a value does: only what fails the
/// check is a failure.
///
/// # Errors
/// Whatever `out` fails with.
pub fn junit(verdict: &Verdict, out: impl Write) -> io::Result<()> {
    let mut properties = properties("run", &verdict.run);
    if let Some(baseline) = &verdict.baseline {
        properties.extend(self::properties("baseline", baseline));
    }
    let cases = verdict.rules.iter().map(|finding| case(verdict, finding));
    let suite = Suite {
        program: "deconvscope check".into(),
        name: verdict.run.path.clone(),
        properties,
        class: CLASS.into(),
        cases: cases.collect(),
    };
    suite.write(out)
}

fn properties(which: &str, facts: &RunFacts) -> Vec<(String, String)> {
    let properties = [
        ("path", facts.path.clone()),
        ("network", facts.network.clone()),
        ("weights", facts.weights.clone()),
        ("data_set", facts.data_set.clone()),
        ("data_set_digest", facts.data_set_digest.clone()),
        ("photos", facts.photos.to_string()),
        ("skipped", facts.skipped.to_string()),
        ("version", facts.version.clone()),
        ("commit", facts.commit.clone()),
    ];
    let named = properties.into_iter();
    named
        .map(|(name, value)| (format!("{which}.{name}"), value))
        .collect()
}

fn case(verdict: &Verdict, finding: &Finding) -> Case {
    let reason = finding
        .reason
        .iter()
        .map(|reason| format!("\nwhy: {reason}"));
    Case {
        name: finding.name.clone(),
        outcome: match finding.state {
            State::Holds => Outcome::Passed,
            State::NoValue => {
                Outcome::Skipped("the run has no value, and the rule is optional".into())
            }
            State::Fails => Outcome::Failed(told(finding)),
            State::Warns => Outcome::Skipped(format!("warning: {}", told(finding))),
        },
        details: format!("rule: {}{}", finding.rule, reason.collect::<String>()),
        // GitLab reads the path from the project's folder, Jenkins' attachments plugin from the workspace; both want a line
        // of its own.
        output: format!(
            "found {}\n[[ATTACHMENT|{}]]",
            finding.found_text, verdict.run.report
        ),
    }
}

fn told(finding: &Finding) -> String {
    format!(
        "found {}, expected {}",
        finding.found_text, finding.expected_text
    )
}

impl Suite {
    /// Writes it.
    ///
    /// # Errors
    /// Whatever `out` fails with.
    pub fn write(&self, out: impl Write) -> io::Result<()> {
        let mut writer = Writer::new_with_indent(out, b' ', 2);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let count = |is: fn(&Outcome) -> bool| {
            let cases = self.cases.iter().filter(|case| is(&case.outcome));
            cases.count().to_string()
        };
        let tests = self.cases.len().to_string();
        let failures = count(|outcome| matches!(outcome, Outcome::Failed(_)));
        let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
        let counts = [
            ("tests", tests.as_str()),
            ("failures", &failures),
            ("errors", "0"),
        ];
        writer
            .create_element("testsuites")
            .with_attribute(("name", &*self.program))
            .with_attributes(counts)
            .write_inner_content(|writer| {
                writer
                    .create_element("testsuite")
                    .with_attribute(("name", &*xml(&self.name)))
                    .with_attributes(counts)
                    .with_attribute(("skipped", &*skipped))
                    .write_inner_content(|writer| {
                        self.write_properties(writer)?;
                        let mut cases = self.cases.iter();
                        cases.try_for_each(|case| self.write_case(writer, case))
                    })
                    .map(drop)
            })?;
        writer.get_mut().write_all(b"\n")
    }

    fn write_properties<W: Write>(&self, writer: &mut Writer<W>) -> io::Result<()> {
        writer
            .create_element("properties")
            .write_inner_content(|writer| {
                self.properties.iter().try_for_each(|(name, value)| {
                    writer
                        .create_element("property")
                        .with_attribute(("name", &*xml(name)))
                        .with_attribute(("value", &*xml(value)))
                        .write_empty()
                        .map(drop)
                })
            })
            .map(drop)
    }

    fn write_case<W: Write>(&self, writer: &mut Writer<W>, case: &Case) -> io::Result<()> {
        let message = match &case.outcome {
            Outcome::Passed => None,
            Outcome::Failed(message) => Some(("failure", message)),
            Outcome::Skipped(message) => Some(("skipped", message)),
        };
        writer
            .create_element("testcase")
            .with_attribute(("name", &*xml(&case.name)))
            .with_attribute(("classname", &*self.class))
            .write_inner_content(|writer| {
                if let Some((tag, message)) = message {
                    writer
                        .create_element(tag)
                        .with_attribute(("message", &*xml(message)))
                        .write_text_content(BytesText::new(&xml(&case.details)))?;
                }
                writer
                    .create_element("system-out")
                    .write_text_content(BytesText::new(&xml(&case.output)))
                    .map(drop)
            })
            .map(drop)
    }
}

/// The text with a replacement character for what XML 1.0 cannot hold, escaped or not.
fn xml(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..);
    let replaced = |c: char| if allowed(c) { c } else { '\u{fffd}' };
    text.chars().map(replaced).collect()
}
