//! Names that are each given once.

use std::collections::{HashMap, HashSet};

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// By name, the first number that may still be free: a hundred thousand nodes of one name are numbered in one go.
    next: HashMap<String, usize>,
}

impl Names {
    /// Takes a name or, where it is taken, the first of its numbered ones (`name_2`, `name_3`) that is free.
    pub(super) fn unique(&mut self, name: String, separator: char) -> String {
        if self.taken.insert(name.clone()) {
            return name;
        }
        let number = self.next.entry(name.clone()).or_insert(2);
        loop {
            let numbered = format!("{name}{separator}{number}");
            *number += 1;
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

impl FromIterator<String> for Names {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self {
            taken: names.into_iter().collect(),
            next: HashMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_name_gets_the_first_free_number() {
        let mut names: Names = ["a".to_owned(), "a#3".to_owned()].into_iter().collect();
        let mut unique = |name: &str| names.unique(name.to_owned(), '#');
        assert_eq!(unique("b"), "b");
        assert_eq!(unique("a"), "a#2");
        assert_eq!(unique("a"), "a#4");
        assert_eq!(unique("a#2"), "a#2#2");
        assert_eq!(unique("a"), "a#5");
    }
}
