//! What the folders of a data set say: splits, class folders, and folders that only hold pictures together.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use base::text::composed;
use base::{Error, Result};

use super::folder_words::{is_media, joined};
use super::names::PhotoFile;
use super::splits::{are_splits, role};

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
        counts(self.names.iter().flatten())
    }
}

impl Folders {
    /// Sorts out the folders of photographs.
    pub(super) fn of(photos: &[PhotoFile]) -> Self {
        let tree = Tree::of(photos);
        let split_folders = tree.splits();
        let nothing_more = tree.media_and_copies();
        let mut splits = Vec::with_capacity(photos.len());
        let mut chains = Vec::with_capacity(photos.len());
        for photo in photos {
            let (mut of_splits, mut chain): (Vec<String>, _) = (Vec::new(), Vec::new());
            // Some splits have a folder of their own name in them.
            let mut split_above = None;
            for (number, (path, name)) in (1..).zip(folders_of(photo)) {
                let is_split = split_folders.contains(path) || split_above == Some(name);
                split_above = is_split.then_some(name);
                if is_split {
                    let name = composed(name).into_owned();
                    if !of_splits.contains(&name) {
                        of_splits.push(name);
                    }
                } else if !nothing_more.contains(path) {
                    chain.push((number, name));
                }
            }
            splits.push(of_splits);
            chains.push(chain);
        }
        let depth = chains.iter().map(Vec::len).max().unwrap_or_default();
        let levels = (0..depth).map(|at| level(&chains, at)).collect();
        Self { splits, levels }
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
        counts(self.splits.iter().flatten())
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
        let same = |name: &&String| joined(name) == joined(wanted);
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

fn counts<'a>(names: impl Iterator<Item = &'a String>) -> Counts {
    let mut counts = Counts::new();
    for name in names {
        *counts.entry(name.clone()).or_default() += 1;
    }
    counts
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

/// Which folders lie beside each other.
struct Tree<'a> {
    /// By the path of the folder above them, their names and paths.
    beside: HashMap<&'a str, BTreeMap<&'a str, &'a str>>,
    /// Paths of those that photographs lie in.
    holding: HashSet<&'a str>,
}

impl<'a> Tree<'a> {
    fn of(photos: &'a [PhotoFile]) -> Self {
        let mut tree = Self {
            beside: HashMap::new(),
            holding: HashSet::new(),
        };
        for photo in photos {
            let mut above = "";
            for (path, name) in folders_of(photo) {
                tree.beside.entry(above).or_default().insert(name, path);
                above = path;
            }
            tree.holding.insert(above);
        }
        tree
    }

    /// Paths of the folders that are splits with those beside them.
    fn splits(&self) -> HashSet<&'a str> {
        let are_splits =
            |folders: &&BTreeMap<&str, _>| are_splits(&folders.keys().copied().collect::<Vec<_>>());
        let splits = self.beside.values().filter(are_splits);
        splits
            .flat_map(|folders| folders.values().copied())
            .collect()
    }

    /// Paths of the folders that only hold pictures together, their names and those of all beside them saying no more; and of
    /// those that only hold folders, one of their own name, or all called as those beside them: the data set once more.
    fn media_and_copies(&self) -> HashSet<&'a str> {
        let mut found = HashSet::new();
        for folders in self.beside.values() {
            let are_media = folders.keys().all(|name| is_media(name));
            let is_copy = |name: &str, path: &str| {
                let beside = |inside: &&str| *inside != name && folders.contains_key(inside);
                let inside = self.beside.get(path);
                let says_nothing = |inside: &BTreeMap<&str, _>| {
                    inside.contains_key(name) || inside.keys().all(&beside)
                };
                !self.holding.contains(path) && inside.is_some_and(says_nothing)
            };
            let folders = folders.iter().map(|(name, path)| (*name, *path));
            let saying_nothing = folders.filter(|(name, path)| are_media || is_copy(name, path));
            found.extend(saying_nothing.map(|(_, path)| path));
        }
        found
    }
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
