//! What an interrupted run kept in `records/` may be damaged: a resumed one says so, and never goes on with it.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use std::path::{Path, PathBuf};
use support::files::{assert_same, files, result, Files};
use support::photos::many_cats_and_dogs;
use support::process::start;
use support::{draw, type_in};
use tempfile::TempDir;

/// Leaves every kind of record: photographs with and without regions and detail, the choice for detail, occlusion, the scan of
/// feature maps.
const LINE: &str = "report p --layers conv2,fc4 --masks m.csv --detail 2 --occlusion 2 --features 2 --strongest 3 --randomisation 1 --out o";

/// A run in `o` that was cut off when all was computed.
struct Interrupted {
    folder: TempDir,
    /// What it would have come to.
    expected: Files,
}

impl Interrupted {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        many_cats_and_dogs(&folder.path().join("p"), 7);
        std::fs::write(folder.path().join("p/dogs/8.jpg"), "no photograph").unwrap();
        let masks = "image,region,x,y,width,height\ncats/2.png,face,4,4,12,12\ndogs/3.png,face,8,6,9,9\ndogs/3.png,tail,20,20,9,9\n";
        std::fs::write(folder.path().join("m.csv"), masks).unwrap();
        let out = folder.path().join("o");
        type_in(folder.path(), LINE).ok();
        let expected = result(&out);
        for _ in 0..20 {
            std::fs::remove_dir_all(&out).unwrap();
            let mut running = start(folder.path(), LINE);
            running.until(|| out.join("pages").is_dir());
            running.kill();
            if !out.join("run.json").exists() {
                return Self { folder, expected };
            }
        }
        unreachable!("the run was never cut off");
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("o")
    }

    /// The records by their paths inside the run's folder; of the lock only its being locked counts.
    fn records(&self) -> Files {
        let mut records = files(&self.out());
        records.retain(|name, _| name.starts_with("records/") && name != "records/lock");
        for kind in [
            "plan",
            "selection",
            "photos/",
            "occlusion/",
            "features/scan",
        ] {
            let start = format!("records/{kind}");
            assert!(
                records.keys().any(|name| name.starts_with(&start)),
                "{kind}"
            );
        }
        records
    }

    /// Damages a record at each of so many places, one at a time; resuming must name the file and leave all
    /// others as they are.
    fn is_damaged_at(&self, places: u64) {
        let records = self.records();
        for place in 0..places {
            let mut draws = (0..).map(|number| draw(place * 1000 + number));
            let (name, damaged) = damage(&records, &mut draws);
            let path = self.out().join(name);
            std::fs::write(&path, &damaged).unwrap();
            let told = format!("run folder o/{name}: is damaged");
            type_in(self.folder.path(), &format!("{LINE} --resume")).fails_with(&[&told, "; "]);
            std::fs::write(&path, &records[name]).unwrap();
        }
        assert_same(&self.records(), &records, "resumed in vain");
        type_in(self.folder.path(), &format!("{LINE} --resume")).ok();
        assert_same(&result(&self.out()), &self.expected, "as it was again");
    }
}

/// One of the records, and what it may have become instead.
fn damage<'a>(records: &'a Files, draws: &mut impl Iterator<Item = usize>) -> (&'a str, Vec<u8>) {
    let mut below = |most: usize| draws.next().unwrap() % most.max(1);
    // Kinds of records in turn: there are more of some than of others.
    let kinds: Vec<Vec<&String>> = ["plan", "selection", "photos", "occlusion", "features"]
        .iter()
        .map(|kind| {
            records
                .keys()
                .filter(|name| name.starts_with(&format!("records/{kind}")))
                .collect()
        })
        .collect();
    loop {
        let kind = &kinds[below(kinds.len())];
        let name = kind[below(kind.len())];
        let whole = &records[name];
        let at = below(whole.len());
        let damaged = match below(6) {
            0 => flipped(whole, at, below(8)),
            1 => whole[..at].to_vec(),
            2 => emptied(whole, at),
            3 => {
                let number = [
                    "-1",
                    "0",
                    "99999999999999999999",
                    "4294967296",
                    "1e308",
                    "null",
                ][below(6)];
                renumbered(whole, at, number)
            }
            4 => records.values().nth(below(records.len())).unwrap().clone(),
            _ => [
                &whole[..at],
                &whole[(at + 1 + below(40)).min(whole.len())..],
            ]
            .concat(),
        };
        if damaged != *whole {
            return (name, damaged);
        }
    }
}

fn flipped(whole: &[u8], at: usize, bit: usize) -> Vec<u8> {
    let mut flipped = whole.to_vec();
    flipped[at] ^= 1 << bit;
    flipped
}

/// The first list from a place on is empty.
fn emptied(whole: &[u8], at: usize) -> Vec<u8> {
    let Some(open) = whole[at..].iter().position(|byte| *byte == b'[') else {
        return whole.to_vec();
    };
    let (head, list) = whole.split_at(at + open + 1);
    let mut depth = 1;
    let close = list.iter().position(|byte| {
        depth += match byte {
            b'[' => 1,
            b']' => -1,
            _ => 0,
        };
        depth == 0
    });
    [head, &list[close.unwrap_or_default()..]].concat()
}

/// The first number from a place on is another.
fn renumbered(whole: &[u8], at: usize, number: &str) -> Vec<u8> {
    let starts = |pair: &[u8]| matches!(pair[0], b':' | b'[' | b',') && pair[1].is_ascii_digit();
    let Some(before) = whole[at..].windows(2).position(starts) else {
        return whole.to_vec();
    };
    let (head, rest) = whole.split_at(at + before + 1);
    let digit = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'-' | b'+');
    let length = rest.iter().take_while(|byte| digit(byte)).count();
    [head, number.as_bytes(), &rest[length..]].concat()
}

#[test]
fn a_damaged_record_is_named_and_not_believed() {
    Interrupted::new().is_damaged_at(60);
}

mod proofs {
    use super::*;

    #[test]
    fn records_damaged_at_many_places() {
        Interrupted::new().is_damaged_at(500);
    }
}

#[test]
fn what_the_error_advises_leads_to_the_same_bytes() {
    let run = Interrupted::new();
    let records = run.records();
    let kept = files(&run.out());
    for kind in ["photos", "occlusion", "features", "selection", "plan"] {
        let start = format!("records/{kind}");
        let name = records
            .keys()
            .find(|name| name.starts_with(&start))
            .unwrap();
        let path = run.out().join(name);
        std::fs::write(&path, "{").unwrap();
        let resume = format!("{LINE} --resume");
        let advice = match kind {
            "plan" => "begin anew with --overwrite",
            _ => "remove this file and go on with --resume",
        };
        type_in(run.folder.path(), &resume).fails_with(&[advice]);
        match kind {
            "plan" => type_in(run.folder.path(), &format!("{LINE} --overwrite")).ok(),
            _ => {
                std::fs::remove_file(&path).unwrap();
                type_in(run.folder.path(), &resume).ok()
            }
        };
        assert_same(&result(&run.out()), &run.expected, kind);
        write_all(&run.out(), &kept);
    }
}

/// A folder that holds these files and no others.
fn write_all(root: &Path, files: &Files) {
    std::fs::remove_dir_all(root).unwrap();
    for (name, bytes) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}
