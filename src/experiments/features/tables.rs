//! The tables of a scan.

use base::Result;
use dataset::Dataset;
use records::tables::{FeatureRow, MapHistogramRow, MapLabelRow, MapRow, MetricRow};

use super::tally::{FoundUnit, LayerTally, MapTally};
use super::Features;
use crate::record::unit_record;

/// Labels listed for each map.
const LABELS: usize = 10;
/// A map whose standard deviation is a smaller part of its mean than this hardly varies.
const SATURATED: f64 = 0.2;

/// What is written of all maps.
#[derive(Debug, Default)]
pub struct Tables {
    /// `features.csv`.
    pub features: Vec<FeatureRow>,
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
///
/// # Errors
/// [`base::Error::Photo`] for units of photos that are not among those of `features`.
pub fn collect(
    features: &Features<'_>,
    tallies: &[LayerTally],
    chosen: &[Vec<usize>],
) -> Result<Tables> {
    let mut found = Tables::default();
    let dataset = features.setting.dataset;
    let layers = features.setting.stages.iter().zip(tallies).zip(chosen);
    for (layer, ((stage, tally), chosen)) in layers.enumerate() {
        let first = found.maps.len();
        for (number, map) in tally.maps.iter().enumerate() {
            let drawn = chosen.binary_search(&number).is_ok();
            found.features.extend(units(features, layer, map)?);
            let name = (stage.name.as_str(), number);
            found
                .maps
                .push(row(dataset, name, map, (tally.photos, drawn)));
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
    Ok(found)
}

/// The strongest units of a map of the layer of that number.
fn units(features: &Features<'_>, layer: usize, map: &MapTally) -> Result<Vec<FeatureRow>> {
    let setting = features.setting;
    let row = |(at, found): (usize, &FoundUnit)| -> Result<FeatureRow> {
        let geometry = &features.readable(found.photo)?.geometry;
        let field = unit_record(&found.unit, setting.field(layer), geometry).field;
        Ok(FeatureRow {
            layer: setting.stages[layer].name.clone(),
            map: found.unit.feature,
            rank: at + 1,
            image_id: setting.dataset.photos[found.photo].id.clone(),
            y: found.unit.y,
            x: found.unit.x,
            activation: found.unit.activation,
            field_x: field.x,
            field_y: field.y,
            field_width: field.width,
            field_height: field.height,
        })
    };
    map.strongest.iter().enumerate().map(row).collect()
}

fn row(
    dataset: &Dataset,
    (layer, number): (&str, usize),
    map: &MapTally,
    (photos, drawn): (usize, bool),
) -> MapRow {
    let (mean, sd, square) = map.moments(photos);
    let state = match () {
        () if map.fires == 0 => "dead",
        () if square > 0.0 && sd < SATURATED * mean => "saturated",
        () => "",
    };
    let (top_label, share) = purity(dataset, map);
    MapRow {
        layer: layer.to_owned(),
        map: number,
        mean,
        sd,
        maximum: if photos > 0 { map.maximum } else { 0.0 },
        fires_share: map.fires as f64 / photos.max(1) as f64,
        sparsity: (square > 0.0).then(|| 1.0 - mean * mean / square),
        state: state.into(),
        top_label,
        top_label_share: share,
        drawn,
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
