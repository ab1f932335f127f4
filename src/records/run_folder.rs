//! The run folder: taken into use, filled photo by photo, closed by its manifest.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{hex, DatasetFacts, Manifest, ModelFacts, PhotoRecord, RunOptions, Tool};
use crate::error::{Error, Result};
use crate::network::Preprocessing;

const MANIFEST: &str = "run.json";
const RECORDS: &str = "records";
const PLAN: &str = "records/plan.json";
const CLEARING: &str = "records/clearing";
const PART: &str = ".part-";
const OURS: [&str; 7] = [
    MANIFEST,
    "index.html",
    "report.html",
    "pages",
    "assets",
    "data",
    "arrays",
];

/// All that decides a run's result but the photographs' contents: what `--resume` must find unchanged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The contract's number.
    pub schema: u32,
    /// What makes it.
    pub tool: Tool,
    /// `cpu` or `cuda:N`.
    pub device: String,
    /// libtorch's version.
    pub libtorch: String,
    /// The network.
    pub model: ModelFacts,
    /// From photograph to network input.
    pub preprocessing: Preprocessing,
    /// Every option in force.
    pub options: RunOptions,
    /// The photographs' paths and labels; counts of what was found out later and the digest are empty.
    pub dataset: DatasetFacts,
    /// sha256 over the photographs' paths and labels.
    pub listing: String,
}

/// What to do about a folder that is already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Refuse it.
    Refuse,
    /// Go on with the run that was interrupted there.
    Resume,
    /// Replace the run that is there.
    Overwrite,
}

/// A run folder in use; no other process may fill it at the same time.
#[derive(Debug)]
pub struct RunFolder {
    root: PathBuf,
    _lock: File,
}

impl RunFolder {
    /// Takes a folder into use for a run. `None`: a finished run of the same plan is already there
    /// ([`Existing::Resume`] only).
    ///
    /// # Errors
    /// [`Error::RunFolder`] where it holds something else, another plan's run, or a run that was not to be touched;
    /// [`Error::Io`].
    pub fn open(root: &Path, plan: &Plan, existing: Existing) -> Result<Option<Self>> {
        let refuse = |problem: String| {
            Err(Error::RunFolder {
                path: root.to_owned(),
                problem,
            })
        };
        if root.exists() && !root.is_dir() {
            return refuse("is a file, not a folder; choose another --out".into());
        }
        if root.join(CLEARING).is_file() {
            clear(root)?;
        }
        let finished = root.join(MANIFEST).is_file();
        let begun = root.join(PLAN).is_file();
        if !finished && !begun && holds_anything(root)? {
            return refuse(
                "holds something that is not a run; nothing was touched, choose another --out"
                    .into(),
            );
        }
        match existing {
            Existing::Refuse if finished => {
                return refuse("holds a finished run; replace it with --overwrite, or choose another --out".into());
            }
            Existing::Refuse if begun => {
                return refuse("holds an unfinished run; go on with --resume, or replace it with --overwrite".into());
            }
            Existing::Resume if finished => return resume_finished(root, plan),
            Existing::Overwrite if finished || begun => clear(root)?,
            _ => {}
        }
        let folder = RunFolder {
            root: root.to_owned(),
            _lock: lock(root)?,
        };
        match existing == Existing::Resume && begun {
            true => {
                same_plan(root, &read_json(&root.join(PLAN))?, plan)?;
                folder.remove_parts()?;
            }
            false => write_json(&root.join(PLAN), plan)?,
        }
        Ok(Some(folder))
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a photo's raw maps go.
    pub fn arrays(&self, image_id: &str) -> PathBuf {
        self.root.join("arrays").join(format!("{image_id}.safetensors"))
    }

    /// A photo's record; `None` where it is not done yet.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] for a record that is damaged.
    pub fn record(&self, image_id: &str) -> Result<Option<PhotoRecord>> {
        let path = self.record_path(image_id);
        match path.is_file() {
            true => read_json(&path).map(Some),
            false => Ok(None),
        }
    }

    /// Marks a photo as done: its maps and pictures must be complete before.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_record(&self, record: &PhotoRecord) -> Result<()> {
        write_json(&self.record_path(&record.image_id), record)
    }

    /// The ids of the photos chosen for detail once all were classified.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] for a damaged file.
    pub fn selection(&self) -> Result<Option<Vec<String>>> {
        let path = self.selection_path();
        match path.is_file() {
            true => read_json(&path).map(Some),
            false => Ok(None),
        }
    }

    /// Keeps the choice, so that a resumed run makes the same one.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_selection(&self, image_ids: &[String]) -> Result<()> {
        write_json(&self.selection_path(), &image_ids)
    }

    /// Closes the run: the manifest with the sha256 of every other file, then the records go.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(self, mut manifest: Manifest) -> Result<()> {
        self.remove_parts()?;
        manifest.files = digest_files(&self.root)?;
        write_json(&self.root.join(MANIFEST), &manifest)?;
        remove(&self.root.join(RECORDS))
    }

    fn record_path(&self, image_id: &str) -> PathBuf {
        self.root
            .join(RECORDS)
            .join("photos")
            .join(format!("{image_id}.json"))
    }

    fn selection_path(&self) -> PathBuf {
        self.root.join(RECORDS).join("selection.json")
    }

    /// Removes what a killed process left half-written.
    fn remove_parts(&self) -> Result<()> {
        for entry in walkdir::WalkDir::new(&self.root).into_iter().flatten() {
            if entry.file_name().to_string_lossy().starts_with(PART) {
                fs::remove_file(entry.path())
                    .map_err(Error::io("cannot remove", entry.path()))?;
            }
        }
        Ok(())
    }
}

impl Manifest {
    /// The manifest of a finished run.
    ///
    /// # Errors
    /// [`Error::RunFolder`] where there is none, or of a newer schema; [`Error::Io`].
    pub fn read(root: &Path) -> Result<Self> {
        let problem = |problem: String| Error::RunFolder {
            path: root.to_owned(),
            problem,
        };
        let path = root.join(MANIFEST);
        if !path.is_file() {
            return Err(problem(match root.join(PLAN).is_file() {
                true => "the run is not finished; go on with `deconvscope report … --resume`".into(),
                false => "is not a finished run: it has no run.json".into(),
            }));
        }
        let manifest: Self = read_json(&path)?;
        if manifest.schema > super::SCHEMA {
            return Err(problem(format!(
                "was made by a newer version (schema {}, this one reads up to {})",
                manifest.schema,
                super::SCHEMA
            )));
        }
        Ok(manifest)
    }

    /// Writes the manifest anew after the pages were drawn again, with the present sha256 of every file.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn rewrite(mut self, root: &Path) -> Result<()> {
        self.files = digest_files(root)?;
        write_json(&root.join(MANIFEST), &self)
    }
}

/// Writes a file beside its place and renames it: it is there whole or not at all. Folders are made as needed.
///
/// # Errors
/// [`Error::Io`], and whatever `fill` fails with.
pub fn write_whole(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<&File>) -> Result<()>,
) -> Result<()> {
    let failed = |error| Error::io("cannot write", path)(error);
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(Error::io("cannot create", folder))?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(PART);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let part = builder.tempfile_in(folder).map_err(failed)?;
    let mut writer = BufWriter::with_capacity(1 << 16, part.as_file());
    fill(&mut writer)?;
    writer.flush().map_err(failed)?;
    drop(writer);
    part.persist(path)
        .map_err(|error| failed(error.error))
        .map(drop)
}

fn holds_anything(root: &Path) -> Result<bool> {
    if !root.exists() {
        return Ok(false);
    }
    // A `records` folder without a plan is a run that was killed before it began.
    let entries = fs::read_dir(root).map_err(Error::io("cannot read", root))?;
    Ok(entries.flatten().any(|entry| entry.file_name() != RECORDS))
}

fn lock(root: &Path) -> Result<File> {
    let folder = root.join(RECORDS);
    fs::create_dir_all(&folder).map_err(Error::io("cannot create", &folder))?;
    let path = folder.join("lock");
    let file = File::create(&path).map_err(Error::io("cannot write", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(Error::RunFolder {
            path: root.to_owned(),
            problem: "another process is filling it".into(),
        }),
        Err(fs::TryLockError::Error(error)) => Err(Error::io("cannot lock", &path)(error)),
    }
}

fn resume_finished(root: &Path, plan: &Plan) -> Result<Option<RunFolder>> {
    let manifest = Manifest::read(root)?;
    let before = Plan {
        schema: manifest.schema,
        tool: manifest.tool,
        device: manifest.device,
        libtorch: manifest.libtorch,
        model: manifest.model,
        preprocessing: manifest.preprocessing,
        options: manifest.options,
        dataset: plan.dataset.clone(),
        listing: plan.listing.clone(),
    };
    same_plan(root, &before, plan)?;
    remove(&root.join(RECORDS))?;
    Ok(None)
}

fn same_plan(root: &Path, before: &Plan, now: &Plan) -> Result<()> {
    if before == now {
        return Ok(());
    }
    let value = |plan: &Plan| serde_json::to_value(plan).unwrap_or_default();
    let changed = first_difference("", &value(before), &value(now)).unwrap_or_default();
    Err(Error::RunFolder {
        path: root.to_owned(),
        problem: format!(
            "--resume needs the run that was begun there, but {changed}; use the same options and photographs, or begin anew with --overwrite"
        ),
    })
}

fn first_difference(
    name: &str,
    before: &serde_json::Value,
    now: &serde_json::Value,
) -> Option<String> {
    use serde_json::Value::Object;
    if let (Object(before), Object(now)) = (before, now) {
        return before.iter().find_map(|(key, old)| {
            let path = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            first_difference(&path, old, now.get(key).unwrap_or(&serde_json::Value::Null))
        });
    }
    match name {
        _ if before == now => None,
        "listing" => Some("the photographs in the data set are not the same".into()),
        _ => Some(format!("{name} was {before} and is {now}")),
    }
}

/// Removes a run, and nothing that is not part of one. The marker lets the next process go on where this one is
/// killed.
fn clear(root: &Path) -> Result<()> {
    write_json(&root.join(CLEARING), &())?;
    for name in OURS {
        remove(&root.join(name))?;
    }
    remove(&root.join(RECORDS))
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else if path.exists() {
        fs::remove_file(path)
    } else {
        Ok(())
    };
    removed.map_err(Error::io("cannot remove", path))
}

fn digest_files(root: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for name in OURS.iter().filter(|name| **name != MANIFEST) {
        for entry in walkdir::WalkDir::new(root.join(name)).into_iter().flatten() {
            if !entry.file_type().is_file() {
                continue;
            }
            let path = entry.path();
            let mut file = File::open(path).map_err(Error::io("cannot read", path))?;
            let mut digest = Sha256::new();
            std::io::copy(&mut file, &mut HashWriter(&mut digest))
                .map_err(Error::io("cannot read", path))?;
            let relative = path.strip_prefix(root).unwrap_or(path);
            let relative: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            files.insert(relative.join("/"), hex(&digest.finalize()));
        }
    }
    Ok(files)
}

struct HashWriter<'a>(&'a mut Sha256);

impl Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T> {
    let bytes = fs::read(path).map_err(Error::io("cannot read", path))?;
    serde_json::from_slice(&bytes).map_err(|error| Error::RunFolder {
        path: path.to_owned(),
        problem: format!("is damaged: {error}"),
    })
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    write_whole(path, |file| {
        let failed = |error: serde_json::Error| Error::io("cannot write", path)(error.into());
        serde_json::to_writer_pretty(&mut *file, value).map_err(failed)?;
        file.write_all(b"\n").map_err(Error::io("cannot write", path))
    })
}
