//! A finished shard: the part of a run folder that it made, and the seal over it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base::digest::sha256_of_file;
use base::{Error, Result};
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::PlanFolder;
use crate::files::{files_below, path_inside, remove};
use crate::sealed::{read_sealed, write_sealed};

/// The seal's file.
const SEAL: &str = "shard.json";
const DONE_AGAIN: &str = "remove this folder and do the shard again";

/// Who made a shard, and in what time: of its content no part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// The machine and its process.
    pub by: String,
    /// Seconds from its beginning to its seal, of the attempt that finished it.
    pub seconds: f64,
    /// Photographs that it had to look at.
    pub photographs: usize,
}

/// What a shard left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shard {
    /// By path in its folder, as in a run folder: sha256 and bytes.
    files: BTreeMap<String, (String, u64)>,
    /// Who made it.
    pub made: Made,
}

/// What a shard's experiments kept.
#[derive(Debug, Clone)]
pub struct ShardRecords {
    root: PathBuf,
    plan: String,
}

impl Shard {
    /// Seals what lies in a folder.
    pub(super) fn seal(folder: &Path, with: [&str; 2], made: Made) -> Result<Self> {
        let files = files_of(folder)?;
        let told = |(name, path): (String, PathBuf)| -> Result<_> {
            let bytes = fs::metadata(&path)
                .map_err(Error::io("cannot read", &path))?
                .len();
            Ok((name, (sha256_of_file(&path)?, bytes)))
        };
        let files = files.into_par_iter().map(told).collect::<Result<_>>()?;
        let shard = Self { files, made };
        write_sealed(&folder.join(SEAL), with, &shard)?;
        Ok(shard)
    }

    /// The first file that another shard has not, or not so; `None` where both have the same content.
    pub(super) fn difference<'s>(&'s self, other: &'s Self) -> Option<&'s str> {
        let differs = |name: &&String| self.files.get(*name) != other.files.get(*name);
        let mut names = self.files.keys().chain(other.files.keys());
        names.find(differs).map(String::as_str)
    }
}

impl PlanFolder {
    /// A finished shard by its seal alone; `None` where there is none.
    ///
    /// # Errors
    /// [`Error::RunFolder`] for one that is damaged; [`Error::Io`].
    pub fn shard(&self, round: usize, number: usize) -> Result<Option<Shard>> {
        let place = self.place(round, number);
        if !place.exists() {
            return Ok(None);
        }
        let seal = place.join(SEAL);
        if !seal.is_file() {
            return Err(damaged(&place, "it has no seal"));
        }
        let name = Self::name_of(round, number);
        let shard: Shard = read_sealed(&seal, [&self.plan, &name], DONE_AGAIN)?;
        let missing = |(name, (_, bytes)): (&String, &(String, u64))| {
            let found = fs::metadata(place.join(name)).map(|found| found.len());
            (found.ok() != Some(*bytes)).then(|| name.clone())
        };
        match shard.files.iter().find_map(missing) {
            Some(name) => Err(damaged(
                &place,
                &format!("{name} is missing or has another size"),
            )),
            None => Ok(Some(shard)),
        }
    }

    /// The same with every file read.
    ///
    /// # Errors
    /// Those of [`PlanFolder::shard`].
    pub fn verified(&self, round: usize, number: usize) -> Result<Option<Shard>> {
        let Some(shard) = self.shard(round, number)? else {
            return Ok(None);
        };
        let place = self.place(round, number);
        for (name, path) in files_of(&place)? {
            let Some((sha256, _)) = shard.files.get(&name) else {
                return Err(damaged(&place, &format!("{name} does not belong to it")));
            };
            if sha256_of_file(&path)? != *sha256 {
                return Err(damaged(
                    &place,
                    &format!("{name} is not what it was sealed as"),
                ));
            }
        }
        Ok(Some(shard))
    }

    /// Puts what a shard left into a run folder.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn pour(&self, round: usize, number: usize, shard: &Shard, run: &Path) -> Result<()> {
        let place = self.place(round, number);
        let chunks = |name: &&String| !(name.starts_with("records/") && name.ends_with(".json"));
        for name in shard.files.keys().filter(chunks) {
            link(&place.join(name), &run.join(name))?;
        }
        Ok(())
    }

    /// What a shard's experiments kept, for who puts it together.
    pub fn records_of(&self, round: usize, number: usize) -> ShardRecords {
        ShardRecords {
            root: self.place(round, number).join("records"),
            plan: self.plan.clone(),
        }
    }
}

impl ShardRecords {
    /// What an experiment kept under a name; `None` where it kept nothing.
    ///
    /// # Errors
    /// [`Error::RunFolder`] for a record that is damaged; [`Error::Io`].
    pub fn kept<T: DeserializeOwned>(&self, experiment: &str, name: &str) -> Result<Option<T>> {
        let name = format!("{experiment}/{name}");
        let path = self.root.join(format!("{name}.json"));
        match path.is_file() {
            true => read_sealed(&path, [&self.plan, &name], DONE_AGAIN).map(Some),
            false => Ok(None),
        }
    }
}

/// A file once more, without its bytes where the file system allows; in the place of what is there.
pub(super) fn link(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(Error::io("cannot create", folder))?;
    remove(to)?;
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(_) => fs::copy(from, to)
            .map(drop)
            .map_err(Error::io("cannot write", to)),
    }
}

/// Every file of a shard but its seal: paths inside its folder, and where they lie.
fn files_of(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let named = |path: PathBuf| (path_inside(folder, &path), path);
    let files = files_below(folder, |_| true)?.into_iter().map(named);
    Ok(files.filter(|(name, _)| name != SEAL).collect())
}

fn damaged(place: &Path, problem: &str) -> Error {
    Error::run_folder(place, format!("is damaged: {problem}; {DONE_AGAIN}"))
}
