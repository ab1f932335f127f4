//! A run's feature maps, found again by layer and number.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::records::tables::{FeatureRow, MapHistogramRow, MapLabelRow, MapRow};
use crate::records::Run;

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
    let map = |row| Map {
        row,
        features: Vec::new(),
        map_histograms: Vec::new(),
        map_labels: Vec::new(),
    };
    let rows = run.rows::<MapRow>()?.iter();
    let mut maps: BTreeMap<(&str, usize), Map<'_>> = rows
        .map(|row| ((row.layer.as_str(), row.map), map(row)))
        .collect();
    for row in run.rows::<FeatureRow>()? {
        if let Some(map) = maps.get_mut(&(row.layer.as_str(), row.map)) {
            map.features.push(row);
        }
    }
    for row in run.rows::<MapHistogramRow>()? {
        if let Some(map) = maps.get_mut(&(row.layer.as_str(), row.map)) {
            map.map_histograms.push(row);
        }
    }
    for row in run.rows::<MapLabelRow>()? {
        if let Some(map) = maps.get_mut(&(row.layer.as_str(), row.map)) {
            map.map_labels.push(row);
        }
    }
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
