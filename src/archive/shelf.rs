//! A folder of archives, as their cards tell of it; nothing is unpacked.

use std::fs;
use std::path::{Path, PathBuf};

use base::{Error, Result};
use chrono::{DateTime, Utc};
use rayon::prelude::*;

use super::card::Card;
use super::name::{finished, is_archive_name};
use super::ARCHIVE_SCHEMA;

/// The archives of a folder.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    /// Those whose card could be read, the newest first.
    pub entries: Vec<Entry>,
    /// Files that look like cards and are none, each with its reason.
    pub passed_over: Vec<String>,
}

/// One archive.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its card.
    pub card: Card,
    /// When the run was finished.
    pub finished: DateTime<Utc>,
}

/// What runs have in common whose figures can stand in one trend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// The data set's name.
    pub dataset: String,
    /// The network's name.
    pub network: String,
    /// The region that was hidden before anything else.
    pub hidden: Option<String>,
}

impl Entry {
    /// The series that the run belongs to.
    pub fn series(&self) -> Series {
        let run = &self.card.run;
        Series {
            dataset: run.dataset.name().to_owned(),
            network: run.model.name.clone(),
            hidden: run.options.apply_masks.clone(),
        }
    }
}

impl Shelf {
    /// Reads the cards of a folder, those in folders below not.
    ///
    /// # Errors
    /// [`Error::Io`] where the folder cannot be listed.
    pub fn read(folder: &Path) -> Result<Self> {
        let failed = || Error::io("cannot read", folder);
        let mut cards = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed())? {
            let path = entry.map_err(failed())?.path();
            if path.extension().is_some_and(|end| end == "json") {
                cards.push(path);
            }
        }
        cards.sort();
        let read: Vec<_> = cards.par_iter().map(|path| entry(path)).collect();
        let mut shelf = Self::default();
        for (path, entry) in cards.iter().zip(read) {
            match entry {
                Ok(entry) => shelf.entries.push(entry),
                Err(problem) => {
                    let line = format!("passed over {}: {problem}", path.display());
                    shelf.passed_over.push(line);
                }
            }
        }
        shelf.entries.sort_by(|a, b| {
            let key = |entry: &Entry| (std::cmp::Reverse(entry.finished), entry.card.name.clone());
            key(a).cmp(&key(b))
        });
        Ok(shelf)
    }
}

fn entry(path: &Path) -> Result<Entry, String> {
    let bytes = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    let card: Card = serde_json::from_slice(&bytes)
        .map_err(|error| format!("is not the card of an archive, or damaged: {error}"))?;
    if card.schema > ARCHIVE_SCHEMA {
        return Err(format!(
            "was made by a newer version (schema {}, this one reads up to {ARCHIVE_SCHEMA})",
            card.schema
        ));
    }
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    if stem != Some(&card.name) || !is_archive_name(&card.name) {
        return Err(format!(
            "is the card of '{}', whose name it does not have",
            card.name
        ));
    }
    let finished = finished(&card.run).ok_or_else(|| {
        format!(
            "does not tell when the run was finished, but '{}'",
            card.run.execution.finished
        )
    })?;
    Ok(Entry { card, finished })
}

/// The files that belong to an archive, but for the card.
pub(super) fn companions(folder: &Path, name: &str) -> [PathBuf; 2] {
    [".html", super::EXTENSION].map(|end| folder.join(format!("{name}{end}")))
}
