//! The names of a network's outputs.

use std::path::Path;

use base::{Error, Result};
use csv::{ReaderBuilder, Trim};
use serde::Deserialize;
use serde_json::Value;

const IMAGENET: &str = include_str!("../../datasets/imagenet_classes.csv");

/// One output of a classifier.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Class {
    /// WordNet id (`n02123045`), for the ImageNet classes.
    pub wnid: Option<String>,
    /// A name for people.
    pub name: String,
}

impl Class {
    /// A class without a WordNet id.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            wnid: None,
            name: name.into(),
        }
    }
}

/// The 1,000 classes of ImageNet-1k in the order of the networks' outputs.
///
/// # Errors
/// None in practice: the table is compiled in.
pub fn imagenet() -> Result<Vec<Class>> {
    parse_table(Path::new("imagenet_classes.csv"), IMAGENET)
}

/// Reads class names: a CSV with a column `name` (and `wnid`), plain text with one name a line (after its WordNet id, or
/// without one), or JSON: a list of names, or an object from index to name, to `[wnid, name]`, or from name to index.
///
/// # Errors
/// [`Error::Io`] and [`Error::Table`].
pub fn read(path: &Path) -> Result<Vec<Class>> {
    let text = std::fs::read_to_string(path).map_err(Error::io("cannot read", path))?;
    if text.trim_start().starts_with(['[', '{']) {
        return parse_json(path, &text);
    }
    let header = text.lines().next().unwrap_or_default();
    if header.split(',').any(|column| column.trim() == "name") {
        return parse_table(path, &text);
    }
    let names: Vec<_> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(class_of_line)
        .collect();
    if names.is_empty() {
        let problem =
            "no class names in it; expected one a line, a CSV with a column 'name', or JSON";
        return Err(Error::table(path, None, problem));
    }
    Ok(names)
}

/// Writes class names so that [`read`] gives them back: one a line, after its WordNet id where it has one.
///
/// # Errors
/// [`Error::Io`].
pub fn write(classes: &[Class], path: &Path) -> Result<()> {
    let line = |class: &Class| match &class.wnid {
        Some(wnid) => format!("{wnid} {}\n", class.name),
        None => format!("{}\n", class.name),
    };
    let text: String = classes.iter().map(line).collect();
    std::fs::write(path, text).map_err(Error::io("cannot write", path))
}

/// `n01440764 tench, Tinca tinca`, or a name alone.
fn class_of_line(line: &str) -> Class {
    let split = line.split_once(char::is_whitespace);
    match split.filter(|(first, _)| is_wnid(first)) {
        Some((wnid, name)) => Class {
            wnid: Some(wnid.to_owned()),
            name: name.trim().to_owned(),
        },
        None => Class::named(line),
    }
}

/// Whether a word is a WordNet id as ImageNet writes it (`n02123045`).
pub fn is_wnid(word: &str) -> bool {
    let digits = word.strip_prefix('n').unwrap_or_default();
    digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_json(path: &Path, text: &str) -> Result<Vec<Class>> {
    let malformed = |line: Option<u64>, problem: String| Error::table(path, line, problem);
    let value: Value = serde_json::from_str(text)
        .map_err(|error| malformed(Some(error.line() as u64), error.to_string()))?;
    let unknown = |value: &Value| {
        let shown: String = value.to_string().chars().take(60).collect();
        malformed(
            None,
            format!("expected a name, or [wnid, name], found {shown}"),
        )
    };
    match value {
        Value::Array(names) => names
            .iter()
            .map(|name| class_of_json(name).ok_or_else(|| unknown(name)))
            .collect(),
        Value::Object(entries) => {
            let mut classes: Vec<Option<Class>> = vec![None; entries.len()];
            for (key, value) in &entries {
                let by_index = key.parse::<usize>().ok();
                let (index, class) = match (by_index, value.as_u64()) {
                    (None, Some(index)) => (index as usize, Some(class_of_line(key))),
                    (Some(index), _) => (index, class_of_json(value)),
                    (None, None) => return Err(unknown(value)),
                };
                let class = class.ok_or_else(|| unknown(value))?;
                let place = classes.get_mut(index).filter(|place| place.is_none());
                let place = place.ok_or_else(|| {
                    malformed(
                        None,
                        format!(
                            "class index {index} comes twice or leaves a gap among {} classes",
                            entries.len()
                        ),
                    )
                })?;
                *place = Some(class);
            }
            Ok(classes.into_iter().flatten().collect())
        }
        other => Err(unknown(&other)),
    }
}

fn class_of_json(value: &Value) -> Option<Class> {
    match value {
        Value::String(name) => Some(class_of_line(name)),
        Value::Array(parts) => match &parts[..] {
            [Value::String(wnid), Value::String(name)] => Some(Class {
                wnid: Some(wnid.clone()),
                name: name.clone(),
            }),
            _ => None,
        },
        _ => None,
    }
}

fn parse_table(path: &Path, text: &str) -> Result<Vec<Class>> {
    let mut reader = ReaderBuilder::new()
        .trim(Trim::Headers)
        .from_reader(text.as_bytes());
    let malformed = |error: csv::Error| {
        let line = error.position().map(csv::Position::line);
        Error::table(path, line, error.to_string())
    };
    let classes = reader.deserialize::<Class>();
    classes.map(|class| class.map_err(malformed)).collect()
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

    fn parsed(text: &str) -> Result<Vec<(Option<String>, String)>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("classes");
        std::fs::write(&path, text).unwrap();
        let classes = read(&path)?;
        Ok(classes.into_iter().map(|c| (c.wnid, c.name)).collect())
    }

    #[test]
    fn the_usual_forms_say_the_same() {
        let plain = vec![(None, "tench".to_owned()), (None, "great shark".to_owned())];
        for text in [
            "tench\ngreat shark\n",
            "index,name\n0,tench\n1,great shark\n",
            r#"["tench", "great shark"]"#,
            r#" {"1": "great shark", "0": "tench"}"#,
            r#"{"great shark": 1, "tench": 0}"#,
        ] {
            assert_eq!(parsed(text).unwrap(), plain, "{text}");
        }
        let named = vec![
            (Some("n01440764".to_owned()), "tench".to_owned()),
            (Some("n01484850".to_owned()), "great shark".to_owned()),
        ];
        for text in [
            "n01440764 tench\nn01484850 great shark\n",
            "wnid,name\nn01440764,tench\nn01484850,great shark\n",
            r#"{"0": ["n01440764", "tench"], "1": ["n01484850", "great shark"]}"#,
            r#"[["n01440764", "tench"], ["n01484850", "great shark"]]"#,
        ] {
            assert_eq!(parsed(text).unwrap(), named, "{text}");
        }
    }

    #[test]
    fn gaps_doubles_and_other_values_are_refused() {
        for (text, part) in [
            (r#"{"0": "a", "2": "b"}"#, "index 2"),
            (r#"{"a": 0, "b": 0}"#, "index 0"),
            (r#"{"0": "a", "00": "b"}"#, "index 0"),
            (r#"["a", 7]"#, "found 7"),
            (r#"{"a": "b"}"#, "expected a name"),
            ("[\"a\",\n", "line 2"),
        ] {
            let error = parsed(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
