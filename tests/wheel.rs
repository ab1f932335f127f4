//! The wheel as an installer unpacks it, in a folder with a blank in its name: the launcher becomes the program, finds torch or says
//! what is missing. `make wheel-check` does the same with pip and the Pythons that are there.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod support;

use std::fs::{create_dir, set_permissions, write, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use support::photos::photo;
use support::{ended, program, repository, Ended, TINY};
use tempfile::TempDir;

/// What an installer leaves: `packages`, with `deconvscope/` and what tells of it.
struct Installed {
    packages: PathBuf,
}

static INSTALLED: LazyLock<Installed> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("a wheel");
    let (out, packages) = (folder.join("out"), folder.join("packages"));
    let _ = std::fs::remove_dir_all(&folder);
    let script = repository().join("scripts/wheel.py");
    let [out_option, program_option] = ["--out", "--program"].map(Path::new);
    python(&[&script, out_option, &out, program_option, program()]);
    let wheel = std::fs::read_dir(&out).unwrap().next().unwrap().unwrap();
    let [module, zipfile, extract] = ["-m", "zipfile", "-e"].map(Path::new);
    python(&[module, zipfile, extract, &wheel.path(), &packages]);
    // zipfile leaves modes out, which installers keep.
    let executable = Permissions::from_mode(0o755);
    set_permissions(packages.join("deconvscope/bin/deconvscope"), executable).unwrap();
    Installed { packages }
});

fn python(arguments: &[&Path]) {
    let output = Command::new("python3").args(arguments).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

impl Installed {
    /// The launcher, with these folders of packages and no others but Python's own.
    fn launcher(&self, beside: &[&Path]) -> Command {
        let mut command = Command::new("python3");
        let folders = [&[&*self.packages], beside].concat();
        command.env("PYTHONPATH", std::env::join_paths(folders).unwrap());
        command
            .env_remove("LD_LIBRARY_PATH")
            .env_remove("DECONVSCOPE_WEIGHTS");
        // -S: torch may be one of Python's own packages.
        command.args(["-S", "-m", "deconvscope"]);
        command
    }

    fn types(&self, beside: &[&Path], arguments: &[&str]) -> Ended {
        ended(assert_cmd::Command::from_std(self.launcher(beside)).args(arguments))
    }
}

/// The folder that torch lies in.
fn torch() -> PathBuf {
    repository().join(".deps/libtorch")
}

/// A torch package of a version, with libraries or without.
fn other_torch(version: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let torch = folder.path().join("torch");
    create_dir(&torch).unwrap();
    write(torch.join("__init__.py"), "").unwrap();
    write(
        torch.join("version.py"),
        format!("__version__ = '{version}'\n"),
    )
    .unwrap();
    folder
}

#[test]
fn the_launcher_finds_torch_and_is_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let photos = folder.path().join("photos");
    photo(&photos.join("1.png"), (64, 48), 1);
    write(photos.join("2.png"), "none").unwrap();
    let (photos, out) = (photos.to_str().unwrap(), folder.path().join("run"));
    let report = ["report", photos, "--strict", "--out", out.to_str().unwrap()];
    let ended = INSTALLED.types(&[&torch()], &[&report[..], &TINY].concat());
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    assert!(out.join("index.html").is_file());
    let wrong = INSTALLED.types(&[&torch()], &["--nonsense"]);
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
    assert!(
        wrong.stderr.contains("Usage: deconvscope"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn the_program_takes_the_launchers_process() {
    let mut command = INSTALLED.launcher(&[&torch()]);
    // Waits for its script to be read.
    command.args(["completions", "bash"]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let link = format!("/proc/{}/exe", child.id());
    let own = INSTALLED.packages.join("deconvscope/bin/deconvscope");
    let became = (0..2000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(5));
        std::fs::read_link(&link).is_ok_and(|path| path == own)
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(became, "{link} never was {}", own.display());
}

#[test]
fn another_libtorch_that_the_environment_names_is_not_taken() {
    let strange = tempfile::tempdir().unwrap();
    write(strange.path().join("libtorch_cpu.so"), "another").unwrap();
    let mut command = INSTALLED.launcher(&[&torch()]);
    command
        .env("LD_LIBRARY_PATH", strange.path())
        .arg("--version");
    let ended = ended(&mut assert_cmd::Command::from_std(command));
    assert_eq!((ended.code, &*ended.stderr), (0, ""));
}

#[test]
fn what_is_missing_is_told_with_what_to_type() {
    let type_this = "-m pip install torch==2.11.0";
    let refused = |beside: &[&Path], parts: &[&str]| {
        INSTALLED
            .types(beside, &["model", "list"])
            .fails_with(&[&["needs torch 2.11.0", type_this], parts].concat());
    };
    refused(&[], &["there is none"]);
    let older = other_torch("2.10.0+cpu");
    let place = older.path().join("torch");
    refused(
        &[older.path()],
        &["there is torch 2.10.0+cpu in", place.to_str().unwrap()],
    );
    let bare = other_torch("2.11.0+cu130");
    refused(&[bare.path()], &["has no lib/libtorch_cpu.so"]);
}

#[test]
fn weights_that_are_missing_are_fetched_by_setup_sample() {
    let data = tempfile::tempdir().unwrap();
    photo(&data.path().join("photos/1.png"), (64, 48), 1);
    let mut command = INSTALLED.launcher(&[&torch()]);
    command
        .env("XDG_DATA_HOME", data.path())
        .current_dir(data.path());
    command.args(["report", "photos", "--out", "run"]);
    let place = data
        .path()
        .join("deconvscope/weights/squeezenet1_1.safetensors");
    ended(&mut assert_cmd::Command::from_std(command))
        .fails_with(&[place.to_str().unwrap(), "deconvscope setup-sample"]);
}

#[test]
fn setup_sample_leaves_alone_what_is_in_place() {
    let setup =
        |command: Command| ended(assert_cmd::Command::from_std(command).arg("setup-sample"));
    // A checkout's own program, and the package's, with what the checkout has.
    let checkout = setup(Command::new(program()));
    assert_eq!(
        checkout.stdout.matches("already there").count(),
        2,
        "{checkout:?}"
    );
    let data = tempfile::tempdir().unwrap();
    let own = data.path().join("deconvscope");
    create_dir(&own).unwrap();
    for (name, place) in [("weights", ".deps/weights"), ("sample", "datasets/sample")] {
        std::os::unix::fs::symlink(repository().join(place), own.join(name)).unwrap();
    }
    let mut command = INSTALLED.launcher(&[&torch()]);
    command.env("XDG_DATA_HOME", data.path());
    let package = setup(command);
    assert_eq!(
        (
            package.code,
            package.stdout.matches("already there").count()
        ),
        (0, 2),
        "{package:?}"
    );
    assert!(
        package
            .stdout
            .contains(own.join("weights").to_str().unwrap()),
        "{package:?}"
    );
}

#[test]
fn a_python_that_cannot_be_started_is_named() {
    let mut command = assert_cmd::Command::new(program());
    command
        .env("DECONVSCOPE_PYTHON", "/no/such/python")
        .arg("setup-sample");
    ended(&mut command).fails_with(&["cannot run /no/such/python"]);
}
