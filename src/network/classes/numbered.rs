//! Classes that come with their indices, in any order.

use std::path::Path;

use base::{Error, Result};

use super::Class;

/// A class, its index, and the line of the file where one is known.
pub(super) type Numbered = (usize, Class, Option<u64>);

/// The classes in the order of their indices, which must be 0, 1, 2, … without gaps and doubles.
pub(super) fn in_order(path: &Path, mut numbered: Vec<Numbered>) -> Result<Vec<Class>> {
    numbered.sort_by_key(|(index, ..)| *index);
    let last = numbered.last().map_or(0, |(index, ..)| *index);
    let from_one = numbered
        .iter()
        .map(|(index, ..)| *index)
        .eq(1..=numbered.len());
    if from_one && !numbered.is_empty() {
        let problem =
            format!("the indices count from 1 to {last}; a network's classes count from 0");
        return Err(Error::table(path, None, problem));
    }
    let mut classes: Vec<Class> = Vec::with_capacity(numbered.len());
    for (index, class, line) in numbered {
        if index < classes.len() {
            let other = classes.last().map_or("", |class| class.name.as_str());
            let problem = format!(
                "class index {index} comes twice, for '{other}' and for '{}'",
                class.name
            );
            return Err(Error::table(path, line, problem));
        }
        if index > classes.len() {
            let missing = classes.len();
            let problem =
                format!("class index {missing} is missing, though there is index {index}");
            return Err(Error::table(path, line, problem));
        }
        classes.push(class);
    }
    Ok(classes)
}
