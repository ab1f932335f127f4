//! The same run gives the same archive, which any tar and zstd can read.

use crate::support::files::files;
use crate::support::{deconvscope, ended, type_in, TINY};
use crate::{archive, copy_of_run, only_archive, sample, sha256};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

#[test]
fn runs_of_one_input_give_one_archive_under_source_date_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let data = sample().join("p");
    let mut lines = Vec::new();
    for (out, threads) in [("a", "1"), ("another", "2"), ("a-third", "2")] {
        let run = folder.path().join(out);
        ended(
            deconvscope()
                .current_dir(data.parent().unwrap())
                .env("SOURCE_DATE_EPOCH", "1700000000")
                .args(["report", "p", "--layers", "conv2", "--detail", "1"])
                .args(TINY)
                .args(["--threads", threads, "--out"])
                .arg(&run),
        )
        .ok();
        let ended = archive(folder.path(), &format!("{out} --to shelf-{out}"));
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let (sha, file) = ended.stdout.trim_end().split_once("  ").unwrap();
        let bytes = std::fs::read(folder.path().join(file)).unwrap();
        assert_eq!(sha, sha256(&bytes));
        lines.push((sha.to_owned(), file.split_once('/').unwrap().1.to_owned()));
    }
    assert_eq!(lines[0], lines[1]);
    assert_eq!(lines[0], lines[2]);
    assert!(lines[0].1.starts_with("p-tiny-20231114T221320Z-"));
    let execution = &manifest(&folder.path().join("a"))["execution"];
    assert_eq!(execution["started"], "2023-11-14T22:13:20Z");
    assert_eq!(execution["command"], serde_json::json!([]));
}

#[test]
fn a_source_date_that_is_no_time_is_wrong_usage() {
    for value in ["", "-1", "yesterday", "99999999999999999999"] {
        let ended = ended(
            deconvscope()
                .current_dir(sample())
                .env("SOURCE_DATE_EPOCH", value)
                .args(["report", "p", "--out", "never"]),
        );
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        ended.says("SOURCE_DATE_EPOCH");
        assert!(!sample().join("never").exists());
    }
}

#[test]
fn archiving_again_changes_nothing_and_adds_tags() {
    let folder = copy_of_run();
    let first = archive(folder.path(), "o --to shelf --tag release");
    let before = files(&folder.path().join("shelf"));
    let again = archive(folder.path(), "o --to shelf").says("archived already");
    assert_eq!((again.code, &again.stdout), (0, &first.stdout));
    assert_eq!(files(&folder.path().join("shelf")), before);

    archive(folder.path(), "o --to shelf --tag baseline --tag release");
    let card = card(&folder.path().join("shelf"));
    assert_eq!(card["tags"], serde_json::json!(["baseline", "release"]));

    // A crash between the three files is mended the next time.
    for end in [".json", ".html"] {
        let archive_file = only_archive(&folder.path().join("shelf"));
        let name = archive_file.to_str().unwrap().replace(".tar.zst", end);
        std::fs::remove_file(name).unwrap();
        archive(folder.path(), "o --to shelf --tag release --tag baseline");
    }
    let after = files(&folder.path().join("shelf"));
    assert_eq!(
        after.keys().collect::<Vec<_>>(),
        before.keys().collect::<Vec<_>>()
    );
}

#[test]
fn any_tar_and_zstd_read_it() {
    let folder = copy_of_run();
    archive(folder.path(), "o --to all --with-arrays");
    archive(folder.path(), "o --to few");
    let run = files(&folder.path().join("o"));
    for (shelf, arrays) in [("all", true), ("few", false)] {
        let path = only_archive(&folder.path().join(shelf));
        let name = path.file_name().unwrap().to_str().unwrap();
        let top = name.strip_suffix(".tar.zst").unwrap();
        let mut tar = Vec::new();
        // Every frame, the seal too: a decoder must pass over it.
        zstd::Decoder::new(std::fs::File::open(&path).unwrap())
            .unwrap()
            .read_to_end(&mut tar)
            .unwrap();
        let mut found = BTreeSet::new();
        let mut contents = Value::Null;
        let mut tar = tar::Archive::new(&tar[..]);
        for entry in tar.entries().unwrap() {
            let mut entry = entry.unwrap();
            let header = entry.header();
            assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
            assert_eq!(header.mode().unwrap(), 0o644);
            let path = entry.path().unwrap().to_str().unwrap().to_owned();
            let file = path.strip_prefix(&format!("{top}/")).unwrap().to_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            if file == "archive.json" {
                contents = serde_json::from_slice(&bytes).unwrap();
                continue;
            }
            assert_eq!(contents["files"][&file]["sha256"], sha256(&bytes), "{file}");
            assert_eq!(contents["files"][&file]["bytes"], bytes.len(), "{file}");
            if file != "ro-crate-metadata.json" {
                assert_eq!(&bytes, &run[&file], "{file}");
            }
            found.insert(file);
        }
        let expected: BTreeSet<String> = run
            .keys()
            .filter(|file| arrays || !file.starts_with("arrays/"))
            .cloned()
            .chain(["ro-crate-metadata.json".to_owned()])
            .collect();
        assert_eq!(found, expected);
        let left_out = if arrays { vec![] } else { vec!["arrays/"] };
        assert_eq!(contents["left_out"], serde_json::json!(left_out));

        let end = std::fs::read(&path).unwrap();
        let (body, seal) = end.split_at(end.len() - 91);
        assert_eq!(seal[27..], *sha256(body).as_bytes());
    }
}

#[test]
fn the_card_tells_the_run_without_its_files() {
    let folder = copy_of_run();
    let ended = archive(folder.path(), "o --to shelf --name v1.0 --tag a");
    assert!(ended.stdout.ends_with("  shelf/v1.0.tar.zst\n"));
    let card = card(&folder.path().join("shelf"));
    let mut run = manifest(&folder.path().join("o"));
    for field in ["files", "seal"] {
        assert!(run.as_object_mut().unwrap().remove(field).is_some());
    }
    assert_eq!(card["run"], run);
    assert_eq!(card["name"], "v1.0");
    assert_eq!(card["archive"]["sha256"], ended.stdout[..64]);
    let metrics = card["metrics"].as_array().unwrap();
    assert!(metrics
        .iter()
        .any(|row| row["metric"] == "top1_accuracy" && row["scope"] == "all"));
    let html = std::fs::read_to_string(folder.path().join("shelf/v1.0.html")).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.contains("</html>"));
    assert!(
        !html.contains("href=\"pages/"),
        "the report needs nothing beside it"
    );

    // The name outside changes nothing inside.
    archive(folder.path(), "o --to other");
    let (a, b) = (folder.path().join("shelf"), folder.path().join("other"));
    let read = |folder: &Path| std::fs::read(only_archive(folder)).unwrap();
    assert_eq!(read(&a), read(&b));
}

#[test]
fn several_runs_are_archived_in_one_go() {
    let folder = copy_of_run();
    let other = "report p --layers conv2 --detail 0 --limit 1 --features none --out";
    type_in(
        sample(),
        &format!("{other} {}", folder.path().join("second").display()),
    )
    .ok();
    let ended = archive(folder.path(), "o second --to shelf");
    assert_eq!(
        (ended.code, ended.stdout.lines().count()),
        (0, 2),
        "{}",
        ended.stderr
    );
    let names = files(&folder.path().join("shelf"));
    assert_eq!(names.len(), 6);
    let wrong = archive(folder.path(), "o second --to shelf --name one");
    assert_eq!(wrong.code, 2);
}

fn manifest(run: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(run.join("run.json")).unwrap()).unwrap()
}

fn card(shelf: &Path) -> Value {
    let path = only_archive(shelf);
    let card = path.to_str().unwrap().replace(".tar.zst", ".json");
    serde_json::from_slice(&std::fs::read(card).unwrap()).unwrap()
}
