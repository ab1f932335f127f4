//! Archives that somebody made to do harm, or another program made: refused by name, and quickly.

use crate::{archive, copy_of_run, only_archive, sha256};
use deconvscope::archive::verify;
use serde_json::{json, Value};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use tar::{Builder, EntryType, Header};

/// The files of a good archive, to be changed and sealed anew.
struct Forger {
    top: String,
    contents: Value,
    files: BTreeMap<String, Vec<u8>>,
    /// Entries after the others: path, kind, link, bytes.
    more: Vec<(String, EntryType, String, Vec<u8>)>,
}

impl Forger {
    fn new() -> Self {
        let folder = copy_of_run();
        archive(folder.path(), "o --to shelf");
        let path = only_archive(&folder.path().join("shelf"));
        let tar = zstd::decode_all(std::fs::File::open(&path).unwrap()).unwrap();
        let mut forger = Self {
            top: String::new(),
            contents: Value::Null,
            files: BTreeMap::new(),
            more: Vec::new(),
        };
        for entry in tar::Archive::new(&tar[..]).entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = entry.path().unwrap().to_str().unwrap().to_owned();
            let (top, file) = path.split_once('/').unwrap();
            forger.top = top.to_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            match file {
                "archive.json" => forger.contents = serde_json::from_slice(&bytes).unwrap(),
                _ => drop(forger.files.insert(file.to_owned(), bytes)),
            }
        }
        forger
    }

    fn more(mut self, path: &str, kind: EntryType, link: &str, bytes: &[u8]) -> Self {
        self.more
            .push((path.into(), kind, link.into(), bytes.into()));
        self
    }

    /// Lists a file as if it belonged there.
    fn listed(mut self, file: &str, bytes: &[u8]) -> Self {
        self.contents["files"][file] = json!({"bytes": bytes.len(), "sha256": sha256(bytes)});
        self
    }

    fn tar(&self) -> Vec<u8> {
        let mut tar = Builder::new(Vec::new());
        let contents = serde_json::to_vec(&self.contents).unwrap();
        let path = |file: &str| format!("{}/{file}", self.top);
        append(
            &mut tar,
            &path("archive.json"),
            EntryType::Regular,
            "",
            &contents,
        );
        for (file, bytes) in &self.files {
            append(&mut tar, &path(file), EntryType::Regular, "", bytes);
        }
        for (path, kind, link, bytes) in &self.more {
            append(&mut tar, path, *kind, link, bytes);
        }
        tar.into_inner().unwrap()
    }

    /// What verifying it finds.
    #[track_caller]
    fn found(&self, part: &str) {
        found(
            &sealed(&zstd::encode_all(&self.tar()[..], 1).unwrap()),
            part,
        );
    }
}

fn append(tar: &mut Builder<Vec<u8>>, path: &str, kind: EntryType, link: &str, bytes: &[u8]) {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(bytes.len() as u64);
    // Written past the library, which would refuse what these tests are about.
    let raw = header.as_ustar_mut().unwrap();
    raw.name[..path.len().min(100)].copy_from_slice(&path.as_bytes()[..path.len().min(100)]);
    raw.linkname[..link.len()].copy_from_slice(link.as_bytes());
    if path.len() > 100 {
        tar.append_pax_extensions([("path", path.as_bytes())])
            .unwrap();
    }
    header.set_cksum();
    tar.append(&header, bytes).unwrap();
}

/// The zstd frames with a seal that is right.
fn sealed(frames: &[u8]) -> Vec<u8> {
    let mut bytes = frames.to_vec();
    bytes.extend([0x50, 0x2a, 0x4d, 0x18, 83, 0, 0, 0]);
    bytes.extend(b"deconvscope-sha256:");
    bytes.extend(sha256(frames).as_bytes());
    bytes
}

#[track_caller]
fn found(bytes: &[u8], part: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar.zst");
    std::fs::write(&path, bytes).unwrap();
    let told = match verify(&path, None) {
        Ok(verdict) => verdict
            .findings
            .iter()
            .map(|finding| format!("{finding}\n"))
            .collect(),
        Err(error) => error.to_string(),
    };
    assert!(told.contains(part), "expected '{part}' in: {told}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing is unpacked");
}

#[test]
fn what_the_forger_starts_from_is_good() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar.zst");
    let frames = zstd::encode_all(&Forger::new().tar()[..], 1).unwrap();
    std::fs::write(&path, sealed(&frames)).unwrap();
    let verdict = verify(&path, None).unwrap();
    assert_eq!(verdict.findings, []);
    assert!(Path::new("/etc").exists());
}

#[test]
fn paths_that_lead_out_are_found() {
    let top = Forger::new().top;
    for path in [
        "../evil",
        "/etc/evil",
        "elsewhere/evil",
        &format!("{top}/../evil"),
        &format!("{top}/a/../../../evil"),
        &format!("{top}/./evil"),
        &format!("{top}//evil"),
        &format!("{top}/a\\..\\evil"),
        &format!("{top}/{}/../../evil", "x".repeat(120)),
    ] {
        Forger::new()
            .more(path, EntryType::Regular, "", b"evil")
            .found("leads out of the archive's folder");
    }
    // Nor does it help to list them.
    Forger::new()
        .listed("../evil", b"evil")
        .more(&format!("{top}/../evil"), EntryType::Regular, "", b"evil")
        .found("leads out of the archive's folder");
}

#[test]
fn links_devices_and_folders_are_found() {
    for (kind, name) in [
        (EntryType::Symlink, "a symbolic link"),
        (EntryType::Link, "a hard link"),
        (EntryType::Char, "a device"),
        (EntryType::Block, "a device"),
        (EntryType::Fifo, "a pipe"),
        (EntryType::Directory, "a folder"),
        (EntryType::GNUSparse, "neither file nor folder"),
    ] {
        let forger = Forger::new();
        let path = format!("{}/index.html", forger.top);
        let mut forger = forger.more(&path, kind, "/etc/passwd", b"");
        forger.found(name);
        forger.files.remove("index.html");
        forger.found(name);
    }
}

#[test]
fn doubles_strangers_and_losses_are_found() {
    let top = Forger::new().top;
    Forger::new()
        .more(
            &format!("{top}/index.html"),
            EntryType::Regular,
            "",
            b"other",
        )
        .found("index.html: stands in the archive twice");
    Forger::new()
        .more(&format!("{top}/more.txt"), EntryType::Regular, "", b"")
        .found("more.txt: is not part of the archive");
    Forger::new()
        .listed("more.txt", b"x")
        .more(&format!("{top}/more.txt"), EntryType::Regular, "", b"x")
        .found("more.txt: is not part of the run");
    let mut forger = Forger::new();
    forger.files.remove("data/metrics.csv");
    forger.found("data/metrics.csv: is missing");
    forger.contents["files"]
        .as_object_mut()
        .unwrap()
        .remove("data/metrics.csv");
    forger.found("data/metrics.csv: is missing: run.json lists it");

    let mut forger = Forger::new();
    forger
        .files
        .insert("data/metrics.csv".into(), b"metric\n".to_vec());
    forger.found("data/metrics.csv: has 7 bytes");
    forger = forger.listed("data/metrics.csv", b"metric\n");
    forger.found("data/metrics.csv: is not the file that run.json lists");
}

#[test]
fn another_run_under_the_name_of_this_is_found() {
    let mut forger = Forger::new();
    forger.top = "another-run".into();
    forger.found("the folder another-run is not named after the run in it");
}

#[test]
fn newer_and_foreign_archives_are_told_as_such() {
    let mut forger = Forger::new();
    forger.contents["schema"] = json!(99);
    forger.found("newer version (schema 99, this one reads up to 1)");
    forger.contents["format"] = json!("something else");
    forger.found("is of another format, 'something else'");
    let mut foreign = Builder::new(Vec::new());
    append(&mut foreign, "notes.txt", EntryType::Regular, "", b"mine");
    let frames = zstd::encode_all(&foreign.into_inner().unwrap()[..], 1).unwrap();
    found(
        &frames,
        "expected archive.json as its first file, found notes.txt",
    );
    found(&frames, "has no seal at its end");
    found(
        &sealed(&zstd::encode_all(&[0; 1024][..], 1).unwrap()),
        "is empty",
    );
    for bytes in [&b""[..], b"x", b"PK\x03\x04 a zip archive", &[0; 4096]] {
        found(bytes, "is not one of deconvscope's");
    }
}

#[test]
fn a_decompression_bomb_is_given_up() {
    let huge = vec![0; 256 << 20];
    let forger = Forger::new();
    let path = format!("{}/index.html", forger.top);
    let mut listed = forger.more(&path, EntryType::Regular, "", &huge);
    listed.files.remove("index.html");
    listed.found("index.html: is too long to look further");
    let forger = Forger::new();
    let stranger = format!("{}/bomb", forger.top);
    forger
        .more(&stranger, EntryType::Regular, "", &huge)
        .found("bomb: is too long to look further");
    let mut forger = Forger::new();
    forger.contents["format"] = json!("x".repeat(257 << 20));
    forger.found("archive.json: is too long");
    // Zeros without end after the last file.
    let mut tar = Forger::new().tar();
    tar.extend(&huge);
    found(
        &sealed(&zstd::encode_all(&tar[..], 1).unwrap()),
        "does not end where its last file does",
    );
}

#[test]
fn more_frames_after_the_first_are_found() {
    let tar = Forger::new().tar();
    let mut frames = zstd::encode_all(&tar[..], 1).unwrap();
    frames.extend(zstd::encode_all(&b"more"[..], 1).unwrap());
    found(&sealed(&frames), "holds more after its end");
}
