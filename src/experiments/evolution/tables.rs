//! The tables of the experiment.

use base::Result;
use records::tables::{ConvergencePhotoRow, ConvergenceRow, EvolutionRow, MetricRow};

use super::Strongest;
use crate::features::Features;
use crate::record::unit_record;
use crate::Setting;

/// The rows of maps by layer, map and epoch; `found` has by epoch, layer and map its strongest activation.
///
/// # Errors
/// [`base::Error::Photo`] for units of photographs that are not among those of `features`.
pub(super) fn evolution(
    features: &Features<'_>,
    chosen: &[Vec<usize>],
    found: &[(usize, Vec<Vec<Strongest>>)],
) -> Result<Vec<EvolutionRow>> {
    let mut rows = Vec::new();
    for (layer, maps) in chosen.iter().enumerate() {
        for (at, &map) in maps.iter().enumerate() {
            let units: Vec<Strongest> = found.iter().map(|(_, layers)| layers[layer][at]).collect();
            let photos = units.iter().map(|unit| unit.map(|found| found.photo));
            let jumps = jumps(photos);
            for (((epoch, _), unit), jump) in found.iter().zip(&units).zip(jumps) {
                rows.push(row(features, (layer, map, *epoch), unit, jump)?);
            }
        }
    }
    Ok(rows)
}

/// Where the photograph is another than the last one before.
fn jumps(photos: impl Iterator<Item = Option<usize>>) -> Vec<bool> {
    let mut last = None;
    let jump = |photo: Option<usize>| {
        let jump = last.is_some() && photo.is_some() && photo != last;
        last = photo.or(last);
        jump
    };
    photos.map(jump).collect()
}

fn row(
    features: &Features<'_>,
    (layer, map, epoch): (usize, usize, usize),
    found: &Strongest,
    jump: bool,
) -> Result<EvolutionRow> {
    let setting = features.setting;
    let unit = found.map(|found| found.unit);
    let field = match found {
        Some(found) => {
            let geometry = &features.readable(found.photo)?.geometry;
            Some(unit_record(&found.unit, setting.field(layer), geometry).field)
        }
        None => None,
    };
    let photo = found.map(|found| &setting.dataset.photos[found.photo].id);
    Ok(EvolutionRow {
        layer: setting.stages[layer].name.clone(),
        map,
        epoch,
        image_id: photo.cloned().unwrap_or_default(),
        y: unit.map(|unit| unit.y),
        x: unit.map(|unit| unit.x),
        activation: unit.map(|unit| unit.activation),
        field_x: field.as_ref().map(|field| field.x),
        field_y: field.as_ref().map(|field| field.y),
        field_width: field.as_ref().map(|field| field.width),
        field_height: field.as_ref().map(|field| field.height),
        jump,
    })
}

/// By layer and epoch the mean over the photographs.
pub(super) fn convergence(
    setting: &Setting<'_>,
    photos: &[ConvergencePhotoRow],
) -> Vec<ConvergenceRow> {
    let mut rows = Vec::new();
    let mut epochs: Vec<usize> = photos.iter().map(|row| row.epoch).collect();
    epochs.sort_unstable();
    epochs.dedup();
    for stage in setting.stages {
        for &epoch in &epochs {
            let of_it = |row: &&ConvergencePhotoRow| row.layer == stage.name && row.epoch == epoch;
            let cosines = photos.iter().filter(of_it).map(|row| row.cosine);
            rows.extend(over_photos(
                &stage.name,
                epoch,
                &cosines.collect::<Vec<_>>(),
                setting.seed,
            ));
        }
    }
    rows
}

/// `None` without photographs.
fn over_photos(layer: &str, epoch: usize, cosines: &[f64], seed: u64) -> Option<ConvergenceRow> {
    let interval = statistics::mean_interval(cosines, seed);
    (!cosines.is_empty()).then(|| ConvergenceRow {
        layer: layer.to_owned(),
        epoch,
        cosine: cosines.iter().sum::<f64>() / cosines.len() as f64,
        low: interval.map(|(low, _)| low),
        high: interval.map(|(_, high)| high),
        photos: cosines.len(),
    })
}

/// For each layer the epoch from which it stays.
pub(super) fn metrics(setting: &Setting<'_>, rows: &[ConvergenceRow]) -> Vec<MetricRow> {
    let metric = |stage: &network::Stage| {
        let of_layer = || rows.iter().filter(|row| row.layer == stage.name);
        let epoch = ConvergenceRow::settled(of_layer())? as f64;
        let (scope, photos) = (format!("layer:{}", stage.name), of_layer().next()?.photos);
        Some(MetricRow::new(
            "settled_epoch",
            scope,
            (epoch, None),
            photos,
        ))
    };
    setting.stages.iter().filter_map(metric).collect()
}

/// Whether upper layers settle later: the rank correlation of a layer's place with the epoch from which the projection of a photograph
/// stays what it will be, over all photographs and layers, its interval by bootstrap over the photographs. 0 where all settle at once;
/// `None` without photographs.
pub(super) fn settled_trend(
    layers: &[&str],
    rows: &[ConvergencePhotoRow],
    seed: u64,
) -> Option<MetricRow> {
    let place = |layer: &str| layers.iter().position(|name| *name == layer);
    let cosines = rows.chunk_by(|a, b| (&a.image_id, &a.layer) == (&b.image_id, &b.layer));
    let settled = cosines.filter_map(|rows| {
        let epoch = ConvergencePhotoRow::settled(rows.iter())?;
        Some((&rows[0].image_id, place(&rows[0].layer)?, epoch))
    });
    let settled: Vec<(&String, usize, usize)> = settled.collect();
    // Layer by layer of a photograph after another.
    let photos: Vec<_> = settled.chunk_by(|a, b| a.0 == b.0).collect();
    let trend = |drawn: &[usize]| {
        let all = drawn.iter().flat_map(|&at| photos[at]);
        let (places, epochs): (Vec<f64>, Vec<f64>) = all
            .map(|(_, place, epoch)| (*place as f64, *epoch as f64))
            .unzip();
        Some(statistics::rank_correlation(&places, &epochs).unwrap_or(0.0))
    };
    let all: Vec<usize> = (0..photos.len()).collect();
    let value = trend(&all).filter(|_| !photos.is_empty())?;
    let interval = statistics::interval(photos.len(), seed, trend);
    let found = (value, interval);
    Some(MetricRow::new(
        "evolution_settled_trend",
        "all",
        found,
        photos.len(),
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_a_change_from_one_photograph_to_another() {
        let photos = [
            None,
            Some(3),
            Some(3),
            None,
            Some(3),
            Some(5),
            None,
            Some(3),
        ];
        let expected = [false, false, false, false, false, true, false, true];
        assert_eq!(jumps(photos.into_iter()), expected);
    }

    /// Of some photographs the rows of three layers, by the snapshot from which each stays.
    fn settling(snapshots: impl Fn(usize) -> [usize; 3]) -> Option<MetricRow> {
        let mut rows = Vec::new();
        for photo in 0..8 {
            for (layer, from) in LAYERS.iter().zip(snapshots(photo)) {
                rows.extend((0..6).map(|epoch| ConvergencePhotoRow {
                    image_id: format!("photo{photo}"),
                    layer: (*layer).into(),
                    map: 0,
                    y: 0,
                    x: 0,
                    epoch,
                    cosine: if epoch < from { 0.2 } else { 0.97 },
                }));
            }
        }
        settled_trend(&LAYERS, &rows, 3)
    }

    const LAYERS: [&str; 3] = ["conv1", "conv2", "conv3"];

    #[test]
    fn upper_layers_settle_later_or_sooner() {
        let held = settling(|photo| [photo % 2, 2, 3 + photo % 3]).unwrap();
        assert!(held.value > 0.9 && held.low.unwrap() > 0.8, "{held:?}");
        assert_eq!((&*held.scope, held.count), ("all", 8));
        let turned = settling(|photo| [3 + photo % 3, 2, photo % 2]).unwrap();
        assert!((turned.value + held.value).abs() < 1e-12 && turned.high.unwrap() < -0.8);
        let at_once = settling(|_| [2; 3]).unwrap();
        assert_eq!((at_once.value, at_once.low), (0.0, None));
        assert_eq!(settled_trend(&LAYERS, &[], 3), None);
    }

    #[test]
    fn a_mean_over_photographs_has_an_interval_around_it() {
        let row = over_photos("conv1", 5, &[0.5, 0.75, 1.0, 0.75], 0).unwrap();
        assert_eq!((row.cosine, row.photos), (0.75, 4));
        let (low, high) = (row.low.unwrap(), row.high.unwrap());
        assert!(
            0.5 < low && low < 0.75 && 0.75 < high && high < 1.0,
            "{low} {high}"
        );
        let alike = over_photos("conv1", 5, &[1.0, 1.0], 0).unwrap();
        assert_eq!((alike.cosine, alike.low), (1.0, None));
        assert_eq!(over_photos("conv1", 5, &[], 0), None);
    }
}
