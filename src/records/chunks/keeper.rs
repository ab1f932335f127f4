//! All chunks of a run, and the thread that writes what has waited for long enough.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use base::{Error, Result};

use super::{Chunks, WORK};
use crate::every::Every;

/// How often it is looked whether a record has waited for long enough.
const LOOK: Duration = Duration::from_secs(1);

/// The chunks of a run by their names. What is in no file yet is written when this is dropped.
#[derive(Debug)]
pub(crate) struct Keeper {
    all: Arc<All>,
    /// Looks every second whether something has waited for long enough.
    watch: Option<Every>,
}

#[derive(Debug)]
struct All {
    /// Where they lie.
    records: PathBuf,
    /// sha256 of the run's plan.
    plan: String,
    chunks: Mutex<BTreeMap<String, Arc<Chunks>>>,
}

impl Keeper {
    /// Of the records that lie there.
    ///
    /// # Errors
    /// [`Error::Compute`] where no thread can be started.
    pub(crate) fn new(records: &Path, plan: &str) -> Result<Self> {
        let all = Arc::new(All {
            records: records.to_owned(),
            plan: plan.to_owned(),
            chunks: Mutex::default(),
        });
        let watched = Arc::clone(&all);
        // What cannot be written now is told by who takes the next record, or ends the stage.
        let watch = move || drop(watched.seal(WORK));
        let watch = Every::start(LOOK, "keeper", "keeps records", watch)?;
        Ok(Self {
            all,
            watch: Some(watch),
        })
    }

    /// The chunks of a name; those that are there are looked through when they are first asked for.
    ///
    /// # Errors
    /// Those of [`Chunks::open`].
    pub(crate) fn of(&self, name: &str) -> Result<Arc<Chunks>> {
        let All { records, plan, .. } = &*self.all;
        let mut chunks = self.all.chunks();
        if let Some(known) = chunks.get(name) {
            return Ok(Arc::clone(known));
        }
        let opened = Arc::new(Chunks::open(records, name, plan)?);
        chunks.insert(name.to_owned(), Arc::clone(&opened));
        Ok(opened)
    }

    /// Writes all that is in no file yet.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn seal(&self) -> Result<()> {
        self.all.seal(Duration::ZERO)
    }

    /// The names of all chunks that lie there.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn names(&self) -> Result<Vec<String>> {
        let records = &self.all.records;
        let mut names = Vec::new();
        for entry in fs::read_dir(records).map_err(Error::io("cannot list", records))? {
            let entry = entry.map_err(Error::io("cannot list", records))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() && !self.of(&name)?.is_empty() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// Does the same as [`Keeper::seal`] from elsewhere, for as long as these are there.
    pub(crate) fn sealer(&self) -> impl Fn() -> Result<()> + Send + Sync + 'static {
        let all: Weak<All> = Arc::downgrade(&self.all);
        move || match all.upgrade() {
            Some(all) => all.seal(Duration::ZERO),
            None => Ok(()),
        }
    }

    /// Forgets all records: the run needs them no more.
    pub(crate) fn forget(&self) {
        let mut chunks = self.all.chunks();
        chunks.values().for_each(|chunks| chunks.forget());
        chunks.clear();
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.watch.take());
        // The run ends by an error that is told already, or has nothing left to write.
        let _ = self.seal();
    }
}

impl All {
    /// Writes what has waited for so long; the first error, once all were tried.
    fn seal(&self, waited: Duration) -> Result<()> {
        let all: Vec<Arc<Chunks>> = self.chunks().values().cloned().collect();
        let sealed = all.iter().map(|chunks| chunks.seal(waited));
        sealed.fold(Ok(()), Result::and)
    }

    fn chunks(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Chunks>>> {
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
