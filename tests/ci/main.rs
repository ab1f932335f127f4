//! The pipelines of docs/ci: held against the schemas of GitHub and GitLab, and their shell steps run.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod pipeline;
#[path = "../support/mod.rs"]
mod support;

use pipeline::{github, gitlab, Pipeline};
use std::path::Path;
use support::photos::photo;
use support::{linters, repository};
use tempfile::TempDir;

/// A pipeline, how the linter is told of its schema, and a mistake that the schema must find.
const FILES: [(&str, &[&str], [&str; 2]); 2] = [
    (
        "github-actions.yml",
        &["--builtin-schema", "vendor.github-workflows"],
        ["timeout-minutes:", "timeout-minuets:"],
    ),
    (
        "gitlab-ci.yml",
        &[
            "--builtin-schema",
            "vendor.gitlab-ci",
            "--data-transform",
            "gitlab-ci",
        ],
        ["when: always", "when: allways"],
    ),
];

#[test]
fn the_pipelines_fit_their_schemas() {
    if linters::python().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, schema, [right, wrong]) in FILES {
        let accepted = |path: &Path| {
            let mut python = linters::python().unwrap();
            python
                .args(["-m", "check_jsonschema"])
                .args(schema)
                .arg(path);
            let output = python.output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            (output.status.success(), said)
        };
        let path = repository().join("docs/ci").join(name);
        let (valid, said) = accepted(&path);
        assert!(valid, "{name}: {said}");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(right), "{name}");
        let broken = folder.path().join(name);
        std::fs::write(&broken, text.replace(right, wrong)).unwrap();
        assert!(!accepted(&broken).0, "{name}: {wrong} is accepted");
    }
}

#[test]
fn actions_are_pinned_by_version() {
    let text = std::fs::read_to_string(repository().join("docs/ci/github-actions.yml")).unwrap();
    let pins: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "))
        .collect();
    assert_eq!(pins.len(), 6);
    for pin in pins {
        let version = pin.rsplit_once("@v").unwrap_or_else(|| panic!("{pin}")).1;
        assert_eq!(version.split('.').count(), 3, "{pin}");
        assert!(
            version.split('.').all(|part| part.parse::<u32>().is_ok()),
            "{pin}"
        );
    }
}

/// A repository of five photographs without labels, with the rules of docs/ci.
fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for seed in 1..=5 {
        photo(
            &folder.path().join(format!("photos/{seed}.png")),
            (260, 240),
            seed,
        );
    }
    std::fs::create_dir(folder.path().join("ci")).unwrap();
    let rules = repository().join("docs/ci/rules.toml");
    std::fs::copy(rules, folder.path().join("ci/rules.toml")).unwrap();
    folder
}

/// The pipeline passes, then fails on a broken photograph, and leaves what it should in both cases.
fn passes_and_fails(pipeline: &Pipeline, keeps_summary: bool) {
    let project = project();
    let file = |name: &str| project.path().join(name);
    let baseline = || std::fs::read_to_string(file("reports/baseline/run.json"));

    let ended = pipeline.run(project.path());
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    for name in [
        "reports/run/report.html",
        "reports/check.xml",
        "reports/check.json",
    ] {
        assert!(file(name).is_file(), "{name}");
    }
    assert_eq!(archives(&file("reports/archive")), 1, "{}", ended.stdout);
    assert_eq!(file("summary.md").is_file(), keeps_summary);
    let first = baseline().unwrap();
    let junit = || std::fs::read_to_string(file("reports/check.xml")).unwrap();
    assert!(!junit().contains("<failure"), "{}", junit());

    std::fs::remove_dir_all(file("reports/run")).unwrap();
    std::fs::write(file("photos/broken.jpg"), "no photograph").unwrap();
    let ended = pipeline.run(project.path());
    assert_eq!(ended.code, 4, "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended
            .stdout
            .contains("✘ fails     every photograph could be read"),
        "{}",
        ended.stdout
    );
    assert!(junit().contains("<failure"), "{}", junit());
    assert!(
        junit().contains("[[ATTACHMENT|reports/run/report.html]]"),
        "{}",
        junit()
    );
    assert_eq!(
        archives(&file("reports/archive")),
        2,
        "what fails the check is archived too"
    );
    assert_eq!(
        baseline().unwrap(),
        first,
        "what fails the check is no baseline"
    );
    if keeps_summary {
        let summary = std::fs::read_to_string(file("summary.md")).unwrap();
        assert_eq!(
            summary.matches("## ").count(),
            2 + summary.matches("### ").count(),
            "{summary}"
        );
        assert!(summary.contains("Baseline `reports/baseline`"), "{summary}");
    }
}

fn archives(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder).unwrap().flatten();
    names
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(".tar.zst"))
        .count()
}

#[test]
fn the_steps_for_github_run() {
    if let Some(pipeline) = github() {
        passes_and_fails(&pipeline, true);
    }
}

#[test]
fn the_steps_for_gitlab_run() {
    if let Some(pipeline) = gitlab() {
        passes_and_fails(&pipeline, false);
    }
}
