//! The runs side by side: what each was made of, and where they differ.

use serde::Serialize;

use super::super::frame::Leaf;
use super::super::numbers;
use super::super::site::words;
use crate::comparison::{Comparison, Note, Side};
use crate::network::Channels;

/// A fact of each run.
#[derive(Debug, Serialize)]
pub(super) struct Fact {
    name: String,
    values: Vec<String>,
    differs: bool,
}

/// What each run was made of.
pub(super) fn facts(leaf: &Leaf<'_>, comparison: &Comparison) -> Vec<Fact> {
    let texts = leaf.texts();
    let none = texts.say("compare.nothing_hidden");
    let fact = |key: &str, of: &dyn Fn(&Side) -> String| {
        let values: Vec<String> = comparison.lineup.sides.iter().map(of).collect();
        Fact {
            name: texts.say(key),
            differs: values.iter().any(|value| *value != values[0]),
            values,
        }
    };
    vec![
        fact("compare.dataset", &|side| {
            side.run.manifest.dataset.root.clone()
        }),
        fact("photos.title", &|side| {
            numbers::count(side.run.manifest.dataset.photos)
        }),
        fact("compare.hidden", &|side| {
            let region = &side.run.manifest.options.apply_masks;
            region.as_deref().map_or_else(|| none.clone(), words)
        }),
        fact("compare.network", &|side| {
            side.run.manifest.model.name.clone()
        }),
        fact("compare.weights", &|side| {
            short(&side.run.manifest.model.sha256)
        }),
        fact("compare.preprocessing", &|side| {
            let p = &side.run.manifest.preprocessing;
            let channels = match p.channels {
                Channels::Rgb => "RGB",
                Channels::Bgr => "BGR",
            };
            format!("{} → {} px, {channels}", p.resize, p.crop)
        }),
        fact("compare.device", &|side| side.run.manifest.device.clone()),
        fact("compare.instructions", &|side| {
            side.run.manifest.execution.instructions.clone()
        }),
        fact("compare.tool", &|side| {
            let tool = &side.run.manifest.tool;
            format!(
                "{} {}, libtorch {}",
                tool.name, tool.version, side.run.manifest.libtorch
            )
        }),
        fact("compare.manifest", &|side| short(&side.sha256)),
    ]
}

/// The first digits of a digest, as people compare them.
fn short(sha256: &str) -> String {
    sha256.chars().take(12).collect()
}

/// What cannot be compared and what to mind, in the page's words.
pub(super) fn notes(leaf: &Leaf<'_>, comparison: &Comparison) -> Vec<String> {
    let texts = leaf.texts();
    let note = |note: &Note| match note {
        Note::LeftOut { run, photos } => {
            texts.count("compare.note_left_out", *photos, &[("run", run)])
        }
        Note::ChangedFiles(paths) => {
            let first = paths.first().map_or("", String::as_str);
            texts.count("compare.note_changed", paths.len(), &[("first", first)])
        }
        Note::NoClassifier(run) => texts.fill("compare.note_no_classifier", &[("run", run)]),
        Note::NoArrays(run) => texts.fill("compare.note_no_arrays", &[("run", run)]),
        Note::OtherClasses => texts.say("compare.note_other_classes"),
        Note::OtherLabels => texts.say("compare.note_other_labels"),
        Note::OtherNetwork => texts.say("compare.note_other_network"),
        Note::OtherWeights => texts.say("compare.note_other_weights"),
        Note::OtherPreprocessing => texts.say("compare.note_other_preprocessing"),
        Note::OtherLayers => texts.say("compare.note_other_layers"),
        Note::OtherRounding => texts.say("compare.note_other_rounding"),
    };
    comparison.notes.iter().map(note).collect()
}
