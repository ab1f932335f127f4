//! Whatever happens to a run or an archive by accident is found, and nothing is found where nothing happened.

use crate::support::type_in;
use crate::{archive, copy_of_run, only_archive, sha256};
use deconvscope::archive::{verify, Verdict};
use std::fs;
use std::path::{Path, PathBuf};

const CHANGES: usize = 1000;

/// Numbers that are the same each time; splitmix64.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    fn other_byte(&mut self, byte: u8) -> u8 {
        byte ^ (1 + self.below(255)) as u8
    }
}

fn found(path: &Path) -> bool {
    verify(path, None).map_or(true, |verdict: Verdict| !verdict.findings.is_empty())
}

/// One change of bytes in a file: what it was, and the bytes afterwards.
fn change(draw: &mut Draw, bytes: &[u8]) -> (String, Vec<u8>) {
    let mut changed = bytes.to_vec();
    let at = draw.below(bytes.len().max(1));
    match draw.below(4) {
        0 | 1 if !bytes.is_empty() => {
            changed[at] = draw.other_byte(bytes[at]);
            (format!("byte {at} is {}", changed[at]), changed)
        }
        2 if !bytes.is_empty() => {
            changed.truncate(at);
            (format!("cut off at {at}"), changed)
        }
        _ => {
            let added = [0, b' ', b'\n', b'x'][draw.below(4)];
            let at = [0, at, bytes.len()][draw.below(3)];
            changed.insert(at, added);
            (format!("{added} added at {at}"), changed)
        }
    }
}

#[test]
fn a_thousand_changes_of_an_archive_are_found() {
    let folder = copy_of_run();
    archive(folder.path(), "o --to shelf");
    let path = only_archive(&folder.path().join("shelf"));
    let whole = fs::read(&path).unwrap();
    assert!(!found(&path), "a false alarm");
    let mut draw = Draw(1);
    for _ in 0..CHANGES {
        let (what, changed) = change(&mut draw, &whole);
        fs::write(&path, changed).unwrap();
        assert!(found(&path), "{what}");
    }
    fs::write(&path, &whole).unwrap();
    assert!(!found(&path), "a false alarm at the end");
}

#[test]
fn every_bit_of_an_archives_ends_counts() {
    let folder = copy_of_run();
    archive(folder.path(), "o --to shelf");
    let path = only_archive(&folder.path().join("shelf"));
    let whole = fs::read(&path).unwrap();
    let end = whole.len();
    for at in (0..40).chain(end - 120..end) {
        for bit in 0..8 {
            let mut changed = whole.clone();
            changed[at] ^= 1 << bit;
            fs::write(&path, changed).unwrap();
            assert!(found(&path), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn a_thousand_changes_of_a_run_folder_are_found() {
    let folder = copy_of_run();
    let run = folder.path().join("o");
    assert!(!found(&run), "a false alarm");
    let names: Vec<String> = crate::support::files::files(&run).into_keys().collect();
    let mut draw = Draw(2);
    for _ in 0..CHANGES {
        // The manifest tells of all others, so half of the changes are made to it.
        let name = match draw.below(2) {
            0 => "run.json",
            _ => names[draw.below(names.len())].as_str(),
        };
        let path = run.join(name);
        let whole = fs::read(&path).unwrap();
        let what = match draw.below(10) {
            0 => {
                fs::remove_file(&path).unwrap();
                "removed".to_owned()
            }
            1 => {
                let stranger = run.join(["data/x", "x", "pages/.hidden"][draw.below(3)]);
                fs::write(&stranger, ["", "text"][draw.below(2)]).unwrap();
                assert!(found(&run), "{} added", stranger.display());
                fs::remove_file(&stranger).unwrap();
                continue;
            }
            _ => {
                let (what, changed) = change(&mut draw, &whole);
                fs::write(&path, changed).unwrap();
                what
            }
        };
        assert!(found(&run), "{name}: {what}");
        fs::write(&path, &whole).unwrap();
    }
    assert!(!found(&run), "a false alarm at the end");
}

#[test]
fn every_bit_of_the_manifest_counts() {
    let folder = copy_of_run();
    let run = folder.path().join("o");
    // Only the manifest is left to read, so that each of many thousand bits is quickly tried.
    let path = run.join("run.json");
    let whole = fs::read(&path).unwrap();
    let before = verify(&run, None).unwrap();
    assert_eq!(before.findings, []);
    let mut draw = Draw(3);
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] = draw.other_byte(changed[at]);
        assert_ne!(
            deconvscope::records::seal_holds(&changed),
            Some(true),
            "byte {at} is {}",
            changed[at]
        );
    }
}

#[test]
fn each_damage_is_named_on_a_line_of_its_own() {
    let folder = copy_of_run();
    let run = folder.path().join("o");
    let verified = type_in(folder.path(), "verify o");
    assert_eq!((verified.code, verified.stdout.as_str()), (0, "ok\n"));
    verified.says("not forgery");
    fs::write(run.join("data/metrics.csv"), "metric\n").unwrap();
    fs::remove_file(run.join("index.html")).unwrap();
    fs::write(run.join("data/no\nnewline"), "").unwrap();
    fs::create_dir(run.join("empty")).unwrap();
    let verified = type_in(folder.path(), "verify o");
    assert_eq!(verified.code, 1);
    let mut lines: Vec<&str> = verified.stdout.lines().collect();
    lines.sort();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[0].starts_with("data/metrics.csv: has changed"));
    assert_eq!(lines[1], "data/no\\nnewline: is not part of the run");
    assert_eq!(lines[2], "empty: is not part of the run");
    assert_eq!(lines[3], "index.html: is missing");
    verified.says("error: o is damaged: 4 problems");
    let refused = archive(folder.path(), "o --to shelf");
    refused.fails_with(&[
        "run folder o",
        "not as it was finished",
        "nothing was archived",
    ]);
    assert!(!folder.path().join("shelf").exists());
}

#[test]
fn a_forged_run_is_found_by_what_was_noted_elsewhere() {
    let folder = copy_of_run();
    archive(folder.path(), "o --to shelf");
    let path = only_archive(&folder.path().join("shelf"));
    let verify_line = |path: &Path, sha: &str| {
        type_in(
            folder.path(),
            &format!("verify {} --expect {sha}", path.display()),
        )
    };
    let run = PathBuf::from("o");
    for (path, bytes) in [
        (&path, fs::read(&path).unwrap()),
        (&run, fs::read(folder.path().join("o/run.json")).unwrap()),
    ] {
        let right = sha256(&bytes);
        assert_eq!(verify_line(path, &right).stdout, "ok\n");
        assert_eq!(verify_line(path, &right.to_uppercase()).code, 0);
        let wrong = verify_line(path, &"0".repeat(64));
        assert_eq!(wrong.code, 1);
        assert!(wrong
            .stdout
            .contains(&format!("sha256 is {right}, expected 000")));
    }
    assert_eq!(verify_line(&run, "abc").code, 2);
}

#[test]
fn a_run_of_an_older_version_is_told_to_have_no_seal() {
    let folder = copy_of_run();
    let path = folder.path().join("o/run.json");
    let text = fs::read_to_string(&path).unwrap();
    let at = text.rfind(",\n  \"seal\"").unwrap();
    let unsealed = format!("{}\n}}\n", &text[..at]);
    fs::write(&path, &unsealed).unwrap();
    let verified = type_in(folder.path(), "verify o").says("run.json has no seal");
    assert_eq!((verified.code, verified.stdout.as_str()), (0, "ok\n"));
    // A seal whose name was changed is no missing seal.
    fs::write(&path, text.replace("\"seal\"", "\"sea1\"")).unwrap();
    assert_eq!(type_in(folder.path(), "verify o").code, 1);
    // Drawing the pages again seals the run.
    fs::write(&path, &unsealed).unwrap();
    type_in(folder.path(), "render o").ok();
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}
