//! The pages of docs/: every block of shell commands is run as it stands, in a folder as the pages describe it; every
//! link leads somewhere.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;
use support::photos::photo;
use support::{on_the_path, repository, weights};

/// What the pages expect: photographs in class folders, boxes of regions and parts.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut masks = String::from("image,region,x,y,width,height\n");
    let mut parts = String::from("image,part,x,y,width,height\n");
    for seed in 0..4 {
        let name = format!("{}/{seed}.png", ["cats", "dogs"][seed % 2]);
        photo(
            &folder.path().join("photos").join(&name),
            (300, 280),
            seed as u32,
        );
        masks += &format!("{name},face,60,40,90,80\n{name},lower_body,80,150,120,100\n");
        parts += &format!("{name},nose,90,80,30,30\n{name},left_eye,120,50,24,24\n");
    }
    std::fs::write(folder.path().join("masks.csv"), masks).unwrap();
    std::fs::write(folder.path().join("parts.csv"), parts).unwrap();
    folder
}

/// The blocks of shell commands of a page, in their order.
fn blocks(page: &str) -> Vec<String> {
    page.split("```sh\n")
        .skip(1)
        .map(|rest| rest.split_once("```").unwrap().0.to_owned())
        .collect()
}

/// Runs all blocks of a page one after the other; each must succeed.
fn run(page: &str) {
    let text = std::fs::read_to_string(repository().join(page)).unwrap();
    let blocks = blocks(&text);
    assert!(!blocks.is_empty(), "{page} shows no commands");
    let folder = folder();
    let programs = on_the_path();
    let path = format!(
        "{}:{}",
        programs.path().display(),
        std::env::var("PATH").unwrap()
    );
    for block in blocks {
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &block])
            .current_dir(folder.path())
            .env("PATH", &path)
            .env("DECONVSCOPE_WEIGHTS", weights().parent().unwrap())
            .env_remove("GITHUB_STEP_SUMMARY")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{page}:\n{block}\n{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn the_page_on_replication_runs() {
    run("docs/replicate.md");
}

#[test]
fn the_page_on_comparison_runs() {
    run("docs/compare.md");
}

#[test]
fn the_page_on_archives_runs() {
    run("docs/archive.md");
}

#[test]
fn every_link_of_the_documentation_leads_somewhere() {
    let root = repository();
    let mut pages = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    for entry in walkdir::WalkDir::new(root.join("docs"))
        .into_iter()
        .flatten()
    {
        if entry.path().extension().is_some_and(|e| e == "md") {
            pages.push(entry.path().to_owned());
        }
    }
    assert!(pages.len() >= 5);
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            if link.starts_with("http") {
                continue;
            }
            let file = link.split('#').next().unwrap();
            let target = page.parent().unwrap_or(Path::new("")).join(file);
            assert!(target.exists(), "{}: {link}", page.display());
        }
    }
}
