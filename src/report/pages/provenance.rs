//! What the report was made from.

use serde::Serialize;
use serde_json::Value;

use super::super::numbers;
use super::super::site::{Page, Site, PROVENANCE};
use crate::error::Result;
use crate::network::Channels;
use crate::records::tables::{ImageRow, Row};
use crate::records::SkippedFile;

/// Skipped files listed at most.
const SKIPPED: usize = 500;

#[derive(Serialize)]
struct ProvenancePage<'a> {
    groups: Vec<Group>,
    skipped: &'a [SkippedFile],
    skipped_more: String,
    notes: &'a [String],
    tables: Vec<Table>,
}

#[derive(Serialize)]
struct Group {
    heading: String,
    facts: Vec<Fact>,
}

#[derive(Serialize)]
struct Fact {
    name: String,
    value: String,
    /// Whether it is set in a fixed width.
    code: bool,
}

#[derive(Serialize)]
struct Table {
    file: &'static str,
    columns: String,
}

/// Writes `pages/provenance.html`.
pub(in super::super) fn write(site: &Site<'_>) -> Result<()> {
    let page = Page::new(site, PROVENANCE, "nav.provenance");
    let manifest = &site.run.manifest;
    let shown = manifest.skipped.len().min(SKIPPED);
    let content = ProvenancePage {
        groups: vec![
            model(&page),
            dataset(&page),
            preprocessing(&page),
            options(&page),
        ],
        skipped: &manifest.skipped[..shown],
        skipped_more: match manifest.skipped.len() > shown {
            true => page
                .texts()
                .fill("common.more_in", &[("file", ImageRow::FILE)]),
            false => String::new(),
        },
        notes: &manifest.notes,
        tables: site.run.tables().into_iter().map(table).collect(),
    };
    page.write(
        "provenance.html",
        &page.texts().say("provenance.title"),
        &content,
    )
}

fn group(page: &Page<'_>, heading: &str, facts: Vec<(String, String)>) -> Group {
    let fact = |(name, value): (String, String)| Fact {
        name,
        code: value.len() >= 40 && value.bytes().all(|byte| byte.is_ascii_hexdigit()),
        value: if value.is_empty() {
            "–".to_owned()
        } else {
            value
        },
    };
    Group {
        heading: page.texts().say(heading),
        facts: facts.into_iter().map(fact).collect(),
    }
}

fn model(page: &Page<'_>) -> Group {
    let (texts, manifest) = (page.texts(), &page.site.run.manifest);
    let model = &manifest.model;
    let classes = match model.classes {
        0 => texts.say("provenance.no_classes"),
        n => numbers::count(n),
    };
    let facts = vec![
        (texts.say("provenance.name"), model.name.clone()),
        (texts.say("provenance.file"), model.file.clone()),
        (texts.say("provenance.sha256"), model.sha256.clone()),
        (texts.say("provenance.source"), model.source.clone()),
        (texts.say("provenance.classes"), classes),
        (texts.say("provenance.stages"), model.stages.join(", ")),
        (texts.say("provenance.device"), manifest.device.clone()),
        (texts.say("provenance.libtorch"), manifest.libtorch.clone()),
        (
            texts.say("provenance.tool"),
            format!("{} {}", manifest.tool.name, manifest.tool.version),
        ),
        (texts.say("provenance.commit"), manifest.tool.commit.clone()),
    ];
    group(page, "provenance.model", facts)
}

fn dataset(page: &Page<'_>) -> Group {
    let (texts, dataset) = (page.texts(), &page.site.run.manifest.dataset);
    let labels = match dataset.labels.len() {
        0 => texts.say("common.none"),
        n if n > 30 => numbers::count(n),
        _ => dataset.labels.join(", "),
    };
    let facts = vec![
        (texts.say("provenance.root"), dataset.root.clone()),
        (texts.say("provenance.digest"), dataset.digest.clone()),
        (
            texts.say("provenance.photos"),
            numbers::count(dataset.photos),
        ),
        (
            texts.say("provenance.detail"),
            numbers::count(dataset.detail),
        ),
        (
            texts.say("provenance.skipped"),
            numbers::count(dataset.skipped),
        ),
        (
            texts.say("provenance.other_files"),
            numbers::count(dataset.other_files),
        ),
        (texts.say("provenance.labels"), labels),
        (
            texts.say("provenance.label_source"),
            dataset.label_source.clone(),
        ),
    ];
    group(page, "provenance.dataset", facts)
}

fn preprocessing(page: &Page<'_>) -> Group {
    let (texts, preprocessing) = (page.texts(), &page.site.run.manifest.preprocessing);
    let three = |values: [f32; 3]| values.map(|value| value.to_string()).join(", ");
    let channels = match preprocessing.channels {
        Channels::Rgb => "RGB",
        Channels::Bgr => "BGR",
    };
    let facts = vec![
        (
            texts.say("provenance.resize"),
            preprocessing.resize.to_string(),
        ),
        (
            texts.say("provenance.crop"),
            format!("{0} × {0}", preprocessing.crop),
        ),
        (texts.say("provenance.channels"), channels.to_owned()),
        (
            texts.say("provenance.scale"),
            preprocessing.scale.to_string(),
        ),
        (texts.say("provenance.mean"), three(preprocessing.mean)),
        (texts.say("provenance.std"), three(preprocessing.std)),
    ];
    group(page, "provenance.preprocessing", facts)
}

/// The options under the names that `deconvscope report` has for them.
fn options(page: &Page<'_>) -> Group {
    let options = page.site.run.manifest.options.named();
    let facts = options.iter();
    let facts = facts.map(|option| (option.typed(), text(&option.value)));
    group(page, "provenance.options", facts.collect())
}

/// An option's value as one reads it: nothing where there is none, lists with commas.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn table((file, columns): (&'static str, &[&str])) -> Table {
    Table {
        file,
        columns: columns.join(", "),
    }
}
