//! What the folders of a data set say: splits, class folders, and folders that only hold pictures together.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use base::text::composed;
use base::{Error, Result};

use super::names::PhotoFile;
use super::splits::{are_splits, is_media, role, same_name};

/// Photographs by the names of a level of folders.
pub(super) type Counts = BTreeMap<String, usize>;

/// The folders that photographs lie in.
#[derive(Debug, Default)]
pub(super) struct Folders {
    /// For each photograph the splits that it belongs to, the outermost first.
    pub splits: Vec<Vec<String>>,
    /// The levels of folders that are neither splits nor hold pictures together, the outermost first.
    pub levels: Vec<Level>,
}

/// Folders as far from the data set's as each other, but for splits and the like above some of them.
#[derive(Debug)]
pub(super) struct Level {
    /// For each photograph the folder's name, composed (NFC); none where it lies in none.
    pub names: Vec<Option<String>>,
    /// How many folders lie above most of them, and they themselves: what `--label-level` calls the level.
    pub number: usize,
}

impl Level {
    /// The photographs of each name.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::new();
        for name in self.names.iter().flatten() {
            *counts.entry(name.clone()).or_default() += 1;
        }
        counts
    }
}

impl Folders {
    /// Sorts out the folders of photographs.
    pub(super) fn of(photos: &[PhotoFile]) -> Self {
        let media = media_folders(photos);
        let chain = |photo| -> Vec<(usize, &str)> {
            let folders = (1..).zip(folders_of(photo));
            let kept = folders.filter(|(_, (path, _))| !media.contains(path));
            kept.map(|(number, (_, name))| (number, name)).collect()
        };
        let mut chains: Vec<_> = photos.iter().map(chain).collect();
        let mut splits = vec![Vec::new(); photos.len()];
        let mut levels = Vec::new();
        loop {
            let at = levels.len();
            let here: BTreeSet<&str> = chains
                .iter()
                .filter_map(|chain| Some(chain.get(at)?.1))
                .collect();
            if here.is_empty() {
                return Self { splits, levels };
            }
            if are_splits(&here.into_iter().collect::<Vec<_>>()) {
                for (chain, splits) in chains.iter_mut().zip(&mut splits) {
                    if chain.len() > at {
                        let name = chain.remove(at).1.to_owned();
                        // Some have a folder of its own name in each split.
                        if !splits.contains(&name) {
                            splits.push(name);
                        }
                    }
                }
            } else {
                levels.push(level(&chains, at));
            }
        }
    }

    /// The folders that lie so many below the data set's, whatever they seem to be; none where there are none.
    pub(super) fn numbered(photos: &[PhotoFile], number: usize) -> Option<Level> {
        let folder = |photo| folders_of(photo).nth(number.checked_sub(1)?);
        let name = |photo| folder(photo).map(|(_, name)| composed(name).into_owned());
        let names: Vec<_> = photos.iter().map(name).collect();
        let is_one = names.iter().any(Option::is_some);
        is_one.then_some(Level { names, number })
    }

    /// Photographs by split; of splits in splits each counts.
    pub(super) fn split_counts(&self) -> Counts {
        let mut counts = Counts::new();
        for split in self.splits.iter().flatten() {
            *counts.entry(split.clone()).or_default() += 1;
        }
        counts
    }

    /// The split of this name, whatever its case, `-`, `_` and blanks, or else the only one that is for the same.
    ///
    /// # Errors
    /// There is none; with those that there are.
    pub(super) fn split(&self, root: &Path, wanted: &str) -> Result<String> {
        let known: Vec<String> = self.split_counts().into_keys().collect();
        if known.is_empty() {
            let problem = format!(
                "--split {wanted} needs splits, folders such as train and test; there are none"
            );
            return Err(Error::dataset(root, problem));
        }
        let is = |name: &&String| name.as_str() == wanted;
        let same = |name: &&String| same_name(name, wanted);
        let found = known.iter().find(is).or_else(|| known.iter().find(same));
        let mut alike = known
            .iter()
            .filter(|name| role(name).is_some() && role(name) == role(wanted));
        match (found, alike.next(), alike.next()) {
            (Some(name), ..) | (None, Some(name), None) => Ok(name.clone()),
            _ => Err(Error::unknown_name("split", wanted, known)),
        }
    }
}

/// A photograph's folders from the data set's on: each one's whole path, and its name.
fn folders_of(photo: &PhotoFile) -> impl Iterator<Item = (&str, &str)> {
    let path = photo.path.as_str();
    let ends = path.match_indices('/').map(|(end, _)| end);
    ends.scan(0, move |start, end| {
        let name = path.get(*start..end)?;
        *start = end + 1;
        Some((path.get(..end)?, name))
    })
}

/// Paths of the folders that only hold pictures together: their names, and those of all beside them, say no more.
fn media_folders(photos: &[PhotoFile]) -> BTreeSet<&str> {
    let mut beside: HashMap<&str, BTreeMap<&str, &str>> = HashMap::new();
    for photo in photos {
        let mut above = "";
        for (path, name) in folders_of(photo) {
            beside.entry(above).or_default().insert(name, path);
            above = path;
        }
    }
    let only_media = beside
        .into_values()
        .filter(|folders| folders.keys().all(|name| is_media(name)));
    only_media.flat_map(BTreeMap::into_values).collect()
}

fn level(chains: &[Vec<(usize, &str)>], at: usize) -> Level {
    let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
    for (number, _) in chains.iter().filter_map(|chain| chain.get(at)) {
        *numbers.entry(*number).or_default() += 1;
    }
    let most = numbers.into_iter().rev().max_by_key(|(_, photos)| *photos);
    let name =
        |chain: &Vec<(usize, &str)>| chain.get(at).map(|(_, name)| composed(name).into_owned());
    Level {
        names: chains.iter().map(name).collect(),
        number: most.map_or(0, |(number, _)| number),
    }
}
