//! `kill -9` and SIGTERM at moments drawn by seed, in plan, work and merge: the chain is repeated and ends in the same bytes.

use super::support::files::assert_same;
use super::support::process::{count, start, Signal};
use super::*;

const SHARDS: usize = 3;

/// Runs a line of the chain; a kill in it where `at` says so, told by the files below the folder. Whether it was cut off.
fn disturbed(folder: &Path, line: &str, at: Option<usize>, signal: bool) -> bool {
    let Some(at) = at else {
        type_in(folder, line).ok();
        return false;
    };
    let begun = count(folder);
    let mut running = start(folder, line);
    running.until(|| count(folder) >= begun + at);
    let was_cut = match signal {
        false => running.kill(),
        true => {
            running.signal(Signal::TERM);
            let (status, told) = running.end();
            assert!(
                status.success() || matches!(status.code(), Some(75) | None),
                "{told}"
            );
            !status.success()
        }
    };
    // As a scheduler does.
    type_in(folder, line).ok();
    was_cut
}

/// Chains in which one command is cut off at a time.
fn chains(kills: u64, seed: u64) {
    let folder = folder(10);
    let folder = folder.path();
    let expected = whole(folder, REPORT);
    let plan = format!("plan {REPORT} --shards {SHARDS} --out plan");
    let works = (0..SHARDS).map(|shard| format!("work plan --shard {shard}"));
    let merge = "merge plan --out merged".to_owned();
    let mut chain = vec![plan];
    for _ in 0..2 {
        chain.extend(works.clone());
        chain.push(merge.clone());
    }
    let mut cut = 0;
    for kill in 0..kills {
        let victim = kill as usize % chain.len();
        let at = draw(seed + kill) % [4, 30][usize::from(victim > 0)];
        for (number, line) in chain.iter().enumerate() {
            let at = (number == victim).then_some(at);
            cut += u64::from(disturbed(folder, line, at, kill % 3 == 2));
        }
        let when = format!("{} cut off behind {at} files", chain[victim]);
        assert_same(&result(&folder.join("merged")), &expected, &when);
        for made in ["plan", "merged"] {
            std::fs::remove_dir_all(folder.join(made)).unwrap();
        }
    }
    assert!(2 * cut >= kills, "only {cut} processes were cut off");
}

/// At sixty moments where all is asked for.
#[test]
fn a_chain_with_kills_ends_in_the_same_bytes() {
    chains(times(60, 4) as u64, 1);
}
