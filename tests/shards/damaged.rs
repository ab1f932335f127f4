//! Shards that are not what they were sealed as: merge names each, and `work` does it again.

use std::fs;
use std::path::PathBuf;

use super::support::files::assert_same;
use super::*;

const REPORT: &str = "p --layers conv2 --detail all --occlusion none --features 2";
const SHARDS: usize = 4;

fn shard(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("plan/round-1/shard-{number:05}"))
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in support::files::files(from) {
        let place = to.join(name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }
}

/// Damages a shard in one of six ways.
fn damage(folder: &Path, number: usize, kind: usize, lot: usize) {
    let place = shard(folder, number);
    let names: Vec<String> = support::files::files(&place).into_keys().collect();
    let file = place.join(&names[lot % names.len()]);
    match kind {
        0 => {
            let mut bytes = fs::read(&file).unwrap();
            let bit = lot % (8 * bytes.len());
            bytes[bit / 8] ^= 1 << (bit % 8);
            fs::write(&file, bytes).unwrap();
        }
        1 => {
            let bytes = fs::read(&file).unwrap();
            fs::write(&file, &bytes[..lot % bytes.len()]).unwrap();
        }
        2 => fs::remove_file(&file).unwrap(),
        3 => {
            // Another shard's content in this one's place.
            fs::remove_dir_all(&place).unwrap();
            copy(&shard(folder, (number + 1) % SHARDS), &place);
        }
        4 => {
            // Of another plan.
            fs::remove_dir_all(&place).unwrap();
            copy(
                &folder.join(format!("other/round-1/shard-{number:05}")),
                &place,
            );
        }
        _ => fs::write(place.join("arrays/more.safetensors"), "more").unwrap(),
    }
}

/// A hundred where all is asked for.
#[test]
fn damages_are_named_each() {
    let folder = folder(9);
    let folder = folder.path();
    let expected = whole(folder, REPORT);
    type_in(
        folder,
        &format!("plan {REPORT} --seed 1 --shards {SHARDS} --out other"),
    )
    .ok();
    for number in 0..SHARDS {
        type_in(folder, &format!("work other --shard {number}")).ok();
    }
    plan(folder, REPORT, SHARDS);
    work_all(folder, SHARDS, 1);
    let sound = tempfile::tempdir().unwrap();
    copy(&folder.join("plan"), sound.path());
    for seed in 0..times(100, 18) as u64 {
        let (number, lot) = (draw(seed) % SHARDS, draw(seed + 1000));
        damage(folder, number, seed as usize % 6, lot);
        let name = format!("shard-{number:05}");
        let ended = type_in(folder, "merge plan --out merged");
        ended.fails_with(&["nothing was merged", &name, "is damaged"]);
        assert!(!folder.join("merged").exists(), "seed {seed}");
        let place = shard(folder, number);
        fs::remove_dir_all(&place).unwrap();
        copy(&sound.path().join("round-1").join(&name), &place);
    }
    // One that is done again is as good.
    damage(folder, 2, 0, 12345);
    fs::remove_dir_all(shard(folder, 2)).unwrap();
    work(folder, 2);
    merge(folder);
    work_all(folder, SHARDS, 2);
    merge(folder);
    assert_same(&result(&folder.join("merged")), &expected, "done again");
}

#[test]
fn a_shard_of_another_content_is_an_error_that_names_both() {
    let folder = folder(4);
    let folder = folder.path();
    plan(folder, REPORT, 1);
    // Both at it at once; the photographs change between them, to others of the same size.
    let line = "work plan --shard 0";
    work(folder, 0);
    let place = shard(folder, 0);
    let seal = fs::read_to_string(place.join("shard.json")).unwrap();
    assert!(seal.contains("\"by\""));
    fs::rename(&place, folder.join("first")).unwrap();
    let one = folder.join("p/cats/2.jpg");
    let mut bytes = fs::read(&one).unwrap();
    // A byte of a comment would do; of the last restart interval it is a pixel.
    let at = bytes.len() - 20;
    bytes[at] ^= 1;
    fs::write(&one, bytes).unwrap();
    let mut running = support::process::start(folder, line);
    running.until(|| {
        folder
            .join("plan/round-1/attempts")
            .read_dir()
            .is_ok_and(|mut all| all.next().is_some())
    });
    fs::rename(folder.join("first"), &place).unwrap();
    let (status, told) = running.end();
    assert_eq!(status.code(), Some(42), "{told}");
    assert!(told.contains("with another content than by"), "{told}");
    assert!(place.join("shard.json").is_file());
}

#[test]
fn a_plan_that_is_damaged_is_told() {
    let folder = folder(4);
    let folder = folder.path();
    plan(folder, REPORT, 1);
    for file in ["plan.json", "photographs.csv"] {
        let path = folder.join("plan").join(file);
        let before = fs::read(&path).unwrap();
        let mut bytes = before.clone();
        bytes[before.len() / 2] ^= 1;
        fs::write(&path, bytes).unwrap();
        type_in(folder, "work plan --shard 0")
            .code(42)
            .says("is damaged");
        fs::write(&path, before).unwrap();
    }
    work(folder, 0);
}
