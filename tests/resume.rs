//! A run that was cut off goes on where it stopped, and leaves the same bytes as one that was not.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use std::path::{Path, PathBuf};
use support::files::{assert_same, files, result, Files};
use support::photos::{many_cats_and_dogs, photo};
use support::process::{count, start, Signal};
use support::run::Run;
use support::{draw, type_in};
use tempfile::TempDir;

const PHOTOS: usize = 8;
/// Two stages are enough to be cut off between. SqueezeNet, where a test has to catch the run at a photograph.
const MASKED: &str =
    "report p --model squeezenet1_1 --layers fire3,conv10 --masks m.csv --detail 3 --occlusion masked --occluder-stride 48 --features 2 --strongest 3 --randomisation 1";
const ALL: &str =
    "report p --model squeezenet1_1 --layers fire3,conv10 --detail all --occlusion 2 --occluder-stride 48 --occlusion-fast --features none";
/// The same without what comes after the photographs.
const PHOTOGRAPHS: &str =
    "report p --model squeezenet1_1 --layers fire3,conv10 --detail all --occlusion none --features none";
const TINY_MASKED: &str =
    "report p --layers conv2,fc4 --masks m.csv --detail 3 --occlusion masked --features 2 --strongest 3 --randomisation 1";
const TINY_ALL: &str =
    "report p --layers conv2,fc4 --detail all --occlusion 2 --occlusion-fast --features none";

/// A folder with the data set `p`, of which one file can't be read, and its masks `m.csv`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for number in 1..PHOTOS {
        let name = format!("p/{}/{number}.jpg", ["cats", "dogs"][number % 2]);
        photo(&folder.path().join(name), (300, 260), number as u32);
    }
    std::fs::write(folder.path().join("p/dogs/8.jpg"), "no photograph").unwrap();
    let masks =
        "image,region,x,y,width,height\ncats/2.jpg,face,60,60,90,80\ndogs/3.jpg,face,80,60,60,60\n";
    std::fs::write(folder.path().join("m.csv"), masks).unwrap();
    folder
}

fn run(folder: &TempDir, line: &str) -> Files {
    type_in(folder.path(), line).ok();
    result(
        &folder.path().join(
            line.split_once("--out ")
                .unwrap()
                .1
                .split(' ')
                .next()
                .unwrap(),
        ),
    )
}

/// Starts `line` and kills it as soon as the run folder holds so many files, or a manifest; whether it was cut off.
fn cut_off(folder: &TempDir, line: &str, out: &Path, at: usize) -> bool {
    let mut running = start(folder.path(), line);
    running.until(|| out.join("run.json").is_file() || count(out) >= at);
    running.kill()
}

/// Kills runs at many moments, told by the number of files on disk, half of them again while they are resumed.
fn killed_at_many_moments(command: &str, kills: u64, seed: u64) {
    let folder = folder();
    let expected = run(&folder, &format!("{command} --out whole"));
    // While the run goes on there are chunks of records, of the photos, of those in detail and of those that an occluder slides
    // over, the plan, the lock and perhaps the selection and the scan of feature maps as well.
    let most = expected.len() + 3 + 4;
    let mut cut = 0;
    for kill in 0..kills {
        let line = format!("{command} --out o --threads {}", 1 + kill % 2);
        let out = folder.path().join("o");
        // One moment in each part of the run, from the first file to the manifest.
        let part = most as u64 / kills;
        let at = (kill * part) as usize + draw(seed + kill) % part as usize;
        cut += usize::from(cut_off(&folder, &line, &out, at));
        let again = at + draw(seed + kill + 1000) % (most - at);
        let resume = format!("{line} --resume");
        if kill % 2 == 0 {
            cut += usize::from(cut_off(&folder, &resume, &out, again));
        }
        type_in(folder.path(), &resume).ok();
        assert_same(
            &result(&out),
            &expected,
            &format!("killed at {at} of {most} files, then at {again}"),
        );
        std::fs::remove_dir_all(out).unwrap();
    }
    assert!(cut as u64 >= kills, "only {cut} processes were cut off");
}

#[test]
fn a_run_with_masks_killed_at_any_moment_leaves_the_same_bytes_when_resumed() {
    killed_at_many_moments(TINY_MASKED, 6, 1);
}

#[test]
fn a_run_with_all_in_detail_killed_at_any_moment_leaves_the_same_bytes_when_resumed() {
    killed_at_many_moments(TINY_ALL, 6, 2);
}

/// A network that takes its time, at more moments.
mod proofs {
    use super::*;

    #[test]
    fn squeezenet_with_masks_killed_at_any_moment() {
        killed_at_many_moments(MASKED, 15, 1);
    }

    #[test]
    fn squeezenet_with_all_in_detail_killed_at_any_moment() {
        killed_at_many_moments(ALL, 15, 2);
    }
}

#[test]
fn a_process_killed_after_the_manifest_leaves_a_finished_run() {
    let folder = folder();
    let expected = run(&folder, &format!("{TINY_MASKED} --out whole"));
    // As if killed between the manifest and the removal of the records.
    std::fs::create_dir_all(folder.path().join("whole/records/photos")).unwrap();
    std::fs::write(folder.path().join("whole/records/photos/000001.chunk"), "{").unwrap();
    type_in(
        folder.path(),
        &format!("{TINY_MASKED} --out whole --resume"),
    )
    .ok()
    .says("already finished");
    assert_same(
        &result(&folder.path().join("whole")),
        &expected,
        "records of a finished run",
    );
    assert!(!folder.path().join("whole/records").exists());
}

#[test]
fn a_run_that_is_stopped_tells_by_its_exit_code_who_stopped_it_and_goes_on() {
    let folder = folder();
    let expected = run(&folder, &format!("{PHOTOGRAPHS} --out whole"));
    for (signal, code) in [
        (Signal::INT, 130),
        (Signal::HUP, 130),
        (Signal::TERM, 75),
        (Signal::USR1, 75),
    ] {
        let line = format!("{PHOTOGRAPHS} --threads 1 --out o");
        let mut running = start(folder.path(), &line);
        assert!(running.until(|| shown(&folder.path().join("o")) >= 1));
        running.signal(signal);
        let (status, said) = running.end();
        assert_eq!(status.code(), Some(code), "{signal:?}: {said}");
        assert!(
            said.contains("interrupted") && said.contains("--resume"),
            "{said}"
        );
        assert!(!folder.path().join("o/run.json").exists());
        let done = shown(&folder.path().join("o"));
        assert!(
            done < PHOTOS - 1,
            "{signal:?}: {done} photographs were done"
        );
        assert_eq!(chunks(&folder.path().join("o")), 1, "{signal:?}");
        let resumed = run(&folder, &format!("{line} --resume"));
        assert_same(&resumed, &expected, &format!("{signal:?}"));
        std::fs::remove_dir_all(folder.path().join("o")).unwrap();
    }
}

/// Photos whose maps are there; their records wait for others'.
fn shown(out: &Path) -> usize {
    whole_files(&out.join("arrays"))
}

/// Chunks of photos' records.
fn chunks(out: &Path) -> usize {
    whole_files(&out.join("records/photos"))
}

fn whole_files(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, |entries| {
        let names = entries
            .flatten()
            .map(|entry| entry.file_name().into_string().unwrap());
        names.filter(|name| !name.starts_with(".part-")).count()
    })
}

/// A run in `o` that was stopped when some photos were done.
fn unfinished(folder: &TempDir, command: &str) -> PathBuf {
    let out = folder.path().join("o");
    let mut running = start(folder.path(), &format!("{command} --threads 1 --out o"));
    assert!(running.until(|| shown(&out) >= 1));
    running.signal(Signal::TERM);
    let (status, said) = running.end();
    assert_eq!(status.code(), Some(75), "{said}");
    assert!(!out.join("run.json").exists() && chunks(&out) == 1);
    out
}

#[test]
fn an_unfinished_run_is_neither_begun_anew_nor_drawn_unasked() {
    let folder = folder();
    let out = unfinished(&folder, PHOTOGRAPHS);
    let before = files(&out);
    type_in(folder.path(), &format!("{PHOTOGRAPHS} --out o")).fails_with(&[
        "unfinished run",
        "--resume",
        "--overwrite",
    ]);
    type_in(folder.path(), "render o").fails_with(&["not finished", "--resume"]);
    assert_same(&files(&out), &before, "an unfinished run");
    let expected = run(&folder, &format!("{PHOTOGRAPHS} --out whole"));
    assert_same(
        &run(&folder, &format!("{PHOTOGRAPHS} --out o --overwrite")),
        &expected,
        "--overwrite",
    );
    assert_same(
        &run(&folder, &format!("{PHOTOGRAPHS} --out new --resume")),
        &expected,
        "--resume with nothing there",
    );
}

#[test]
fn a_scan_of_feature_maps_goes_on_where_it_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    many_cats_and_dogs(&folder.path().join("p"), 300);
    let line = "features p --maps 2 --randomisation 0";
    let expected = run(&folder, &format!("{line} --out whole"));
    let out = folder.path().join("o");
    let mut running = start(folder.path(), &format!("{line} --out o"));
    let kept = out.join("records/features/scan.json");
    assert!(running.until(|| kept.is_file()));
    assert!(running.kill());
    // As many as had been counted when it was kept: all of the first pass, or what ten seconds were enough for.
    let scan = std::fs::read_to_string(&kept).unwrap();
    let counted = scan.split_once("\"photos\":[").unwrap().1;
    let counted = counted.split_once(']').unwrap().0.split(',');
    let counted = counted.filter(|photo| *photo != "null").count();
    assert!(counted > 0);
    let line = format!("{line} --out o --resume");
    let said = type_in(folder.path(), &line).ok();
    let scanned = said.stderr.lines().filter_map(|line| {
        let count = line.strip_prefix("classifying: ")?;
        count.split(' ').next()?.parse::<usize>().ok()
    });
    let scanned: Vec<usize> = scanned.collect();
    // But for those that had been counted and had no record yet.
    assert!(
        scanned.iter().all(|photo| photo + 56 > counted),
        "{counted}: {scanned:?}"
    );
    assert_same(&result(&out), &expected, "resumed");
}

#[test]
fn resume_refuses_other_options_and_names_them() {
    let folder = folder();
    let out = unfinished(&folder, MASKED);
    let before = files(&out);
    let write =
        |name: &str, content: String| std::fs::write(folder.path().join(name), content).unwrap();
    write(
        "other.csv",
        "image,region,x,y,width,height\ncats/2.jpg,face,60,60,90,81\n".into(),
    );
    write("labels.csv", "path,label\ncats/2.jpg,lynx\n".into());
    write(
        "names.txt",
        (0..1000).map(|index| format!("thing {index}\n")).collect(),
    );
    for (option, named) in [
        ("--detail 2", "detail"),
        ("--seed 1", "seed"),
        ("--fill 0,0,0", "fill"),
        ("--layers fire3", "layers"),
        ("--kinds unit", "kinds"),
        ("--arrays none", "arrays"),
        ("--top 3", "top"),
        ("--batch 2", "batch"),
        ("--memory 2", "--memory was 4000 and is 2"),
        ("--instructions sse41", "--instructions"),
        ("--lang ko", "--lang"),
        ("--single-file", "--single-file was false and is true"),
        ("--occlusion 1", "--occlusion was masked and is 1"),
        ("--occlusion none", "--occlusion was masked and is none"),
        ("--features none", "--features was 2 and is none"),
        ("--invariance 2", "--invariance was none and is 2"),
        ("--limit 3", "limit"),
        ("--masks other.csv", "masks"),
        ("--labels labels.csv", "label"),
        ("--label-level 1", "--label-level was none and is 1"),
        ("--classes names.txt", "classes"),
    ] {
        let own = option.split(' ').next().unwrap();
        let words: Vec<&str> = MASKED.split(' ').collect();
        let given = words.iter().position(|word| *word == own);
        let kept = words
            .iter()
            .enumerate()
            .filter(|(at, _)| given.is_none_or(|own| *at != own && *at != own + 1));
        let kept: Vec<&str> = kept.map(|(_, word)| *word).collect();
        let line = format!("{} {option} --out o --resume", kept.join(" "));
        type_in(folder.path(), &line).fails_with(&["run folder o", "--resume", named]);
        assert_same(&files(&out), &before, &line);
    }
    let said = type_in(
        folder.path(),
        &format!("{MASKED} --out o --resume --verbose --strict --threads 1"),
    );
    assert_eq!(
        said.code, 3,
        "what changes no result may change: {}",
        said.stderr
    );
}

#[test]
fn resume_refuses_other_photographs_and_names_them() {
    let folder = folder();
    let resume = format!("{PHOTOGRAPHS} --out o --resume");
    let photos = folder.path().join("p");
    let changes: [([&str; 2], &dyn Fn()); 3] = [
        (["photograph ", "cats/2.jpg"], &|| {
            photo(&photos.join("cats/2.jpg"), (300, 260), 99)
        }),
        (["run folder o", "photographs"], &|| {
            photo(&photos.join("cats/9.jpg"), (300, 260), 9)
        }),
        (["run folder o", "photographs"], &|| {
            std::fs::remove_file(photos.join("dogs/7.jpg")).unwrap()
        }),
    ];
    let original = files(&photos);
    for (named, change) in changes {
        let out = unfinished(&folder, PHOTOGRAPHS);
        change();
        type_in(folder.path(), &resume).fails_with(&named);
        std::fs::remove_dir_all(out).unwrap();
        std::fs::remove_dir_all(&photos).unwrap();
        for (name, bytes) in &original {
            let path = photos.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
    // A finished run has seen other photographs too.
    run(&folder, &format!("{PHOTOGRAPHS} --out o"));
    photo(&photos.join("cats/2.jpg"), (300, 260), 99);
    type_in(folder.path(), &resume).fails_with(&["run folder o", "photographs"]);
}

#[test]
fn two_processes_do_not_fill_one_folder() {
    let folder = folder();
    let expected = run(&folder, &format!("{PHOTOGRAPHS} --out whole"));
    let out = folder.path().join("o");
    let mut first = start(folder.path(), &format!("{PHOTOGRAPHS} --threads 1 --out o"));
    assert!(first.until(|| shown(&out) >= 1));
    first.halt();
    let before = files(&out);
    let second = |option: &str| type_in(folder.path(), &format!("{PHOTOGRAPHS} --out o {option}"));
    for option in ["", "--resume", "--overwrite"] {
        second(option).fails_with(&["run folder o", "another process"]);
        assert_same(&files(&out), &before, option);
    }
    first.signal(Signal::CONT);
    let (status, said) = first.end();
    assert!(status.success(), "{said}");
    assert_same(&result(&out), &expected, "the first process");
}

#[test]
fn an_overwrite_that_was_killed_can_be_run_again() {
    let folder = folder();
    let out = folder.path().join("o");
    let expected = run(&folder, &format!("{TINY_MASKED} --out whole"));
    let line = format!("{TINY_MASKED} --out o --overwrite");
    for (kill, option) in ["--overwrite", "--resume", "", "--overwrite"]
        .into_iter()
        .enumerate()
    {
        type_in(
            folder.path(),
            "report p --layers conv1 --detail all --kinds unit --features none --occlusion none --overwrite --out o",
        )
        .ok();
        let old = count(&out);
        let mut running = start(folder.path(), &line);
        // While the old run is being cleared away, and at the beginning of the new one.
        match kill {
            3 => running.until(|| out.join("records/plan.json").is_file()),
            _ => running.until(|| count(&out) < old - kill * old / 4),
        };
        assert!(running.kill());
        // A folder with a manifest is a finished run: it goes before anything else does.
        assert!(
            !out.join("run.json").exists(),
            "a manifest of files that are gone"
        );
        let again = type_in(folder.path(), &format!("{TINY_MASKED} --out o {option}"));
        // Once the new run has begun, it is not begun anew unasked.
        if option.is_empty() && again.code == 1 {
            again.fails_with(&["unfinished run"]);
            type_in(folder.path(), &line).ok();
        } else {
            assert_eq!(
                again.code, 0,
                "killed {kill}, then {option}: {}",
                again.stderr
            );
        }
        assert_same(&result(&out), &expected, &format!("killed, then {option}"));
    }
}

#[test]
fn the_run_names_itself_when_resumed() {
    let folder = folder();
    unfinished(&folder, PHOTOGRAPHS);
    run(
        &folder,
        &format!("{PHOTOGRAPHS} --out o --resume --threads 1"),
    );
    let execution = Run(folder.path().join("o")).manifest()["execution"].clone();
    let command: Vec<&str> = execution["command"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|word| word.as_str())
        .collect();
    assert!(command.contains(&"--resume"), "{command:?}");
    assert_eq!(execution["threads"], 1);
}
