//! How runs are held against each other, and what the tests say.

use statistics::RESAMPLES;

use super::METHOD;
use crate::frame::Press;
use crate::prelude::*;

/// What is explained, and in which words.
const TERMS: [(&str, &str); 7] = [
    ("compare.how_pairs", "compare.how_pairs_text"),
    ("compare.how_accuracy", "compare.how_accuracy_text"),
    ("compare.how_probability", "compare.how_probability_text"),
    ("compare.how_wilcoxon", "compare.how_wilcoxon_text"),
    ("compare.how_many_tests", "compare.how_many_tests_text"),
    ("compare.how_layers", "compare.how_layers_text"),
    ("compare.how_tables", "compare.how_tables_text"),
];

/// Writes `pages/method.html`.
pub(super) fn write(press: &Press) -> Result<()> {
    let leaf = Leaf::new(press, METHOD, "nav.method");
    let resamples = numbers::count(RESAMPLES);
    let terms = leaf.terms(&TERMS, &[("resamples", &resamples)]);
    let title = leaf.say("compare.method_title");
    leaf.put(&Content::new(title, Text::default()).with([terms]))
}
