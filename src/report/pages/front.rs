//! The front page: what was done, what came out, and the photographs that show it best.

use serde::Serialize;

use super::super::card::{self, Card};
use super::super::chapters::occlusion;
use super::super::numbers;
use super::super::site::{words, Chapter, Page, Site, FRONT, MASKS};
use super::super::telling;
use super::super::tile::Tile;
use super::front_example::{self, Example};
use super::front_tiles::{self, Group};
use crate::error::Result;
use crate::records::tables::OcclusionPhotoRow;

#[derive(Serialize)]
struct Front {
    heading: String,
    lead: String,
    did: Vec<String>,
    cards: Vec<Card>,
    example: Option<Example>,
    groups: Vec<Group>,
    layers: Vec<Tile>,
    contents: Vec<Entry>,
    method: String,
    /// Whether there is a chapter on hidden regions.
    masks: bool,
}

#[derive(Serialize)]
struct Entry {
    href: String,
    label: String,
    text: String,
}

/// Writes `index.html`.
pub(in super::super) fn write(site: &Site<'_>) -> Result<()> {
    let page = Page::new(site, FRONT, "nav.front");
    let texts = page.texts();
    let heading = texts.fill("front.heading", &[("model", site.network())]);
    let content = Front {
        lead: texts.fill("front.lead", &[("dataset", site.dataset())]),
        did: did(&page),
        cards: cards(&page),
        example: telling::example(&site.lookup)
            .filter(|_| !site.stages().is_empty())
            .map(|photo| front_example::example(&page, photo))
            .transpose()?,
        groups: front_tiles::groups(&page)
            .into_iter()
            .filter(|group| !group.tiles.is_empty())
            .collect(),
        layers: front_tiles::layers(&page),
        contents: contents(&page),
        masks: site.has(MASKS),
        method: page.href(super::super::site::METHOD),
        heading,
    };
    page.write("front.html", &content.heading, &content)
}

fn did(page: &Page<'_>) -> Vec<String> {
    let (texts, manifest) = (page.texts(), &page.site.run.manifest);
    let classes = numbers::count(manifest.model.classes);
    let gaps = [("model", page.site.network()), ("classes", &classes)];
    let key = if page.site.has_classifier() {
        "front.did_classified"
    } else {
        "front.did_unclassified"
    };
    let mut did = vec![texts.count(key, manifest.dataset.photos, &gaps)];
    if let Some(region) = &manifest.options.apply_masks {
        did.push(texts.fill("front.did_applied", &[("region", &words(region))]));
    }
    let lookup = &page.site.lookup;
    let layers = page.site.stages().len().to_string();
    match lookup.detailed().count() {
        0 => {}
        _ if page.site.stages().is_empty() => did.push(texts.say("front.did_not_project")),
        n => did.push(texts.count("front.did_projected", n, &[("layers", &layers)])),
    }
    for wall in &manifest.model.not_projected {
        let gaps = [
            ("layers", wall.layers.join(", ")),
            ("node", wall.node.clone()),
            ("op", wall.op.clone()),
        ];
        let gaps = gaps.each_ref().map(|(gap, text)| (*gap, text.as_str()));
        did.push(texts.fill("front.not_projected", &gaps));
    }
    match lookup
        .detailed()
        .filter(|photo| !photo.regions().is_empty())
        .count()
    {
        0 => {}
        n => did.push(texts.count("front.did_masked", n, &[])),
    }
    match page.site.rows::<OcclusionPhotoRow>().len() {
        0 => {}
        n => did.push(texts.count("front.did_occluded", n, &[])),
    }
    match page
        .site
        .maps
        .iter()
        .map(|layer| layer.drawn().count())
        .sum()
    {
        0 => {}
        n => did.push(texts.count("front.did_features", n, &[])),
    }
    did
}

fn cards(page: &Page<'_>) -> Vec<Card> {
    let (texts, dataset) = (page.texts(), &page.site.run.manifest.dataset);
    let label = if page.site.has_classifier() {
        "front.photos"
    } else {
        "front.photos_seen"
    };
    let mut cards = vec![Card {
        value: numbers::count(dataset.photos),
        label: texts.say(label),
        notes: match dataset.skipped {
            0 => Vec::new(),
            n => vec![texts.count("front.skipped", n, &[])],
        },
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
                notes: [
                    card::share_interval(page, metric),
                    Some(texts.count(note, metric.count, &[])),
                ]
                .into_iter()
                .flatten()
                .collect(),
            }
        }));
    }
    if cards.len() == 1 {
        let reason = if page.site.has_classifier() {
            "front.accuracy_missing"
        } else {
            "front.accuracy_no_classifier"
        };
        cards.push(Card {
            value: "–".to_owned(),
            label: texts.say("front.accuracy_missing_label"),
            notes: vec![texts.say(reason)],
        });
    }
    let drops = page.site.lookup.regions().into_iter();
    cards.extend(drops.filter_map(|region| drop_card(page, region)).take(4));
    cards.extend(occlusion::drop_card(page).map(|card| Card {
        value: card.value,
        label: card.label,
        notes: card.notes,
    }));
    cards
}

fn drop_card(page: &Page<'_>, region: &str) -> Option<Card> {
    let texts = page.texts();
    let drop = page.site.metric(&format!("masked_drop_{region}"), "all")?;
    let mut notes: Vec<String> = card::drop_interval(page, drop).into_iter().collect();
    notes.push(texts.count("front.drop_note", drop.count, &[]));
    if let Some(control) = page.site.metric(&format!("control_drop_{region}"), "all") {
        let change = numbers::change(-control.value);
        notes.push(texts.count("front.drop_control", control.count, &[("control", &change)]));
    }
    Some(Card {
        value: numbers::change(-drop.value),
        label: texts.fill("front.drop", &[("region", &words(region))]),
        notes,
    })
}

fn contents(page: &Page<'_>) -> Vec<Entry> {
    let entry = |chapter: &Chapter| Entry {
        href: page.href(&chapter.page),
        label: page.texts().say(chapter.name),
        text: page.texts().say(chapter.holds),
    };
    page.site.chapters.iter().map(entry).collect()
}
