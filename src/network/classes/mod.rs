//! The names of a network's outputs.

mod lines;
mod literal;
mod numbered;
mod table;
mod value;

use std::path::Path;

use base::{text, Error, Result};
use serde_json::{json, Value};

const IMAGENET: &str = include_str!("../../../datasets/imagenet_classes.csv");

/// One output of a classifier.
#[derive(Debug, Clone, PartialEq, Eq)]
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

    /// `n01440764 tench, Tinca tinca`, or a name alone.
    fn of_text(text: &str) -> Self {
        let split = text.split_once(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | ';'));
        match split.filter(|(first, _)| is_wnid(first)) {
            Some((wnid, name)) => Self {
                wnid: Some(wnid.to_owned()),
                name: name.trim().to_owned(),
            },
            None => Self::named(text),
        }
    }
}

/// The 1,000 classes of ImageNet-1k in the order of the networks' outputs.
///
/// # Errors
/// None in practice: the table is compiled in.
pub fn imagenet() -> Result<Vec<Class>> {
    parse(Path::new("imagenet_classes.csv"), IMAGENET.as_bytes())
}

/// Reads class names: a CSV with a column `name` (and `wnid`, and `index` or `id`), plain text with one name a line (after its
/// index or its WordNet id, or without one), or JSON or a Python literal: a list of names, or a dict from index to name, to
/// `[wnid, name]`, or from name to index, by itself or as `id2label`.
///
/// # Errors
/// [`Error::Io`] and [`Error::Table`].
pub fn read(path: &Path) -> Result<Vec<Class>> {
    of_text(path, text::read(path)?)
}

/// Like [`read`], from the file's `content`; `path` stands in messages only.
///
/// # Errors
/// [`Error::Table`].
pub fn parse(path: &Path, content: &[u8]) -> Result<Vec<Class>> {
    of_text(path, text::decode(path, content)?)
}

fn of_text(path: &Path, text: String) -> Result<Vec<Class>> {
    let classes = if text.trim_start().starts_with(['[', '{', '(']) {
        value::classes(path, &text)?
    } else if table::is_one(&text) {
        table::classes(path, &text)?
    } else {
        lines::classes(path, &text)?
    };
    if classes.is_empty() {
        let problem =
            "no class names in it; expected one a line, a CSV with a column 'name', or JSON";
        return Err(Error::table(path, None, problem));
    }
    Ok(classes)
}

/// Writes class names so that [`read`] gives them back: one a line, after its WordNet id where it has one; as JSON where lines
/// would be read as something else.
///
/// # Errors
/// [`Error::Io`].
pub fn write(classes: &[Class], path: &Path) -> Result<()> {
    let line = |class: &Class| match &class.wnid {
        Some(wnid) => format!("{wnid} {}\n", class.name),
        None => format!("{}\n", class.name),
    };
    let lines: String = classes.iter().map(line).collect();
    let text = match parse(path, lines.as_bytes()) {
        Ok(read) if read == classes => lines,
        _ => json(classes),
    };
    std::fs::write(path, text).map_err(Error::io("cannot write", path))
}

fn json(classes: &[Class]) -> String {
    let value = |class: &Class| match &class.wnid {
        Some(wnid) => json!([wnid, class.name]),
        None => json!(class.name),
    };
    let values: Vec<Value> = classes.iter().map(value).collect();
    format!("{}\n", Value::from(values))
}

/// Whether a word is a WordNet id as ImageNet writes it (`n02123045`).
pub fn is_wnid(word: &str) -> bool {
    let digits = word.strip_prefix('n').unwrap_or_default();
    digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit())
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
            "\u{feff}tench\r\ngreat shark\r\n",
            "\u{feff}name\r\ntench\r\ngreat shark\r\n",
            "\u{feff}[\"tench\", \"great shark\"]",
            "Index,Name\n1,great shark\n0,tench\n",
            "id;name\r\n1;great shark\r\n0;tench\r\n",
            "sep=;\nid;Class\n1;great shark\n0;tench\n",
            "class_id\tlabel\n1\tgreat shark\n0\ttench\n",
            "1 great shark\n0 tench\n",
            "0: tench\n1: great shark\n",
            "0:tench\n1:great shark\n",
            "0\ttench\n\n1\tgreat shark\n",
            "0,tench\n1,great shark\n",
            "0. tench\n1. great shark\n",
            "0: 'tench',\n1: 'great shark',\n",
            "- tench\n- 'great shark'\n",
            "names:\n  0: tench\n  1: great shark\n",
            "names:\n- tench\n- great shark\n",
            "{0: 'tench', 1: 'great shark'}",
            "{1: \"great shark\",\n 0: 'tench',}\n",
            "['tench', 'great shark']",
            "('tench', 'great shark')",
            r#"{"id2label": {"0": "tench", "1": "great shark"}}"#,
            r#"{"architectures": ["R"], "id2label": {"1": "great shark", "0": "tench"}, "label2id": {"tench": 0, "great shark": 1}, "eps": 1e-05, "x": null}"#,
            r#"{"label2id": {"tench": 0, "great shark": 1}}"#,
            r#"{"names": ["tench", "great shark"], "nc": 2}"#,
            r#"[{"id": 1, "name": "great shark"}, {"id": 0, "name": "tench"}]"#,
            r#"[{"name": "tench"}, {"name": "great shark"}]"#,
            r#"{"0": {"name": "tench"}, "1": {"name": "great shark"}}"#,
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
            "{0: ('n01440764', 'tench'), 1: ('n01484850', 'great shark')}",
            "index,wnid,name\n1,n01484850,great shark\n0,n01440764,tench\n",
            "id,name\nn01440764,tench\nn01484850,great shark\n",
            "n01440764,tench\nn01484850,great shark\n",
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
            (
                r#"{"0": "a", "0": "b"}"#,
                "index 0 comes twice, for 'a' and for 'b'",
            ),
            ("{0: 'a', 2: 'b'}", "index 1 is missing"),
            (r#"{"id2label": {"1": "a", "2": "b"}}"#, "count from 1"),
            ("index,name\n0,a\n2,b\n", "line 3: class index 1 is missing"),
            ("id,name\n0,a\n0,b\n", "line 3: class index 0 comes twice"),
            ("index,name\n1,a\n2,b\n", "count from 1"),
            (
                "index,name\n0,a\nx,b\n",
                "line 3, column index: expected the index",
            ),
            (
                "Index;Name\n0;a\n1;\n",
                "line 3, column Name: a class without a name",
            ),
            ("0 a\n2 b\n", "line 2: class index 1 is missing"),
            ("0: a\n0: b\n", "line 2: class index 0 comes twice"),
            ("1: a\n2: b\n", "count from 1"),
            ("1 cat\n2 dog\n", "count from 1"),
            ("\n \n", "no class names"),
            ("[]", "no class names"),
            ("k\0\n", "zero byte"),
        ] {
            let error = parsed(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn numbers_that_belong_to_names_stay_there() {
        for text in [
            "1 euro\n2 euro\n5 euro\n",
            "0\n1\n2\n",
            "3D\n2D\n",
            "7 up\ncola\n",
        ] {
            let expected: Vec<_> = text.lines().map(|line| (None, line.to_owned())).collect();
            assert_eq!(parsed(text).unwrap(), expected);
        }
        let digits = (0..3).map(|digit| (None, digit.to_string()));
        let by_name = r#"{"2": 2, "0": 0, "1": 1}"#;
        assert_eq!(parsed(by_name).unwrap(), digits.collect::<Vec<_>>());
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("classes.txt");
        for names in [
            ["cat", "great shark"],
            ["0 degrees", "90 degrees"],
            ["name", "class"],
            ["1: a", "[b]"],
            ["[a", "b"],
            ["\u{feff}cat", "nothing\0"],
            ["two\nlines \"quoted\"", " and blanks\t😀\u{1}"],
        ] {
            let classes = names.map(Class::named);
            write(&classes, &path).unwrap();
            assert_eq!(read(&path).unwrap(), classes);
        }
        let classes = imagenet().unwrap();
        write(&classes, &path).unwrap();
        assert_eq!(read(&path).unwrap(), classes);
    }
}
