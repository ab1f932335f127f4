//! Lets the program, tests and benches find libtorch, and tells the program the commit that it is built from.

#[path = "src/engine/build/libtorch.rs"]
mod libtorch;

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    libtorch::find_at_start();
    tell_commit();
}

/// The commit that the report's manifest names; nothing outside a git checkout.
fn tell_commit() {
    const LOG: &str = ".git/logs/HEAD";
    if Path::new(LOG).exists() {
        println!("cargo:rerun-if-changed={LOG}");
    }
    let commit = Command::new("git").args(["rev-parse", "HEAD"]).output();
    if let Ok(commit) = commit {
        if commit.status.success() {
            let commit = String::from_utf8_lossy(&commit.stdout);
            println!("cargo:rustc-env=DECONVSCOPE_COMMIT={}", commit.trim());
        }
    }
}
