//! The runs side by side: what each was made of, and where they differ.

use comparison::{Comparison, Note, Side};

use crate::prelude::*;

/// What each run was made of, and where they differ.
pub(super) fn table(leaf: &Leaf<'_>, comparison: &Comparison) -> Block {
    let sides = &comparison.lineup.sides;
    let facts: Vec<_> = sides.iter().map(|side| facts(leaf.texts(), side)).collect();
    let mut columns = leaf
        .columns(NAMES.iter().enumerate())
        .text("compare.run", |(_, key)| leaf.say(key));
    for (side, facts) in sides.iter().zip(&facts) {
        columns = columns.column(Column::text(&side.name), |(at, _)| facts[*at].as_str());
    }
    let table = columns
        .column(Column::text(""), |(at, _)| {
            match facts.iter().any(|facts_of| facts_of[*at] != facts[0][*at]) {
                true => Text::of_class("strong", leaf.say("compare.differs")),
                false => Text::default(),
            }
        })
        .table("compare.sides", "compare.sides_caption");
    leaf.section("sides", "compare.sides", [table])
}

/// What is told of a run, in this order.
const NAMES: [&str; 11] = [
    "compare.dataset",
    "photos.title",
    "compare.hidden",
    "compare.network",
    "compare.weights",
    "compare.preprocessing",
    "compare.device",
    "compare.precision",
    "compare.instructions",
    "compare.tool",
    "compare.manifest",
];

fn facts(texts: &Texts, side: &Side) -> [String; NAMES.len()] {
    let manifest = &side.run.manifest;
    let hidden = manifest.options.apply_masks.as_deref().map(words);
    let preprocessing = &manifest.preprocessing;
    let (resize, crop) = (preprocessing.resize, numbers::size(preprocessing.crop));
    let interpolation = preprocessing.interpolation.name();
    let channels = preprocessing.channels.name();
    let (tool, libtorch) = (&manifest.tool, &manifest.libtorch);
    [
        manifest.dataset.root.clone(),
        numbers::count(manifest.dataset.photos),
        hidden.unwrap_or_else(|| texts.say("compare.nothing_hidden")),
        manifest.model.name.clone(),
        short(&manifest.model.sha256),
        format!("{resize} ({interpolation}) → {crop} px, {channels}"),
        manifest.device.clone(),
        manifest.options.precision.clone(),
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
    let note = |note: &Note| match note {
        Note::LeftOut { run, photos } => {
            leaf.count("compare.note_left_out", *photos, &[("run", run)])
        }
        Note::ChangedFiles(paths) => {
            let first = paths.first().map_or("", String::as_str);
            leaf.count("compare.note_changed", paths.len(), &[("first", &first)])
        }
        Note::NoClassifier(run) => leaf.fill("compare.note_no_classifier", &[("run", run)]),
        Note::NoArrays(run) => leaf.fill("compare.note_no_arrays", &[("run", run)]),
        Note::OtherClasses => leaf.say("compare.note_other_classes"),
        Note::OtherScores(kinds) => leaf.fill("compare.note_other_scores", &[("kinds", kinds)]),
        Note::OtherLabels => leaf.say("compare.note_other_labels"),
        Note::OtherNetwork => leaf.say("compare.note_other_network"),
        Note::OtherWeights => leaf.say("compare.note_other_weights"),
        Note::OtherPreprocessing => leaf.say("compare.note_other_preprocessing"),
        Note::OtherLayers => leaf.say("compare.note_other_layers"),
        Note::OtherPrecision(precisions) => leaf.fill(
            "compare.note_other_precision",
            &[("precisions", precisions)],
        ),
        Note::OtherRounding => leaf.say("compare.note_other_rounding"),
    };
    Block::Notices {
        label: leaf.say("compare.notes"),
        items: comparison.notes.iter().map(note).map(Text::from).collect(),
    }
}
