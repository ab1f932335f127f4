//! The experiment's tables, arrays and metrics.

use std::collections::{BTreeMap, BTreeSet};

use super::Occlusion;
use crate::network::classes::Class;
use crate::records::occlusion::area;
use crate::records::tables::{
    MetricRow, OcclusionClassRow, OcclusionCurveRow, OcclusionPhotoRow, OcclusionRegionRow,
    OcclusionRow,
};
use crate::records::{NamedArray, OcclusionRecord};
use crate::statistics;

/// What the experiment leaves.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Photo by photo, position by position.
    pub(super) positions: Vec<OcclusionRow>,
    /// Photo by photo.
    pub(super) photos: Vec<OcclusionPhotoRow>,
    /// Photo by photo, the commonest first.
    pub(super) classes: Vec<OcclusionClassRow>,
    /// Photo by photo, region by region.
    pub(super) regions: Vec<OcclusionRegionRow>,
    /// Photo by photo, deletion first.
    pub(super) curves: Vec<OcclusionCurveRow>,
    /// For `metrics.csv`: means over photos and hits of regions, with their 95 % intervals.
    pub(super) metrics: Vec<MetricRow>,
}

/// Makes the tables of what was found; `seed` is that of the intervals.
pub(super) fn collect<'a>(
    records: impl IntoIterator<Item = &'a OcclusionRecord>,
    asked: &Occlusion,
    classes: &[Class],
    seed: u64,
) -> Found {
    let mut found = Found::default();
    for record in records {
        found.positions.extend(positions(record));
        found.photos.push(photo(record, asked, classes));
        found.classes.extend(first_classes(record, classes));
        let regions = record.regions.iter().map(|region| OcclusionRegionRow {
            image_id: record.image_id.clone(),
            region: region.region.clone(),
            hit: region.hit,
            overlap: region.overlap,
            chance: region.chance,
        });
        found.regions.extend(regions);
        found.curves.extend(curves(record));
    }
    found.metrics = metrics(&found, seed);
    found
}

/// A photo's maps as arrays `[ny, nx]`, under the contract's names.
pub(super) fn arrays(record: &OcclusionRecord) -> Vec<NamedArray> {
    let shape = [record.rows.len(), record.columns.len()];
    let map = |name: &str, values: Vec<f32>| NamedArray {
        name: format!("occlusion/{name}"),
        shape: shape.to_vec(),
        values,
    };
    let mut maps = vec![map("map_activation", record.map_activation.clone())];
    if let Some(classes) = &record.classes {
        maps.push(map("probability", classes.probability.clone()));
        let first = classes.first.iter().map(|&class| class as f32);
        maps.push(map("top_class", first.collect()));
    }
    maps
}

fn positions(record: &OcclusionRecord) -> impl Iterator<Item = OcclusionRow> + '_ {
    let classes = record.classes.as_ref();
    (0..record.map_activation.len()).map(move |at| {
        let (y, x) = record.position(at);
        OcclusionRow {
            image_id: record.image_id.clone(),
            y,
            x,
            class_index: classes.map(|classes| classes.class),
            probability: classes.map(|classes| classes.probability[at]),
            top_class_index: classes.map(|classes| classes.first[at]),
            top_probability: classes.map(|classes| classes.first_probability[at]),
            map_activation: record.map_activation[at],
        }
    })
}

fn photo(record: &OcclusionRecord, asked: &Occlusion, names: &[Class]) -> OcclusionPhotoRow {
    let worst = record.worst();
    let (worst_y, worst_x) = record.position(worst);
    let classes = record.classes.as_ref();
    let name = |class: Option<usize>| {
        let class = class.and_then(|class| names.get(class));
        class.map_or_else(String::new, |class| class.name.clone())
    };
    let class_source = classes.map_or("", |classes| match classes.is_label {
        true => "label",
        false => "predicted",
    });
    let changed = classes.map(|classes| {
        let others = classes
            .first
            .iter()
            .filter(|&&first| first != classes.first_clean);
        others.count() as f64 / classes.first.len() as f64
    });
    let worst_class = classes.map(|classes| classes.first[worst]);
    let probability = record.fast.and_then(|fast| fast.probability);
    OcclusionPhotoRow {
        image_id: record.image_id.clone(),
        class_index: classes.map(|classes| classes.class),
        class_name: name(classes.map(|classes| classes.class)),
        class_source: class_source.to_owned(),
        probability: classes.map(|classes| classes.clean),
        layer: asked.layer.name.clone(),
        map: record.map,
        map_activation: record.map_clean,
        occluder: asked.options.occluder,
        stride: asked.options.occluder_stride,
        rows: record.rows.len(),
        columns: record.columns.len(),
        worst_y,
        worst_x,
        worst_probability: classes.map(|classes| classes.probability[worst]),
        worst_map_activation: record.map_activation[worst],
        worst_class_index: worst_class,
        worst_class_name: name(worst_class),
        changed_share: changed,
        deletion_area: classes.map(|classes| area(&classes.deletion)),
        insertion_area: classes.map(|classes| area(&classes.insertion)),
        mode: if record.fast.is_some() {
            "fast"
        } else {
            "exact"
        }
        .to_owned(),
        sampled: record.fast.map(|fast| fast.sampled),
        probability_similarity: probability.map(|(similarity, _)| similarity),
        probability_error: probability.map(|(_, error)| error),
        map_similarity: record.fast.map(|fast| fast.map.0),
        map_error: record.fast.map(|fast| fast.map.1),
    }
}

fn first_classes(record: &OcclusionRecord, names: &[Class]) -> Vec<OcclusionClassRow> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let first = record.classes.iter().flat_map(|classes| &classes.first);
    first.for_each(|&class| *counts.entry(class).or_default() += 1);
    let mut counts: Vec<(usize, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|&(class, count)| (std::cmp::Reverse(count), class));
    let row = |(class_index, positions): (usize, usize)| OcclusionClassRow {
        image_id: record.image_id.clone(),
        class_index,
        class_name: names
            .get(class_index)
            .map_or_else(String::new, |class| class.name.clone()),
        positions,
    };
    counts.into_iter().map(row).collect()
}

fn curves(record: &OcclusionRecord) -> impl Iterator<Item = OcclusionCurveRow> + '_ {
    record.classes.iter().flat_map(move |classes| {
        let curves = [
            ("deletion", &classes.deletion),
            ("insertion", &classes.insertion),
        ];
        curves.into_iter().flat_map(move |(name, curve)| {
            curve
                .iter()
                .map(move |&(share, probability)| OcclusionCurveRow {
                    image_id: record.image_id.clone(),
                    curve: name.to_owned(),
                    share,
                    probability,
                })
        })
    })
}

fn metrics(found: &Found, seed: u64) -> Vec<MetricRow> {
    let mut rows = Vec::new();
    let mut add = |metric: String, value: f64, interval: Option<(f64, f64)>, count: usize| {
        rows.push(MetricRow {
            metric,
            scope: "all".into(),
            value,
            low: interval.map(|(low, _)| low),
            high: interval.map(|(_, high)| high),
            count,
        });
    };
    type Column = fn(&OcclusionPhotoRow) -> Option<f64>;
    let columns: [(&str, Column); 4] = [
        ("occlusion_drop", |row| {
            Some(f64::from(row.probability?) - f64::from(row.worst_probability?))
        }),
        ("occlusion_changed_share", |row| row.changed_share),
        ("occlusion_deletion_area", |row| row.deletion_area),
        ("occlusion_insertion_area", |row| row.insertion_area),
    ];
    for (name, column) in columns {
        let values: Vec<f64> = found.photos.iter().filter_map(column).collect();
        if !values.is_empty() {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let interval = statistics::mean_interval(&values, seed);
            add(name.to_owned(), mean, interval, values.len());
        }
    }
    let regions: BTreeSet<&str> = found.regions.iter().map(|row| &*row.region).collect();
    for region in regions {
        let of_region: Vec<&OcclusionRegionRow> = found
            .regions
            .iter()
            .filter(|row| row.region == region)
            .collect();
        let (hits, count) = (
            of_region.iter().filter(|row| row.hit).count(),
            of_region.len(),
        );
        let share = hits as f64 / count as f64;
        let interval = statistics::wilson(hits, count);
        add(format!("occlusion_hit_{region}"), share, interval, count);
        let chance = of_region.iter().map(|row| row.chance).sum::<f64>() / count as f64;
        add(format!("occlusion_chance_{region}"), chance, None, count);
    }
    rows
}
