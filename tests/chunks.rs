//! Records of many photographs lie in chunks: few files, little to do again, and the same bytes however they came about.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod support;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::files::{assert_same, result, Files};
use support::photos::{many_cats_and_dogs, photo};
use support::process::{start, Signal};
use support::{draw, type_in};
use tempfile::TempDir;

/// Three chunks of photographs, and one of those in detail.
const PHOTOS: u32 = 700;
const CHUNK: usize = 256;
const LINE: &str =
    "report p --layers conv2 --detail 40 --occlusion 3 --features 2 --strongest 3 --randomisation 0";
/// Without a scan, which is kept at moments of its own.
const ALONE: &str = "report p --layers conv2 --detail 40 --occlusion none --features none";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    many_cats_and_dogs(&folder.path().join("p"), PHOTOS);
    folder
}

fn run(folder: &TempDir, line: &str) -> Files {
    type_in(folder.path(), &format!("{line} --out whole")).ok();
    result(&folder.path().join("whole"))
}

/// The chunks below a run's folder.
fn chunks(out: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(out.join("records/photos"));
    let paths = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let mut chunks: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "chunk"))
        .collect();
    chunks.sort();
    chunks
}

/// Photographs that a resumed run found done, told by the first line of its progress.
fn found_done(stderr: &str) -> usize {
    let classified = stderr.lines().filter_map(|line| {
        let count = line.strip_prefix("classifying: ")?;
        count.split(' ').next()?.parse::<usize>().ok()
    });
    // A line is said every seventy photographs.
    let first = classified.min();
    first.map_or(PHOTOS as usize, |first| {
        first.saturating_sub(PHOTOS as usize / 10)
    })
}

#[test]
fn a_run_that_is_killed_does_at_most_one_chunk_again() {
    let folder = folder();
    let expected = run(&folder, ALONE);
    let out = folder.path().join("o");
    for kill in 0..6 {
        let threads = 1 + kill % 3;
        let line = format!("{ALONE} --out o --threads {threads}");
        let wanted = 1 + kill % 2;
        let mut running = start(folder.path(), &line);
        assert!(running.until(|| chunks(&out).len() >= wanted));
        std::thread::sleep(Duration::from_millis(draw(kill as u64) as u64 % 50));
        running.kill();
        let there = chunks(&out).len();
        let again = type_in(folder.path(), &format!("{line} --resume")).ok();
        let done = found_done(&again.stderr);
        // The progress is told in steps of a tenth.
        let least = (there.min(2) * CHUNK).saturating_sub(PHOTOS as usize / 10);
        assert!(done >= least, "{done} of {there} chunks: {}", again.stderr);
        assert_same(&result(&out), &expected, &format!("killed at {there}"));
        std::fs::remove_dir_all(&out).unwrap();
    }
}

#[test]
fn few_files_hold_the_records_of_many_photographs() {
    let folder = folder();
    let out = folder.path().join("o");
    let begun = Instant::now();
    let mut running = start(folder.path(), &format!("{LINE} --out o"));
    assert!(running.until(|| out.join("records/selection.json").is_file()));
    running.kill();
    let files = chunks(&out).len();
    let most = 3 + begun.elapsed().as_secs() as usize / 10 + 1;
    assert!((3..=most).contains(&files), "{files} files, {most} at most");
    let bytes: u64 = chunks(&out)
        .iter()
        .map(|chunk| chunk.metadata().unwrap().len())
        .sum();
    assert!(
        bytes / u64::from(PHOTOS) < 400,
        "{bytes} bytes: numbers are not text"
    );
}

#[test]
fn records_lie_together_in_any_way_and_the_report_is_the_same() {
    let folder = folder();
    let begun = Instant::now();
    let expected = run(&folder, LINE);
    let whole = begun.elapsed();
    let out = folder.path().join("o");
    // Stopped many times: chunks of a few photographs each.
    let mut stops = 0;
    for stop in 0..8 {
        let line = format!("{LINE} --out o --resume --threads {}", 1 + stop % 3);
        let mut running = start(folder.path(), &line);
        running.until_it_catches(Signal::TERM);
        std::thread::sleep(whole * (draw(stop) % 50) as u32 / 100);
        running.signal(Signal::TERM);
        let (status, said) = running.end();
        match status.code() {
            Some(75) => stops += 1,
            Some(0) => {
                assert_same(&result(&out), &expected, "it was too late");
                std::fs::remove_dir_all(&out).unwrap();
            }
            other => panic!("{other:?}: {said}"),
        }
    }
    assert!(stops >= 3, "stopped {stops} times");
    let line = format!("{LINE} --out o --resume --threads 2");
    type_in(folder.path(), &line).ok();
    assert_same(&result(&out), &expected, "many small chunks");
}

#[test]
fn a_chunk_is_made_again_where_it_is_missing() {
    let folder = folder();
    let expected = run(&folder, LINE);
    let out = folder.path().join("o");
    let mut running = start(folder.path(), &format!("{LINE} --out o"));
    assert!(running.until(|| out.join("pages").is_dir()));
    assert!(running.kill());
    let all = chunks(&out);
    assert!(all.len() >= 4, "{all:?}");
    std::fs::remove_file(&all[1]).unwrap();
    type_in(folder.path(), &format!("{LINE} --out o --resume")).ok();
    assert_same(&result(&out), &expected, "without its second chunk");
}

/// What a scheduler sends twice, or a user once more, and the exit code.
#[test]
fn a_second_signal_changes_nothing_but_the_users() {
    let folder = folder();
    let expected = run(&folder, LINE);
    let out = folder.path().join("o");
    let line = format!("{LINE} --out o --threads 1");
    for (signals, code) in [
        ([Signal::TERM, Signal::TERM], 75),
        ([Signal::USR1, Signal::TERM], 75),
        ([Signal::INT, Signal::INT], 130),
        ([Signal::TERM, Signal::INT], 130),
    ] {
        let mut running = start(folder.path(), &line);
        assert!(running.until(|| !chunks(&out).is_empty()));
        // Both are there before it has left: no photograph takes long.
        running.halt();
        for signal in signals {
            running.signal(signal);
        }
        running.signal(Signal::CONT);
        let (status, said) = running.end();
        let found = status.code();
        let may_be = match signals {
            // Which of two is seen first is not told.
            [Signal::TERM, Signal::INT] => [75, 130].map(Some).contains(&found),
            _ => found == Some(code),
        };
        assert!(may_be, "{signals:?}: {found:?}: {said}");
        type_in(folder.path(), &format!("{line} --resume")).ok();
        assert_same(&result(&out), &expected, &format!("{signals:?}"));
        std::fs::remove_dir_all(&out).unwrap();
    }
}

mod proofs {
    use super::*;
    use std::os::unix::fs::OpenOptionsExt;

    /// Linux' `O_NONBLOCK`.
    const WITHOUT_WAITING: i32 = 0o4000;

    #[test]
    fn a_photograph_at_hand_is_given_up_after_ten_seconds_and_what_is_done_is_kept() {
        let folder = folder();
        let expected = run(&folder, ALONE);
        let out = folder.path().join("o");
        let photo = folder.path().join("p/dogs/99.png");
        let aside = folder.path().join("aside.png");
        for signal in [Signal::TERM, Signal::USR1] {
            let line = format!("{ALONE} --out o --threads 2");
            let mut running = start(folder.path(), &line);
            assert!(running.until(|| out.join("records/plan.json").is_file()));
            // The last photograph becomes one that nobody ever comes to the end of.
            std::fs::rename(&photo, &aside).unwrap();
            let made = std::process::Command::new("mkfifo").arg(&photo).status();
            assert!(made.unwrap().success());
            // It can be written to once it is being read.
            let mut pipe = std::fs::OpenOptions::new();
            pipe.write(true).custom_flags(WITHOUT_WAITING);
            let held = std::cell::OnceCell::new();
            assert!(running.until(|| pipe.open(&photo).is_ok_and(|pipe| held.set(pipe).is_ok())));
            let asked = Instant::now();
            running.signal(signal);
            let (status, said) = running.end();
            let took = asked.elapsed().as_secs();
            assert_eq!(status.code(), Some(75), "{said}");
            assert!((9..20).contains(&took), "{took} s");
            assert!(said.contains("within 20 seconds"), "{said}");
            assert!(chunks(&out).len() >= 3, "what was done is kept");
            std::fs::rename(&aside, &photo).unwrap();
            type_in(folder.path(), &format!("{line} --resume")).ok();
            assert_same(&result(&out), &expected, &format!("{signal:?}"));
            std::fs::remove_dir_all(&out).unwrap();
        }
    }

    /// A square that is moved by few pixels takes long for each photograph.
    const SLOW: &str = "report p --model squeezenet1_1 --layers fire3 --detail 0 --occlusion 4 --occluder-stride 4 --features none --threads 1";

    #[test]
    fn records_are_on_the_disk_after_ten_seconds_though_no_other_follows() {
        let folder = tempfile::tempdir().unwrap();
        photo(&folder.path().join("p/cats/1.jpg"), (300, 260), 1);
        many_cats_and_dogs(&folder.path().join("p"), 3);
        let out = folder.path().join("o");
        let mut running = start(folder.path(), &format!("{SLOW} --out o"));
        let kept = out.join("records/occlusion");
        assert!(running.until(|| kept.is_dir()));
        let since = Instant::now();
        let is_sealed = || std::fs::read_dir(&kept).is_ok_and(|mut files| files.next().is_some());
        assert!(running.until(is_sealed));
        assert!(since.elapsed() < Duration::from_secs(13));
        running.kill();
    }
}
