//! What hiding photographs piece by piece comes to over all of them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use figures::charts::strips::{self, Found, Strip};
use records::tables::OcclusionRegionRow;

use super::Occluded;
use crate::figure::{self, Figure};
use crate::prelude::*;
use crate::telling;

/// Replacements listed at most.
const REPLACEMENTS: usize = 20;

/// The mean drop, for the front page too; `None` without a classifier.
pub(in super::super::super) fn drop_card(page: &Page<'_>) -> Option<Card> {
    let drop = page.site.metric("occlusion_drop", "all")?;
    let note = page.count("occlusion.drop_note", drop.count, &[]);
    let label = page.say("occlusion.drop");
    Some(figure::card(page, (drop, Figure::Drop), label, [note]))
}

/// The figures in large print.
pub(super) fn cards(page: &Page<'_>) -> Vec<Card> {
    let card = |name: &str, figure: Figure, label: &str, note: &str| {
        let metric = page.site.metric(name, "all")?;
        let note = page.say(note);
        Some(figure::card(
            page,
            (metric, figure),
            page.say(label),
            [note],
        ))
    };
    let cards = [
        drop_card(page),
        card(
            "occlusion_changed_share",
            Figure::Share,
            "occlusion.changed",
            "occlusion.changed_note",
        ),
        card(
            "occlusion_deletion_area",
            Figure::Value,
            "occlusion.deletion",
            "occlusion.deletion_note",
        ),
        card(
            "occlusion_insertion_area",
            Figure::Value,
            "occlusion.insertion",
            "occlusion.insertion_note",
        ),
    ];
    cards.into_iter().flatten().collect()
}

/// A dot for each photo's loss; `None` without a classifier.
pub(super) fn chart(page: &Page<'_>, photos: &[Occluded<'_>]) -> Result<Option<Chart>> {
    let Some(metric) = page.site.metric("occlusion_drop", "all") else {
        return Ok(None);
    };
    let changes: Vec<f64> = photos.iter().map(|(_, row)| -telling::lost(row)).collect();
    let values = numbers::listed(changes.iter().map(|change| numbers::change(*change)));
    let line = Strip {
        name: page.say("occlusion.worst_place"),
        found: Found::Changes,
        middle: -metric.value,
        interval: metric.low.zip(metric.high).map(|(low, high)| (-high, -low)),
        values: changes,
    };
    let svg = strips::changes(&[line], &page.say("masks.effect_axis"))?;
    let alt = page.fill("occlusion.alt_drops", &[("values", &values)]);
    page.chart("assets/occlusion/drops.svg", &svg, alt)
        .map(Some)
}

/// The pointing game, region by region in the order of their first appearance; `None` without regions.
pub(super) fn regions(page: &Page<'_>) -> Option<Block> {
    let all = page.site.rows::<OcclusionRegionRow>();
    let of_region = |region: &str| -> Vec<&OcclusionRegionRow> {
        all.iter().filter(|row| row.region == region).collect()
    };
    let metric = |name: &str, region: &str| page.site.metric(&format!("{name}_{region}"), "all");
    let table = page
        .columns(distinct(all.iter().map(|row| row.region.as_str())))
        .text("occlusion.region", |region| words(region))
        .count("masks.photos", |region| of_region(region).len())
        .percent("occlusion.hit_share", |region| {
            Some(metric("occlusion_hit", region)?.value)
        })
        .number("classification.interval", |region| {
            numbers::share_interval(metric("occlusion_hit", region)?)
        })
        .percent("occlusion.chance", |region| {
            Some(metric("occlusion_chance", region)?.value)
        })
        .percent("occlusion.overlap", |region| {
            numbers::mean(of_region(region).into_iter().map(|row| row.overlap))
        })
        .table("occlusion.regions", "occlusion.regions_caption");
    (!all.is_empty()).then(|| {
        let blocks = [page.paragraph("occlusion.regions_text"), table];
        page.section("regions", "occlusion.regions", blocks)
    })
}

/// How many photos are taken for another class at the most harmful position, and for which.
pub(super) fn replaced(page: &Page<'_>, photos: &[Occluded<'_>]) -> Block {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (photo, row) in photos {
        // What the network says with nothing hidden, which need not be the label's class.
        let (index, name) = match photo.first() {
            Some(first) => (Some(first.class_index), first.class_name.as_str()),
            None => (row.class_index, row.class_name.as_str()),
        };
        if row.worst_class_index.is_some() && row.worst_class_index != index {
            *counts.entry((name, &row.worst_class_name)).or_default() += 1;
        }
    }
    let other = numbers::count(counts.values().sum());
    let text = page.count(
        "occlusion.replaced_text",
        photos.len(),
        &[("other", &other)],
    );
    let mut blocks = vec![Block::text(text)];
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by_key(|(_, photos)| Reverse(*photos));
    sorted.truncate(REPLACEMENTS);
    if !sorted.is_empty() {
        let table = page
            .columns(sorted)
            .text("occlusion.from", |((from, _), _)| *from)
            .text("occlusion.into", |((_, into), _)| *into)
            .count("masks.photos", |(_, photos)| *photos)
            .table("occlusion.replaced", "occlusion.replaced_caption");
        blocks.push(table);
    }
    page.section("replaced", "occlusion.replaced", blocks)
}
