//! From the folder's labels to the network's outputs, so that an ImageNet network is scored on cats and dogs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use base::table::{Row, Table};
use base::text::{composed, cut};
use base::words::enumerate;
use base::Result;

use super::class_lookup::ClassLookup;
use super::label_source::LabelSource;
use super::labels::Labels;

const SHIPPED: &str = include_str!("../../datasets/label-maps/dogs-vs-cats.csv");
const LABEL: &str = "label";

/// Label → network outputs, ascending.
#[derive(Debug, Default)]
pub(super) struct LabelMap {
    outputs: BTreeMap<String, Vec<usize>>,
    /// By a label in lower case, how the map writes it.
    any_case: HashMap<String, String>,
}

impl LabelMap {
    /// Reads a table with the columns `label,first_class,last_class` (indices, both included) or `label,class`
    /// (an index, WordNet id or class name). Rows of one label add up.
    pub(super) fn read(path: &Path, classes: &ClassLookup<'_>) -> Result<Self> {
        Self::from_table(&Table::read(path, &[&[LABEL]])?, classes)
    }

    /// The map that comes with the program, for networks with the ImageNet classes; for others its labels stand for nothing.
    pub(super) fn shipped(classes: &ClassLookup<'_>) -> Result<Self> {
        let path = Path::new("label-maps/dogs-vs-cats.csv");
        let table = Table::parse(path, SHIPPED.as_bytes(), &[&[LABEL]])?;
        match classes.are_imagenet() {
            true => Self::from_table(&table, classes),
            false => {
                let labels = table.rows().map(|row| row.text(LABEL).to_owned());
                Ok(Self::of(labels.map(|label| (label, Vec::new())).collect()))
            }
        }
    }

    /// Whether the map has a row for `label`.
    pub(super) fn knows(&self, label: &str) -> bool {
        self.get(label).is_some()
    }

    fn of(outputs: BTreeMap<String, Vec<usize>>) -> Self {
        let lower = |label: &String| (label.to_lowercase(), label.clone());
        let any_case = outputs.keys().map(lower).collect();
        Self { outputs, any_case }
    }

    /// How the map writes `label`, in this case or else in any, and the outputs that it stands for.
    fn get(&self, label: &str) -> Option<(&str, &Vec<usize>)> {
        let in_any_case = || self.any_case.get(&label.to_lowercase());
        let found = self.outputs.get_key_value(label);
        let (name, outputs) = found.or_else(|| self.outputs.get_key_value(in_any_case()?))?;
        Some((name, outputs))
    }

    fn from_table(table: &Table, classes: &ClassLookup<'_>) -> Result<Self> {
        let mut map = BTreeMap::<_, Vec<usize>>::new();
        for row in table.rows() {
            let label = composed(row.text(LABEL)).into_owned();
            let outputs = map.entry(label).or_default();
            outputs.extend(outputs_of(&row, table.has("class"), classes)?);
            outputs.sort_unstable();
            outputs.dedup();
        }
        Ok(Self::of(map))
    }
}

fn outputs_of(row: &Row<'_>, by_class: bool, classes: &ClassLookup<'_>) -> Result<Vec<usize>> {
    let count = classes.count();
    let index = |column: &str| -> Result<usize> {
        let index: usize = row.number(column, "the index of a class")?;
        if index >= count {
            let problem = format!("the network has {count} classes; found {index}");
            return Err(row.error(column, problem));
        }
        Ok(index)
    };
    if by_class {
        let class = row.text("class");
        let found = classes.named(class);
        return match found.is_empty() {
            false => Ok(found),
            true if class.bytes().all(|b| b.is_ascii_digit()) => Ok(vec![index("class")?]),
            true => {
                let nearest = classes.nearest(class);
                let nearest =
                    nearest.map_or(String::new(), |name| format!("; the nearest is '{name}'"));
                let problem = format!("the network has no class '{}'{nearest}", cut(class));
                Err(row.error("class", problem))
            }
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

/// Finds each label's network outputs: in `given`, by WordNet id or name, as a class index (in a labels table), or in
/// the `shipped` map. What was decided is added to `notes`.
pub(super) fn resolve(
    labels: &mut Labels,
    given: &LabelMap,
    shipped: &LabelMap,
    classes: &ClassLookup<'_>,
    notes: &mut Vec<String>,
) {
    let (mut unscored, mut in_other_number) = (Vec::new(), Vec::new());
    let mut used = BTreeSet::new();
    let mut direct = 0;
    for (label, outputs) in labels.names.iter().zip(&mut labels.classes) {
        let by_index = label.parse().ok().filter(|index| *index < classes.count());
        let by_name = classes.named(label);
        let by_map = shipped.get(label).map(|(_, outputs)| outputs);
        if let Some((name, found)) = given.get(label) {
            used.insert(name);
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
        } else if let Some(found) = by_map.filter(|found| !found.is_empty()) {
            *outputs = found.clone();
            notes.push(format!(
                "{label} = ImageNet classes {}, from the map that comes with deconvscope",
                ranges(found)
            ));
        } else if let Some((name, found)) = classes.in_other_number(label) {
            *outputs = found.to_vec();
            in_other_number.push(format!("{label} = {name}"));
        } else {
            unscored.push(label.clone());
        }
    }
    let unused = given
        .outputs
        .keys()
        .filter(|label| !used.contains(label.as_str()));
    let unused: Vec<&String> = unused.collect();
    if !unused.is_empty() {
        let told = enumerate(&unused);
        notes.push(format!("in the label map but not among the labels: {told}"));
    }
    match direct {
        0 => {}
        1 => notes.push("1 label is a class of the network".into()),
        _ => notes.push(format!("{direct} labels are classes of the network")),
    }
    if !in_other_number.is_empty() {
        notes.push(format!(
            "labels that are classes of the network in the singular or plural: {}",
            enumerate(&in_other_number)
        ));
    }
    if !unscored.is_empty() {
        notes.push(told_unscored(&unscored, classes));
    }
}

/// The labels that no class has, the first with the nearest class.
fn told_unscored(labels: &[String], classes: &ClassLookup<'_>) -> String {
    let told = |label: &String| match classes.nearest(label) {
        Some(name) => format!("{label} (the nearest is '{name}')"),
        None => label.clone(),
    };
    format!(
        "not scored, no such class in the network (--label-map map.csv, label,class, says which): {}",
        enumerate(labels.iter().map(told))
    )
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
    use network::classes::Class;

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
        let table = Table::parse(Path::new("map.csv"), table.as_bytes(), &[&[LABEL]])?;
        LabelMap::from_table(&table, &ClassLookup::of(&classes()))
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
        let all = classes();
        let classes = ClassLookup::of(&all);
        let shipped = LabelMap::shipped(&classes).unwrap();
        let mut notes = Vec::new();
        resolve(&mut labels, &given, &shipped, &classes, &mut notes);
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
        let all = classes();
        let few = &ClassLookup::of(&all[..500]);
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
        assert_eq!(by_class.get("A").unwrap().1, &[12, 285]);
    }

    #[test]
    fn a_label_map_is_never_ignored_silently() {
        let mut labels = labels(&["Katze", "a", "A"], LabelSource::Folders);
        let given = map("label,class\nkatze,1\nA,2\na,3\nHund,4\n").unwrap();
        let all = classes();
        let classes = ClassLookup::of(&all);
        let mut notes = Vec::new();
        let shipped = LabelMap::shipped(&classes).unwrap();
        resolve(&mut labels, &given, &shipped, &classes, &mut notes);
        assert_eq!(labels.classes, [[1], [3], [2]]);
        let told = "in the label map but not among the labels: Hund";
        assert!(notes.iter().any(|note| note == told), "{notes:?}");
    }
}
