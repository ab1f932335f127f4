//! Records of many photographs in a file, so that a million photographs make thousands of files, and a killed run does no more
//! than one chunk again.
//!
//! A chunk is written when it has [`PHOTOGRAPHS`] records or [`BYTES`], when its oldest has waited for [`WORK`], and when a stage of
//! the run is over or the run ends in whatever way. So the clock, the workers and interruptions decide how records lie together; what
//! is read does not depend on it: readers ask by a photograph's id, in the data set's order, and where an id has several records
//! (classified, then shown in detail) the last one counts. When the run is finished they are gone.

mod file;
mod keeper;

use std::collections::{HashMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base::{Error, Result};
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::sealed::damaged;
use file::Chunk;
pub(crate) use keeper::Keeper;

/// Records that a chunk has at most.
const PHOTOGRAPHS: usize = 256;
/// Bytes of records from which on a chunk is written.
const BYTES: usize = 8 << 20;
/// How long a record waits for others.
const WORK: Duration = Duration::from_secs(10);
/// Chunks that are kept in memory once they were read: who asks in the data set's order reads each from the disk once, though the
/// workers' order is not quite the same.
const READ: usize = 4;
/// How their file names end.
const ENDING: &str = ".chunk";

/// What to do about a damaged chunk.
const MADE_AGAIN: &str = "remove this file and go on with --resume";

/// The records of one kind.
#[derive(Debug)]
pub(crate) struct Chunks {
    /// Where their files lie.
    folder: PathBuf,
    /// Name of the kind.
    name: String,
    /// sha256 of the run's plan.
    plan: String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// By id the number of its chunk, and its place there.
    places: HashMap<String, (u32, u32)>,
    /// Records that are in no file yet.
    open: Chunk,
    /// Their bytes.
    bytes: usize,
    /// When the first of them came.
    since: Instant,
    /// The number of the next chunk.
    next: u32,
    /// Chunks that were read last, the latest first.
    read: VecDeque<(u32, Arc<Chunk>)>,
}

impl Chunks {
    /// Those that lie in a folder; each is looked through once.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] for one that is damaged.
    fn open(records: &Path, name: &str, plan: &str) -> Result<Self> {
        let chunks = Self {
            folder: records.join(name),
            name: name.to_owned(),
            plan: plan.to_owned(),
            state: Mutex::new(State {
                places: HashMap::new(),
                open: Chunk::new(),
                bytes: 0,
                since: Instant::now(),
                next: 1,
                read: VecDeque::new(),
            }),
        };
        let numbers = chunks.numbers()?;
        let ids = |number: &u32| -> Result<Vec<String>> {
            let chunk = chunks.load(*number)?;
            Ok(chunk.into_iter().map(|(id, _)| id).collect())
        };
        // Of several that are damaged the first is named, not the one that was read first.
        let all: Vec<Result<Vec<String>>> = numbers.par_iter().map(ids).collect();
        let all = all.into_iter().collect::<Result<Vec<_>>>()?;
        let mut state = chunks.state();
        for (number, ids) in numbers.into_iter().zip(all) {
            state.place(number, ids.into_iter());
        }
        drop(state);
        Ok(chunks)
    }

    /// The numbers of the chunks that are there, in their order.
    fn numbers(&self) -> Result<Vec<u32>> {
        if !self.folder.is_dir() {
            return Ok(Vec::new());
        }
        let failed = Error::io("cannot list", &self.folder);
        let entries = fs::read_dir(&self.folder).and_then(|entries| {
            let names = entries.map(|entry| Ok(entry?.file_name()));
            names.collect::<std::io::Result<Vec<_>>>()
        });
        let number = |name: &std::ffi::OsString| name.to_str()?.strip_suffix(ENDING)?.parse().ok();
        let mut numbers: Vec<u32> = entries.map_err(failed)?.iter().filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Whether there is a record of a photograph.
    pub(crate) fn has(&self, id: &str) -> bool {
        let state = self.state();
        state.places.contains_key(id) || state.open.iter().any(|(other, _)| other == id)
    }

    /// Whether there is none at all.
    pub(crate) fn is_empty(&self) -> bool {
        let state = self.state();
        state.places.is_empty() && state.open.is_empty()
    }

    /// A photograph's last record.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] for a chunk that is damaged.
    pub(crate) fn read<T: DeserializeOwned>(&self, id: &str) -> Result<Option<T>> {
        let Some(record) = self.encoded(id)? else {
            return Ok(None);
        };
        let decoded = postcard::from_bytes(&record);
        let whole = decoded.map_err(|error| damaged(&self.folder, &error.to_string(), MADE_AGAIN));
        whole.map(Some)
    }

    /// The same as its bytes.
    fn encoded(&self, id: &str) -> Result<Option<Vec<u8>>> {
        let mut state = self.state();
        if let Some((_, record)) = state.open.iter().rev().find(|(other, _)| other == id) {
            return Ok(Some(record.clone()));
        }
        let Some(&(number, at)) = state.places.get(id) else {
            return Ok(None);
        };
        let chunk = match state.read.iter().position(|(read, _)| *read == number) {
            Some(at) => state.read.remove(at).map(|(_, chunk)| chunk),
            None => None,
        };
        let chunk = match chunk {
            Some(chunk) => chunk,
            None => Arc::new(self.load(number)?),
        };
        state.read.push_front((number, Arc::clone(&chunk)));
        state.read.truncate(READ);
        drop(state);
        match chunk.get(at as usize) {
            Some((found, record)) if found == id => Ok(Some(record.clone())),
            _ => {
                let problem = "it is not the file that was looked through";
                Err(damaged(&self.path(number), problem, MADE_AGAIN))
            }
        }
    }

    /// Takes a record; of what was taken in the last ten seconds a killed process may keep nothing.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn put<T: Serialize>(&self, id: &str, record: &T) -> Result<()> {
        let record = file::encoded(&self.folder, record)?;
        let mut state = self.state();
        if state.open.is_empty() {
            let made = fs::create_dir_all(&self.folder);
            made.map_err(Error::io("cannot create", &self.folder))?;
            state.since = Instant::now();
        }
        state.bytes += record.len();
        state.open.push((id.to_owned(), record));
        let is_full = state.open.len() >= PHOTOGRAPHS || state.bytes >= BYTES;
        match is_full || state.since.elapsed() >= WORK {
            true => self.write(&mut state),
            false => Ok(()),
        }
    }

    /// Writes the last record of each of these photographs that has one into another folder, in this order: chunks that depend on the
    /// records alone, numbered from `first` on. The number of the next one.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] for a chunk that is damaged.
    pub(crate) fn in_order<'a>(
        &self,
        ids: impl Iterator<Item = &'a str>,
        folder: &Path,
        first: u32,
    ) -> Result<u32> {
        let (mut number, mut bytes, mut open) = (first, 0, Chunk::new());
        let mut write = |open: &mut Chunk, bytes: &mut usize| -> Result<()> {
            if !open.is_empty() {
                let path = folder.join(format!("{number:06}{ENDING}"));
                let made = fs::create_dir_all(folder);
                made.map_err(Error::io("cannot create", folder))?;
                file::write(&path, [&self.plan, &self.name_of(number)], open)?;
                (number, *bytes) = (number + 1, 0);
                open.clear();
            }
            Ok(())
        };
        for id in ids {
            if let Some(record) = self.encoded(id)? {
                bytes += record.len();
                open.push((id.to_owned(), record));
                if open.len() >= PHOTOGRAPHS || bytes >= BYTES {
                    write(&mut open, &mut bytes)?;
                }
            }
        }
        write(&mut open, &mut bytes)?;
        Ok(number)
    }

    /// Writes what was taken and is in no file yet, where its oldest record has waited for so long.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn seal(&self, waited: Duration) -> Result<()> {
        let mut state = self.state();
        match state.since.elapsed() >= waited {
            true => self.write(&mut state),
            false => Ok(()),
        }
    }

    /// Forgets what is in no file yet: the run needs no records any more.
    fn forget(&self) {
        let mut state = self.state();
        state.open.clear();
        state.bytes = 0;
    }

    fn write(&self, state: &mut State) -> Result<()> {
        if state.open.is_empty() {
            return Ok(());
        }
        let number = state.next;
        let name = self.name_of(number);
        file::write(&self.path(number), [&self.plan, &name], &state.open)?;
        let written = std::mem::take(&mut state.open);
        state.bytes = 0;
        state.place(number, written.into_iter().map(|(id, _)| id));
        Ok(())
    }

    fn load(&self, number: u32) -> Result<Chunk> {
        let name = self.name_of(number);
        file::read(&self.path(number), [&self.plan, &name], MADE_AGAIN)
    }

    /// What it is sealed with.
    fn name_of(&self, number: u32) -> String {
        format!("{}/{number}", self.name)
    }

    fn path(&self, number: u32) -> PathBuf {
        self.folder.join(format!("{number:06}{ENDING}"))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn place(&mut self, number: u32, ids: impl Iterator<Item = String>) {
        let places = ids.zip(0..).map(|(id, at)| (id, (number, at)));
        self.places.extend(places);
        self.next = number + 1;
    }
}

#[cfg(test)]
mod tests;
