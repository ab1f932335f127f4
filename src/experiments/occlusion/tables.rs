//! The experiment's tables, arrays and metrics.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base::Result;
use network::classes::Class;
use records::occlusion::area;
use records::tables::{
    MetricRow, OcclusionClassRow, OcclusionCurveRow, OcclusionInsideRow, OcclusionPhotoRow,
    OcclusionProjectionRow, OcclusionRegionRow, OcclusionRow, Writer,
};
use records::{NamedArray, OcclusionRecord};

use super::Occlusion;
use crate::Context;

/// The tables while they are written, photo by photo; of what a photo left no more than its figures are kept.
pub(super) struct Tables<'a> {
    asked: &'a Occlusion,
    classes: &'a [Class],
    positions: Writer<OcclusionRow>,
    photos: Writer<OcclusionPhotoRow>,
    first_classes: Writer<OcclusionClassRow>,
    regions: Writer<OcclusionRegionRow>,
    inside: Writer<OcclusionInsideRow>,
    projections: Writer<OcclusionProjectionRow>,
    curves: Writer<OcclusionCurveRow>,
    figures: Figures,
}

impl<'a> Tables<'a> {
    /// Begins the tables.
    pub(super) fn begin(asked: &'a Occlusion, context: &Context<'a>) -> Result<Self> {
        let root = context.root();
        Ok(Self {
            asked,
            classes: context.classes,
            positions: Writer::new(root)?,
            photos: Writer::new(root)?,
            first_classes: Writer::new(root)?,
            regions: Writer::new(root)?,
            inside: Writer::new(root)?,
            projections: Writer::new(root)?,
            curves: Writer::new(root)?,
            figures: Figures::default(),
        })
    }

    /// Adds what was found on a photo.
    pub(super) fn add(&mut self, record: &OcclusionRecord) -> Result<()> {
        for row in positions(record) {
            self.positions.add(&row)?;
        }
        let photo = photo(record, self.asked, self.classes);
        self.figures.add(&photo);
        self.figures.hold(record);
        self.photos.add(&photo)?;
        for row in first_classes(record, self.classes) {
            self.first_classes.add(&row)?;
        }
        for region in &record.regions {
            self.regions.add(&OcclusionRegionRow {
                image_id: record.image_id.clone(),
                region: region.region.clone(),
                hit: region.hit,
                overlap: region.overlap,
                chance: region.chance,
            })?;
            if record.classes.is_some() {
                self.inside.add(&OcclusionInsideRow {
                    image_id: record.image_id.clone(),
                    region: region.region.clone(),
                    drop_inside: region.drop_inside,
                    drop_outside: region.drop_outside,
                })?;
            }
        }
        if let Some(correlation) = record.projection_correlation {
            self.projections.add(&OcclusionProjectionRow {
                image_id: record.image_id.clone(),
                map: record.map,
                correlation,
            })?;
        }
        for row in curves(record) {
            self.curves.add(&row)?;
        }
        Ok(())
    }

    /// Puts them in place; gives the means over photos and the hits of regions, with their 95 % intervals by `seed`.
    pub(super) fn finish(self, seed: u64) -> Result<Vec<MetricRow>> {
        self.positions.finish()?;
        self.photos.finish()?;
        self.first_classes.finish()?;
        self.regions.finish()?;
        self.inside.finish()?;
        self.projections.finish()?;
        self.curves.finish()?;
        Ok(self.figures.metrics(seed))
    }
}

/// A photo's maps as arrays `[ny, nx]`, under the contract's names.
pub(super) fn arrays(record: &OcclusionRecord) -> Vec<NamedArray<'_>> {
    let shape = [record.rows.len(), record.columns.len()];
    let map = |name: &str, values| NamedArray {
        name: format!("occlusion/{name}"),
        shape: shape.to_vec(),
        values,
    };
    let mut maps = vec![map(
        "map_activation",
        Cow::Borrowed(&*record.map_activation),
    )];
    if let Some(classes) = &record.classes {
        maps.push(map("probability", Cow::Borrowed(&classes.probability)));
        let first = classes.first.iter().map(|&class| class as f32);
        maps.push(map("top_class", Cow::Owned(first.collect())));
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

/// A figure of a photo; `None` without a classifier.
type Column = fn(&OcclusionPhotoRow) -> Option<f64>;

const COLUMNS: [(&str, Column); 4] = [
    ("occlusion_drop", |row| {
        Some(f64::from(row.probability?) - f64::from(row.worst_probability?))
    }),
    ("occlusion_changed_share", |row| row.changed_share),
    ("occlusion_deletion_area", |row| row.deletion_area),
    ("occlusion_insertion_area", |row| row.insertion_area),
];

/// What `metrics.csv` is made from.
#[derive(Default)]
struct Figures {
    /// Of each column the photos' figures.
    columns: [Vec<f64>; 4],
    regions: BTreeMap<String, Hits>,
    /// Of the photos, how much the map falls where its projection is covered.
    correlations: Vec<f64>,
}

/// How often the most harmful position lies in a region, and what those inside cost beyond the others.
#[derive(Default)]
struct Hits {
    hits: usize,
    photos: usize,
    /// Sum over the photos of what a position drawn by lot would hit.
    chance: f64,
    /// By photo the mean drop at positions inside less that at the others.
    beyond: Vec<f64>,
}

impl Figures {
    fn add(&mut self, photo: &OcclusionPhotoRow) {
        for (values, (_, column)) in self.columns.iter_mut().zip(COLUMNS) {
            values.extend(column(photo));
        }
    }

    /// Takes in what was held against the positions of a photo.
    fn hold(&mut self, record: &OcclusionRecord) {
        for region in &record.regions {
            let hits = self.regions.entry(region.region.clone()).or_default();
            hits.hits += usize::from(region.hit);
            hits.photos += 1;
            hits.chance += region.chance;
            let drops = region.drop_inside.zip(region.drop_outside);
            hits.beyond
                .extend(drops.map(|(inside, outside)| inside - outside));
        }
        self.correlations.extend(record.projection_correlation);
    }

    /// Means with bootstrap intervals by `seed` or, of what is bounded, Student's t; hits with Wilson's.
    fn metrics(&self, seed: u64) -> Vec<MetricRow> {
        let mut rows = Vec::new();
        let mut add = |metric: String, value: f64, interval: Option<(f64, f64)>, count: usize| {
            rows.push(MetricRow::new(metric, "all", (value, interval), count));
        };
        for ((name, _), values) in COLUMNS.iter().zip(&self.columns) {
            if !values.is_empty() {
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                let interval = statistics::mean_interval(values, seed);
                add((*name).to_owned(), mean, interval, values.len());
            }
        }
        for (region, found) in &self.regions {
            let (hits, count) = (found.hits, found.photos);
            let interval = statistics::wilson(hits, count);
            let share = hits as f64 / count as f64;
            add(format!("occlusion_hit_{region}"), share, interval, count);
            let chance = found.chance / count as f64;
            add(format!("occlusion_chance_{region}"), chance, None, count);
            // What chance would hit is known of each photo.
            let beyond = interval.map(|(low, high)| (low - chance, high - chance));
            let metric = format!("occlusion_hit_beyond_chance_{region}");
            add(metric, share - chance, beyond, count);
            if let Some((mean, interval)) = statistics::bounded_mean(&found.beyond, [-1.0, 1.0]) {
                let metric = format!("occlusion_drop_inside_beyond_outside_{region}");
                add(metric, mean, interval, found.beyond.len());
            }
        }
        if let Some((mean, interval)) = statistics::bounded_mean(&self.correlations, [-1.0, 1.0]) {
            let metric = "occlusion_projection_correlation".to_owned();
            add(metric, mean, interval, self.correlations.len());
        }
        rows
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use records::occlusion::RegionRecord;

    use super::*;

    /// Photos by whether the region was hit, what is lost inside and outside, and how the map falls with its projection.
    fn metrics(photos: &[(bool, f64, f64, f64)]) -> Vec<MetricRow> {
        let mut figures = Figures::default();
        for &(hit, inside, outside, correlation) in photos {
            figures.hold(&OcclusionRecord {
                image_id: String::new(),
                sha256: String::new(),
                photo_size: (4, 4),
                rows: Vec::new(),
                columns: Vec::new(),
                classes: None,
                map: 0,
                map_clean: 0.0,
                map_activation: Vec::new(),
                peaks: Vec::new(),
                fast: None,
                regions: vec![RegionRecord {
                    region: "face".into(),
                    hit,
                    overlap: 1.0,
                    chance: 0.25,
                    drop_inside: Some(inside),
                    drop_outside: Some(outside),
                }],
                projection_correlation: Some(correlation),
            });
        }
        figures.metrics(0)
    }

    fn row(rows: &[MetricRow], metric: &str) -> (f64, f64, f64, usize) {
        let row = rows.iter().find(|row| row.metric == metric).unwrap();
        (row.value, row.low.unwrap(), row.high.unwrap(), row.count)
    }

    #[test]
    fn what_a_region_is_worth_beyond_chance_and_beyond_the_rest() {
        let photos: Vec<_> = (0..8)
            .map(|at| (at < 7, 0.5 + 0.01 * f64::from(at), 0.125, 0.75))
            .collect();
        let rows = metrics(&photos);
        let (hits, low, high, count) = row(&rows, "occlusion_hit_beyond_chance_face");
        let (from, to) = statistics::wilson(7, 8).unwrap();
        assert_eq!((hits, count), (0.875 - 0.25, 8));
        assert_eq!((low, high), (from - 0.25, to - 0.25));
        let (drop, low, _, _) = row(&rows, "occlusion_drop_inside_beyond_outside_face");
        assert!((drop - 0.41).abs() < 1e-12 && low > 0.3, "{drop} {low}");
        // All alike: as wide as Wilson's for 7 of 8, from −1 to 1.
        let correlation = row(&rows, "occlusion_projection_correlation");
        assert_eq!(correlation, (0.75, 2.0 * from - 1.0, 2.0 * to - 1.0, 8));
        let turned: Vec<_> = photos
            .iter()
            .map(|&(hit, inside, outside, correlation)| (!hit, outside, inside, -correlation))
            .collect();
        let rows = metrics(&turned);
        assert_eq!(row(&rows, "occlusion_hit_beyond_chance_face").0, -0.125);
        let (drop, _, high, _) = row(&rows, "occlusion_drop_inside_beyond_outside_face");
        assert!((drop + 0.41).abs() < 1e-12 && high < -0.3);
        let (correlation, _, high, _) = row(&rows, "occlusion_projection_correlation");
        assert!(correlation == -0.75 && high < 0.0);
    }
}
