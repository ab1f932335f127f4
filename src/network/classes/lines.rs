//! Class names one a line: `cat`, `n02123045 tabby`, `0 cat`, `0: cat`.

use std::collections::BTreeSet;
use std::path::Path;

use base::Result;

use super::numbered::{in_order, Numbered};
use super::Class;

/// The classes that the lines of `text` name. Where every line begins with a number these are the indices, unless they may as
/// well belong to the names (`1 euro`, `2 euro`, `5 euro`).
pub(super) fn classes(path: &Path, text: &str) -> Result<Vec<Class>> {
    let lines: Vec<(u64, &str)> = (1..)
        .zip(text.lines())
        .map(|(number, line)| (number, line.trim()))
        .filter(|(_, line)| !line.is_empty())
        .collect();
    let lines = match lines.split_first() {
        Some(((_, "names:"), rest)) => rest.to_vec(),
        _ => lines,
    };
    let lines = undashed(&lines).unwrap_or(lines);
    let numbered: Option<Vec<_>> = lines.iter().map(|(_, line)| numbered(line)).collect();
    match numbered.filter(|all| are_indices(all)) {
        Some(all) => {
            let entries: Vec<Numbered> = lines
                .iter()
                .zip(all)
                .map(|((line, _), (index, _, name))| (index, Class::of_text(name), Some(*line)))
                .collect();
            in_order(path, entries)
        }
        None => Ok(lines.iter().map(|(_, line)| Class::of_text(line)).collect()),
    }
}

/// The lines of a YAML list, without what it begins each with.
fn undashed<'a>(lines: &[(u64, &'a str)]) -> Option<Vec<(u64, &'a str)>> {
    let name = |(number, line): &(u64, &'a str)| {
        let name = line.strip_prefix("- ")?.trim_start();
        Some((*number, unquoted(name)))
    };
    lines.iter().map(name).collect()
}

/// A line's number, whether more than a blank stands after it, and the name.
fn numbered(line: &str) -> Option<(usize, bool, &str)> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = line.split_at_checked(digits)?;
    let index = number.parse().ok()?;
    let after = rest.trim_start();
    let marked = after.strip_prefix([':', ',', ';', '=', ')', '|']);
    let name = match (marked, after.strip_prefix(". ")) {
        (Some(name), _) | (None, Some(name)) => name.trim(),
        (None, None) if after.len() < rest.len() => after,
        (None, None) => return None,
    };
    let is_marked = marked.is_some() || rest.starts_with(['\t', '.']);
    (!name.is_empty()).then(|| (index, is_marked, unquoted(name)))
}

fn are_indices(lines: &[(usize, bool, &str)]) -> bool {
    let names: BTreeSet<&str> = lines.iter().map(|(.., name)| *name).collect();
    let counts_from_zero = lines.iter().any(|(index, ..)| *index == 0);
    let counts_from_one = lines.iter().map(|(index, ..)| *index).eq(1..=lines.len());
    let marked = lines.iter().all(|(_, marked, _)| *marked);
    marked || counts_from_zero || (counts_from_one && names.len() == lines.len())
}

/// `cat` of `'cat',`.
fn unquoted(name: &str) -> &str {
    let bare = name.strip_suffix(',').unwrap_or(name);
    for quote in ['\'', '"'] {
        let inner = bare
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner;
        }
    }
    name
}
