//! JUnit XML: held against the schema of Jenkins' xUnit plugin, and read back.

use std::path::Path;

use deconvscope::checks::{judge, junit, Check, Severity, Verdict};
use quick_xml::events::Event;

use super::fixture::{photos, write};
use super::named;
use super::support::{linters, repository};

const HOSTILE: &str = "<&\"'> ]]> \u{1} \u{1b}[31m \u{fffe} \u{7f} 🐕\u{200d}🦺 고양이";

fn xml(verdict: &Verdict) -> String {
    let mut bytes = Vec::new();
    junit(verdict, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn verdict(folder: &Path) -> Verdict {
    let (run, before) = (
        folder.join(format!("now {}", HOSTILE.replace('/', ""))),
        folder.join("before"),
    );
    write(&run, &photos("do]g \u{1}", &[(3, 1), (1, 7)]), &[]);
    write(&before, &photos("do]g \u{1}", &[(4, 1)]), &[]);
    let checks = [
        named("good", "photos >= 1"),
        Check {
            reason: Some(HOSTILE.into()),
            ..named(HOSTILE, r#"top1_accuracy["class:do]g \u0001"] >= 0.9"#)
        },
        Check {
            severity: Severity::Warning,
            ..named("warned", "top1_accuracy >= baseline")
        },
        Check {
            optional: true,
            ..named("optional", "masked_drop_face >= 0")
        },
    ];
    judge(&checks, &run, Some(&before)).unwrap()
}

const VALIDATE: &str = "
import sys
from lxml import etree
schema = etree.XMLSchema(etree.parse(sys.argv[1]))
schema.assertValid(etree.parse(sys.argv[2]))
";

#[test]
fn the_schema_of_jenkins_accepts_it() {
    if linters::python().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("junit.xml");
    let text = xml(&verdict(folder.path()));
    let schema = repository().join("tests/fixtures/junit/junit-10.xsd");
    let accepted = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let tried = linters::python()
            .unwrap()
            .args(["-c", VALIDATE])
            .arg(&schema)
            .arg(&path)
            .output()
            .unwrap();
        (
            tried.status.success(),
            String::from_utf8_lossy(&tried.stderr).into_owned(),
        )
    };
    let (valid, said) = accepted(&text);
    assert!(valid, "{said}\n{text}");
    // The validator does refuse something.
    assert!(!accepted(&text.replace("<testcase name=", "<testcase nom=")).0);
}

#[test]
fn only_what_fails_the_check_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let verdict = verdict(folder.path());
    let text = xml(&verdict);
    let mut reader = quick_xml::Reader::from_str(&text);
    let (mut tags, mut cases, mut messages, mut output) =
        (Vec::new(), Vec::new(), Vec::new(), String::new());
    loop {
        let event = reader.read_event().unwrap();
        if let Event::Start(tag) | Event::Empty(tag) = &event {
            let name = String::from_utf8(tag.name().0.to_vec()).unwrap();
            let attribute = |wanted: &str| {
                let found = tag.try_get_attribute(wanted).unwrap();
                found.map(|found| {
                    found
                        .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                        .unwrap()
                        .into_owned()
                })
            };
            match name.as_str() {
                "testsuite" => {
                    let counts = ["tests", "failures", "errors", "skipped"]
                        .map(|name| attribute(name).unwrap());
                    assert_eq!(counts, ["4", "1", "0", "2"]);
                }
                "testcase" => cases.push(attribute("name").unwrap()),
                "failure" | "skipped" => {
                    messages.push((name.clone(), attribute("message").unwrap()))
                }
                _ => {}
            }
            tags.push(name);
        }
        match event {
            Event::Text(part) if tags.last().is_some_and(|tag| tag == "system-out") => {
                output += &part.decode().unwrap();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let name = HOSTILE.replace(['\u{1}', '\u{1b}', '\u{fffe}'], "\u{fffd}");
    assert_eq!(cases, ["good", &*name, "warned", "optional"]);
    assert_eq!(messages.len(), 3, "{messages:?}");
    assert_eq!(messages[0].0, "failure");
    assert_eq!(
        messages[0].1,
        "found 0.75 (95 % interval 0.3006 to 0.9544, 4 photographs), expected at least 0.9"
    );
    assert!(
        messages[1]
            .1
            .ends_with("4 photographs) against the baseline's 1, expected at least the baseline's"),
        "{messages:?}"
    );
    assert_eq!(messages[2].0, "skipped");
    assert_eq!(tags.iter().filter(|tag| *tag == "system-out").count(), 4);
    assert!(
        output
            .lines()
            .filter(|line| line.starts_with("[[ATTACHMENT|") && line.ends_with("index.html]]"))
            .count()
            == 4,
        "{output}"
    );
    assert!(
        text.contains("<property name=\"baseline.network\" value=\"tiny\"/>"),
        "{text}"
    );
}
