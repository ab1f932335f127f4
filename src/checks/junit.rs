//! The verdict as JUnit XML: a suite for the run, a test case for each rule, in the subset that Jenkins' schema
//! (`tests/fixtures/junit/`) and GitLab both read.

use std::io::{self, Write};

use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::Writer;

use super::subject::RunFacts;
use super::verdict::{Finding, State, Verdict};

/// The class that all rules are cases of; pipelines tell a case by class and name.
const CLASS: &str = "deconvscope.check";

/// Writes the verdict as JUnit XML. A warning counts as skipped, as a rule without a value does: only what fails the
/// check is a failure.
///
/// # Errors
/// Whatever `out` fails with.
pub fn junit(verdict: &Verdict, out: impl Write) -> io::Result<()> {
    let mut writer = Writer::new_with_indent(out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let tests = verdict.rules.len().to_string();
    let failures = verdict.counts.fail.to_string();
    let skipped = (verdict.counts.warn + verdict.counts.no_value).to_string();
    let counts = [
        ("tests", tests.as_str()),
        ("failures", &failures),
        ("errors", "0"),
    ];
    writer
        .create_element("testsuites")
        .with_attribute(("name", "deconvscope check"))
        .with_attributes(counts)
        .write_inner_content(|writer| {
            writer
                .create_element("testsuite")
                .with_attribute(("name", &*xml(&verdict.run.path)))
                .with_attributes(counts)
                .with_attribute(("skipped", &*skipped))
                .write_inner_content(|writer| {
                    properties(writer, verdict)?;
                    verdict
                        .rules
                        .iter()
                        .try_for_each(|finding| case(writer, verdict, finding))
                })
                .map(drop)
        })?;
    writer.get_mut().write_all(b"\n")
}

fn properties<W: Write>(writer: &mut Writer<W>, verdict: &Verdict) -> io::Result<()> {
    writer
        .create_element("properties")
        .write_inner_content(|writer| {
            facts(writer, "run", &verdict.run)?;
            match &verdict.baseline {
                Some(baseline) => facts(writer, "baseline", baseline),
                None => Ok(()),
            }
        })
        .map(drop)
}

fn facts<W: Write>(writer: &mut Writer<W>, which: &str, facts: &RunFacts) -> io::Result<()> {
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
    properties.into_iter().try_for_each(|(name, value)| {
        writer
            .create_element("property")
            .with_attribute(("name", &*format!("{which}.{name}")))
            .with_attribute(("value", &*xml(&value)))
            .write_empty()
            .map(drop)
    })
}

fn case<W: Write>(writer: &mut Writer<W>, verdict: &Verdict, finding: &Finding) -> io::Result<()> {
    let message = match finding.state {
        State::Holds => None,
        State::NoValue => Some((
            "skipped",
            "the run has no value, and the rule is optional".into(),
        )),
        State::Fails => Some(("failure", told(finding))),
        State::Warns => Some(("skipped", format!("warning: {}", told(finding)))),
    };
    // GitLab reads the path from the project's folder, Jenkins' attachments plugin from the workspace; both want a line
    // of its own.
    let output = format!(
        "found {}\n[[ATTACHMENT|{}]]",
        finding.found_text, verdict.run.report
    );
    writer
        .create_element("testcase")
        .with_attribute(("name", &*xml(&finding.name)))
        .with_attribute(("classname", CLASS))
        .write_inner_content(|writer| {
            if let Some((tag, message)) = message {
                writer
                    .create_element(tag)
                    .with_attribute(("message", &*xml(&message)))
                    .write_text_content(BytesText::new(&xml(&details(finding))))?;
            }
            writer
                .create_element("system-out")
                .write_text_content(BytesText::new(&xml(&output)))
                .map(drop)
        })
        .map(drop)
}

fn told(finding: &Finding) -> String {
    format!(
        "found {}, expected {}",
        finding.found_text, finding.expected_text
    )
}

fn details(finding: &Finding) -> String {
    let reason = finding
        .reason
        .iter()
        .map(|reason| format!("\nwhy: {reason}"));
    format!("rule: {}{}", finding.rule, reason.collect::<String>())
}

/// The text with a replacement character for what XML 1.0 cannot hold, escaped or not.
fn xml(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..);
    let replaced = |c: char| if allowed(c) { c } else { '\u{fffd}' };
    text.chars().map(replaced).collect()
}
