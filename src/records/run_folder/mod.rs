//! The run folder: taken into use, filled photo by photo, closed by its manifest.

mod finished;
mod state;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use base::{Error, Result};
use serde::de::DeserializeOwned;
use serde::Serialize;
use walkdir::DirEntry;

use super::chunks::Keeper;
use super::files::{files_below, read_json, remove, remove_empty_folders, write_whole, PART};
use super::plan::{same_plan, Plan};
use super::sealed::{read_sealed, write_sealed};
use super::{Manifest, PhotoRecord};
pub use finished::digest_files;
use finished::files_of;
use state::{
    is_ours, lock, Finished, State, CLEARING, FOREIGN, LOCK, MANIFEST, OURS, PLAN, RECORDS,
    RENDERING,
};
pub use state::{PARTS, VARIANTS};

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

/// What became of a folder that was to be taken into use.
#[derive(Debug)]
pub enum Opened {
    /// A run is begun or gone on with.
    Running(RunFolder),
    /// The run had been finished.
    Finished(Box<Manifest>),
}

/// Under which name the choice of photos for detail is kept.
const SELECTION: &str = "selection";

/// What the plan and the list of files to remove are sealed with: neither belongs to a plan.
const OF_PLAN: [&str; 2] = ["", "plan"];
const OF_CLEARING: [&str; 2] = ["", "clearing"];

/// What to do about damaged files: those that the run can make again, the plan, and the list of what is being removed.
const MADE_AGAIN: &str = "remove this file and go on with --resume";
const BEGUN_ANEW: &str = "begin anew with --overwrite";
const REMOVED: &str = "remove the run's folder";

/// Under which name photographs' own records are kept.
const PHOTOS: &str = "photos";

/// A run folder in use; no other process may fill it at the same time.
#[derive(Debug)]
pub struct RunFolder {
    root: PathBuf,
    /// Records of photographs. Written to the end before the lock goes.
    chunks: Keeper,
    /// sha256 of the plan, which all that is kept while the run goes on is sealed with; empty where the run is finished.
    plan: String,
    _lock: File,
}

impl RunFolder {
    /// Takes a folder into use for a run. A finished run of the same plan is handed back with its manifest
    /// ([`Existing::Resume`] only); whether the photographs are still the same is for the caller to find out.
    ///
    /// # Errors
    /// [`Error::RunFolder`] where it holds something else, another plan's run, or a run that was not to be touched;
    /// [`Error::Io`].
    pub fn open(root: &Path, plan: &Plan, existing: Existing) -> Result<Opened> {
        let refused = |problem: &str| Error::run_folder(root, problem);
        // In a folder of somebody else's not even a lock may be left.
        if let State::Foreign = State::of(root)? {
            return Err(refused(FOREIGN));
        }
        let folder = Self::locked(root, plan.sha256())?;
        let state = State::of(root)?;
        if let Some(problem) = state.objection(existing) {
            folder.leave()?;
            return Err(refused(problem));
        }
        match (state, existing) {
            (State::Finished(_), Existing::Resume) => {
                let manifest = Manifest::read(root);
                let same = manifest.and_then(|manifest| {
                    same_plan(root, &Plan::of(&manifest), plan)?;
                    Ok(Opened::Finished(Box::new(manifest)))
                });
                match same.is_ok() {
                    true => remove(&root.join(RECORDS))?,
                    false => folder.leave()?,
                }
                return same;
            }
            (State::Begun, Existing::Resume) => {
                let before = read_sealed(&root.join(PLAN), OF_PLAN, BEGUN_ANEW)?;
                same_plan(root, &before, plan)?;
                folder.remove_parts()?;
                return Ok(Opened::Running(folder));
            }
            (State::Finished(run) | State::Rendering(run), _) => {
                folder.remove_parts()?;
                folder.keeps_nothing_else(&run)?;
                folder.clear(Some(run.files.into_keys().collect()))?;
            }
            (State::Begun, _) => folder.clear(None)?,
            (State::Clearing, _) => folder.go_on_clearing()?,
            // Trainings of a study that was not begun itself.
            (State::New, Existing::Overwrite) => remove(&root.join(VARIANTS))?,
            (State::New | State::Foreign, _) => {}
        }
        write_sealed(&root.join(PLAN), OF_PLAN, plan)?;
        Ok(Opened::Running(folder))
    }

    /// The plan of a run: of one that was interrupted as it was begun, of a finished one as it was carried out; `None` where there
    /// is neither.
    ///
    /// # Errors
    /// [`Error::RunFolder`] for a damaged file; [`Error::Io`].
    pub fn begun_with(root: &Path) -> Result<Option<(Plan, bool)>> {
        match State::of(root)? {
            State::Begun => {
                let plan = read_sealed(&root.join(PLAN), OF_PLAN, BEGUN_ANEW)?;
                Ok(Some((plan, false)))
            }
            State::Finished(_) => Ok(Some((Plan::of(&Manifest::read(root)?), true))),
            _ => Ok(None),
        }
    }

    /// Takes a finished run into use to draw its pages again. Until [`RunFolder::finish`] it is no finished run.
    ///
    /// # Errors
    /// [`Error::RunFolder`] where there is none, or of a newer schema; [`Error::Io`].
    pub fn reopen(root: &Path) -> Result<(Self, Manifest)> {
        let aside = root.join(RENDERING);
        let readable = || match aside.is_file() {
            true => Ok(()),
            false => Manifest::read(root).map(drop),
        };
        // Where there is no run not even a lock may be left.
        readable()?;
        let folder = Self::locked(root, String::new())?;
        if let Err(gone) = readable() {
            folder.leave()?;
            return Err(gone);
        }
        if !aside.is_file() {
            let manifest = root.join(MANIFEST);
            fs::rename(&manifest, &aside).map_err(Error::io("cannot write", &manifest))?;
        }
        let manifest = read_json(&aside)?;
        folder.remove_parts()?;
        Ok((folder, manifest))
    }

    /// Keeps other processes out. What lies in the folder is judged behind the lock, so that it stays as it was judged.
    fn locked(root: &Path, plan: String) -> Result<Self> {
        let lock = lock(root)?;
        Ok(Self {
            root: root.to_owned(),
            chunks: Keeper::new(&root.join(RECORDS), &plan)?,
            plan,
            _lock: lock,
        })
    }

    /// Leaves the folder as it was found: where nothing but the lock was kept beside the run, that goes too.
    fn leave(&self) -> Result<()> {
        let records = self.root.join(RECORDS);
        let entries = fs::read_dir(&records).map_err(Error::io("cannot read", &records))?;
        let lock = self.root.join(LOCK);
        match entries.flatten().all(|entry| entry.path() == lock) {
            true => remove(&records),
            false => Ok(()),
        }
    }

    /// Gives up a run that came to nothing.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn discard(&self) -> Result<()> {
        self.chunks.forget();
        self.clear(None)?;
        remove(&self.root.join(RECORDS))?;
        // Not empty where others keep things beside the run.
        let _ = fs::remove_dir(&self.root);
        Ok(())
    }

    /// Refuses to replace a run whose folders hold files that it did not make.
    fn keeps_nothing_else(&self, run: &Finished) -> Result<()> {
        let mut files = files_of(&self.root)?.into_iter();
        match files.find(|(file, _)| !run.files.contains_key(file)) {
            Some((file, _)) => {
                self.leave()?;
                let problem = format!(
                    "holds {file}, which is not part of the run; nothing was touched, move it first"
                );
                Err(Error::run_folder(&self.root, problem))
            }
            None => Ok(()),
        }
    }

    /// Removes a run, and nothing that is not part of one: of a finished run the files that its manifest listed, of an
    /// unfinished one (`None`) all that a run makes. The list is kept until it is done, so that the next process goes
    /// on where this one is killed.
    fn clear(&self, listed: Option<Vec<String>>) -> Result<()> {
        write_sealed(&self.root.join(CLEARING), OF_CLEARING, &listed)?;
        self.go_on_clearing()
    }

    fn go_on_clearing(&self) -> Result<()> {
        let root = &self.root;
        let listed: Option<Vec<String>> = read_sealed(&root.join(CLEARING), OF_CLEARING, REMOVED)?;
        remove(&root.join(MANIFEST))?;
        match listed {
            Some(files) => {
                for file in files.iter().filter(|file| is_ours(file)) {
                    remove(&root.join(file))?;
                }
                OURS.iter()
                    .for_each(|name| remove_empty_folders(&root.join(name)));
            }
            None => OURS.iter().try_for_each(|name| remove(&root.join(name)))?,
        }
        let kept = [root.join(LOCK), root.join(CLEARING)];
        let records = root.join(RECORDS);
        let entries = fs::read_dir(&records).map_err(Error::io("cannot read", &records))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            if !kept.contains(&path) {
                remove(&path)?;
            }
        }
        remove(&root.join(CLEARING))
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A photo's record; `None` where it is not done yet. Asked in the data set's order each chunk is read once.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] for a chunk that is damaged.
    pub fn record(&self, image_id: &str) -> Result<Option<PhotoRecord>> {
        self.kept_of(PHOTOS, image_id)
    }

    /// Whether a photo has a record.
    ///
    /// # Errors
    /// Those of [`RunFolder::record`].
    pub fn is_done(&self, image_id: &str) -> Result<bool> {
        self.is_kept_of(PHOTOS, image_id)
    }

    /// Marks a photo as done: its maps and pictures must be complete before.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_record(&self, record: &PhotoRecord) -> Result<()> {
        self.keep_of(PHOTOS, &record.image_id, record)
    }

    /// What an experiment keeps of a photo while the run goes on; `None` where it has not come to it yet.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] for a chunk that is damaged.
    pub fn kept_of<T: DeserializeOwned>(
        &self,
        experiment: &str,
        image_id: &str,
    ) -> Result<Option<T>> {
        self.chunks.of(experiment)?.read(image_id)
    }

    /// Whether something is.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] for a chunk that is damaged.
    pub fn is_kept_of(&self, experiment: &str, image_id: &str) -> Result<bool> {
        Ok(self.chunks.of(experiment)?.has(image_id))
    }

    /// Keeps what an experiment found of a photo, together with others: on the disk after ten seconds at the latest.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn keep_of<T: Serialize>(&self, experiment: &str, image_id: &str, found: &T) -> Result<()> {
        self.chunks.of(experiment)?.put(image_id, found)
    }

    /// Writes the records of photos that still wait for others: a stage of the run is over.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn seal(&self) -> Result<()> {
        self.chunks.seal()
    }

    /// Writes the records of these photographs into another folder, in this order: chunks that depend on what the records tell
    /// alone, numbered from `first` on, at most so many of a kind.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] for a chunk that is damaged, or more chunks than numbers.
    pub(crate) fn put_in_order<'a>(
        &self,
        ids: impl Iterator<Item = &'a str> + Clone,
        records: &Path,
        first: u32,
        most: u32,
    ) -> Result<()> {
        self.seal()?;
        for name in self.chunks.names()? {
            let chunks = self.chunks.of(&name)?;
            let next = chunks.in_order(ids.clone(), &records.join(&name), first)?;
            if next - first > most {
                let problem = "a shard has too many photographs; plan more shards";
                return Err(Error::run_folder(&self.root, problem));
            }
        }
        Ok(())
    }

    /// Does the same from another thread, where the process has to leave at once; nothing once the folder is given up.
    pub fn sealer(&self) -> impl Fn() -> Result<()> + Send + Sync + 'static {
        self.chunks.sealer()
    }

    /// What an experiment keeps under a name while the run goes on; `None` where it has not come to it
    /// yet.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] for a record that is damaged.
    pub fn kept<T: DeserializeOwned>(&self, experiment: &str, name: &str) -> Result<Option<T>> {
        self.read(&format!("{experiment}/{name}"))
    }

    /// Keeps what an experiment found, so that a resumed run does not look for it again.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn keep<T: Serialize>(&self, experiment: &str, name: &str, found: &T) -> Result<()> {
        self.write(&format!("{experiment}/{name}"), found)
    }

    /// Where an experiment keeps files of its own while the run goes on; they are gone when it is finished.
    pub fn records_of(&self, experiment: &str) -> PathBuf {
        self.root.join(RECORDS).join(experiment)
    }

    /// The ids of the photos chosen for detail once all were classified.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] for a damaged file.
    pub fn selection(&self) -> Result<Option<Vec<String>>> {
        self.read(SELECTION)
    }

    /// Keeps the choice, so that a resumed run makes the same one.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_selection(&self, image_ids: &[String]) -> Result<()> {
        self.write(SELECTION, &image_ids)
    }

    /// What this run has written down under a name.
    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let path = self.path(name);
        match path.is_file() {
            true => read_sealed(&path, [&self.plan, name], MADE_AGAIN).map(Some),
            false => Ok(None),
        }
    }

    fn write<T: Serialize>(&self, name: &str, value: &T) -> Result<()> {
        write_sealed(&self.path(name), [&self.plan, name], value)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(RECORDS).join(format!("{name}.json"))
    }

    /// Closes the run: the manifest with the sha256 of every other file, then the records go.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(self, mut manifest: Manifest) -> Result<()> {
        self.chunks.forget();
        self.remove_parts()?;
        manifest.files = digest_files(&self.root)?;
        let path = self.root.join(MANIFEST);
        let text = manifest
            .to_json()
            .map_err(|error| Error::io("cannot write", &path)(error.into()))?;
        write_whole(&path, |file| {
            file.write_all(text.as_bytes())
                .map_err(Error::io("cannot write", &path))
        })?;
        remove(&self.root.join(RECORDS))
    }

    /// Removes what a killed process left half-written.
    fn remove_parts(&self) -> Result<()> {
        let is_ours = |entry: &DirEntry| {
            let ours = || {
                entry
                    .file_name()
                    .to_str()
                    .is_some_and(|name| OURS.contains(&name) || name == RECORDS)
            };
            entry.depth() != 1 || !entry.file_type().is_dir() || ours()
        };
        for path in files_below(&self.root, is_ours)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with(PART) {
                remove(&path)?;
            }
        }
        Ok(())
    }
}
