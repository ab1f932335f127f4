//! What hiding photographs piece by piece comes to over all of them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::card::{self, Card};
use super::super::charts::Chart;
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::site::{words, Page};
use super::super::telling;
use crate::error::Result;
use crate::figures::charts::drops::{self, DropLine};
use crate::records::tables::{MetricRow, OcclusionPhotoRow, OcclusionRegionRow};

/// Replacements listed at most.
const REPLACEMENTS: usize = 20;

/// A region of the pointing game.
#[derive(Serialize)]
pub(super) struct Region {
    name: String,
    photos: String,
    hit: String,
    interval: String,
    chance: String,
    overlap: String,
}

/// A class that took the place of another.
#[derive(Serialize)]
pub(super) struct Replacement {
    from: String,
    to: String,
    photos: String,
}

/// The mean drop, for the front page too; `None` without a classifier.
pub(super) fn drop_card(page: &Page<'_>) -> Option<Card> {
    let drop = page.site.metric("occlusion_drop", "all")?;
    let texts = page.texts();
    let mut notes: Vec<String> = card::drop_interval(page, drop).into_iter().collect();
    notes.push(texts.count("occlusion.drop_note", drop.count, &[]));
    Some(Card {
        value: numbers::change(-drop.value),
        label: texts.say("occlusion.drop"),
        notes,
    })
}

/// The figures in large print.
pub(super) fn cards(page: &Page<'_>) -> Vec<Card> {
    let texts = page.texts();
    let metric = |name: &str| page.site.metric(name, "all");
    let mut cards: Vec<Card> = drop_card(page).into_iter().collect();
    cards.extend(metric("occlusion_changed_share").map(|metric| {
        let interval = card::share_interval(page, metric).into_iter();
        Card {
            value: numbers::percent(metric.value),
            label: texts.say("occlusion.changed"),
            notes: interval
                .chain([texts.say("occlusion.changed_note")])
                .collect(),
        }
    }));
    let area = |metric: &MetricRow, label, note| Card {
        value: numbers::probability(metric.value),
        label: texts.say(label),
        notes: card::value_interval(page, metric)
            .into_iter()
            .chain([texts.say(note)])
            .collect(),
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
pub(super) fn chart(
    page: &Page<'_>,
    photos: &[(&Photo<'_>, &OcclusionPhotoRow)],
) -> Result<Option<Chart>> {
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
    Chart::write(page, "assets/occlusion/drops.svg", &svg, alt).map(Some)
}

/// The pointing game, region by region in the order of their first appearance.
pub(super) fn regions(page: &Page<'_>) -> Vec<Region> {
    let rows = page.site.rows::<OcclusionRegionRow>();
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.region.as_str()) {
            names.push(&row.region);
        }
    }
    let region = |name: &&str| {
        let of_region = || rows.iter().filter(|row| row.region == *name);
        let metric = |metric: &str| page.site.metric(&format!("{metric}_{name}"), "all");
        let hit = metric("occlusion_hit");
        Region {
            name: words(name),
            photos: numbers::count(of_region().count()),
            hit: numbers::or_dash(hit, |hit| numbers::percent(hit.value)),
            interval: numbers::or_dash(hit.and_then(numbers::share_interval), |it| it),
            chance: numbers::or_dash(metric("occlusion_chance"), |it| numbers::percent(it.value)),
            overlap: numbers::or_dash(
                numbers::mean(of_region().map(|row| row.overlap)),
                numbers::percent,
            ),
        }
    };
    names.iter().map(region).collect()
}

/// How many photos are taken for another class at the most harmful position.
pub(super) fn replaced<'b>(
    photos: &'b [(&'b Photo<'_>, &'b OcclusionPhotoRow)],
) -> (usize, Vec<Replacement>) {
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
    let all = counts.values().sum();
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by_key(|(_, photos)| std::cmp::Reverse(*photos));
    let replacement = |((from, to), photos): ((&str, &str), usize)| Replacement {
        from: from.to_owned(),
        to: to.to_owned(),
        photos: numbers::count(photos),
    };
    let listed = sorted.into_iter().take(REPLACEMENTS).map(replacement);
    (all, listed.collect())
}
