//! The front page: what was done, what came out, and the photographs that show it best.

mod example;
mod tiles;

use super::{Chapter, Plan};
use crate::error::Result;
use crate::records::tables::OcclusionPhotoRow;
use crate::report::blocks::{Block, Card, Contents, Entry};
use crate::report::intervals;
use crate::report::frame::Content;
use crate::report::numbers;
use crate::report::chapters::occlusion;
use crate::report::site::{words, Page, FRONT, MASKS};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.front",
    holds: "",
    pages: |_| vec![Plan::new(FRONT, content)],
};

fn content(page: &Page<'_>) -> Result<Content> {
    let (site, texts) = (page.site, page.texts());
    let title = texts.fill("front.heading", &[("model", site.network())]);
    let lead = texts.fill("front.lead", &[("dataset", site.dataset())]);
    let mut blocks = vec![
        Block::Heading(title.clone()),
        Block::Lead(lead.into()),
        Block::text(did(page)),
        Block::QuietHeading(texts.say("front.numbers")),
        Block::Cards(cards(page)),
    ];
    blocks.extend(example::section(page)?);
    blocks.extend([how(page), page.caveat()]);
    blocks.extend(tiles::layers(page));
    blocks.extend(tiles::telling(page));
    blocks.push(contents(page));
    Ok(Content::new(title, blocks))
}

fn did(page: &Page<'_>) -> Vec<String> {
    let (site, texts, lookup) = (page.site, page.texts(), &page.site.lookup);
    let manifest = &site.run.manifest;
    let classes = numbers::count(manifest.model.classes);
    let gaps = [("model", site.network()), ("classes", &classes)];
    let key = match site.has_classifier() {
        true => "front.did_classified",
        false => "front.did_unclassified",
    };
    let mut did = vec![texts.count(key, manifest.dataset.photos, &gaps)];
    if let Some(region) = &manifest.options.apply_masks {
        did.push(texts.fill("front.did_applied", &[("region", &words(region))]));
    }
    let layers = site.stages().len().to_string();
    match lookup.detailed().count() {
        0 => {}
        _ if site.stages().is_empty() => did.push(texts.say("front.did_not_project")),
        n => did.push(texts.count("front.did_projected", n, &[("layers", &layers)])),
    }
    for wall in &manifest.model.not_projected {
        let layers = wall.layers.join(", ");
        let gaps = [
            ("layers", layers.as_str()),
            ("node", &wall.node),
            ("op", &wall.op),
        ];
        did.push(texts.fill("front.not_projected", &gaps));
    }
    let masked = lookup.detailed();
    let masked = masked.filter(|photo| !photo.regions().is_empty()).count();
    let drawn = site.maps.iter().map(|layer| layer.drawn().count()).sum();
    let occluded = site.rows::<OcclusionPhotoRow>().len();
    let experiments = [
        ("front.did_masked", masked),
        ("front.did_occluded", occluded),
        ("front.did_features", drawn),
    ];
    let done = experiments.into_iter().filter(|(_, n)| *n > 0);
    did.extend(done.map(|(key, n)| texts.count(key, n, &[])));
    did
}

fn cards(page: &Page<'_>) -> Vec<Card> {
    let (texts, dataset) = (page.texts(), &page.site.run.manifest.dataset);
    let (photos, missing) = match page.site.has_classifier() {
        true => ("front.photos", "front.accuracy_missing"),
        false => ("front.photos_seen", "front.accuracy_no_classifier"),
    };
    let skipped = (dataset.skipped > 0).then(|| texts.count("front.skipped", dataset.skipped, &[]));
    let mut cards = vec![Card {
        value: numbers::count(dataset.photos),
        label: texts.say(photos),
        notes: skipped.into_iter().collect(),
        ..Card::default()
    }];
    let accuracies = [
        ("top1_accuracy", "front.top1", "front.top1_note"),
        ("top5_accuracy", "front.top5", "front.top5_note"),
    ];
    for (name, label, note) in accuracies {
        cards.extend(page.site.metric(name, "all").map(|metric| {
            Card {
                value: numbers::percent(metric.value),
                label: texts.say(label),
                notes: intervals::of_share(page, metric)
                    .into_iter()
                    .chain([texts.count(note, metric.count, &[])])
                    .collect(),
                ..Card::default()
            }
        }));
    }
    if cards.len() == 1 {
        cards.push(Card {
            value: "–".to_owned(),
            label: texts.say("front.accuracy_missing_label"),
            notes: vec![texts.say(missing)],
            ..Card::default()
        });
    }
    let drops = page.site.lookup.regions().into_iter();
    cards.extend(drops.filter_map(|region| drop_card(page, region)).take(4));
    cards.extend(occlusion::drop_card(page));
    cards
}

/// What hiding a region costs.
fn drop_card(page: &Page<'_>, region: &str) -> Option<Card> {
    let texts = page.texts();
    let drop = page.site.metric(&format!("masked_drop_{region}"), "all")?;
    let mut notes: Vec<String> = intervals::of_drop(page, drop).into_iter().collect();
    notes.push(texts.count("front.drop_note", drop.count, &[]));
    if let Some(control) = page.site.metric(&format!("control_drop_{region}"), "all") {
        let change = numbers::change(-control.value);
        notes.push(texts.count("front.drop_control", control.count, &[("control", &change)]));
    }
    Some(Card {
        value: numbers::change(-drop.value),
        label: texts.fill("front.drop", &[("region", &words(region))]),
        notes,
        ..Card::default()
    })
}

/// How the pictures are read.
fn how(page: &Page<'_>) -> Block {
    let mut terms = vec![
        ("front.how_projection", "front.how_projection_text"),
        ("front.how_layer", "front.how_layer_text"),
        ("front.how_unit", "front.how_unit_text"),
    ];
    if page.site.has(MASKS) {
        terms.push(("front.how_mask", "front.how_mask_text"));
        terms.push(("front.how_control", "front.how_control_text"));
    }
    page.section("how", "front.how", vec![page.terms(&terms)])
}

fn contents(page: &Page<'_>) -> Block {
    // This page is the first of them.
    let others = page.site.chapters.iter().skip(1);
    let entries = others.map(|(chapter, first)| Entry {
        name: page.texts().say(chapter.name),
        href: page.href(first),
        text: page.texts().say(chapter.holds),
    });
    let contents = Block::Contents(Contents(entries.collect()));
    page.section("contents", "front.contents", vec![contents])
}
