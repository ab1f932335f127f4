//! What the report was made from.

use network::{PerChannel, Resize, Rounding, Scores};
use records::tables::{ImageRow, Row as _};

use super::{Chapter, Plan};
use crate::prelude::*;
use crate::site::PROVENANCE;

/// Skipped files listed at most.
const SKIPPED: usize = 500;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.provenance",
    holds: "front.contents_provenance",
    pages: |_| vec![Plan::new(PROVENANCE, content)],
};

fn content(page: &Page<'_>) -> Result<Content> {
    // Under the names that the command line has for them.
    let options = page.site.run.manifest.options.named().into_iter();
    let options = options.map(|option| (option.typed(), numbers::option(&option.value)));
    Ok(
        Content::new(page.say("provenance.title"), page.say("provenance.lead")).with([
            page.paragraph("provenance.same_bytes"),
            model(page),
            dataset(page),
            preprocessing(page),
            facts(page, "provenance.options", options),
            page.section("skipped", "provenance.skipped", skipped(page)),
            notes(page),
            tables(page),
        ]),
    )
}

/// A section of names and values; digests are set in a fixed width.
fn facts(
    page: &Page<'_>,
    heading: &str,
    facts: impl IntoIterator<Item = (String, String)>,
) -> Block {
    let fact = |(name, value): (String, String)| Fact {
        name,
        is_code: value.len() >= 40 && value.bytes().all(|byte| byte.is_ascii_hexdigit()),
        value: match value.is_empty() {
            true => numbers::DASH.to_owned(),
            false => value,
        },
        ..Fact::default()
    };
    let facts = facts.into_iter().map(fact).collect();
    page.section("", heading, [Block::Facts(facts)])
}

/// The same, the names by their keys.
fn told<const N: usize>(page: &Page<'_>, heading: &str, values: [(&str, String); N]) -> Block {
    let named = values.map(|(key, value)| (page.say(key), value));
    facts(page, heading, named)
}

fn model(page: &Page<'_>) -> Block {
    let manifest = &page.site.run.manifest;
    let (model, tool) = (&manifest.model, &manifest.tool);
    let classes = match model.classes {
        0 => page.say("provenance.no_classes"),
        n => numbers::count(n),
    };
    let scores = match model.scores() {
        Some(Scores::Softmax) => page.say("provenance.scores_softmax"),
        Some(Scores::Sigmoid) => page.say("provenance.scores_sigmoid"),
        Some(Scores::None) => page.say("provenance.scores_none"),
        None => String::new(),
    };
    let values = [
        ("provenance.name", model.name.clone()),
        ("provenance.file", model.file.clone()),
        ("provenance.sha256", model.sha256.clone()),
        ("provenance.source", model.source.clone()),
        ("provenance.classes", classes),
        ("provenance.scores", scores),
        (
            "provenance.output",
            model.output.clone().unwrap_or_default(),
        ),
        ("provenance.stages", model.stages.join(", ")),
        ("provenance.device", manifest.device.clone()),
        ("provenance.precision", precision(page)),
        ("provenance.libtorch", manifest.libtorch.clone()),
        ("provenance.tool", format!("{} {}", tool.name, tool.version)),
        ("provenance.commit", tool.commit.clone()),
    ];
    told(page, "provenance.model", values)
}

/// The precision of classification, and what it changed where it is not float32.
fn precision(page: &Page<'_>) -> String {
    let manifest = &page.site.run.manifest;
    let precision = &manifest.options.precision;
    let Some(measured) = &manifest.precision else {
        return precision.clone();
    };
    let largest = numbers::small(measured.largest_difference.into());
    page.fill(
        "provenance.precision_measured",
        &[
            ("precision", precision),
            ("n", &numbers::count(measured.photos)),
            ("changed", &numbers::count(measured.other_first_class)),
            ("largest", &largest),
        ],
    )
}

fn dataset(page: &Page<'_>) -> Block {
    let dataset = &page.site.run.manifest.dataset;
    let labels = match dataset.labels.len() {
        0 => page.say("common.none"),
        n if n > 30 => numbers::count(n),
        _ => dataset.labels.join(", "),
    };
    let values = [
        ("provenance.root", dataset.root.clone()),
        ("provenance.digest", dataset.digest.clone()),
        ("provenance.photos", numbers::count(dataset.photos)),
        ("provenance.detail", numbers::count(dataset.detail)),
        ("provenance.skipped", numbers::count(dataset.skipped)),
        (
            "provenance.other_files",
            numbers::count(dataset.other_files),
        ),
        ("provenance.labels", labels),
        ("provenance.label_source", dataset.label_source.clone()),
    ];
    told(page, "provenance.dataset", values)
}

fn preprocessing(page: &Page<'_>) -> Block {
    let preprocessing = &page.site.run.manifest.preprocessing;
    let each = |numbers: PerChannel| {
        let numbers = numbers.values().iter().map(f32::to_string);
        numbers.collect::<Vec<_>>().join(", ")
    };
    let resize = match preprocessing.resize {
        Resize::Shorter(side) => page.fill("provenance.resize_shorter", &[("resize", &side)]),
        Resize::Cover(size) => page.fill(
            "provenance.resize_cover",
            &[("resize", &numbers::size(size))],
        ),
        Resize::Squash => page.say("provenance.resize_squash"),
    };
    let rounding = match preprocessing.rounding {
        Rounding::HalfEven => "provenance.rounding_half_even",
        Rounding::Down => "provenance.rounding_down",
    };
    let values = [
        ("provenance.resize", resize),
        (
            "provenance.interpolation",
            preprocessing.interpolation.name().to_owned(),
        ),
        ("provenance.crop", numbers::size(preprocessing.crop)),
        ("provenance.rounding", page.say(rounding)),
        (
            "provenance.channels",
            preprocessing.channels.name().to_owned(),
        ),
        ("provenance.scale", preprocessing.scale.to_string()),
        ("provenance.mean", each(preprocessing.mean)),
        ("provenance.std", each(preprocessing.std)),
    ];
    told(page, "provenance.preprocessing", values)
}

fn skipped(page: &Page<'_>) -> Vec<Block> {
    let skipped = &page.site.run.manifest.skipped;
    if skipped.is_empty() {
        return vec![page.paragraph("provenance.nothing_skipped")];
    }
    let table = page
        .columns(skipped.iter().take(SKIPPED))
        .text("provenance.path", |file| file.path.as_str())
        .text("provenance.reason", |file| {
            Cell::from(file.reason.as_str()).in_language("en")
        })
        .of_class("text")
        .table("provenance.skipped", "provenance.skipped_caption");
    let more = (skipped.len() > SKIPPED).then(|| page.more_in(&[ImageRow::FILE]));
    std::iter::once(table).chain(more).collect()
}

fn notes(page: &Page<'_>) -> Block {
    let notes = &page.site.run.manifest.notes;
    let block = match notes.is_empty() {
        true => page.paragraph("provenance.no_notes"),
        false => Block::List(List::prose(notes.iter().map(String::as_str)).in_language("en")),
    };
    page.section("notes", "provenance.notes", [block])
}

fn tables(page: &Page<'_>) -> Block {
    let fact = |(file, columns): (&str, &[&str])| Fact {
        name: file.to_owned(),
        value: columns.join(", "),
        name_is_code: true,
        is_code: true,
    };
    let tables = page.site.run.tables().into_iter().map(fact).collect();
    let blocks = [
        page.paragraph("provenance.tables_text"),
        Block::Facts(tables),
    ];
    page.section("tables", "provenance.tables", blocks)
}
