//! What hiding photographs piece by piece comes to over all of them.

use std::collections::BTreeMap;

use super::Occluded;
use crate::error::Result;
use crate::figures::charts::drops::{self, DropLine};
use crate::records::tables::{MetricRow, OcclusionRegionRow};
use crate::report::blocks::{Block, Card, Chart, Column, Row, Table};
use crate::report::site::{words, Page};
use crate::report::{intervals, numbers, telling};

/// Replacements listed at most.
const REPLACEMENTS: usize = 20;

/// The mean drop, for the front page too; `None` without a classifier.
pub(in super::super::super) fn drop_card(page: &Page<'_>) -> Option<Card> {
    let drop = page.site.metric("occlusion_drop", "all")?;
    let texts = page.texts();
    let mut notes: Vec<String> = intervals::of_drop(page, drop).into_iter().collect();
    notes.push(texts.count("occlusion.drop_note", drop.count, &[]));
    Some(Card {
        value: numbers::change(-drop.value),
        label: texts.say("occlusion.drop"),
        notes,
        ..Card::default()
    })
}

/// The figures in large print.
pub(super) fn cards(page: &Page<'_>) -> Vec<Card> {
    let texts = page.texts();
    let metric = |name: &str| page.site.metric(name, "all");
    let mut cards: Vec<Card> = drop_card(page).into_iter().collect();
    cards.extend(metric("occlusion_changed_share").map(|metric| {
        let interval = intervals::of_share(page, metric).into_iter();
        Card {
            value: numbers::percent(metric.value),
            label: texts.say("occlusion.changed"),
            notes: interval
                .chain([texts.say("occlusion.changed_note")])
                .collect(),
            ..Card::default()
        }
    }));
    let area = |metric: &MetricRow, label, note| Card {
        value: numbers::probability(metric.value),
        label: texts.say(label),
        notes: intervals::of_value(page, metric)
            .into_iter()
            .chain([texts.say(note)])
            .collect(),
        ..Card::default()
    };
    let areas = [
        (
            "occlusion_deletion_area",
            "occlusion.deletion",
            "occlusion.deletion_note",
        ),
        (
            "occlusion_insertion_area",
            "occlusion.insertion",
            "occlusion.insertion_note",
        ),
    ];
    for (name, label, note) in areas {
        cards.extend(metric(name).map(|metric| area(metric, label, note)));
    }
    cards
}

/// A dot for each photo's loss; `None` without a classifier.
pub(super) fn chart(page: &Page<'_>, photos: &[Occluded<'_>]) -> Result<Option<Chart>> {
    let Some(metric) = page.site.metric("occlusion_drop", "all") else {
        return Ok(None);
    };
    let texts = page.texts();
    let changes: Vec<f64> = photos.iter().map(|(_, row)| -telling::lost(row)).collect();
    let values: Vec<String> = changes
        .iter()
        .map(|change| numbers::change(*change))
        .collect();
    let line = DropLine {
        name: texts.say("occlusion.worst_place"),
        control: false,
        mean: -metric.value,
        interval: metric.low.zip(metric.high).map(|(low, high)| (-high, -low)),
        changes,
    };
    let svg = drops::draw(&[line], &texts.say("masks.effect_axis"))?;
    let alt = texts.fill("occlusion.alt_drops", &[("values", &values.join("; "))]);
    page.chart("assets/occlusion/drops.svg", &svg, alt)
        .map(Some)
}

/// The pointing game, region by region in the order of their first appearance; `None` without regions.
pub(super) fn regions(page: &Page<'_>) -> Option<Block> {
    let texts = page.texts();
    let all = page.site.rows::<OcclusionRegionRow>();
    let mut names: Vec<&str> = Vec::new();
    for row in all {
        if !names.contains(&row.region.as_str()) {
            names.push(&row.region);
        }
    }
    let row = |name: &&str| {
        let of_region = || all.iter().filter(|row| row.region == *name);
        let metric = |metric: &str| page.site.metric(&format!("{metric}_{name}"), "all");
        let hit = metric("occlusion_hit");
        let overlap = numbers::mean(of_region().map(|row| row.overlap));
        let cells = [
            numbers::count(of_region().count()),
            numbers::or_dash(hit, |hit| numbers::percent(hit.value)),
            numbers::or_dash(hit.and_then(numbers::share_interval), |it| it),
            numbers::or_dash(metric("occlusion_chance"), |it| numbers::percent(it.value)),
            numbers::or_dash(overlap, numbers::percent),
        ];
        Row::new(words(name), cells)
    };
    let rows: Vec<Row> = names.iter().map(row).collect();
    let heads = [
        "masks.photos",
        "occlusion.hit_share",
        "classification.interval",
        "occlusion.chance",
        "occlusion.overlap",
    ];
    let mut columns = vec![Column::text(texts.say("occlusion.region"))];
    columns.extend(heads.map(|key| Column::number(texts.say(key))));
    (!rows.is_empty()).then(|| {
        let caption = texts.say("occlusion.regions_caption");
        let table = Table::new(texts.say("occlusion.regions"), caption, columns, rows);
        let blocks = vec![page.say("occlusion.regions_text"), Block::Table(table)];
        page.section("regions", "occlusion.regions", blocks)
    })
}

/// How many photos are taken for another class at the most harmful position, and for which.
pub(super) fn replaced(page: &Page<'_>, photos: &[Occluded<'_>]) -> Block {
    let texts = page.texts();
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
    let text = texts.count(
        "occlusion.replaced_text",
        photos.len(),
        &[("other", &other)],
    );
    let mut blocks = vec![Block::text(text)];
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by_key(|(_, photos)| std::cmp::Reverse(*photos));
    let listed = sorted.into_iter().take(REPLACEMENTS);
    let rows: Vec<Row> = listed
        .map(|((from, to), photos)| Row::new(from, [to.to_owned(), numbers::count(photos)]))
        .collect();
    if !rows.is_empty() {
        let columns = vec![
            Column::text(texts.say("occlusion.from")),
            Column::text(texts.say("occlusion.into")),
            Column::number(texts.say("masks.photos")),
        ];
        let label = texts.say("occlusion.replaced");
        let caption = texts.say("occlusion.replaced_caption");
        blocks.push(Block::Table(Table::new(label, caption, columns, rows)));
    }
    page.section("replaced", "occlusion.replaced", blocks)
}
