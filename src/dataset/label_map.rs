//! From the folder's labels to the network's outputs, so that an ImageNet network is scored on cats and dogs.

use std::collections::BTreeMap;
use std::path::Path;

use base::Result;
use network::classes::Class;

use super::label_source::LabelSource;
use super::labels::{enumerate, Labels};
use super::table::{Row, Table};

const SHIPPED: &str = include_str!("../../datasets/label-maps/dogs-vs-cats.csv");

/// Label → network outputs, ascending.
#[derive(Debug, Default)]
pub(super) struct LabelMap(BTreeMap<String, Vec<usize>>);

impl LabelMap {
    /// Reads a table with the columns `label,first_class,last_class` (indices, both included) or `label,class`
    /// (an index, WordNet id or class name). Rows of one label add up.
    pub(super) fn read(path: &Path, classes: &[Class]) -> Result<Self> {
        Self::from_table(&Table::read(path, &["label"])?, classes)
    }

    /// The map that comes with the program, for networks with the ImageNet classes; empty for others.
    pub(super) fn shipped(classes: &[Class]) -> Result<Self> {
        if classes.len() != 1000 || classes.iter().any(|class| class.wnid.is_none()) {
            return Ok(Self::default());
        }
        let path = Path::new("label-maps/dogs-vs-cats.csv");
        Self::from_table(
            &Table::parse(path, SHIPPED.as_bytes(), &["label"])?,
            classes,
        )
    }

    /// Whether the map has a row for `label`.
    pub(super) fn knows(&self, label: &str) -> bool {
        self.0.contains_key(label)
    }

    fn from_table(table: &Table, classes: &[Class]) -> Result<Self> {
        let mut map = Self::default();
        for row in table.rows() {
            let outputs = map.0.entry(row.text("label").to_owned()).or_default();
            outputs.extend(outputs_of(&row, table.has("class"), classes)?);
            outputs.sort_unstable();
            outputs.dedup();
        }
        Ok(map)
    }
}

fn outputs_of(row: &Row<'_>, by_class: bool, classes: &[Class]) -> Result<Vec<usize>> {
    let index = |column: &str| -> Result<usize> {
        let index: usize = row.number(column, "the index of a class")?;
        if index >= classes.len() {
            let problem = format!("the network has {} classes; found {index}", classes.len());
            return Err(row.error(column, problem));
        }
        Ok(index)
    };
    if by_class {
        let class = row.text("class");
        let found = named(class, classes);
        return match found.is_empty() {
            false => Ok(found),
            true if class.bytes().all(|b| b.is_ascii_digit()) => Ok(vec![index("class")?]),
            true => Err(row.error("class", format!("the network has no class '{class}'"))),
        };
    }
    let (first, last) = (index("first_class")?, index("last_class")?);
    if first > last {
        return Err(row.error(
            "last_class",
            format!("{last} comes before first_class, {first}"),
        ));
    }
    Ok((first..=last).collect())
}

/// The outputs whose WordNet id, or else whose name, is `label`; names are compared without case, `_` and `-`.
fn named(label: &str, classes: &[Class]) -> Vec<usize> {
    let outputs = |fits: &dyn Fn(&Class) -> bool| -> Vec<usize> {
        let fitting = classes.iter().enumerate().filter(|(_, class)| fits(class));
        fitting.map(|(index, _)| index).collect()
    };
    let by_wnid = outputs(&|class| class.wnid.as_deref() == Some(label));
    if !by_wnid.is_empty() {
        return by_wnid;
    }
    let wanted = plain(label);
    outputs(&|class| plain(&class.name) == wanted)
}

fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '-'], " ")
}

/// Finds each label's network outputs: in `given`, by WordNet id or name, as a class index (in a labels table), or in
/// the `shipped` map. What was decided is added to `notes`.
pub(super) fn resolve(
    labels: &mut Labels,
    given: &LabelMap,
    shipped: &LabelMap,
    classes: &[Class],
    notes: &mut Vec<String>,
) {
    let mut unscored = Vec::new();
    let mut direct = 0;
    for (label, outputs) in labels.names.iter().zip(&mut labels.classes) {
        let by_index = label.parse().ok().filter(|index| *index < classes.len());
        let by_name = named(label, classes);
        if let Some(found) = given.0.get(label) {
            *outputs = found.clone();
            notes.push(format!(
                "{label} = classes {}, from the label map",
                ranges(found)
            ));
        } else if !by_name.is_empty() {
            if by_name.len() > 1 {
                let all = ranges(&by_name);
                notes.push(format!(
                    "{label} is the name of several classes: any of {all} counts"
                ));
            }
            *outputs = by_name;
            direct += 1;
        } else if let (LabelSource::Table, Some(index)) = (labels.source, by_index) {
            *outputs = vec![index];
            direct += 1;
        } else if let Some(found) = shipped.0.get(&label.to_lowercase()) {
            *outputs = found.clone();
            notes.push(format!(
                "{label} = ImageNet classes {}, from the map that comes with deconvscope",
                ranges(found)
            ));
        } else {
            unscored.push(label.clone());
        }
    }
    if direct > 0 {
        notes.push(format!("{direct} labels are classes of the network"));
    }
    if !unscored.is_empty() {
        notes.push(format!(
            "not scored, no such class in the network (a label map says which): {}",
            enumerate(&unscored)
        ));
    }
}

/// `1–3, 7` for 1, 2, 3, 7.
fn ranges(outputs: &[usize]) -> String {
    let runs = outputs.chunk_by(|a, b| a + 1 == *b);
    let texts = runs.filter_map(|run| match run {
        [] => None,
        [only] => Some(only.to_string()),
        [first, .., last] => Some(format!("{first}–{last}")),
    });
    texts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes() -> Vec<Class> {
        let class = |index: usize| Class {
            wnid: Some(format!("n{index:08}")),
            name: match index {
                134 | 517 => "crane".to_owned(),
                285 => "Egyptian cat".to_owned(),
                _ => format!("class {index}"),
            },
        };
        (0..1000).map(class).collect()
    }

    fn labels(names: &[&str], source: LabelSource) -> Labels {
        Labels {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            source,
            classes: vec![Vec::new(); names.len()],
        }
    }

    fn map(table: &str) -> Result<LabelMap> {
        let table = Table::parse(Path::new("map.csv"), table.as_bytes(), &["label"])?;
        LabelMap::from_table(&table, &classes())
    }

    #[test]
    fn labels_find_their_classes() {
        let names = [
            "17",
            "animals",
            "cats",
            "crane",
            "egyptian_cat",
            "n00000004",
            "unicorn",
        ];
        let mut labels = labels(&names, LabelSource::Table);
        let given = map("label,first_class,last_class\nanimals,1,3\nanimals,7,7\n").unwrap();
        let shipped = LabelMap::shipped(&classes()).unwrap();
        let mut notes = Vec::new();
        resolve(&mut labels, &given, &shipped, &classes(), &mut notes);
        let expected = [
            vec![17],
            vec![1, 2, 3, 7],
            (281..=285).collect(),
            vec![134, 517],
            vec![285],
            vec![4],
            vec![],
        ];
        assert_eq!(labels.classes, expected);
        assert!(
            notes
                .iter()
                .any(|note| note.starts_with("animals = classes 1–3, 7,")),
            "{notes:?}"
        );
        assert!(
            notes.iter().any(|note| note.ends_with("): unicorn")),
            "{notes:?}"
        );
    }

    #[test]
    fn the_shipped_map_and_plain_numbers_need_their_setting() {
        let mut labels = labels(&["17", "cats"], LabelSource::Folders);
        let few = &classes()[..500];
        let shipped = LabelMap::shipped(few).unwrap();
        resolve(
            &mut labels,
            &LabelMap::default(),
            &shipped,
            few,
            &mut Vec::new(),
        );
        assert!(labels.classes.iter().all(Vec::is_empty));
    }

    #[test]
    fn a_wrong_label_map_is_told_with_line_and_column() {
        for (table, expected) in [
            (
                "label,first_class,last_class\na,1,1000\n",
                "map.csv, line 2, column last_class: the network has 1000",
            ),
            (
                "label,first_class,last_class\na,5,3\n",
                "map.csv, line 2, column last_class: 3 comes before",
            ),
            (
                "label,first_class\na,5\n",
                "map.csv, line 2, column last_class: expected the index",
            ),
            (
                "label,class\na,unicorn\n",
                "map.csv, line 2, column class: the network has no class 'unicorn'",
            ),
        ] {
            let message = map(table).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
        let by_class = map("label,class\na,12\na,Egyptian cat\n").unwrap();
        assert_eq!(by_class.0["a"], [12, 285]);
    }
}
