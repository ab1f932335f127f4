//! The bytes of one machine's run.

use super::support::files::{assert_same, result};
use super::*;

#[test]
fn any_number_of_shards_in_any_order_leaves_the_bytes_of_one_machine() {
    let folder = folder(14);
    let folder = folder.path();
    let expected = whole(folder, REPORT);
    for (seed, shards) in (1..).zip([6, 1, 37]).take(times(3, 1)) {
        plan(folder, REPORT, shards);
        work_all(folder, shards, seed);
        for _ in 0..2 {
            merge(folder)
                .says("round 2 is due: 3 photographs in detail, features of 8, occlusion of 5");
        }
        work_all(folder, shards, seed + 10);
        merge(folder);
        assert_same(
            &result(&folder.join("merged")),
            &expected,
            &format!("{shards} shards"),
        );
        for made in ["plan", "merged"] {
            std::fs::remove_dir_all(folder.join(made)).unwrap();
        }
    }
}

#[test]
fn where_nothing_is_left_to_choose_one_round_is_enough() {
    let folder = folder(5);
    let folder = folder.path();
    let report = "p --layers conv2 --detail all --occlusion none --features none";
    let expected = whole(folder, report);
    assert_same(&in_shards(folder, report, 2, 1), &expected, "one round");
    // Whoever comes late finds it done.
    type_in(folder, "work plan --shard 1")
        .ok()
        .says("done already");
    merge(folder).says("already finished");
}

/// What is hidden is found before all else: a round of its own.
#[test]
fn what_the_occluder_finds_is_hidden_in_shards_too() {
    let folder = folder(9);
    let folder = folder.path();
    let report = "p --layers conv2 --masks worst --occlusion 4 --detail 2 --features 2 --strongest 2 --randomisation 0";
    let expected = whole(folder, report);
    plan(folder, report, 3);
    let due = [
        "round 2 is due: all photographs",
        "round 3 is due: 2 photographs in detail",
        "",
    ];
    for (round, due) in (1..).zip(due) {
        work_all(folder, 3, round);
        merge(folder).says(due);
    }
    assert_same(&result(&folder.join("merged")), &expected, "three rounds");
}

/// Features of a transfer, a round of their own: inner products and classifiers are the last merge's.
#[test]
fn a_transfer_in_shards_comes_to_the_same() {
    let folder = folder(25);
    let folder = folder.path();
    let line = "transfer p --per-class 3 --repeats 2 --keep-gram --batch 4";
    type_in(folder, &format!("{line} --out whole")).ok();
    let expected = result(&folder.join("whole"));
    for shards in [3, 9] {
        type_in(folder, &format!("{line} --shards {shards} --out plan")).ok();
        work_all(folder, shards, 5);
        for _ in 0..2 {
            merge(folder).says("round 2 is due: transfer of 24");
        }
        work_all(folder, shards, 6);
        merge(folder);
        assert_same(
            &result(&folder.join("merged")),
            &expected,
            &format!("a transfer in {shards} shards"),
        );
        for made in ["plan", "merged"] {
            std::fs::remove_dir_all(folder.join(made)).unwrap();
        }
    }
    type_in(
        folder,
        &format!("{line} --shards 2 --out plan --scratch tiny"),
    )
    .code(2)
    .says("--scratch");
}

#[test]
fn passes_of_several_photographs_stay_whole() {
    let folder = folder(12);
    let folder = folder.path();
    let report = "p --layers conv2 --detail 4 --occlusion none --features none --batch 4";
    let expected = whole(folder, report);
    let merged = in_shards(folder, report, 5, 2);
    assert_same(&merged, &expected, "passes of four");
}

#[test]
fn a_shard_that_is_done_twice_counts_once() {
    let folder = folder(6);
    let folder = folder.path();
    let report = "p --layers conv2 --detail all --occlusion none --features none";
    let expected = whole(folder, report);
    plan(folder, report, 2);
    let line = "work plan --shard 0";
    let both = [1, 2].map(|_| support::process::start(folder, line));
    for running in both {
        let (status, told) = running.end();
        assert!(status.success(), "{told}");
    }
    work(folder, 1);
    merge(folder);
    assert_same(&result(&folder.join("merged")), &expected, "twice");
    let left = std::fs::read_dir(folder.join("plan/round-1/attempts")).unwrap();
    assert_eq!(left.count(), 0, "attempts are gone");
}
