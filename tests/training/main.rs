//! Training: gradients and steps against finite differences and PyTorch, and the command.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../support/mod.rs"]
mod support;

mod archived;
mod bad_input;
mod command;
mod evolution;
mod exported;
mod finetune;
mod gradients;
mod precision;
mod small;
mod study;
mod transfer;
mod twin;
mod validation;

use std::path::Path;
use std::time::Duration;

/// Kills a run in `o` four times, each behind a part of what an undisturbed one takes, `least` percent at least.
fn killed_at_parts(folder: &Path, line: &str, whole: Duration, (least, seed): (u32, u64)) {
    let mut cut_off = 0;
    for kill in 0..4 {
        let resume = if kill == 0 { "" } else { "--resume" };
        let line = format!("{line} --out o --threads {} {resume}", 1 + kill % 2);
        let process = support::process::start(folder, &line);
        std::thread::sleep(whole * (least + support::draw(seed + kill) as u32 % 50) / 100);
        cut_off += usize::from(process.kill());
    }
    assert!(cut_off > 0, "no process was killed before its end");
}
