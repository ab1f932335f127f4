//! What schedulers' environments say.

use super::support::{deconvscope, ended};
use super::*;

const REPORT: &str = "p --layers conv2 --detail 0 --occlusion none --features none";

#[test]
fn the_number_of_a_task_is_that_of_its_shard() {
    let folder = folder(6);
    let folder = folder.path();
    plan(folder, REPORT, 3);
    for (name, value, shard) in [
        ("SLURM_ARRAY_TASK_ID", "1", 1),
        ("JOB_COMPLETION_INDEX", "2", 2),
    ] {
        let mut command = deconvscope();
        let command = command
            .current_dir(folder)
            .args(["work", "plan", "--shard", "auto"])
            .env(name, value);
        ended(command)
            .ok()
            .says(&format!("shard {shard} of round 1: done"));
    }
    let mut command = deconvscope();
    let command = command
        .current_dir(folder)
        .args(["work", "plan", "--shard", "auto"])
        .env("JOB_COMPLETION_INDEX", "x");
    ended(command).code(42).says("JOB_COMPLETION_INDEX is 'x'");
}

/// From another folder, under another path to the same plan.
#[test]
fn paths_of_a_plan_begin_where_it_was_typed() {
    let folder = folder(6);
    let folder = folder.path();
    plan(folder, REPORT, 2);
    let elsewhere = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(folder.join("plan"), elsewhere.path().join("linked")).unwrap();
    for shard in 0..2 {
        type_in(elsewhere.path(), &format!("work linked --shard {shard}")).ok();
    }
    type_in(elsewhere.path(), "merge linked --out merged").ok();
    assert!(elsewhere.path().join("merged/index.html").is_file());
}
