//! Whether a run folder or an archive is still what it was made as. This finds damage; whoever can change a file on
//! purpose can seal it again, which only a sha256 kept elsewhere brings to light.

mod entries;
mod folder;
mod packed;

use std::fmt;
use std::path::Path;

use base::{Error, Result};
use records::{seal_holds, Manifest};

/// Something that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file, by its path inside the run or archive.
    pub file: String,
    /// What was expected, and what was found.
    pub problem: String,
}

impl Finding {
    fn new(file: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for Finding {
    /// On one line, whatever a file is called.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = format!("{}: {}", self.file, self.problem);
        for letter in line.chars() {
            match letter.is_control() {
                true => write!(f, "{}", letter.escape_default())?,
                false => write!(f, "{letter}")?,
            }
        }
        Ok(())
    }
}

/// What verifying found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Everything that is not as it was; none: it is whole.
    pub findings: Vec<Finding>,
    /// What could not be checked, or was left out on purpose.
    pub notes: Vec<String>,
    /// Files that were looked at.
    pub files: usize,
    /// sha256 of the archive, or of a folder's `run.json`.
    pub sha256: String,
}

/// Verifies an archive or a run folder, with nothing but itself; `expected` is the sha256 that it (of a folder: its
/// `run.json`) must have.
///
/// # Errors
/// [`Error::Io`]; [`Error::RunFolder`] for a folder without a manifest that can be read; [`Error::Archive`] for what
/// is no archive at all.
pub fn verify(path: &Path, expected: Option<&str>) -> Result<Verdict> {
    let kind = std::fs::metadata(path).map_err(Error::io("cannot read", path))?;
    let (mut verdict, what) = match kind.is_dir() {
        true => (folder::verify(path)?, super::MANIFEST),
        false => (packed::verify(path)?, packed::WHOLE),
    };
    if let Some(expected) =
        expected.filter(|expected| !verdict.sha256.eq_ignore_ascii_case(expected))
    {
        let problem = format!("sha256 is {}, expected {expected}", verdict.sha256);
        verdict.findings.push(Finding::new(what, problem));
    }
    Ok(verdict)
}

/// Whether `run.json` is as it was written.
fn check_manifest(bytes: &[u8], manifest: &Manifest, verdict: &mut Verdict) {
    match seal_holds(bytes) {
        Some(true) => {}
        None if manifest.seal.is_empty() && has_known_fields_only(bytes, manifest) => {
            verdict.notes.push(
                "run.json has no seal, as in runs of older versions: changes of run.json itself cannot be found; `deconvscope render` seals it".into(),
            );
        }
        _ => verdict.findings.push(Finding::new(
            super::MANIFEST,
            "has changed: its seal is not that of its content",
        )),
    }
}

/// A changed letter in the name of the field `seal` would otherwise pass for a manifest without one.
fn has_known_fields_only(bytes: &[u8], manifest: &Manifest) -> bool {
    let found = serde_json::from_slice::<serde_json::Value>(bytes);
    let known = serde_json::to_value(manifest);
    match (found, known) {
        (Ok(serde_json::Value::Object(found)), Ok(serde_json::Value::Object(known))) => {
            found.keys().all(|field| known.contains_key(field))
        }
        _ => false,
    }
}
