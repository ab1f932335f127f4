//! The folder's own labels.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base::table::Table;
use base::text::composed;
use base::words::{count, enumerate};
use base::{Error, Result};

use super::folders::{Counts, Folders};
use super::label_source::{find, Decision, Found, LabelSource};
use super::lookup::{Lookup, Missing};
use super::names::PhotoFile;

/// The columns of a labels table, by the names that people give them; Kaggle's are `id,label`.
const PATH: &[&str] = &[
    "path",
    "file",
    "filename",
    "file_name",
    "filepath",
    "file_path",
    "image",
    "image_path",
    "image_name",
    "image_id",
    "imageid",
    "img",
    "img_path",
    "img_name",
    "photo",
    "id",
];
const LABEL: &[&str] = &[
    "label",
    "labels",
    "class",
    "class_name",
    "class_id",
    "classid",
    "category",
    "target",
];

/// The labels of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Sorted; the position is the label's index.
    pub names: Vec<String>,
    /// Where they were found.
    pub source: LabelSource,
    /// For each label the network outputs that it stands for; none where it can't be scored.
    pub classes: Vec<Vec<usize>>,
}

/// What is said of the labels from outside.
#[derive(Debug, Clone, Copy)]
pub(super) enum Given<'a> {
    /// A table has them.
    Table(&'a Path),
    /// Folders so many below the data set's are them.
    Level(usize),
    /// They are to be found.
    Nothing,
}

impl Labels {
    /// Gives every photograph its label, as `given` or found out. A single word is a label only where `known` knows it. What was
    /// decided is added to `notes`.
    pub(super) fn assign(
        root: &Path,
        photos: &mut [PhotoFile],
        folders: &Folders,
        given: Given<'_>,
        known: impl Fn(&str) -> bool,
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        let decision = match given {
            Given::Table(path) => from_table(root, path, photos)?,
            Given::Level(number) => from_level(root, photos, number)?,
            Given::Nothing => find(photos, folders, known),
        };
        let Decision { source, found, .. } = decision;
        let distinct: BTreeSet<&String> = found.iter().flatten().collect();
        let names: Vec<String> = distinct.into_iter().cloned().collect();
        for (photo, label) in photos.iter_mut().zip(&found) {
            photo.label = label
                .as_ref()
                .and_then(|label| names.binary_search(label).ok());
        }
        notes.extend(decision.notes);
        Ok(Self {
            classes: vec![Vec::new(); names.len()],
            names,
            source,
        })
    }

    /// What to say of the labels of `photos`.
    pub(super) fn told(&self, photos: &[PhotoFile]) -> Vec<String> {
        if self.names.is_empty() {
            return Vec::new();
        }
        let names = enumerate(&self.names);
        let mut told = vec![format!("labels from {}: {names}", self.source.told())];
        let without = photos.iter().filter(|photo| photo.label.is_none()).count();
        if without > 0 {
            told.push(format!("{} without a label", count(without, "photograph")));
        }
        told
    }

    /// Those of a data set without labels.
    pub(super) fn none() -> Self {
        Self {
            names: Vec::new(),
            source: LabelSource::None,
            classes: Vec::new(),
        }
    }
}

/// `test (10), train (20)`.
pub(super) fn numbers(counts: &Counts) -> String {
    let told = |(name, photos): (&String, &usize)| format!("{name} ({photos})");
    enumerate(counts.iter().map(told))
}

fn from_level(root: &Path, photos: &[PhotoFile], number: usize) -> Result<Decision> {
    let Some(level) = Folders::numbered(photos, number) else {
        let deepest = photos.iter().max_by_key(|photo| photo.parts().len());
        let told = deepest.map_or(String::new(), |photo| {
            let folders = photo.parts().len() - 1;
            format!("; '{}' lies in {}", photo.path, count(folders, "folder"))
        });
        let problem = format!(
            "no photograph lies in {}, as --label-level {number} needs{told}",
            count(number, "folder")
        );
        return Err(Error::dataset(root, problem));
    };
    Ok(Decision {
        source: LabelSource::Folders,
        found: level.names,
        notes: Vec::new(),
    })
}

/// The table at `path`, and the column of its labels: where it has but two, the other one, whatever it is called.
fn labels_table(path: &Path) -> Result<(Table, String)> {
    let lacking = match Table::read(path, &[PATH, LABEL]) {
        Ok(table) => return Ok((table, LABEL[0].to_owned())),
        Err(error) => error,
    };
    let Ok(table) = Table::read(path, &[PATH]) else {
        return Err(lacking);
    };
    let column = table.other_column(PATH[0]).ok_or(lacking)?.to_owned();
    Ok((table, column))
}

/// The labels in a CSV with the columns `path,label`; photographs that it has beyond `photos` become a note.
fn from_table(root: &Path, path: &Path, photos: &[PhotoFile]) -> Result<Decision> {
    let (table, column) = labels_table(path)?;
    let column = column.as_str();
    let lookup = Lookup::new(root, photos.iter().map(|photo| photo.path.as_str()));
    let mut labels: BTreeMap<&str, String> = BTreeMap::new();
    let mut strangers = BTreeSet::new();
    for row in table.rows() {
        let (name, label) = (row.text(PATH[0]), composed(row.text(column)).into_owned());
        if label.contains(['\n', '\r']) {
            let problem = "a line break in a label; is a quotation mark missing at its end?";
            return Err(row.error(column, problem));
        }
        let photo = match lookup.find(name) {
            Ok(photo) => photo,
            Err(Missing::Unknown) => {
                strangers.insert(name);
                continue;
            }
            Err(several) => return Err(row.error(PATH[0], lookup.told(name, &several))),
        };
        match labels.get(photo) {
            Some(other) if *other != label => {
                let problem =
                    format!("'{photo}' has the label '{other}' further up, here '{label}'");
                return Err(row.error(column, problem));
            }
            _ => drop(labels.insert(photo, label)),
        }
    }
    if let (true, Some(stranger)) = (labels.is_empty(), strangers.first()) {
        let problem = format!(
            "none of its paths leads to a photograph: {}; the data set has such as '{}'",
            lookup.told(stranger, &Missing::Unknown),
            photos.first().map_or("cat.jpg", |photo| &photo.path)
        );
        return Err(table.error(None, Some(PATH[0]), problem));
    }
    let mut notes = Vec::new();
    if column != LABEL[0] {
        notes.push(format!(
            "the labels table has no column '{}'; its other one, '{column}', is taken",
            LABEL[0]
        ));
    }
    if !strangers.is_empty() {
        notes.push(format!(
            "in the labels table but not in the data set: {}",
            enumerate(&strangers)
        ));
    }
    let label = |photo: &PhotoFile| {
        labels
            .get(photo.path.as_str())
            .filter(|label| !label.is_empty())
    };
    let found: Found = photos.iter().map(|photo| label(photo).cloned()).collect();
    if found.iter().all(Option::is_none) {
        notes.push("no labels: the labels table has none".into());
    }
    Ok(Decision {
        source: LabelSource::Table,
        found,
        notes,
    })
}
