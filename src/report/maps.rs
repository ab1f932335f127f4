//! A run's feature maps, found again by layer and number.

use std::collections::BTreeMap;

use base::Result;
use records::tables::{FeatureRow, MapHistogramRow, MapLabelRow, MapRow};
use records::Run;

/// All rows of one map.
#[derive(Debug)]
pub(super) struct Map<'a> {
    pub(super) row: &'a MapRow,
    /// The strongest first.
    pub(super) features: Vec<&'a FeatureRow>,
    /// From weak to strong.
    pub(super) map_histograms: Vec<&'a MapHistogramRow>,
    /// The highest mean first.
    pub(super) map_labels: Vec<&'a MapLabelRow>,
}

/// The maps of a layer by number.
#[derive(Debug)]
pub(super) struct MapLayer<'a> {
    pub(super) name: &'a str,
    pub(super) maps: Vec<Map<'a>>,
}

impl<'b, 'a> MapLayer<'a> {
    /// The maps with a sheet and a page.
    pub(super) fn drawn(&'b self) -> impl Iterator<Item = &'b Map<'a>> + Clone {
        self.maps.iter().filter(|map| map.row.drawn)
    }

    /// The numbers of the maps in a state.
    pub(super) fn in_state(&self, state: &str) -> Vec<usize> {
        let maps = self.maps.iter().filter(|map| map.row.state == state);
        maps.map(|map| map.row.map).collect()
    }
}

/// The layers whose maps were looked at, from the input upwards.
///
/// # Errors
/// Those of [`Run::rows`].
pub(super) fn by_layer(run: &Run) -> Result<Vec<MapLayer<'_>>> {
    let mut features = by_map(run.rows::<FeatureRow>()?, |row| (&row.layer, row.map));
    let mut histograms = by_map(run.rows::<MapHistogramRow>()?, |row| (&row.layer, row.map));
    let mut labels = by_map(run.rows::<MapLabelRow>()?, |row| (&row.layer, row.map));
    let maps = run.rows::<MapRow>()?.iter().map(|row| {
        let key = (row.layer.as_str(), row.map);
        let map = Map {
            row,
            features: features.remove(&key).unwrap_or_default(),
            map_histograms: histograms.remove(&key).unwrap_or_default(),
            map_labels: labels.remove(&key).unwrap_or_default(),
        };
        (key, map)
    });
    let maps: BTreeMap<_, Map<'_>> = maps.collect();
    let mut layers: Vec<MapLayer<'_>> = Vec::new();
    for ((name, _), mut map) in maps {
        map.features.sort_by_key(|row| row.rank);
        map.map_labels.sort_by(|a, b| b.mean.total_cmp(&a.mean));
        match layers.last_mut() {
            Some(layer) if layer.name == name => layer.maps.push(map),
            _ => layers.push(MapLayer {
                name,
                maps: vec![map],
            }),
        }
    }
    let stages = &run.manifest.model.stages;
    layers.sort_by_key(|layer| {
        let at = stages.iter().position(|stage| stage == layer.name);
        at.unwrap_or(stages.len())
    });
    Ok(layers)
}

/// Rows by the layer and the number of their map.
fn by_map<'a, R>(
    rows: &'a [R],
    key: impl Fn(&'a R) -> (&'a String, usize),
) -> BTreeMap<(&'a str, usize), Vec<&'a R>> {
    let mut maps: BTreeMap<_, Vec<&R>> = BTreeMap::new();
    for row in rows {
        let (layer, map) = key(row);
        maps.entry((layer.as_str(), map)).or_default().push(row);
    }
    maps
}
