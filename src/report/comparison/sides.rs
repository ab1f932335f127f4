//! The runs side by side: what each was made of, and where they differ.

use super::super::blocks::{Block, Column, Row, Table, Text};
use super::super::frame::Leaf;
use super::super::lang::Texts;
use super::super::numbers;
use super::super::site::words;
use crate::comparison::{Comparison, Note, Side};
use crate::network::Channels;

/// What each run was made of, and where they differ.
pub(super) fn table(leaf: &Leaf<'_>, comparison: &Comparison) -> Block {
    let texts = leaf.texts();
    let sides = &comparison.lineup.sides;
    let mut columns = vec![Column::text(texts.say("compare.run"))];
    columns.extend(sides.iter().map(|side| Column::text(side.name.clone())));
    columns.push(Column::text(""));
    let label = texts.say("compare.sides");
    let caption = texts.say("compare.sides_caption");
    let table = Table::new(label, caption, columns, rows(texts, sides));
    leaf.section("sides", "compare.sides", vec![Block::Table(table)])
}

fn rows(texts: &Texts, sides: &[Side]) -> Vec<Row> {
    let none = texts.say("compare.nothing_hidden");
    let row = |key: &str, of: &dyn Fn(&Side) -> String| {
        let values: Vec<String> = sides.iter().map(of).collect();
        let mark = match values.iter().any(|value| *value != values[0]) {
            true => Text::of_class("strong", texts.say("compare.differs")),
            false => Text::default(),
        };
        let cells = values.into_iter().map(Text::from).chain([mark]);
        Row::new(texts.say(key), cells)
    };
    vec![
        row("compare.dataset", &|side| {
            side.run.manifest.dataset.root.clone()
        }),
        row("photos.title", &|side| {
            numbers::count(side.run.manifest.dataset.photos)
        }),
        row("compare.hidden", &|side| {
            let region = &side.run.manifest.options.apply_masks;
            region.as_deref().map_or_else(|| none.clone(), words)
        }),
        row("compare.network", &|side| {
            side.run.manifest.model.name.clone()
        }),
        row("compare.weights", &|side| {
            short(&side.run.manifest.model.sha256)
        }),
        row("compare.preprocessing", &|side| {
            let p = &side.run.manifest.preprocessing;
            let channels = match p.channels {
                Channels::Rgb => "RGB",
                Channels::Bgr => "BGR",
            };
            format!("{} → {} px, {channels}", p.resize, p.crop)
        }),
        row("compare.device", &|side| side.run.manifest.device.clone()),
        row("compare.instructions", &|side| {
            side.run.manifest.execution.instructions.clone()
        }),
        row("compare.tool", &|side| {
            let tool = &side.run.manifest.tool;
            format!(
                "{} {}, libtorch {}",
                tool.name, tool.version, side.run.manifest.libtorch
            )
        }),
        row("compare.manifest", &|side| short(&side.sha256)),
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
    Block::Notices {
        label: texts.say("compare.notes"),
        items: comparison.notes.iter().map(note).map(Text::from).collect(),
    }
}
