//! The folder's own labels.

use std::collections::BTreeSet;
use std::path::Path;

use base::Result;

use super::label_source::{find, from_table, LabelSource};
use super::names::PhotoFile;

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

impl Labels {
    /// Gives every photograph its label, from `table` or found out: class folders, then WordNet ids, then words in the
    /// file names. A single word is a label only where `known` knows it. What was decided is added to `notes`.
    pub(super) fn assign(
        photos: &mut [PhotoFile],
        table: Option<&Path>,
        known: impl Fn(&str) -> bool,
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        let (source, found) = match table {
            Some(path) => (LabelSource::Table, from_table(path, photos, notes)?),
            None => find(photos, known),
        };
        let distinct: BTreeSet<&String> = found.iter().flatten().collect();
        let names: Vec<String> = distinct.into_iter().cloned().collect();
        for (photo, label) in photos.iter_mut().zip(&found) {
            photo.label = label
                .as_ref()
                .and_then(|label| names.binary_search(label).ok());
        }
        notes.push(source.note(&names));
        let without = found.iter().filter(|label| label.is_none()).count();
        if without > 0 && !names.is_empty() {
            notes.push(format!("{without} photographs without a label"));
        }
        Ok(Self {
            classes: vec![Vec::new(); names.len()],
            names,
            source,
        })
    }
}

/// The first few of `names`, and how many more there are.
pub(super) fn enumerate(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(paths: &[&str], table: Option<&str>) -> (Labels, Vec<Option<usize>>, Vec<String>) {
        let mut photos: Vec<_> = paths
            .iter()
            .map(|path| PhotoFile::new(path.into()))
            .collect();
        let mut notes = Vec::new();
        let folder = tempfile::tempdir().unwrap();
        let file = table.map(|content| {
            let path = folder.path().join("labels.csv");
            std::fs::write(&path, content).unwrap();
            path
        });
        let known = |word: &str| word == "cat";
        let labels = Labels::assign(&mut photos, file.as_deref(), known, &mut notes).unwrap();
        (
            labels,
            photos.iter().map(|photo| photo.label).collect(),
            notes,
        )
    }

    #[test]
    fn a_table_of_labels_may_leave_photographs_out_and_name_strangers() {
        let table = "path,label\na.jpg,zebra\nb.jpg,\ngone.jpg,horse\n";
        let (labels, given, notes) = labelled(&["a.jpg", "b.jpg", "c.jpg"], Some(table));
        assert_eq!(
            (labels.names, given),
            (vec!["zebra".to_owned()], vec![Some(0), None, None])
        );
        assert_eq!(notes.len(), 3, "{notes:?}");
        assert!(notes[0].contains("gone.jpg"));
    }
}
