//! What lies in a folder that is to be taken into use, and the lock that keeps other processes out of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Component, Path};

use base::{Error, Result};
use serde::Deserialize;

use super::Existing;
use crate::files::{read_json, PART};
use crate::Tool;

pub(super) const MANIFEST: &str = "run.json";
pub(super) const RECORDS: &str = "records";
pub(super) const PLAN: &str = "records/plan.json";
pub(super) const CLEARING: &str = "records/clearing";
pub(super) const RENDERING: &str = "records/run.json";
pub(super) const LOCK: &str = "records/lock";
pub(super) const OURS: [&str; 13] = [
    MANIFEST,
    "index.html",
    "report.html",
    "pages",
    "assets",
    "data",
    "arrays",
    "network.safetensors",
    "network.toml",
    "network.classes.txt",
    VARIANTS,
    PARTS,
    "snapshots",
];

/// Where the runs of a study's trainings lie inside its own.
pub const VARIANTS: &str = "variants";
/// Where the runs of a replication's parts lie inside its own.
pub const PARTS: &str = "parts";

/// What lies in a folder.
pub(super) enum State {
    /// Nothing.
    New,
    /// A run that was interrupted.
    Begun,
    /// A run whose removal was interrupted.
    Clearing,
    /// A finished run, of whichever version.
    Finished(Finished),
    /// A finished run whose pages were being drawn again.
    Rendering(Finished),
    /// Something else.
    Foreign,
}

/// What every version's manifest tells.
#[derive(Deserialize)]
pub(super) struct Finished {
    tool: Tool,
    pub(super) files: BTreeMap<String, String>,
}

impl State {
    /// Looks.
    pub(super) fn of(root: &Path) -> Result<Self> {
        if !root.exists() {
            return Ok(Self::New);
        }
        if !root.is_dir() {
            return Ok(Self::Foreign);
        }
        if root.join(CLEARING).is_file() {
            return Ok(Self::Clearing);
        }
        if root.join(RENDERING).is_file() {
            return Ok(Self::Rendering(read_json(&root.join(RENDERING))?));
        }
        if root.join(MANIFEST).exists() {
            return Ok(match read_json::<Finished>(&root.join(MANIFEST)) {
                Ok(run) if run.tool.name == Tool::NAME => Self::Finished(run),
                _ => Self::Foreign,
            });
        }
        if root.join(PLAN).is_file() {
            return Ok(Self::Begun);
        }
        // A run that was killed before its plan was written leaves a `records` folder with no more than this.
        let early =
            |name: &std::ffi::OsStr| name == "lock" || name.to_string_lossy().starts_with(PART);
        let foreign = |folder: &Path, ours: &dyn Fn(&std::ffi::OsStr) -> bool| -> Result<bool> {
            let entries = fs::read_dir(folder).map_err(Error::io("cannot read", folder))?;
            Ok(entries.flatten().any(|entry| !ours(&entry.file_name())))
        };
        let records = root.join(RECORDS);
        Ok(
            match foreign(root, &|name| {
                name == RECORDS || (name == VARIANTS && holds_runs(root))
            })? || (records.exists() && foreign(&records, &early)?)
            {
                true => Self::Foreign,
                false => Self::New,
            },
        )
    }
}

/// Whether trainings of a study that is not begun itself lie there, and nothing else: several processes may carry them out.
fn holds_runs(root: &Path) -> bool {
    let is_run = |run: &Path| run.join(MANIFEST).is_file() || run.join(RECORDS).is_dir();
    let entries = fs::read_dir(root.join(VARIANTS)).into_iter().flatten();
    entries.flatten().all(|entry| is_run(&entry.path()))
}

pub(super) const FOREIGN: &str =
    "holds something that is not a run; nothing was touched, choose another --out";

impl State {
    /// Why a folder in this state may not be taken into use.
    pub(super) fn objection(&self, existing: Existing) -> Option<&'static str> {
        match (self, existing) {
            (Self::Foreign, _) => Some(FOREIGN),
            (Self::Finished(_), Existing::Refuse) => Some(
                "holds a finished run; replace it with --overwrite, or choose another --out",
            ),
            (Self::Rendering(_), Existing::Refuse | Existing::Resume) => Some("holds a run whose pages were being drawn; finish that with `deconvscope render`, or replace it with --overwrite"),
            (Self::Begun, Existing::Refuse) => Some(
                "holds an unfinished run; go on with --resume, or replace it with --overwrite",
            ),
            _ => None,
        }
    }
}

/// Whether a path that a manifest lists stays inside the run's own files.
pub(super) fn is_ours(file: &str) -> bool {
    let mut parts = Path::new(file).components();
    let ours = |part: &str| OURS.contains(&part);
    matches!(parts.next(), Some(Component::Normal(first)) if first.to_str().is_some_and(ours))
        && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// Keeps other processes out of a run folder.
pub(super) fn lock(root: &Path) -> Result<File> {
    let folder = root.join(RECORDS);
    fs::create_dir_all(&folder).map_err(Error::io("cannot create", &folder))?;
    let path = root.join(LOCK);
    let file = File::create(&path).map_err(Error::io("cannot write", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => {
            Err(Error::run_folder(root, "another process is filling it"))
        }
        Err(fs::TryLockError::Error(error)) => Err(Error::io("cannot lock", &path)(error)),
    }
}
