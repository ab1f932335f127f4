//! The command: exit codes, what goes where, and what it refuses.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

use super::fixture::{figure, photos, write};
use super::support::{ended, program, Ended};

/// A folder with the runs `now` and `before` and a rules file of one rule that holds.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let more = [figure("masked_drop_face", "all", 0.3, 3)];
    write(
        &folder.path().join("now"),
        &photos("dog", &[(3, 1), (1, 7)]),
        &more,
    );
    write(
        &folder.path().join("before"),
        &photos("dog", &[(4, 1)]),
        &more,
    );
    std::fs::write(
        folder.path().join("rules.toml"),
        "[[rule]]\nname = 'enough'\nrule = 'photos >= 4'\n",
    )
    .unwrap();
    folder
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .current_dir(folder)
        .env_remove("GITHUB_STEP_SUMMARY");
    command.arg("check").args(arguments);
    command
}

fn check(folder: &TempDir, arguments: &[&str]) -> Ended {
    ended(&mut command(folder.path(), arguments))
}

fn text(folder: &TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

#[test]
fn the_exit_code_says_what_became_of_the_rules() {
    let folder = folder();
    std::fs::write(
        folder.path().join("warning.toml"),
        "[[rule]]\nrule = 'skipped <= 0'\nseverity = 'warning'\n",
    )
    .unwrap();
    for (arguments, code) in [
        (&["now", "--rules", "rules.toml"][..], 0),
        (&["now", "--rule", "top1_accuracy >= 0.75"], 0),
        (&["now", "--rule", "top1_accuracy > 0.75"], 4),
        (
            &["now", "--rules", "rules.toml", "--rule", "skipped <= 0"],
            4,
        ),
        (&["now", "--rules", "warning.toml"], 0),
        (
            &[
                "now",
                "--rule",
                "top1_accuracy >= baseline",
                "--baseline",
                "before",
            ],
            4,
        ),
        (
            &[
                "now",
                "--rule",
                "top1_accuracy >= baseline, at 95 %",
                "--baseline",
                "before",
            ],
            0,
        ),
        (&["now", "--rule", "top1_acuracy >= 1"], 1),
        (&["nowhere", "--rule", "photos >= 1"], 1),
        (
            &["now", "--baseline", "nowhere", "--rule", "photos >= 1"],
            1,
        ),
        (&["now", "--rules", "nowhere.toml"], 1),
        (&["now", "--rule", "photos => 1"], 2),
        (&["now", "--rule", "photos >= baseline"], 2),
        (&["now", "--baseline", "before"], 2),
        (&["--rule", "photos >= 1"], 2),
    ] {
        let ended = check(&folder, arguments);
        assert_eq!(ended.code, code, "{arguments:?}: {}", ended.stderr);
        let silent = !matches!(code, 0 | 4);
        assert_eq!(ended.stdout.is_empty(), silent, "{arguments:?}");
        assert_eq!(
            ended.stderr.is_empty(),
            !silent,
            "{arguments:?}: {}",
            ended.stderr
        );
    }
}

#[test]
fn the_text_is_aligned_and_says_why() {
    let folder = folder();
    std::fs::write(
        folder.path().join("more.toml"),
        "[[rule]]\nname = '고양이'\nrule = 'skipped <= 0'\nreason = 'all must be read'\n\
         [[rule]]\nrule = 'masked_drop_nose >= 0'\noptional = true\nname = 'nose'",
    )
    .unwrap();
    let ended = check(
        &folder,
        &["now", "--rules", "more.toml", "--rule", "photos == 4"],
    );
    assert_eq!(
        ended.stdout,
        "✘ fails     고양이       1 (5 photographs), expected at most 0\n\
         \x20           rule: skipped <= 0\n\
         \x20           why: all must be read\n\
         – no value  nose         the run has none, and the rule is optional\n\
         ✔ holds     photos == 4  4 (5 photographs)\n\
         1 of 3 rules hold: 1 fails, 1 without a value\n"
    );
    let quiet = check(&folder, &["now", "--rules", "more.toml", "--quiet"]);
    assert_eq!((quiet.code, &*quiet.stdout, &*quiet.stderr), (4, "", ""));
}

#[test]
fn unknown_names_are_refused_with_a_suggestion() {
    let folder = folder();
    check(&folder, &["now", "--rule", "top1_acuracy >= 1"]).fails_with(&[
        "unknown metric 'top1_acuracy'",
        "did you mean 'top1_accuracy'?",
    ]);
    check(&folder, &["now", "--rule", "top1_accuracy[class:dgo] >= 1"])
        .fails_with(&["unknown scope 'class:dgo'", "did you mean 'class:dog'?"]);
}

#[test]
fn json_is_a_record_for_programs() {
    let folder = folder();
    let rule = "top1_accuracy not more than 2 points below baseline, at 95 %";
    let arguments = [
        "now",
        "--baseline",
        "before",
        "--rule",
        rule,
        "--rule",
        "skipped <= 0",
        "--json",
        "-",
    ];
    let ended = check(&folder, &arguments);
    assert_eq!(ended.code, 4);
    assert!(ended.stderr.contains("✘ fails"), "{}", ended.stderr);
    let json: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        (&json["schema"], &json["passed"]),
        (&1.into(), &false.into())
    );
    assert_eq!(json["run"]["path"], "now");
    assert_eq!(json["run"]["report"], "now/index.html");
    assert_eq!(
        json["counts"],
        serde_json::json!({"hold": 1, "fail": 1, "warn": 0, "no_value": 0})
    );
    let first = &json["rules"][0];
    assert_eq!(first["rule"], "top1_accuracy >= baseline - 0.02, at 95 %");
    assert_eq!(
        (&first["state"], &first["found"]),
        (&"holds".into(), &0.75.into())
    );
    assert_eq!(
        (&first["baseline"], &first["change"]["photos"]),
        (&1.0.into(), &4.into())
    );
    assert_eq!(first["metric"]["count"], 4);
    assert_eq!(json["rules"][1]["state"], "fails");
    let metrics = json["metrics"].as_array().unwrap();
    let drop = metrics
        .iter()
        .find(|row| row["metric"] == "masked_drop_face")
        .unwrap();
    assert_eq!(
        (&drop["value"], &drop["baseline"], &drop["change"]),
        (&0.3.into(), &0.3.into(), &0.0.into())
    );

    let quiet = check(&folder, &[&arguments[..], &["--quiet"]].concat());
    assert_eq!((&*quiet.stdout, &*quiet.stderr), (&*ended.stdout, ""));
    let file = check(
        &folder,
        &["now", "--rule", "photos >= 1", "--json", "deep/out.json"],
    );
    assert_eq!(file.code, 0);
    assert!(file.stdout.contains("✔ holds"));
    let json: Value = serde_json::from_str(&text(&folder, "deep/out.json")).unwrap();
    assert_eq!(
        (&json["passed"], &json["baseline"]),
        (&true.into(), &Value::Null)
    );
}

#[test]
fn files_are_written_whether_or_not_the_rules_hold_and_the_same_each_time() {
    let folder = folder();
    let arguments = [
        "now",
        "--rule",
        "skipped <= 0",
        "--junit",
        "out/junit.xml",
        "--markdown",
        "out/check.md",
    ];
    assert_eq!(check(&folder, &arguments).code, 4);
    let first = (
        text(&folder, "out/junit.xml"),
        text(&folder, "out/check.md"),
    );
    assert!(
        first.0.contains("<failure ") && first.1.starts_with("## ✘ "),
        "{first:?}"
    );
    assert!(
        first.0.contains("[[ATTACHMENT|now/index.html]]"),
        "{}",
        first.0
    );
    assert_eq!(check(&folder, &arguments).code, 4);
    assert_eq!(
        first,
        (
            text(&folder, "out/junit.xml"),
            text(&folder, "out/check.md")
        )
    );

    // From the project's folder, however the run is named; the single file where there is one.
    std::fs::write(folder.path().join("now/report.html"), "all in one").unwrap();
    let run = folder.path().canonicalize().unwrap().join("now");
    check(
        &folder,
        &[
            run.to_str().unwrap(),
            "--rule",
            "photos >= 1",
            "--junit",
            "out/junit.xml",
        ],
    );
    let junit = text(&folder, "out/junit.xml");
    assert!(junit.contains("[[ATTACHMENT|now/report.html]]"), "{junit}");
}

#[cfg(unix)]
#[test]
fn a_run_may_lie_in_a_folder_that_is_not_utf8() {
    use std::os::unix::ffi::OsStringExt;
    let folder = folder();
    let name = std::ffi::OsString::from_vec(b"n\xe9w".to_vec());
    std::fs::rename(folder.path().join("now"), folder.path().join(&name)).unwrap();
    let mut command = command(
        folder.path(),
        &["--rule", "photos >= 1", "--json", "-", "--junit", "x.xml"],
    );
    let ended = ended(command.arg(&name));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let json: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(json["run"]["path"], "n\u{fffd}w");
}

#[test]
fn tables_that_were_changed_are_no_evidence() {
    let folder = folder();
    let metrics = text(&folder, "now/data/metrics.csv").replace("0.75", "0.95");
    std::fs::write(folder.path().join("now/data/metrics.csv"), metrics).unwrap();
    check(&folder, &["now", "--rule", "top1_accuracy >= 0.9"]).fails_with(&[
        "run folder now",
        "data/metrics.csv is not what run.json lists",
        "deconvscope verify",
    ]);
    let other = ["before", "--baseline", "before", "--rule"];
    std::fs::write(folder.path().join("before/data/predictions.csv"), "x").unwrap();
    check(
        &folder,
        &[&other[..], &["top1_accuracy >= baseline, at 95 %"]].concat(),
    )
    .fails_with(&["run folder before", "data/predictions.csv"]);
    // What a rule does not look at does not matter to it.
    assert_eq!(
        check(
            &folder,
            &[&other[..], &["top1_accuracy >= baseline"]].concat()
        )
        .code,
        0
    );
}

#[test]
fn a_figure_is_not_rounded_to_what_it_misses() {
    let folder = folder();
    let ended = check(&folder, &["now", "--rule", "top1_accuracy >= 0.750001"]);
    assert!(ended.stdout.contains("0.75 (95 %"), "{}", ended.stdout);
    let path = folder.path().join("close");
    write(
        &path,
        &photos("dog", &[(1, 1)]),
        &[figure("masked_drop_nose", "all", 0.299_999_9, 3)],
    );
    let ended = check(&folder, &["close", "--rule", "masked_drop_nose >= 0.3"]);
    assert!(
        ended
            .stdout
            .contains("0.2999999 (3 photographs), expected at least 0.3"),
        "{}",
        ended.stdout
    );
}

#[test]
fn nothing_is_written_into_a_run() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("now/sub")).unwrap();
    for (option, place) in [
        ("--json", "now/run.json"),
        ("--junit", "now/sub/new/junit.xml"),
        ("--markdown", "before/x.md"),
        ("--junit", "./now/../now/x"),
    ] {
        let rule = ["now", "--baseline", "before", "--rule", "photos >= 1"];
        check(&folder, &[&rule[..], &[option, place]].concat())
            .code(2)
            .says(option)
            .says("run folder");
    }
    assert!(text(&folder, "now/run.json").contains("c0ffee"));
    assert!(!folder.path().join("now/sub/new").exists());
    let gone = check(
        &folder,
        &[
            "now",
            "--rule",
            "photos >= 1",
            "--junit",
            "rules.toml/x.xml",
        ],
    );
    assert_eq!(gone.code, 1, "{}", gone.stderr);
}

fn with_summary(folder: &TempDir, path: &str, arguments: &[&str]) -> Ended {
    ended(command(folder.path(), arguments).env("GITHUB_STEP_SUMMARY", path))
}

#[test]
fn the_step_summary_is_added_to_and_never_grows_beyond_its_limit() {
    let folder = folder();
    let rule = ["now", "--rule", "photos >= 1"];
    let path = folder.path().join("summary.md");
    std::fs::write(&path, "what another command wrote").unwrap();
    assert_eq!(with_summary(&folder, "summary.md", &rule).code, 0);
    assert_eq!(with_summary(&folder, "summary.md", &rule).code, 0);
    let summary = text(&folder, "summary.md");
    assert!(
        summary.starts_with("what another command wrote\n\n## ✔ "),
        "{summary}"
    );
    assert_eq!(
        summary
            .matches("\n\n## ✔ deconvscope check: the rule holds\n")
            .count(),
        2
    );

    // Named twice it is added to once.
    let both = [&rule[..], &["--markdown", "summary.md"]].concat();
    with_summary(&folder, "summary.md", &both);
    assert_eq!(text(&folder, "summary.md").matches("## ✔").count(), 3);

    let limit = 1024 * 1024;
    std::fs::write(&path, "x".repeat(limit - 1_000)).unwrap();
    with_summary(&folder, "summary.md", &rule);
    let length = text(&folder, "summary.md").len();
    assert!(length > limit - 1_000 && length <= limit, "{length}");

    std::fs::write(&path, "x".repeat(limit - 10)).unwrap();
    let full = with_summary(&folder, "summary.md", &rule);
    assert_eq!(full.code, 0);
    assert!(
        full.stderr.contains("summary.md is full"),
        "{}",
        full.stderr
    );
    assert_eq!(text(&folder, "summary.md").len(), limit - 10);

    assert_eq!(with_summary(&folder, "", &rule).code, 0);
    assert_eq!(with_summary(&folder, "new.md", &rule).code, 0);
    assert!(text(&folder, "new.md").starts_with("## ✔ "));
}
