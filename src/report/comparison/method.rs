//! How runs are held against each other, and what the tests say.

use serde::Serialize;

use super::super::frame::{Leaf, Press};
use super::super::numbers;
use super::METHOD;
use crate::error::Result;
use crate::statistics::RESAMPLES;

#[derive(Serialize)]
struct MethodPage {
    terms: Vec<Term>,
}

#[derive(Serialize)]
struct Term {
    term: String,
    text: String,
}

/// Writes `pages/method.html`.
pub(super) fn write(press: &Press) -> Result<()> {
    let leaf = Leaf::new(press, METHOD, "nav.method");
    let texts = leaf.texts();
    let resamples = numbers::count(RESAMPLES);
    let term = |(term, text): (&str, &str)| Term {
        term: texts.say(term),
        text: texts.fill(text, &[("resamples", &resamples)]),
    };
    let content = MethodPage {
        terms: [
            ("compare.how_pairs", "compare.how_pairs_text"),
            ("compare.how_accuracy", "compare.how_accuracy_text"),
            ("compare.how_probability", "compare.how_probability_text"),
            ("compare.how_wilcoxon", "compare.how_wilcoxon_text"),
            ("compare.how_many_tests", "compare.how_many_tests_text"),
            ("compare.how_layers", "compare.how_layers_text"),
            ("compare.how_tables", "compare.how_tables_text"),
        ]
        .into_iter()
        .map(term)
        .collect(),
    };
    leaf.write(
        "compare/method.html",
        &texts.say("compare.method_title"),
        &content,
    )
}
