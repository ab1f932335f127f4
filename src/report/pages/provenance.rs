//! What the report was made from.

use serde::Serialize;

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
    let options = &page.site.run.manifest.options;
    let kinds: Vec<&str> = options.kinds.iter().map(|kind| kind.name()).collect();
    let colour = |levels: [u8; 3]| levels.map(|level| level.to_string()).join(", ");
    let number = |number: Option<usize>| number.map_or_else(String::new, |n| n.to_string());
    let facts = [
        ("--top", options.top.to_string()),
        ("--layers", options.layers.join(", ")),
        ("--kinds", kinds.join(", ")),
        ("--detail", options.detail.clone()),
        ("--arrays", options.arrays.clone()),
        ("--masks", options.masks.clone().unwrap_or_default()),
        (
            "--apply-masks",
            options.apply_masks.clone().unwrap_or_default(),
        ),
        ("--keep-unmasked", options.keep_unmasked.to_string()),
        ("--fill", colour(options.fill)),
        ("--limit", number(options.limit)),
        ("--parts", options.parts.clone().unwrap_or_default()),
        (
            "--correspondence-layers",
            options.correspondence_layers.join(", "),
        ),
        ("--random-places", number(options.random_places)),
        (
            "--invariance",
            options.invariance.clone().unwrap_or_default(),
        ),
        (
            "--occlusion",
            options.occlusion.clone().unwrap_or_else(|| "none".into()),
        ),
        ("--occluder", number(options.occluder)),
        ("--occluder-stride", number(options.occluder_stride)),
        (
            "--occluder-fill",
            options.occluder_fill.map_or_else(String::new, colour),
        ),
        ("--occlusion-fast", options.occlusion_fast.to_string()),
        (
            "--features",
            options.features.clone().unwrap_or_else(|| "none".into()),
        ),
        ("--strongest", number(options.strongest)),
        ("--per-image", number(options.per_image)),
        ("--randomisation", number(options.randomisation)),
        ("--seed", options.seed.to_string()),
        ("--batch", options.batch.to_string()),
        ("--lang", options.lang.clone()),
    ];
    group(
        page,
        "provenance.options",
        facts
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

fn table((file, columns): (&'static str, &[&str])) -> Table {
    Table {
        file,
        columns: columns.join(", "),
    }
}
