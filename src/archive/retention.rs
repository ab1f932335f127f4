//! Which archives may go, and how they go: at any moment a folder holds whole archives, or the note that one is leaving.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use base::{Error, Result};
use checks::Rule;
use chrono::{DateTime, TimeDelta, Utc};

use super::name::is_archive_name;
use super::shelf::{companions, Entry, Series, Shelf};

/// How the card of an archive is called while the archive is being removed.
const LEAVING: &str = ".pruned";

/// How long archives are kept. What is within either limit stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// The newest so many of each series stay.
    pub keep: Option<usize>,
    /// Those that are not older than so many days stay.
    pub days: Option<u32>,
}

impl Retention {
    /// The archives of a shelf that may go at this time: beyond every limit, without a tag, and such that no rule holds
    /// of their figures.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a rule about a figure that no archive has; [`Error::Usage`] for one that needs a
    /// baseline.
    pub fn expired<'a>(
        &self,
        shelf: &'a Shelf,
        now: DateTime<Utc>,
        rules: &[Rule],
    ) -> Result<Vec<&'a Entry>> {
        let kept = kept_by(rules, shelf)?;
        let mut newer: BTreeMap<Series, usize> = BTreeMap::new();
        let mut expired = Vec::new();
        for entry in &shelf.entries {
            let rank = newer.entry(entry.series()).or_default();
            *rank += 1;
            let among_newest = self.keep.is_some_and(|keep| *rank <= keep);
            let young = self
                .days
                .is_some_and(|days| now - entry.finished <= TimeDelta::days(days.into()));
            let named = !entry.card.tags.is_empty() || kept.contains(entry.card.name.as_str());
            if !among_newest && !young && !named {
                expired.push(entry);
            }
        }
        Ok(expired)
    }
}

/// The names of the archives that some rule holds of. A figure that only some of the archives have keeps none of the
/// others; one that none has is a mistake in the rule, which must not cost anybody an archive.
fn kept_by<'a>(rules: &[Rule], shelf: &'a Shelf) -> Result<BTreeSet<&'a str>> {
    let mut kept = BTreeSet::new();
    for rule in rules {
        let (mut understood, mut unknown) = (false, None);
        for entry in &shelf.entries {
            match rule.holds(&entry.card.metrics) {
                Ok(holds) => {
                    understood = true;
                    if holds == Some(true) {
                        kept.insert(entry.card.name.as_str());
                    }
                }
                Err(error @ Error::UnknownName { .. }) => unknown = Some(error),
                Err(error) => return Err(error),
            }
        }
        if let (false, Some(error)) = (understood, unknown) {
            return Err(error);
        }
    }
    Ok(kept)
}

/// Removes an archive: its card is renamed, so that no index shows it any more, and goes last.
///
/// # Errors
/// [`Error::Io`].
pub fn remove(folder: &Path, name: &str) -> Result<()> {
    let card = folder.join(format!("{name}.json"));
    let leaving = folder.join(format!("{name}{LEAVING}"));
    fs::rename(&card, &leaving).map_err(Error::io("cannot rename", &card))?;
    finish(folder, name, &leaving)
}

/// Goes on with what an interrupted [`remove`] left; how many archives that was.
///
/// # Errors
/// [`Error::Io`].
pub fn remove_leftovers(folder: &Path) -> Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(folder).map_err(Error::io("cannot read", folder))? {
        let leaving = entry.map_err(Error::io("cannot read", folder))?.path();
        let name = leaving.file_name().and_then(|name| name.to_str());
        let Some(name) = name.and_then(|name| name.strip_suffix(LEAVING)) else {
            continue;
        };
        if !is_archive_name(name) {
            continue;
        }
        if folder.join(format!("{name}.json")).exists() {
            // The run was archived again since.
            delete(&leaving)?;
        } else {
            finish(folder, name, &leaving)?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn finish(folder: &Path, name: &str, leaving: &PathBuf) -> Result<()> {
    for path in companions(folder, name).iter().chain([leaving]) {
        delete(path)?;
    }
    Ok(())
}

fn delete(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("cannot remove", path)(error))
        }
        _ => Ok(()),
    }
}
