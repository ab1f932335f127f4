//! A run in shards, on any machines, in any order: the same bytes as one machine's.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod bad_input;
mod damaged;
mod killed;
mod same;
mod scheduled;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;

use support::files::{result, Files};
use support::photos::photo;
use support::{draw, type_in};
use tempfile::TempDir;

/// With two rounds: photographs in detail and under the occluder are chosen when all were classified.
const REPORT: &str = "p --layers conv2,fc4 --masks m.csv --detail 3 --occlusion 3 --features 2 --strongest 3 --randomisation 1 --invariance 1";

/// How often something is tried: seldom, but where `make shards` asks for all of it.
fn times(all: usize, few: usize) -> usize {
    match std::env::var_os("DECONVSCOPE_SHARDS") {
        Some(_) => all,
        None => few,
    }
}

/// A folder with the data set `p` of so many photographs, of which one can't be read, and its masks `m.csv`.
fn folder(photos: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for number in 1..photos {
        let name = format!("p/{}/{number}.jpg", ["cats", "dogs"][number % 2]);
        photo(&folder.path().join(name), (60, 52), number as u32);
    }
    std::fs::write(folder.path().join("p/dogs/none.jpg"), "no photograph").unwrap();
    let masks =
        "image,region,x,y,width,height\ncats/2.jpg,face,12,12,18,16\ndogs/3.jpg,face,16,12,12,12\n";
    std::fs::write(folder.path().join("m.csv"), masks).unwrap();
    folder
}

/// One machine's run.
fn whole(folder: &Path, report: &str) -> Files {
    type_in(folder, &format!("report {report} --out whole")).ok();
    result(&folder.join("whole"))
}

fn plan(folder: &Path, report: &str, shards: usize) {
    type_in(
        folder,
        &format!("plan {report} --shards {shards} --out plan"),
    )
    .ok();
}

fn work(folder: &Path, shard: usize) {
    type_in(
        folder,
        &format!("work plan --shard {shard} --threads {}", 1 + shard % 2),
    )
    .ok();
}

/// All shards of a round, in an order drawn by seed.
fn work_all(folder: &Path, shards: usize, seed: u64) {
    let mut order: Vec<usize> = (0..shards).collect();
    order.sort_by_key(|shard| draw(seed * 1000 + *shard as u64));
    order.into_iter().for_each(|shard| work(folder, shard));
}

fn merge(folder: &Path) -> support::Ended {
    type_in(folder, "merge plan --out merged").ok()
}

/// Plans a report, does all its shards and merges them, so many rounds of it, each in an order drawn by seed.
fn in_shards(folder: &Path, report: &str, shards: usize, rounds: u64) -> Files {
    plan(folder, report, shards);
    for round in 0..rounds {
        work_all(folder, shards, 10 * shards as u64 + round);
        merge(folder);
    }
    result(&folder.join("merged"))
}
