//! What the tests of the command line share: photographs made on the spot, the program as a process, run folders read
//! back without the program's own code.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

pub(crate) mod files;
pub(crate) mod linters;
pub(crate) mod onnx;
pub(crate) mod pages;
pub(crate) mod photos;
pub(crate) mod process;
pub(crate) mod run;

use assert_cmd::Command;
use std::path::{Path, PathBuf};

/// The program, with weights as `make setup` installed them.
pub(crate) fn deconvscope() -> Command {
    let mut command = Command::new(program());
    command.env("DECONVSCOPE_WEIGHTS", weights().parent().unwrap());
    command
}

/// Where the program lies.
pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_deconvscope"))
}

/// SqueezeNet's weights.
pub(crate) fn weights() -> PathBuf {
    let path = repository().join(".deps/weights/squeezenet1_1.safetensors");
    assert!(
        path.is_file(),
        "{} is missing: run `make setup`",
        path.display()
    );
    path
}

/// The checkout.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// How a process ended and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The tests' small network as options: inputs of 32 pixels, five classes, stages conv1, conv2, conv3 and fc4.
pub(crate) const TINY: [&str; 4] = ["--model", "tiny", "--weights", TINY_WEIGHTS];
/// Its weights.
pub(crate) const TINY_WEIGHTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/checkpoints/tiny.pth"
);

/// The arguments of a line as one would type it. Where it computes and names no network, the tests' small one does: which it
/// is is not the point.
pub(crate) fn arguments(line: &str) -> Vec<&str> {
    let typed: Vec<&str> = line.split_whitespace().collect();
    let computes = matches!(
        typed.first(),
        Some(&("report" | "features" | "transfer" | "replicate" | "plan"))
    );
    let named = ["--model", "--weights"]
        .iter()
        .any(|name| typed.contains(name));
    match computes && !named {
        true => [&typed[..], &TINY].concat(),
        false => typed,
    }
}

/// Runs the program in `folder` with arguments as one would type them; no argument may hold a blank.
pub(crate) fn type_in(folder: &Path, line: &str) -> Ended {
    ended(deconvscope().current_dir(folder).args(arguments(line)))
}

/// A folder for PATH with a `deconvscope` that computes with the tests' small network where a script names none.
pub(crate) fn on_the_path() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deconvscope");
    let script = format!(
        "#!/bin/sh\ncase \"$* \" in\n    *--model\\ *) exec '{program}' \"$@\" ;;\n    report*|features*|transfer*|replicate*|plan*) exec '{program}' \"$@\" {tiny} ;;\n    *) exec '{program}' \"$@\" ;;\nesac\n",
        program = program().display(),
        tiny = TINY.map(|word| format!("'{word}'")).join(" "),
    );
    std::fs::write(&path, script).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&path, executable).unwrap();
    folder
}

/// Runs the command to its end; a panic fails the test, whatever the exit code.
pub(crate) fn ended(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let stderr = text(output.stderr);
    assert!(!stderr.contains("panicked"), "{stderr}");
    Ended {
        code: output
            .status
            .code()
            .unwrap_or_else(|| panic!("{:?}: {stderr}", output.status)),
        stdout: text(output.stdout),
        stderr,
    }
}

impl Ended {
    /// Succeeded, and stdout was left to programs.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.code(0)
    }

    /// Ended with this exit code and wrote nothing to stdout.
    #[track_caller]
    pub(crate) fn code(self, expected: i32) -> Self {
        assert_eq!(
            (self.code, &*self.stdout),
            (expected, ""),
            "{}",
            self.stderr
        );
        self
    }

    /// Failed with exit code 1 and one error that holds all of `parts`: the last line, and indented ones behind it.
    #[track_caller]
    pub(crate) fn fails_with(self, parts: &[&str]) -> Self {
        let ended = self.code(1);
        let lines: Vec<&str> = ended.stderr.trim_end().lines().collect();
        let is_error = |line: &&str| line.starts_with("error: ");
        let first = lines.iter().position(is_error).unwrap_or(lines.len());
        let error = lines[first..].join("\n");
        assert!(!error.is_empty(), "no error in: {}", ended.stderr);
        let indented = |line: &&str| line.starts_with("  ");
        assert!(lines[first + 1..].iter().all(indented), "{}", ended.stderr);
        for part in parts {
            assert!(error.contains(part), "expected '{part}' in: {error}");
        }
        ended
    }

    /// Said something that holds `part`.
    #[track_caller]
    pub(crate) fn says(self, part: &str) -> Self {
        assert!(
            self.stderr.contains(part),
            "expected '{part}' in: {}",
            self.stderr
        );
        self
    }
}

/// Numbers that are the same each time; splitmix64.
pub(crate) fn draw(seed: u64) -> usize {
    let mixed = (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed ^ (mixed >> 27)) >> 33) as usize
}
