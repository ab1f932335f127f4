//! Lets the engine's tests find libtorch, and tells the engine its version.

mod libtorch;

use std::fs;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build");
    let version = libtorch::find_at_start().map(|folder| version(&folder));
    println!(
        "cargo:rustc-env=DECONVSCOPE_LIBTORCH_VERSION={}",
        version.unwrap_or_default()
    );
}

/// The version that the report's manifest names: of a Python package `torch/version.py`, of a plain libtorch
/// `build-version`, both beside the library folder.
fn version(libraries: &Path) -> String {
    let read = |name: &str| fs::read_to_string(libraries.with_file_name(name)).ok();
    let of_package = read("version.py").and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("__version__"))?;
        line.split('\'').nth(1).map(str::to_owned)
    });
    let plain = || read("build-version").map(|text| text.trim().to_owned());
    of_package.or_else(plain).unwrap_or_default()
}
