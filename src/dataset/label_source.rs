//! Where a folder's labels are found: class folders, or file names.

use std::collections::{BTreeMap, BTreeSet};

use base::words::enumerate;
use network::classes::is_wnid;
use serde::{Deserialize, Serialize};

use super::folders::{Counts, Folders, Level};
use super::labels::numbers;
use super::names::PhotoFile;

/// Where labels were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelSource {
    /// A CSV with the columns `path,label`.
    Table,
    /// One folder a class.
    Folders,
    /// A WordNet id at the start of the file name, as in `n02123045_cat.jpg`.
    Wnid,
    /// A word at the start of the file name, as in `cat.123.jpg`.
    Word,
    /// There are none.
    None,
}

impl LabelSource {
    /// As in `run.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Folders => "folders",
            Self::Wnid => "wnid",
            Self::Word => "word",
            Self::None => "none",
        }
    }

    /// What the labels are called after; empty where there are none.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Table => "the labels table",
            Self::Folders => "class folders",
            Self::Wnid => "WordNet ids in the file names",
            Self::Word => "the first word of the file names",
            Self::None => "",
        }
    }
}

/// Each photograph's label, in the order of the photographs.
pub(super) type Found = Vec<Option<String>>;

/// Labels that were found, and what to say about the choice.
#[derive(Debug)]
pub(super) struct Decision {
    pub source: LabelSource,
    pub found: Found,
    pub notes: Vec<String>,
}

/// Finds labels out without a table: class folders, then WordNet ids, then words in the file names. `known` says whether a word
/// is a class of the network or in a label map.
pub(super) fn find(
    photos: &[PhotoFile],
    folders: &Folders,
    known: impl Fn(&str) -> bool,
) -> Decision {
    let counts: Vec<Counts> = folders.levels.iter().map(Level::counts).collect();
    let chosen = class_level(&counts, &known);
    let in_folders = |level: usize| counts[level].values().sum::<usize>();
    let stray = folders.levels.first().map_or(0, |level| {
        let outside = level.names.iter().zip(&folders.splits);
        outside
            .filter(|(name, splits)| name.is_none() && splits.is_empty())
            .count()
    });
    // Where most lie beside the folders, their names may say more.
    let by_name = match chosen {
        Some(level) if stray <= in_folders(level) => None,
        _ => from_file_names(photos, folders, &known),
    };
    let says_more = |named: &Decision| {
        let labelled = named.found.iter().flatten().count();
        chosen.is_none_or(|level| labelled > in_folders(level))
    };
    match (by_name.filter(says_more), chosen) {
        (Some(decision), _) => decision,
        (None, Some(level)) => of_level(folders, &counts, level),
        (None, None) => Decision {
            source: LabelSource::None,
            found: vec![None; photos.len()],
            notes: vec![advice(photos, folders, &counts)],
        },
    }
}

/// The level of folders that are classes: the first whose names are mostly known, for most photographs; else the first that
/// tells photographs apart.
fn class_level(counts: &[Counts], known: impl Fn(&str) -> bool) -> Option<usize> {
    let known_photos = |level: usize| {
        let all: usize = counts[level].values().sum();
        let known = counts[level].iter().filter(|(name, _)| known(name));
        let known: usize = known.map(|(_, photos)| photos).sum();
        (known > 0 && known * 2 >= all).then_some(known)
    };
    let by_knowledge = (0..counts.len()).filter_map(|level| Some((known_photos(level)?, level)));
    // Of equals the first: `max_by_key` takes the last.
    let best = by_knowledge.rev().max_by_key(|(photos, _)| *photos);
    let telling = counts.iter().position(|names| names.len() > 1);
    best.map(|(_, level)| level).or(telling)
}

fn of_level(folders: &Folders, counts: &[Counts], level: usize) -> Decision {
    let others = (0..counts.len()).filter(|other| *other != level && counts[*other].len() > 1);
    let note = |other: usize| {
        format!(
            "there are folders above or below these: {}; --label-level {} makes them the labels",
            enumerate(counts[other].keys()),
            folders.levels[other].number
        )
    };
    Decision {
        source: LabelSource::Folders,
        found: folders.levels[level].names.clone(),
        notes: others.map(note).collect(),
    }
}

fn from_file_names(
    photos: &[PhotoFile],
    folders: &Folders,
    known: impl Fn(&str) -> bool,
) -> Option<Decision> {
    let decided = |source, found| Decision {
        source,
        found,
        notes: Vec::new(),
    };
    let by = |label_of: fn(&str) -> Option<&str>| -> Option<(Found, BTreeSet<String>)> {
        let name = |photo: &PhotoFile| photo.parts().pop().and_then(label_of).map(str::to_owned);
        let found: Found = photos.iter().map(name).collect();
        // Splits without any label do not count against the others.
        let mut of_splits: BTreeMap<&[String], (usize, usize)> = BTreeMap::new();
        for (label, splits) in found.iter().zip(&folders.splits) {
            let (named, all) = of_splits.entry(splits).or_default();
            *named += usize::from(label.is_some());
            *all += 1;
        }
        let counted = of_splits.values().filter(|(named, _)| *named > 0);
        let (named, all) = counted.fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
        let words = found.iter().flatten().cloned().collect();
        (named > 0 && named * 2 >= all).then_some((found, words))
    };
    if let Some((found, _)) = by(wnid) {
        return Some(decided(LabelSource::Wnid, found));
    }
    let one_is_known =
        |words: &BTreeSet<String>| words.len() > 1 || words.iter().any(|word| known(word));
    let all_are_known = |words: &BTreeSet<String>| words.iter().all(|word| known(word));
    let of_kaggle = by(word).filter(|(_, words)| one_is_known(words));
    let numbered = || by(numbered_word).filter(|(_, words)| all_are_known(words));
    let (found, _) = of_kaggle.or_else(numbered)?;
    Some(decided(LabelSource::Word, found))
}

/// `n02123045` of `n02123045_cat.jpg`.
fn wnid(file_name: &str) -> Option<&str> {
    let (id, rest) = file_name.split_at_checked(9)?;
    (is_wnid(id) && rest.starts_with(['_', '-', '.'])).then_some(id)
}

/// `cat` of Kaggle's `cat.123.jpg`.
fn word(file_name: &str) -> Option<&str> {
    let parts: Vec<&str> = file_name.split('.').collect();
    let [word, number, _extension] = parts[..] else {
        return None;
    };
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let is_word = !word.is_empty() && !word.bytes().any(|b| b.is_ascii_digit());
    (is_number && is_word).then_some(word)
}

/// `american_bulldog` of `american_bulldog_12.jpg`, `cat` of `cat (3).jpg`.
fn numbered_word(file_name: &str) -> Option<&str> {
    let (stem, _extension) = file_name.rsplit_once('.')?;
    let open = stem.strip_suffix(')').unwrap_or(stem);
    let word = open.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_numbered = word.len() < open.len();
    let word = word.trim_end_matches(['_', '-', ' ', '(']);
    (is_numbered && !word.is_empty()).then_some(word)
}

/// What was found instead of labels, and what would help.
fn advice(photos: &[PhotoFile], folders: &Folders, counts: &[Counts]) -> String {
    let help = "--labels labels.csv (path,label) or a folder for each class would give them";
    let splits = folders.split_counts();
    // The splits' own folder, where nothing lies below them.
    let lies_in_split = |photo: &PhotoFile, splits: &[String]| {
        let folder = photo.parts().into_iter().rev().nth(1);
        folder.is_some_and(|folder| splits.last().is_some_and(|split| split == folder))
    };
    let mut in_splits = photos.iter().zip(&folders.splits);
    let no_deeper = in_splits.any(|(photo, splits)| lies_in_split(photo, splits));
    let only = counts
        .iter()
        .zip(&folders.levels)
        .find_map(|(names, level)| {
            let (name, photos) = names.iter().next().filter(|_| names.len() == 1)?;
            Some((name, *photos, level.number))
        });
    match only {
        Some((name, inside, number)) if inside * 2 >= photos.len() && !no_deeper => format!(
            "no labels: the photographs lie in one folder, '{name}', which is no class that is known; --label-level {number} makes its name their label"
        ),
        _ if !splits.is_empty() => format!(
            "no labels: no class folders below {}, and none in the file names; {help}",
            numbers(&splits)
        ),
        _ => {
            let example = photos.first().and_then(|photo| photo.parts().pop());
            format!(
                "no labels: neither class folders nor labels in file names such as '{}'; {help}",
                example.unwrap_or_default()
            )
        }
    }
}
