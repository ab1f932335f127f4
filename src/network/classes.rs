//! The names of a network's outputs.

use std::path::Path;

use crate::error::{Error, Result};

const IMAGENET: &str = include_str!("../../datasets/imagenet_classes.csv");

/// One output of a classifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// WordNet id (`n02123045`), for the ImageNet classes.
    pub wnid: Option<String>,
    /// A name for people.
    pub name: String,
}

/// The 1,000 classes of ImageNet-1k in the order of the networks' outputs.
///
/// # Errors
/// None in practice: the table is compiled in.
pub fn imagenet() -> Result<Vec<Class>> {
    parse_table(Path::new("imagenet_classes.csv"), IMAGENET)
}

/// Reads class names: a CSV with a column `name` (and `wnid`), or plain text with one name a line.
///
/// # Errors
/// [`Error::Io`] and [`Error::Table`].
pub fn read(path: &Path) -> Result<Vec<Class>> {
    let text = std::fs::read_to_string(path).map_err(Error::io("cannot read", path))?;
    let header = text.lines().next().unwrap_or_default();
    if header.split(',').any(|column| column.trim() == "name") {
        return parse_table(path, &text);
    }
    let names: Vec<_> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|name| Class {
            wnid: None,
            name: name.to_owned(),
        })
        .collect();
    if names.is_empty() {
        return Err(Error::Table {
            path: path.to_owned(),
            line: None,
            column: None,
            problem: "no class names in it; expected one a line, or a CSV with a column 'name'"
                .into(),
        });
    }
    Ok(names)
}

fn parse_table(path: &Path, text: &str) -> Result<Vec<Class>> {
    let malformed = |line, problem: String| Error::Table {
        path: path.to_owned(),
        line,
        column: None,
        problem,
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|error| malformed(Some(1), error.to_string()))?
        .clone();
    let column = |name: &str| header.iter().position(|title| title.trim() == name);
    let name = column("name").ok_or_else(|| malformed(Some(1), "no column 'name'".into()))?;
    let wnid = column("wnid");
    reader
        .records()
        .map(|row| {
            let row = row.map_err(|error| {
                malformed(error.position().map(csv::Position::line), error.to_string())
            })?;
            Ok(Class {
                wnid: wnid.and_then(|index| row.get(index)).map(str::to_owned),
                name: row.get(name).unwrap_or_default().to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imagenet_has_a_thousand_classes_in_order() {
        let classes = imagenet().unwrap();
        assert_eq!(classes.len(), 1000);
        assert_eq!(classes[0].name, "tench");
        assert_eq!(classes[281].wnid.as_deref(), Some("n02123045"));
    }
}
