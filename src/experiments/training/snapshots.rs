//! Weights kept behind some epochs, so that what a network looks for can be seen as it comes about (ZF fig. 4).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use base::digest::{sha256_hex, sha256_of_file};
use base::{Error, Result};
use engine::learn::Learner;
use network::weights::{self, Array};
use records::{write_whole, RunFolder};
use vocabulary::Amount;

use super::keep::NAME;

/// Where they lie in the run folder.
const FOLDER: &str = "snapshots";
/// Under which name an interrupted run finds what it has kept: by epoch the file's sha256.
const KEPT: &str = "snapshots";
/// ZF fig. 4's epochs, and the network before its first step.
const USUAL: [usize; 9] = [0, 1, 2, 5, 10, 20, 30, 40, 64];

/// Behind which epochs weights are kept, the last one apart, behind which they always are; 0 is the network before its first
/// step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Snapshots {
    /// Behind none, nor the last.
    None,
    /// Behind every one.
    All,
    /// Behind these.
    At(BTreeSet<usize>),
}

/// Whether a text is an epoch's number.
pub fn is_epoch(text: &str) -> bool {
    text.parse::<usize>().is_ok()
}

impl Snapshots {
    /// What was asked of a training of so many epochs; without an answer, ZF fig. 4's as far as they are among them.
    ///
    /// # Errors
    /// [`Error::Usage`] for an epoch that is not among them.
    pub fn of(asked: Option<&Amount>, epochs: usize) -> Result<Self> {
        let names = match asked {
            None => return Ok(Self::At(USUAL.into())),
            Some(Amount::Named(names)) => names,
            Some(Amount::All) => return Ok(Self::All),
            Some(_) => return Ok(Self::None),
        };
        let at: BTreeSet<usize> = names.iter().filter_map(|name| name.parse().ok()).collect();
        match at.last() {
            Some(last) if *last > epochs => Err(Error::Usage(format!(
                "--snapshots {last}: the training has {epochs} epochs; name epochs from 0 to {epochs}"
            ))),
            _ => Ok(Self::At(at)),
        }
    }

    /// The epochs of a training that goes through.
    pub fn epochs(&self, epochs: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..=epochs).filter(|epoch| self.has(*epoch)).collect();
        if !self.is_none() && !self.has(epochs) {
            all.push(epochs);
        }
        all
    }

    /// Whether none are kept.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    fn has(&self, epoch: usize) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::At(epochs) => epochs.contains(&epoch),
        }
    }
}

impl From<&Snapshots> for Amount {
    fn from(snapshots: &Snapshots) -> Self {
        match snapshots {
            Snapshots::None => Self::None,
            Snapshots::All => Self::All,
            Snapshots::At(epochs) => Self::Named(epochs.iter().map(usize::to_string).collect()),
        }
    }
}

/// Where the weights behind an epoch lie.
pub fn snapshot(root: &Path, epoch: usize) -> PathBuf {
    root.join(FOLDER)
        .join(format!("epoch-{epoch:03}.safetensors"))
}

/// The snapshots of a run: by epoch the sha256 of its file.
///
/// # Errors
/// Those of [`RunFolder::kept`].
pub(crate) fn kept(folder: &RunFolder) -> Result<BTreeMap<usize, String>> {
    Ok(folder.kept(NAME, KEPT)?.unwrap_or_default())
}

/// The snapshots of a training that is under way.
pub(super) struct Album<'a> {
    folder: &'a RunFolder,
    wanted: &'a Snapshots,
    /// The shift that the network stands behind, by its name.
    shift: Option<(String, Array)>,
    kept: BTreeMap<usize, String>,
}

impl<'a> Album<'a> {
    /// Goes on with what an interrupted training of so many epochs kept. What is not wanted of it goes: the last epoch of one
    /// that was to have fewer.
    ///
    /// # Errors
    /// [`Error::RunFolder`] for a snapshot that is damaged; [`Error::Io`].
    pub(super) fn open(
        folder: &'a RunFolder,
        wanted: &'a Snapshots,
        epochs: usize,
        shift: Option<(String, Array)>,
    ) -> Result<Self> {
        let root = folder.root();
        let of_it = wanted.epochs(epochs);
        let mut kept = kept(folder)?;
        kept.retain(|epoch, _| of_it.contains(epoch));
        for (&epoch, sha256) in &kept {
            let path = snapshot(root, epoch);
            if !sha256_of_file(&path).is_ok_and(|is| is == *sha256) {
                let problem =
                    "is damaged or gone, and cannot be made again; begin anew with --overwrite";
                return Err(Error::run_folder(&path, problem));
            }
        }
        let paths: Vec<PathBuf> = kept.keys().map(|&epoch| snapshot(root, epoch)).collect();
        for entry in fs::read_dir(root.join(FOLDER))
            .into_iter()
            .flatten()
            .flatten()
        {
            let path = entry.path();
            if !paths.contains(&path) {
                fs::remove_file(&path).map_err(Error::io("cannot remove", &path))?;
            }
        }
        Ok(Self {
            folder,
            wanted,
            shift,
            kept,
        })
    }

    /// Keeps the weights behind an epoch, where that is wanted.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Compute`].
    pub(super) fn keep(&mut self, epoch: usize, learner: &Learner) -> Result<()> {
        match self.wanted.has(epoch) {
            true => self.write(epoch, learner),
            false => Ok(()),
        }
    }

    /// Keeps the weights behind the last epoch.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Compute`].
    pub(super) fn close(mut self, epoch: usize, learner: &Learner) -> Result<()> {
        match self.wanted.is_none() || self.kept.contains_key(&epoch) {
            true => Ok(()),
            false => self.write(epoch, learner),
        }
    }

    fn write(&mut self, epoch: usize, learner: &Learner) -> Result<()> {
        let path = snapshot(self.folder.root(), epoch);
        let mut all = learner.weights()?;
        all.extend(self.shift.clone());
        let content = weights::safetensors(&all, HashMap::new())
            .map_err(|error| Error::weights(&path, error.to_string()))?;
        write_whole(&path, |file| {
            file.write_all(&content)
                .map_err(Error::io("cannot write", &path))
        })?;
        self.kept.insert(epoch, sha256_hex(&content));
        self.folder.keep(NAME, KEPT, &self.kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_epoch_is_always_among_them() {
        let usual = Snapshots::of(None, 12).unwrap();
        assert_eq!(usual.epochs(12), [0, 1, 2, 5, 10, 12]);
        assert_eq!(usual.epochs(64).last(), Some(&64));
        assert_eq!(usual.epochs(64).len(), 9);
        let named = |text: &[&str]| Amount::Named(text.iter().map(|it| (*it).into()).collect());
        let told = Snapshots::of(Some(&named(&["7", "3"])), 9).unwrap();
        assert_eq!(told.epochs(9), [3, 7, 9]);
        assert_eq!(Amount::from(&told).to_string(), "3,7");
        assert_eq!(
            Snapshots::of(Some(&Amount::All), 2).unwrap().epochs(2),
            [0, 1, 2]
        );
        let none = Snapshots::of(Some(&Amount::None), 2).unwrap();
        assert!(none.epochs(2).is_empty());
        let wrong = Snapshots::of(Some(&named(&["3", "10"])), 9).unwrap_err();
        assert!(wrong.to_string().contains("--snapshots 10"), "{wrong}");
    }
}
