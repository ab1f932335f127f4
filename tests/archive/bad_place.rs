//! Places where an archive cannot be written: nothing is overwritten, and nothing half-written is left.

use crate::support::files::{assert_same, files};
use crate::support::process::{start, Signal};
use crate::support::program;
use crate::{archive, copy_of_run, only_archive, sample};
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn what_is_there_is_not_overwritten() {
    let folder = copy_of_run();
    fs::create_dir(folder.path().join("shelf")).unwrap();
    for (file, part) in [
        ("a.tar.zst", "is there already with other content"),
        ("a.json", "a.json is there without it"),
        ("a.html", "a.html is there without it"),
    ] {
        let path = folder.path().join("shelf").join(file);
        fs::write(&path, "precious").unwrap();
        let before = files(&folder.path().join("shelf"));
        archive(folder.path(), "o --to shelf --name a").fails_with(&["shelf/a.tar.zst", part]);
        assert_same(&files(&folder.path().join("shelf")), &before, file);
        fs::remove_file(path).unwrap();
    }
    archive(folder.path(), "o --to shelf --name a");
    archive(folder.path(), "o --to shelf --name a --with-arrays").fails_with(&["other content"]);
    let card = folder.path().join("shelf/a.json");
    fs::write(&card, "{").unwrap();
    archive(folder.path(), "o --to shelf --name a --tag x").fails_with(&["a.json", "damaged"]);
    assert_eq!(fs::read(&card).unwrap(), b"{");
}

#[test]
fn names_that_are_no_file_names_are_wrong_usage() {
    for name in ["index", "../x", "a/b", ".x", ""] {
        let ended = archive(sample(), &format!("o --to never --name={name}"));
        assert_eq!(ended.code, 2, "{}", ended.stderr);
    }
    assert!(!sample().join("never").exists());
}

#[test]
fn what_is_no_finished_run_is_refused() {
    let folder = copy_of_run();
    archive(folder.path(), "gone --to shelf").fails_with(&["gone", "No such file"]);
    fs::create_dir(folder.path().join("empty")).unwrap();
    archive(folder.path(), "empty --to shelf").fails_with(&["no run.json"]);
    fs::write(folder.path().join("o/my notes.txt"), "mine").unwrap();
    archive(folder.path(), "o --to shelf").fails_with(&["my notes.txt: is not part of the run"]);
    assert!(!folder.path().join("shelf").exists());
}

#[test]
fn a_file_that_cannot_grow_leaves_nothing_behind() {
    let folder = copy_of_run();
    // Too little for the archive, then enough for the archive and too little for the report.
    for (blocks, left) in [(16, 0), (130, 1)] {
        let said = bash(
            folder.path(),
            &format!("trap '' XFSZ; ulimit -f {blocks}; $PROGRAM archive o --to shelf; echo $?"),
        );
        assert!(
            said.contains("error: cannot write shelf/") && said.contains("too large"),
            "{said}"
        );
        assert!(
            said.ends_with("\n1\n") && !said.contains("panicked"),
            "{said}"
        );
        let there = files(&folder.path().join("shelf"));
        assert_eq!(there.len(), left, "{:?}", there.keys());
    }
    assert_completed(folder.path());
}

#[test]
fn an_interrupted_archive_is_whole_or_not_there() {
    let folder = copy_of_run();
    let shelf = folder.path().join("shelf");
    let mut stopped = 0;
    for round in 0..10 {
        let line = format!("archive o --to shelf --with-arrays --name round-{round}");
        let mut running = start(folder.path(), &line);
        let begun = running.until(|| {
            std::fs::read_dir(&shelf).is_ok_and(|mut files| files.any(|file| is_part(&file)))
        });
        if begun {
            running.signal(Signal::INT);
        }
        let (status, said) = running.end();
        assert!(!said.contains("panicked"), "{said}");
        match status.code() {
            Some(130) => stopped += 1,
            code => assert_eq!(code, Some(0), "{said}"),
        }
        let archive = shelf.join(format!("round-{round}.tar.zst"));
        assert_eq!(archive.exists(), status.success(), "{said}");
        if archive.exists() {
            assert_eq!(
                deconvscope::archive::verify(&archive, None)
                    .unwrap()
                    .findings,
                []
            );
        }
        let parts = fs::read_dir(&shelf).unwrap().filter(is_part);
        assert_eq!(parts.count(), 0, "{said}");
    }
    assert!(stopped > 0, "never interrupted");
}

fn is_part(file: &std::io::Result<fs::DirEntry>) -> bool {
    let name = |file: &fs::DirEntry| file.file_name().to_string_lossy().starts_with(".part-");
    file.as_ref().is_ok_and(name)
}

#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let folder = copy_of_run();
    let shelf = folder.path().join("shelf");
    fs::create_dir(&shelf).unwrap();
    let probe = "unshare -m mount -t tmpfs -o size=64k none shelf && echo mounted";
    if !bash(folder.path(), probe).contains("mounted") {
        return eprintln!("skipped: no small file system can be mounted here");
    }
    let lines =
        "mount -t tmpfs -o size=64k none shelf && $PROGRAM archive o --to shelf; echo ended $?
        ls -A shelf; mount -o remount,size=10m none shelf
        $PROGRAM archive o --to shelf; echo ended $?; cp shelf/* kept";
    fs::create_dir(folder.path().join("kept")).unwrap();
    let said = bash(folder.path(), &format!("unshare -m bash -c '{lines}'"));
    assert!(
        said.contains("error: cannot write shelf/") && said.contains("No space left"),
        "{said}"
    );
    assert!(
        said.contains("ended 1\n") && said.ends_with("ended 0\n"),
        "{said}"
    );
    assert!(
        !said.contains("panicked") && !said.contains(".part-"),
        "{said}"
    );
    fs::remove_dir(&shelf).unwrap();
    fs::rename(folder.path().join("kept"), &shelf).unwrap();
    assert_completed(folder.path());
}

/// Archiving again leaves the three files, whole.
fn assert_completed(folder: &Path) {
    let ended = archive(folder, "o --to shelf");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let there = files(&folder.join("shelf"));
    assert_eq!(there.len(), 3, "{:?}", there.keys());
    let verdict = deconvscope::archive::verify(&only_archive(&folder.join("shelf")), None).unwrap();
    assert_eq!(verdict.findings, []);
}

/// Runs lines of bash with `$PROGRAM`; stdout and stderr come back together.
fn bash(folder: &Path, lines: &str) -> String {
    let output = Command::new("bash")
        .current_dir(folder)
        .env("PROGRAM", program())
        .args(["-c", &format!("exec 2>&1; {lines}")])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_shelf_inside_the_run_is_wrong_usage() {
    let folder = copy_of_run();
    let ended = archive(folder.path(), "o --to o/shelf");
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    ended.says("lies inside a run folder");
    assert!(!folder.path().join("o/shelf").exists());
}
