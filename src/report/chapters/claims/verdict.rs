//! Verdicts as they are shown.

use crate::prelude::*;

/// The verdicts in the order in which they are told: as tables have them, with the keys of their words.
pub(super) const ALL: [(&str, &str); 4] = [
    ("held", "claims.held"),
    ("not_held", "claims.not_held"),
    ("undecided", "claims.undecided"),
    ("not_testable", "claims.not_testable"),
];

/// In words.
pub(crate) fn word(page: &Leaf<'_>, verdict: &str) -> String {
    in_words(page.texts(), verdict)
}

/// In the words of a catalogue.
pub(crate) fn in_words(texts: &Texts, verdict: &str) -> String {
    let known = ALL.iter().find(|(name, _)| *name == verdict);
    known.map_or_else(|| verdict.to_owned(), |(_, key)| texts.say(key))
}

/// In words, with a mark and a colour.
pub(super) fn cell(page: &Page<'_>, verdict: &str) -> Cell {
    let (mark, class) = match verdict {
        "held" => ("✔", "verdict held"),
        "not_held" => ("✘", "verdict not-held"),
        "undecided" => ("?", "verdict undecided"),
        _ => ("–", "verdict"),
    };
    Cell::from(format!("{mark}\u{a0}{}", word(page, verdict))).of_class(class)
}
