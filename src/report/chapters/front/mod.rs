//! The front page: what was done, what came out, and the photographs that show it best.

mod example;
mod tiles;

use network::Scores;
use records::tables::{ClaimRow, OcclusionPhotoRow, StudyRow};

use super::{Chapter, Plan};
use crate::beyond;
use crate::chapters::{claims, occlusion, study, training};
use crate::figure::{self, Figure};
use crate::prelude::*;
use crate::site::{FRONT, MASKS};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.front",
    holds: "",
    pages: |_| vec![Plan::new(FRONT, content)],
};

fn content(page: &Page<'_>) -> Result<Content> {
    let site = page.site;
    if !site.rows::<ClaimRow>().is_empty() {
        return Ok(claims::front(page));
    }
    if !site.rows::<StudyRow>().is_empty() {
        return Ok(study::front(page));
    }
    let title = page.fill("front.heading", &[("model", &site.network())]);
    let lead = page.fill("front.lead", &[("dataset", &site.dataset())]);
    Ok(Content::new(title, lead)
        .with(training::in_short(page))
        .with([
            Block::text(did(page)),
            Block::QuietHeading(page.say("front.numbers")),
            Block::Cards(cards(page)),
        ])
        .with(example::section(page)?)
        .with([how(page), page.caveat()])
        .with(tiles::layers(page))
        .with(tiles::telling(page))
        .with([contents(page)]))
}

fn did(page: &Page<'_>) -> Vec<String> {
    let (site, lookup) = (page.site, &page.site.lookup);
    let manifest = &site.run.manifest;
    let gaps: [Gap<'_>; 2] = [
        ("model", &site.network()),
        ("classes", &numbers::count(manifest.model.classes)),
    ];
    let key = match site.scores() {
        Some(Scores::Softmax) => "front.did_classified",
        Some(Scores::Sigmoid) => "front.did_find",
        Some(Scores::None) => "front.did_score",
        None => "front.did_unclassified",
    };
    let mut did = vec![page.count(key, manifest.dataset.photos, &gaps)];
    if let Some(region) = &manifest.options.apply_masks {
        did.push(page.fill("front.did_applied", &[("region", &words(region))]));
    }
    match (lookup.detailed().count(), site.stages().len()) {
        (0, _) => {}
        (_, 0) => did.push(page.say("front.did_not_project")),
        (n, layers) => did.push(page.count("front.did_projected", n, &[("layers", &layers)])),
    }
    for wall in &manifest.model.not_projected {
        let gaps: [Gap<'_>; 3] = [
            ("layers", &wall.layers.join(", ")),
            ("node", &wall.node),
            ("op", &wall.op),
        ];
        did.push(page.fill("front.not_projected", &gaps));
    }
    let met = manifest.model.extensions.iter();
    let met: Vec<String> = met.map(|it| beyond::met(page, it)).collect();
    if !met.is_empty() {
        did.push(page.fill("front.beyond", &[("met", &met.join(", "))]));
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
    did.extend(done.map(|(key, n)| page.count(key, n, &[])));
    did
}

fn cards(page: &Page<'_>) -> Vec<Card> {
    let dataset = &page.site.run.manifest.dataset;
    let (photos, missing) = match page.site.scores() {
        Some(Scores::None) => ("front.photos_seen", "front.accuracy_no_probabilities"),
        Some(_) => ("front.photos", "front.accuracy_missing"),
        None => ("front.photos_seen", "front.accuracy_no_classifier"),
    };
    let skipped = (dataset.skipped > 0).then(|| page.count("front.skipped", dataset.skipped, &[]));
    let photos = page.say(photos);
    let photographs = numbers::count(dataset.photos);
    let mut cards = vec![Card::new(photos, photographs, Vec::from_iter(skipped))];
    let accuracies = [
        ("top1_accuracy", "front.top1", "front.top1_note"),
        ("top5_accuracy", "front.top5", "front.top5_note"),
        ("label_found", "front.found", "front.found_note"),
    ];
    for (name, label, note) in accuracies {
        cards.extend(page.site.metric(name, "all").map(|metric| {
            let note = page.count(note, metric.count, &[]);
            figure::card(page, (metric, Figure::Share), page.say(label), [note])
        }));
    }
    if cards.len() == 1 {
        let label = page.say("front.accuracy_missing_label");
        let notes = vec![page.say(missing)];
        cards.push(Card::new(label, numbers::DASH.to_owned(), notes));
    }
    let drops = page.site.lookup.regions().into_iter();
    cards.extend(drops.filter_map(|region| drop_card(page, region)).take(4));
    cards.extend(occlusion::drop_card(page));
    cards
}

/// What hiding a region costs.
fn drop_card(page: &Page<'_>, region: &str) -> Option<Card> {
    let drop = page.site.metric(&format!("masked_drop_{region}"), "all")?;
    let mut notes = vec![page.count("front.drop_note", drop.count, &[])];
    if let Some(control) = page.site.metric(&format!("control_drop_{region}"), "all") {
        let change = numbers::change(-control.value);
        notes.push(page.count("front.drop_control", control.count, &[("control", &change)]));
    }
    let label = page.fill("front.drop", &[("region", &words(region))]);
    Some(figure::card(page, (drop, Figure::Drop), label, notes))
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
    page.section("how", "front.how", [page.terms(&terms, &[])])
}

/// What the other chapters hold.
pub(super) fn contents(page: &Page<'_>) -> Block {
    // This page is the first of them.
    let others = page.site.chapters.iter().skip(1);
    let links = others.map(|(chapter, first)| {
        Link::new(page.say(chapter.name), page.href(first)).noted(page.say(chapter.holds))
    });
    let contents = Block::Contents(links.collect());
    page.section("contents", "front.contents", [contents])
}
