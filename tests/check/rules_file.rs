//! Rules files, and where they go wrong.

use assert_cmd::Command;
use deconvscope::checks::{collect, judge, Check, Rule, Severity, State};
use deconvscope::Error;

use super::fixture::{figure, photos, write};
use super::support::{ended, program, repository};

fn read(text: &str) -> deconvscope::Result<Vec<Check>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.toml");
    std::fs::write(&path, text).unwrap();
    collect(Some(&path), &[])
}

#[test]
fn a_file_says_name_severity_and_reason() {
    let text = r#"
        [[rule]]
        rule = "skipped <= 0"

        [[rule]]
        name = "  고양이 \n ok "
        rule = "top1_accuracy>=60 %"
        severity = "warning"
        optional = true
        reason = """agreed with
        the lab\u0007"""
    "#;
    let checks = read(text).unwrap();
    assert_eq!(checks[0], Check::new("skipped <= 0".parse().unwrap()));
    assert_eq!(checks[0].name, "skipped <= 0");
    let second = Check {
        name: "고양이 ok".into(),
        rule: "top1_accuracy >= 0.6".parse().unwrap(),
        severity: Severity::Warning,
        optional: true,
        reason: Some("agreed with the lab".into()),
    };
    assert_eq!(checks[1], second);
}

#[test]
fn mistakes_are_told_with_their_line() {
    for (text, code, parts) in [
        ("", 2, ["nothing to check", "[[rule]]"]),
        (
            "[[rule]]\nrule = 'a >= '",
            2,
            [
                "rules.toml, line 2: rule 'a >= ', character 6: ",
                "expected a number",
            ],
        ),
        (
            "[[rule]]\nname = 'x'",
            1,
            ["rules.toml, line 1: ", "missing field `rule`"],
        ),
        (
            "\n[[rule]]\nrule = 'a > 1'\nseverty = 'error'",
            1,
            ["rules.toml, line 4: ", "severty"],
        ),
        (
            "[[rules]]\nrule = 'a > 1'",
            1,
            ["rules.toml, line 1: ", "rules"],
        ),
        (
            "[[rule]]\nrule = 'a > 1'\nseverity = 'fatal'",
            1,
            ["rules.toml, line 3: ", "fatal"],
        ),
        ("[[rule]]\nrule = ", 1, ["rules.toml, line 2: ", "string"]),
        (
            "[[rule]]\nrule = 'a > 1'\n[[rule]]\nrule = 'a>1'",
            2,
            ["two rules are called 'a > 1'", "give one"],
        ),
    ] {
        let error = read(text).unwrap_err();
        let message = error.to_string();
        assert_eq!(error.exit_code(), code, "{text}: {message}");
        assert!(!message.contains('\n'), "{message}");
        for part in parts {
            assert!(message.contains(part), "{text}: {message}");
        }
    }
    let missing = collect(Some(std::path::Path::new("/nowhere.toml")), &[]).unwrap_err();
    assert!(matches!(missing, Error::Io { .. }), "{missing}");
}

#[test]
fn the_rules_of_manual_and_help_can_be_read() {
    let page = std::fs::read_to_string(repository().join("docs/check.md")).unwrap();
    let start = page.find("[[rule]]").unwrap();
    let example = &page[start..start + page[start..].find("```").unwrap()];
    assert_eq!(read(example).unwrap().len(), 2);

    let help = ended(Command::new(program()).args(["check", "--help"])).stdout;
    let examples: Vec<&str> = help
        .lines()
        .filter(|line| line.starts_with("  top1_") || line.starts_with("  skipped"))
        .map(|line| line.split("    ").next().unwrap())
        .collect();
    assert_eq!(examples.len(), 6, "{help}");
    for example in examples {
        assert!(example.parse::<Rule>().is_ok(), "{example}");
    }
}

/// Rules over figures that a run has, has not, and could not have.
#[test]
fn a_value_that_is_missing_is_an_error_unless_the_rule_is_optional() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path();
    write(
        run,
        &photos("dog", &[(3, 1)]),
        &[figure("masked_drop_face", "all", f64::NAN, 3)],
    );
    let verdict = |rule: &str, optional| {
        let check = Check {
            optional,
            ..Check::new(rule.parse().unwrap())
        };
        judge(&[check], run, None).map(|verdict| verdict.rules[0].state)
    };
    for rule in ["masked_still_first_face >= 0", "skipped.low >= 0"] {
        let error = verdict(rule, false).unwrap_err().to_string();
        for part in [
            "no value of",
            "optional = true",
            rule,
            &run.display().to_string(),
        ] {
            assert!(error.contains(part), "{rule}: {error}");
        }
        assert_eq!(verdict(rule, true).unwrap(), State::NoValue);
    }
    for rule in ["masked_drop_nose >= 0", "top1_accuracy[class:cat] >= 0"] {
        assert!(matches!(
            verdict(rule, false),
            Err(Error::UnknownName { .. })
        ));
        assert_eq!(verdict(rule, true).unwrap(), State::NoValue);
    }
    // No run has a metric of that name: optional or not.
    assert!(verdict("top1_acuracy >= 0", true).is_err());
    // Not a number is a value, and no rule holds of it.
    assert_eq!(
        verdict("masked_drop_face <= 1", true).unwrap(),
        State::Fails
    );
    assert_eq!(
        verdict("masked_drop_face != 1", true).unwrap(),
        State::Fails
    );
}
