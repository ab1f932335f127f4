//! Rules beyond the papers', in the page's language.

use network::{Beyond, Extension};

use crate::prelude::*;

/// What the signal meets, in short: for a sentence.
pub(crate) fn met(page: &Page<'_>, extension: &Extension) -> String {
    let key = match extension.rule {
        Beyond::SmoothRectifier => "rules.smooth_rectifier_met",
        Beyond::Gate => "rules.gate_met",
        Beyond::OwnStatistics => "rules.own_statistics_met",
        Beyond::Resampling => "rules.resampling_met",
    };
    page.fill(key, &[("ops", &extension.ops.join(", "))])
}

/// The same for the table of rules, and the rule.
pub(crate) fn rule(page: &Page<'_>, extension: &Extension) -> (String, String) {
    let (point, text) = match extension.rule {
        Beyond::SmoothRectifier => ("rules.smooth_rectifier", "rules.smooth_rectifier_text"),
        Beyond::Gate => ("rules.gate", "rules.gate_text"),
        Beyond::OwnStatistics => ("rules.own_statistics", "rules.own_statistics_text"),
        Beyond::Resampling => ("rules.resampling", "rules.resampling_text"),
    };
    let ops = extension.ops.join(", ");
    (page.fill(point, &[("ops", &ops)]), page.say(text))
}
