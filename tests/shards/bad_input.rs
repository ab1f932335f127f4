//! What does not fit a plan is told by name, before anything is done.

use assert_cmd::Command;

use deconvscope::records::shards::PlanFolder;

use super::support::files::files;
use super::support::{ended, program};
use super::*;

const REPORT: &str = "p --layers conv2 --detail 0 --occlusion none --features none";

/// Never again.
const NEVER: i32 = 42;

#[track_caller]
fn refused(folder: &Path, line: &str, code: i32, part: &str) {
    type_in(folder, line).code(code).says(part);
}

#[test]
fn a_plan_is_refused_before_anything_is_written() {
    let folder = folder(4);
    let folder = folder.path();
    let of = |rest: &str| format!("plan {REPORT} {rest}");
    refused(folder, &of("--shards 2"), 2, "plan needs --out DIR");
    refused(folder, &of("--shards 0 --out plan"), 2, "--shards");
    refused(folder, &of("--shards 70000 --out plan"), 2, "at most 65536");
    refused(
        folder,
        &of("--shards 2 --out plan --resume"),
        2,
        "a plan is made once",
    );
    refused(
        folder,
        &of("--shards 2 --out p/plan"),
        1,
        "lies inside the data set",
    );
    refused(
        folder,
        "plan p --masks worst --occlusion none --shards 2 --out plan",
        2,
        "choose its photographs with --occlusion",
    );
    assert!(!folder.join("plan").exists());
    std::fs::create_dir(folder.join("full")).unwrap();
    std::fs::write(folder.join("full/mine.txt"), "mine").unwrap();
    refused(
        folder,
        &of("--shards 2 --out full"),
        1,
        "holds something that is not a plan",
    );
    assert_eq!(files(&folder.join("full")).len(), 1);
}

#[test]
fn a_folder_has_one_plan() {
    let folder = folder(4);
    let folder = folder.path();
    plan(folder, REPORT, 2);
    let before = files(&folder.join("plan"));
    plan(folder, REPORT, 2);
    refused(
        folder,
        &format!("plan {REPORT} --shards 3 --out plan"),
        1,
        "holds another plan",
    );
    refused(
        folder,
        &format!("plan {REPORT} --seed 5 --shards 2 --out plan"),
        1,
        "holds another plan (--seed was 0 and is 5)",
    );
    assert_eq!(files(&folder.join("plan")), before);
}

#[test]
fn a_shard_that_is_none_is_told() {
    let folder = folder(4);
    let folder = folder.path();
    // What another machine may have.
    refused(folder, "work plan --shard 0", 1, "cannot find plan");
    std::fs::create_dir(folder.join("plan")).unwrap();
    refused(folder, "work plan --shard 0", NEVER, "holds no plan");
    plan(folder, REPORT, 2);
    refused(
        folder,
        "work plan --shard 2",
        NEVER,
        "the plan has 2 shards, numbered from 0 to 1",
    );
    refused(
        folder,
        "work plan --shard first",
        2,
        "expected a number from 0, or auto",
    );
    refused(
        folder,
        "work plan --shard auto",
        NEVER,
        "neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set",
    );
    refused(
        folder,
        "work plan --shard 0 --seed 5",
        2,
        "unexpected argument '--seed'",
    );
}

#[test]
fn photographs_that_changed_are_named() {
    let folder = folder(4);
    let folder = folder.path();
    plan(folder, REPORT, 1);
    let one = folder.join("p/cats/2.jpg");
    let before = std::fs::read(&one).unwrap();
    std::fs::write(&one, [&before[..], b"more"].concat()).unwrap();
    refused(
        folder,
        "work plan --shard 0",
        NEVER,
        "p/cats/2.jpg: it has changed since the run was planned",
    );
    std::fs::rename(&one, folder.join("away.jpg")).unwrap();
    refused(folder, "work plan --shard 0", NEVER, "cats/2.jpg is gone");
    std::fs::write(&one, &before).unwrap();
    photo(&folder.join("p/dogs/9.jpg"), (60, 52), 9);
    refused(folder, "work plan --shard 0", NEVER, "dogs/9.jpg is new");
    std::fs::remove_file(folder.join("p/dogs/9.jpg")).unwrap();
    std::fs::rename(folder.join("p"), folder.join("q")).unwrap();
    refused(folder, "work plan --shard 0", 1, "cannot list p");
    std::fs::rename(folder.join("q"), folder.join("p")).unwrap();
    work(folder, 0);
    std::fs::write(&one, [&before[..], b"more"].concat()).unwrap();
    type_in(folder, "merge plan --out merged").fails_with(&["cats/2.jpg", "has changed since"]);
    assert!(!folder.join("merged").exists());
}

#[test]
fn weights_that_changed_are_told() {
    let folder = folder(4);
    let folder = folder.path();
    let weights = folder.join("weights.pth");
    std::fs::copy(support::TINY_WEIGHTS, &weights).unwrap();
    let report = format!("{REPORT} --model tiny --weights weights.pth");
    plan(folder, &report, 1);
    std::fs::remove_file(&weights).unwrap();
    let ended = type_in(folder, "work plan --shard 0");
    assert!(ended.code == NEVER || ended.code == 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("weights.pth"), "{}", ended.stderr);
}

#[test]
fn what_is_missing_is_not_merged() {
    let folder = folder(6);
    let folder = folder.path();
    plan(folder, REPORT, 4);
    work(folder, 2);
    type_in(folder, "merge plan --out merged").fails_with(&[
        "nothing was merged",
        "3 shards are missing: 0 of round 1, 1 of round 1, 3 of round 1",
    ]);
    assert!(!folder.join("merged").exists());
    let told = type_in(folder, "status plan");
    assert_eq!(told.code, 0);
    for part in [
        "4 shards of 6 photographs",
        "round 1: 1 done, 0 running, 3 missing",
        "missing: 0-1, 3",
        "slowest: shard 2",
    ] {
        assert!(told.stdout.contains(part), "{part}: {}", told.stdout);
    }
    let json = type_in(folder, "status plan --json").stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["rounds"][0]["missing"], serde_json::json!([0, 1, 3]));
}

/// Of a folder in use nothing is touched.
#[test]
fn two_merges_at_once_do_not_mix() {
    let folder = folder(6);
    let folder = folder.path();
    let expected = whole(folder, REPORT);
    plan(folder, REPORT, 2);
    work_all(folder, 2, 1);
    let both = [1, 2].map(|_| support::process::start(folder, "merge plan --out merged"));
    let ended = both.map(|running| running.end());
    assert!(
        ended.iter().any(|(status, _)| status.success()),
        "{ended:?}"
    );
    for (status, told) in &ended {
        assert!(
            status.success() || told.contains("another process is filling it"),
            "{told}"
        );
    }
    support::files::assert_same(&result(&folder.join("merged")), &expected, "two merges");
}

/// A plan of another version's, as far as its options are still understood.
#[test]
fn another_version_leaves_a_plan_alone() {
    let folder = folder(4);
    let folder = folder.path();
    plan(folder, REPORT, 2);
    let root = folder.join("plan");
    let ours = PlanFolder::open(&root).unwrap();
    let photographs = ours.photographs().unwrap();
    let mut other = ours.planned().clone();
    other.run.tool.version = "0.0.9".into();
    std::fs::remove_dir_all(&root).unwrap();
    PlanFolder::create(&root, other, photographs.into_iter()).unwrap();
    let before = files(&root);
    for line in ["work plan --shard 0", "work plan --shard 1"] {
        refused(folder, line, NEVER, "tool.version was 0.0.9");
    }
    assert_eq!(files(&root), before);
}

/// In the middle of a shard: nothing is put in place, and the same command does it when there is room.
#[test]
fn a_full_disk_leaves_no_shard() {
    let folder = folder(7);
    let folder = folder.path();
    let line = "transfer p --per-class 1 --repeats 1";
    type_in(folder, &format!("{line} --out whole")).ok();
    type_in(folder, &format!("{line} --shards 2 --out plan")).ok();
    work_all(folder, 2, 1);
    merge(folder);
    let script = format!(
        "trap '' XFSZ; ulimit -f 8; exec {} work plan --shard 0",
        program().display()
    );
    let mut command = Command::new("bash");
    let ended = ended(command.current_dir(folder).args(["-c", &script]));
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("too large"), "{}", ended.stderr);
    assert!(!folder.join("plan/round-2/shard-00000").exists());
    work_all(folder, 2, 2);
    merge(folder);
    let expected = result(&folder.join("whole"));
    support::files::assert_same(&result(&folder.join("merged")), &expected, "a full disk");
}
