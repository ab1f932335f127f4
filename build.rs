//! Lets the binaries, tests and benches find libtorch at start, without `LD_LIBRARY_PATH`, and turns ONNX's schema into
//! types.
//!
//! torch-sys tells its direct dependants in `DEP_TCH_LIBTORCH_LIB` which folder it links against: `lib` in `LIBTORCH`,
//! which `.cargo/config.toml` points to `.deps/libtorch/torch` (`make setup`) unless it is set already. That folder
//! becomes the rpath.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

fn main() {
    tell_commit();
    generate_messages();
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    match env::var("DEP_TCH_LIBTORCH_LIB") {
        Ok(folder) => {
            println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
            tell_version(Path::new(&folder));
        }
        Err(_) => println!("cargo:warning=torch-sys names no libtorch folder; the binary will need LD_LIBRARY_PATH"),
    }
}

/// ONNX's messages as Rust, in `onnx/` of the build's output folder.
fn generate_messages() {
    const FOLDER: &str = "src/network/onnx";
    const SCHEMA: &str = "src/network/onnx/onnx.proto";
    println!("cargo:rerun-if-changed={SCHEMA}");
    protobuf_codegen::Codegen::new()
        .pure()
        .cargo_out_dir("onnx")
        .include(FOLDER)
        .input(SCHEMA)
        .customize(protobuf_codegen::Customize::default().lite_runtime(true))
        .run_from_script();
}

/// The commit that the report's manifest names; nothing outside a git checkout.
fn tell_commit() {
    const LOG: &str = ".git/logs/HEAD";
    if std::path::Path::new(LOG).exists() {
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

/// The version that the report's manifest names: of a Python package `torch/version.py`, of a plain libtorch
/// `build-version`, both beside the library folder.
fn tell_version(libraries: &Path) {
    let read = |name: &str| fs::read_to_string(libraries.with_file_name(name)).ok();
    let of_package = read("version.py").and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("__version__"))?;
        line.split('\'').nth(1).map(str::to_owned)
    });
    let version = of_package.or_else(|| read("build-version").map(|text| text.trim().to_owned()));
    println!(
        "cargo:rustc-env=DECONVSCOPE_LIBTORCH_VERSION={}",
        version.unwrap_or_default()
    );
}
