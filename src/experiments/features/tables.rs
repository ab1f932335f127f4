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
            let scope = format!("layer:{}", stage.name);
            let row = MetricRow::new(metric, scope, (count as f64, None), tally.photos);
            found.metrics.push(row);
        }
    }
    let names = dataset.labels.names.len();
    let layers = features.layers();
    let purity = purity_metrics(names, &layers, &found.maps, tallies);
    found.metrics.extend(purity);
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

/// How pure the labels of the maps' strongest units are, layer by layer and from one to the next. Maps count that have as many of
/// these as any, as few are pure by chance; none where fewer than two labels are to be told apart.
fn purity_metrics(
    labels: usize,
    layers: &[&str],
    maps: &[MapRow],
    tallies: &[LayerTally],
) -> Vec<MetricRow> {
    let units = tallies.iter().flat_map(|tally| &tally.maps);
    let units: Vec<usize> = units.map(|map| map.strongest.len()).collect();
    let most = units.iter().copied().max().unwrap_or(0);
    if most < 2 || labels < 2 {
        return Vec::new();
    }
    let full = maps.iter().zip(units).filter(|(_, units)| *units == most);
    let values = full.filter_map(|(map, _)| Some((map.layer.as_str(), map.top_label_share?)));
    let layers = by_layer(layers, values);
    layer_metrics("top9_purity", &layers, [0.0, 1.0])
        .into_iter()
        .chain(layer_trend("top9_purity_trend", &layers))
        .collect()
}

/// Values by the layers that they are of; some may have none.
pub(super) fn by_layer<'a>(
    layers: &[&'a str],
    values: impl Iterator<Item = (&'a str, f64)>,
) -> Vec<(&'a str, Vec<f64>)> {
    let mut all: Vec<(&str, Vec<f64>)> = layers.iter().map(|name| (*name, Vec::new())).collect();
    for (layer, value) in values {
        if let Some((_, values)) = all.iter_mut().find(|(known, _)| *known == layer) {
            values.push(value);
        }
    }
    all
}

/// The mean over each layer's maps, of values between two bounds.
pub(super) fn layer_metrics(
    name: &str,
    layers: &[(&str, Vec<f64>)],
    bounds: [f64; 2],
) -> Vec<MetricRow> {
    let metric = |(layer, values): &(&str, Vec<f64>)| {
        let mean = statistics::bounded_mean(values, bounds)?;
        let scope = format!("layer:{layer}");
        Some(MetricRow::new(name, scope, mean, values.len()))
    };
    layers.iter().filter_map(metric).collect()
}

/// How much that mean rises from a layer to the next.
pub(super) fn layer_trend(name: &str, layers: &[(&str, Vec<f64>)]) -> Option<MetricRow> {
    let groups: Vec<Vec<f64>> = layers.iter().map(|(_, values)| values.clone()).collect();
    let maps = groups.iter().map(Vec::len).sum();
    Some(MetricRow::new(
        name,
        "all",
        statistics::trend(&groups)?,
        maps,
    ))
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    const LAYERS: [&str; 2] = ["conv1", "conv2"];

    /// Of two layers with three maps each; the last map of each fires less often than the others.
    fn found(labels: usize, purities: [[f64; 3]; 2]) -> Vec<MetricRow> {
        let unit = |photo| FoundUnit {
            photo,
            unit: engine::seeds::Unit {
                feature: 0,
                y: 0,
                x: 0,
                activation: 1.0,
            },
        };
        let (mut maps, mut tallies) = (Vec::new(), Vec::new());
        for (layer, purities) in LAYERS.iter().zip(purities) {
            let mut tally = LayerTally::new(3, 1, 9, labels);
            for (map, purity) in purities.into_iter().enumerate() {
                let units = if map == 2 { 1 } else { 4 };
                tally.maps[map].strongest = (0..units).map(unit).collect();
                maps.push(MapRow {
                    layer: (*layer).into(),
                    map,
                    mean: 0.0,
                    sd: 0.0,
                    maximum: 0.0,
                    fires_share: 0.0,
                    sparsity: None,
                    state: String::new(),
                    top_label: String::new(),
                    top_label_share: Some(purity),
                    drawn: false,
                });
            }
            tallies.push(tally);
        }
        purity_metrics(labels, &LAYERS, &maps, &tallies)
    }

    #[test]
    fn labels_become_purer_or_less_pure() {
        let purities = [[0.5, 0.25, 1.0], [1.0, 0.75, 1.0]];
        let trend = |rows: &[MetricRow]| {
            let row = rows.iter().find(|row| row.metric == "top9_purity_trend");
            row.map(|row| (row.value, row.low.unwrap(), row.high.unwrap(), row.count))
        };
        let rows = found(2, purities);
        let expected = statistics::trend(&[vec![0.5, 0.25], vec![1.0, 0.75]]).unwrap();
        let (low, high) = expected.1.unwrap();
        assert_eq!(trend(&rows), Some((0.5, low, high, 4)));
        let layer = rows.iter().find(|row| row.scope == "layer:conv2").unwrap();
        assert_eq!(
            (&*layer.metric, layer.value, layer.count),
            ("top9_purity", 0.875, 2)
        );
        let turned = found(2, [purities[1], purities[0]]);
        assert_eq!(trend(&turned), Some((-0.5, -high, -low, 4)));
        assert!(found(1, purities).is_empty());
    }
}
