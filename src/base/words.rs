//! Words of messages.

use std::fmt::Display;

/// `1 layer`, `5 layers`.
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// The first few of `names`, and how many more there are.
pub fn enumerate(names: impl IntoIterator<IntoIter: ExactSizeIterator, Item: Display>) -> String {
    const SHOWN: usize = 8;
    let names = names.into_iter();
    let more = names.len().saturating_sub(SHOWN);
    let shown = names.take(SHOWN).map(|name| name.to_string());
    let shown = shown.collect::<Vec<_>>().join(", ");
    match more {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_names_the_first_are_told() {
        assert_eq!(enumerate([""; 0]), "");
        assert_eq!(enumerate(["a", "b"]), "a, b");
        assert_eq!(enumerate(1..9), "1, 2, 3, 4, 5, 6, 7, 8");
        assert_eq!(enumerate(1..13), "1, 2, 3, 4, 5, 6, 7, 8 and 4 more");
    }
}
