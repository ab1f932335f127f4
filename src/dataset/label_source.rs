//! Where a folder's labels are found: a table, class folders, or file names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base::Result;
use network::classes::is_wnid;
use serde::{Deserialize, Serialize};

use super::labels::enumerate;
use super::names::PhotoFile;
use super::table::Table;

/// Folder names that say what photographs are for, not what they show.
const SPLITS: [&str; 11] = [
    "train",
    "training",
    "training_set",
    "val",
    "valid",
    "validation",
    "test",
    "test1",
    "test_set",
    "testing",
    "images",
];

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

/// Each photograph's label, in the order of the photographs.
pub(super) type Found = Vec<Option<String>>;

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

    pub(super) fn note(self, names: &[String]) -> String {
        let origin = match self {
            Self::Table => "the labels table",
            Self::Folders => "class folders",
            Self::Wnid => "WordNet ids in the file names",
            Self::Word => "the first word of the file names",
            Self::None => {
                return "no labels: neither class folders nor labels in file names".into()
            }
        };
        format!("labels from {origin}: {}", enumerate(names))
    }
}

/// Finds labels out without a table; a single word is one only where `known` knows it.
pub(super) fn find(photos: &[PhotoFile], known: impl Fn(&str) -> bool) -> (LabelSource, Found) {
    if let Some(found) = from_folders(photos) {
        return (LabelSource::Folders, found);
    }
    let by_name = |label_of: fn(&str) -> Option<&str>| -> Option<Found> {
        let file_name =
            |photo: &PhotoFile| photo.parts().pop().and_then(label_of).map(str::to_owned);
        let found: Found = photos.iter().map(file_name).collect();
        let named = found.iter().flatten().count();
        (named * 2 >= photos.len().max(1)).then_some(found)
    };
    if let Some(found) = by_name(wnid) {
        return (LabelSource::Wnid, found);
    }
    if let Some(found) = by_name(word) {
        let words: BTreeSet<&String> = found.iter().flatten().collect();
        if words.len() > 1 || words.iter().any(|word| known(word)) {
            return (LabelSource::Word, found);
        }
    }
    (LabelSource::None, vec![None; photos.len()])
}

/// The first folder that tells photographs apart, where every photograph lies in one.
fn from_folders(photos: &[PhotoFile]) -> Option<Found> {
    let paths: Vec<Vec<&str>> = photos.iter().map(PhotoFile::parts).collect();
    for depth in 0.. {
        let folder_of = |path: &Vec<&str>| {
            path.get(depth)
                .filter(|_| path.len() > depth + 1)
                .map(|name| (*name).to_owned())
        };
        let folders: Option<Vec<String>> = paths.iter().map(folder_of).collect();
        let folders = folders?;
        let distinct: BTreeSet<&String> = folders.iter().collect();
        let is_split = |name: &&String| SPLITS.contains(&name.to_ascii_lowercase().as_str());
        if distinct.len() > 1 && !distinct.iter().all(is_split) {
            return Some(folders.into_iter().map(Some).collect());
        }
    }
    None
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

/// The labels in a CSV with the columns `path,label`; photographs that it has beyond `photos` become a note.
pub(super) fn from_table(
    path: &Path,
    photos: &[PhotoFile],
    notes: &mut Vec<String>,
) -> Result<Found> {
    let table = Table::read(path, &["path", "label"])?;
    let mut labels: BTreeMap<&str, &str> = BTreeMap::new();
    for row in table.rows() {
        let (photo, label) = (row.text("path"), row.text("label"));
        match labels.insert(photo, label) {
            Some(other) if other != label => {
                let problem =
                    format!("'{photo}' has the label '{other}' further up, here '{label}'");
                return Err(row.error("label", problem));
            }
            _ => {}
        }
    }
    let listed = labels.len();
    let found: Found = photos
        .iter()
        .map(|photo| {
            labels
                .remove(photo.path.as_str())
                .filter(|label| !label.is_empty())
        })
        .map(|label| label.map(str::to_owned))
        .collect();
    if listed > 0 && labels.len() == listed {
        let problem = format!(
            "none of its {listed} paths is in the data set; they are relative to its folder, as in '{}'",
            photos.first().map_or("cat.jpg", |photo| &photo.path)
        );
        return Err(table.error(None, Some("path"), problem));
    }
    if !labels.is_empty() {
        let strangers: Vec<String> = labels.keys().map(|&path| path.to_owned()).collect();
        let names = enumerate(&strangers);
        notes.push(format!(
            "in the labels table but not in the data set: {names}"
        ));
    }
    Ok(found)
}
