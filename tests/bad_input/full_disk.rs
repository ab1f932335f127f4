//! Files that cannot be written to their end.

use crate::support::files::{assert_same, files, result};
use crate::support::{program, type_in, weights};
use crate::{folder, report};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Its arrays outgrow what a disk has left.
const SQUEEZENET: &str = "--model squeezenet1_1";

/// Runs lines of bash in `folder`, with `$REPORT` as the start of the command; stdout and stderr come back together.
fn bash(folder: &TempDir, lines: &str) -> String {
    let output = Command::new("bash")
        .current_dir(folder.path())
        .env("DECONVSCOPE_WEIGHTS", weights().parent().unwrap())
        .env(
            "REPORT",
            format!(
                "{} report p {} --features none --occlusion none --detail 1",
                program().display(),
                SQUEEZENET
            ),
        )
        .args(["-c", &format!("exec 2>&1; {lines}")])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What is left of a run that could not go on: no manifest, no half-written file, no maps but whole ones.
fn assert_nothing_half_written(run: &Path) {
    let left = files(run);
    assert!(left.contains_key("records/plan.json"), "{:?}", left.keys());
    for name in left.keys() {
        assert!(!name.contains(".part-") && name != "run.json", "{name}");
        if name.ends_with(".safetensors") {
            crate::support::run::tensors(&run.join(name));
        } else if name.ends_with(".jpg") {
            image::open(run.join(name)).unwrap();
        }
    }
}

#[test]
fn a_file_that_cannot_grow_ends_the_run_and_it_can_be_resumed() {
    let folder = folder();
    let said = bash(
        &folder,
        "trap '' XFSZ; ulimit -f 1000; $REPORT --out o; echo $?",
    );
    assert!(
        said.ends_with("\n1\n") && !said.contains("panicked"),
        "{said}"
    );
    assert!(
        said.contains("error: cannot write o/arrays/") && said.contains("too large"),
        "{said}"
    );
    assert_nothing_half_written(&folder.path().join("o"));
    report(
        &folder,
        &format!("{SQUEEZENET} --occlusion none --detail 1 --resume"),
    )
    .ok();
    type_in(
        folder.path(),
        &format!("report p {SQUEEZENET} --features none --occlusion none --out whole --detail 1"),
    )
    .ok();
    assert_same(
        &result(&folder.path().join("o")),
        &result(&folder.path().join("whole")),
        "resumed",
    );
}

#[test]
fn a_full_disk_ends_the_run_and_it_can_be_resumed() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("disk")).unwrap();
    let probe = "unshare -m mount -t tmpfs -o size=4m none disk && echo mounted";
    if !bash(&folder, probe).contains("mounted") {
        return eprintln!("skipped: no small file system can be mounted here");
    }
    let lines = "mount -t tmpfs -o size=4m none disk && $REPORT --out disk/o; echo ended $?
        cp -r disk/o full; mount -o remount,size=100m none disk
        $REPORT --out disk/o --resume; echo ended $?; cp -r disk/o o";
    let said = bash(
        &folder,
        &format!("export REPORT; unshare -m bash -c '{lines}'"),
    );
    assert!(
        said.contains("error: cannot write disk/o/") && said.contains("No space left"),
        "{said}"
    );
    assert!(
        said.contains("ended 1\n") && said.ends_with("ended 0\n") && !said.contains("panicked"),
        "{said}"
    );
    assert_nothing_half_written(&folder.path().join("full"));
    type_in(
        folder.path(),
        &format!("report p {SQUEEZENET} --features none --occlusion none --out whole --detail 1"),
    )
    .ok();
    assert_same(
        &result(&folder.path().join("o")),
        &result(&folder.path().join("whole")),
        "resumed",
    );
}
