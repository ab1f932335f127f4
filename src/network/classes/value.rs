//! Class names as JSON or a Python literal.

use std::path::Path;

use base::{Error, Result};

use super::literal::{self, Value};
use super::numbered::{in_order, Numbered};
use super::table::{INDICES, NAME};
use super::Class;

/// What a file with more in it than class names calls them.
const CALLED: [&str; 8] = [
    "id2label",
    "label_names",
    "label2id",
    "names",
    "classes",
    "class_names",
    "labels",
    "categories",
];

pub(super) fn classes(path: &Path, text: &str) -> Result<Vec<Class>> {
    let value = literal::parse(text)
        .map_err(|stopped| Error::table(path, Some(stopped.line), stopped.problem))?;
    let unknown = |value: &Value| {
        let problem = format!("expected a name, or [wnid, name], found {}", shown(value));
        Error::table(path, None, problem)
    };
    match called(value) {
        Value::List(values) => of_list(path, &values).unwrap_or_else(|| {
            let class = |value: &Value| class(value).ok_or_else(|| unknown(value));
            values.iter().map(class).collect()
        }),
        Value::Dict(entries) => {
            let is_number = |value: &Value| matches!(value, Value::Number(_));
            let by_name = entries.iter().all(|(_, value)| is_number(value));
            let numbered = |(key, value): &(Value, Value)| -> Result<Numbered> {
                let (index_of, class_of) = if by_name { (value, key) } else { (key, value) };
                let index = index(index_of).ok_or_else(|| unknown(value))?;
                let class = class(class_of).ok_or_else(|| unknown(class_of))?;
                Ok((index, class, None))
            };
            let numbered: Result<Vec<_>> = entries.iter().map(numbered).collect();
            in_order(path, numbered?)
        }
        other => Err(unknown(&other)),
    }
}

/// What of a file with more in it is the class names.
fn called(value: Value) -> Value {
    let Value::Dict(entries) = &value else {
        return value;
    };
    let is_some = |value: &Value| matches!(value, Value::List(_) | Value::Dict(_));
    let inside = CALLED.iter().find_map(|name| entry(entries, &[name]));
    inside
        .filter(|inside| is_some(inside))
        .cloned()
        .unwrap_or(value)
}

/// `[{"id": 0, "name": "cat"}, …]`; none for other lists.
fn of_list(path: &Path, values: &[Value]) -> Option<Result<Vec<Class>>> {
    let numbered = |value: &Value| match value {
        Value::Dict(entries) => {
            let index = index(entry(entries, &INDICES)?)?;
            Some((index, class(value)?, None))
        }
        _ => None,
    };
    let numbered: Vec<Numbered> = values.iter().map(numbered).collect::<Option<_>>()?;
    (!numbered.is_empty()).then(|| in_order(path, numbered))
}

fn class(value: &Value) -> Option<Class> {
    match value {
        Value::Text(name) => Some(Class::of_text(name)),
        Value::List(parts) => match &parts[..] {
            [Value::Text(wnid), Value::Text(name)] => Some(Class {
                wnid: Some(wnid.clone()),
                name: name.clone(),
            }),
            _ => None,
        },
        Value::Dict(entries) => match entry(entries, NAME)? {
            Value::Text(name) => Some(Class::of_text(name)),
            _ => None,
        },
        Value::Number(_) | Value::Other(_) => None,
    }
}

fn index(value: &Value) -> Option<usize> {
    match value {
        Value::Number(index) => Some(*index),
        Value::Text(digits) => digits.parse().ok(),
        _ => None,
    }
}

/// The first of these keys that there is.
fn entry<'a>(entries: &'a [(Value, Value)], keys: &[&str]) -> Option<&'a Value> {
    let of = |key: &&str| {
        let is = |(found, _): &&(Value, Value)| matches!(found, Value::Text(text) if text == key);
        entries.iter().find(is).map(|(_, value)| value)
    };
    keys.iter().find_map(of)
}

fn shown(value: &Value) -> String {
    const SHOWN: usize = 60;
    let whole = match value {
        Value::Text(text) => format!("'{text}'"),
        Value::Number(number) => number.to_string(),
        Value::Other(word) => word.clone(),
        Value::List(values) => format!("a list of {}", values.len()),
        Value::Dict(entries) => format!("a dict of {}", entries.len()),
    };
    whole.chars().take(SHOWN).collect()
}
