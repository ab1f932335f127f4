//! The runs side by side: what each was made of, and where they differ.

use crate::comparison::{Comparison, Note, Side};
use crate::report::prelude::*;
use crate::report::site::channels;

/// What each run was made of, and where they differ.
pub(super) fn table(leaf: &Leaf<'_>, comparison: &Comparison) -> Block {
    let texts = leaf.texts();
    let sides = &comparison.lineup.sides;
    let facts: Vec<_> = sides.iter().map(|side| facts(texts, side)).collect();
    let mut columns = leaf
        .columns(NAMES.iter().enumerate())
        .text("compare.run", |(_, key)| texts.say(key));
    for (side, facts) in sides.iter().zip(&facts) {
        columns = columns.column(Column::text(&side.name), |(at, _)| facts[*at].as_str());
    }
    let label = texts.say("compare.sides");
    let table = columns
        .column(Column::text(""), |(at, _)| {
            match facts.iter().any(|facts_of| facts_of[*at] != facts[0][*at]) {
                true => Text::of_class("strong", texts.say("compare.differs")),
                false => Text::default(),
            }
        })
        .called(label, texts.say("compare.sides_caption"));
    leaf.section("sides", "compare.sides", [table])
}

/// What is told of a run, in this order.
const NAMES: [&str; 10] = [
    "compare.dataset",
    "photos.title",
    "compare.hidden",
    "compare.network",
    "compare.weights",
    "compare.preprocessing",
    "compare.device",
    "compare.instructions",
    "compare.tool",
    "compare.manifest",
];

fn facts(texts: &Texts, side: &Side) -> [String; NAMES.len()] {
    let manifest = &side.run.manifest;
    let hidden = manifest.options.apply_masks.as_deref().map(words);
    let preprocessing = &manifest.preprocessing;
    let channels = channels(preprocessing.channels);
    let (resize, crop) = (preprocessing.resize, preprocessing.crop);
    let (tool, libtorch) = (&manifest.tool, &manifest.libtorch);
    [
        manifest.dataset.root.clone(),
        numbers::count(manifest.dataset.photos),
        hidden.unwrap_or_else(|| texts.say("compare.nothing_hidden")),
        manifest.model.name.clone(),
        short(&manifest.model.sha256),
        format!("{resize} → {crop} px, {channels}"),
        manifest.device.clone(),
        manifest.execution.instructions.clone(),
        format!("{} {}, libtorch {libtorch}", tool.name, tool.version),
        short(&side.sha256),
    ]
}

/// The first digits of a digest, as people compare them.
fn short(sha256: &str) -> String {
    sha256.chars().take(12).collect()
}

/// What cannot be compared and what to mind, in the page's words.
pub(super) fn notes(leaf: &Leaf<'_>, comparison: &Comparison) -> Block {
    let texts = leaf.texts();
    let note = |note: &Note| match note {
        Note::LeftOut { run, photos } => {
            texts.count("compare.note_left_out", *photos, &[("run", run)])
        }
        Note::ChangedFiles(paths) => {
            let first = paths.first().map_or("", String::as_str);
            texts.count("compare.note_changed", paths.len(), &[("first", &first)])
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
    Block::Notices {
        label: texts.say("compare.notes"),
        items: comparison.notes.iter().map(note).map(Text::from).collect(),
    }
}
