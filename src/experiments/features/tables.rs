//! The tables of a scan.

use super::tally::{LayerTally, MapTally};
use super::Features;
use crate::dataset::Dataset;
use crate::records::tables::{MapHistogramRow, MapLabelRow, MapRow, MetricRow};

/// Labels listed for each map.
const LABELS: usize = 10;
/// A map whose standard deviation is a smaller part of its mean than this hardly varies.
const SATURATED: f64 = 0.2;

/// What is written of all maps.
#[derive(Debug, Default)]
pub struct Found {
    /// `maps.csv`.
    pub maps: Vec<MapRow>,
    /// `map_histograms.csv`.
    pub histograms: Vec<MapHistogramRow>,
    /// `map_labels.csv`.
    pub labels: Vec<MapLabelRow>,
    /// Added to `metrics.csv`.
    pub metrics: Vec<MetricRow>,
}

/// Makes the tables; `chosen` are the maps of each layer that are drawn.
pub fn collect(features: &Features<'_>, tallies: &[LayerTally], chosen: &[Vec<usize>]) -> Found {
    let mut found = Found::default();
    let dataset = features.setting.dataset;
    let layers = features.setting.stages.iter().zip(tallies).zip(chosen);
    for ((stage, tally), chosen) in layers {
        let first = found.maps.len();
        for (number, map) in tally.maps.iter().enumerate() {
            let drawn = chosen.binary_search(&number).is_ok();
            found.maps.push(MapRow {
                layer: stage.name.clone(),
                map: number,
                drawn,
                ..row(dataset, map, tally.photos)
            });
            found
                .histograms
                .extend(histogram(&stage.name, number, map, tally.photos));
            found
                .labels
                .extend(labels(&stage.name, number, map, dataset));
        }
        let count = |state: &str| {
            let maps = found.maps[first..].iter();
            maps.filter(|map| map.state == state).count()
        };
        for (metric, count) in [
            ("dead_maps", count("dead")),
            ("saturated_maps", count("saturated")),
        ] {
            found.metrics.push(MetricRow {
                metric: metric.into(),
                scope: format!("layer:{}", stage.name),
                value: count as f64,
                low: None,
                high: None,
                count: tally.photos,
            });
        }
    }
    found
}

fn row(dataset: &Dataset, map: &MapTally, photos: usize) -> MapRow {
    let (mean, sd, square) = map.moments(photos);
    let state = match () {
        () if map.fires == 0 => "dead",
        () if sd < SATURATED * mean => "saturated",
        () => "",
    };
    let (top_label, share) = purity(dataset, map);
    MapRow {
        layer: String::new(),
        map: 0,
        mean,
        sd,
        maximum: if photos > 0 { map.maximum } else { 0.0 },
        fires_share: map.fires as f64 / photos.max(1) as f64,
        sparsity: (square > 0.0).then(|| 1.0 - mean * mean / square),
        state: state.into(),
        top_label,
        top_label_share: share,
        drawn: false,
    }
}

/// The label that most of the strongest units' photos have, of equals the one of the stronger unit, and their share.
fn purity(dataset: &Dataset, map: &MapTally) -> (String, Option<f64>) {
    let labels: Vec<usize> = map
        .strongest
        .iter()
        .filter_map(|found| dataset.photos[found.photo].label)
        .collect();
    let mut top: Option<(usize, usize)> = None;
    for &label in &labels {
        let count = labels.iter().filter(|&&other| other == label).count();
        if top.is_none_or(|(_, most)| count > most) {
            top = Some((label, count));
        }
    }
    match top {
        Some((label, count)) => (
            dataset.labels.names[label].clone(),
            Some(count as f64 / map.strongest.len() as f64),
        ),
        None => (String::new(), None),
    }
}

fn histogram(
    layer: &str,
    number: usize,
    map: &MapTally,
    photos: usize,
) -> impl Iterator<Item = MapHistogramRow> {
    let row = |low, high, photos| MapHistogramRow {
        layer: layer.to_owned(),
        map: number,
        low,
        high,
        photos,
    };
    let silent = photos - map.fires;
    let mut rows = Vec::new();
    if silent > 0 {
        rows.push(row(None, None, silent));
    }
    rows.extend(
        map.histogram()
            .map(|(low, high, photos)| row(Some(low), Some(high), photos)),
    );
    rows.into_iter()
}

fn labels(
    layer: &str,
    number: usize,
    map: &MapTally,
    dataset: &Dataset,
) -> impl Iterator<Item = MapLabelRow> {
    let row = |(label, photos, mean): (usize, usize, f64)| MapLabelRow {
        layer: layer.to_owned(),
        map: number,
        label: dataset.labels.names[label].clone(),
        photos,
        mean,
    };
    let seen = map.labels().filter(|(_, photos, _)| *photos > 0);
    let mut rows: Vec<MapLabelRow> = seen.map(row).collect();
    rows.sort_by(|a, b| b.mean.total_cmp(&a.mean));
    rows.truncate(LABELS);
    rows.into_iter()
}
