//! How much the projections of the same photographs are already what they are at the last snapshot. Of each layer a map is drawn
//! by lot among those that the photograph excites at the last snapshot (the strongest unit of all would be one of the same few
//! maps in every photograph), and its strongest unit projected: the same feature at the same place at every snapshot, starting
//! from 1 whatever its activation was then, as a cosine does not tell sizes.

use base::digest::draw as by_lot;
use base::Result;
use engine::seeds::Unit;
use engine::{read_back, Engine, Questions, Recording, ReluRule, Seed, Trace};
use records::tables::ConvergencePhotoRow;

use crate::features::{cosine, Features, Readable};
use crate::{Context, Setting};

/// A photograph's cosines: by layer the unit and, by snapshot, the cosine; `None` where the layer is silent at the last.
type OfPhoto = Vec<Option<(Unit, Vec<f64>)>>;

/// The cosines of photographs, in their order.
#[derive(Debug, Default)]
pub(super) struct Settling {
    photos: Vec<OfPhoto>,
}

/// So many photographs drawn by seed, in the data set's order.
pub(super) fn drawn<'f>(features: &Features<'f>, photos: usize) -> Vec<&'f Readable> {
    let setting = features.setting;
    let id = |known: &Readable| &setting.dataset.photos[known.photo].id;
    let mut drawn: Vec<&Readable> = features.photos.iter().collect();
    drawn.sort_by_cached_key(|known| by_lot(setting.seed, &["convergence", id(known)]));
    drawn.truncate(photos);
    drawn.sort_by_key(|known| known.photo);
    drawn
}

/// Projects photographs at each snapshot and at the last one, which `devices` and `end` have.
///
/// # Errors
/// [`base::Error::Compute`], [`base::Error::Photo`], [`base::Error::Stopped`].
pub(super) fn compare(
    context: &Context<'_>,
    features: &Features<'_>,
    (devices, end): (&[Vec<Engine>], &[Engine]),
    photos: &[&Readable],
) -> Result<Settling> {
    let setting = context.setting;
    let nodes: Vec<usize> = setting.stages.iter().map(|stage| stage.node).collect();
    let progress = context.progress("comparing projections", photos.len());
    let workers = context.executor();
    let workers = workers.with(|device| Ok((devices[device].clone(), end[device].clone())));
    let photos = workers.run(
        photos,
        |known| Ok((known.photo, features.input(known)?)),
        |(snapshots, end), (photo, input)| {
            let id = &setting.dataset.photos[photo].id;
            let lot = |layer: usize, map: usize| {
                let layer = &*setting.stages[layer].name;
                by_lot(setting.seed, &["convergence", id, layer, &map.to_string()])
            };
            let trace = traced(end, &input, &nodes)?;
            let units = units(end, &trace, &nodes, lot)?;
            let found = cosines(snapshots, (end, &trace), &input, (&nodes, units))?;
            progress.step();
            Ok(found)
        },
        Ok,
    )?;
    Ok(Settling { photos })
}

/// Of each node the strongest unit of the map that comes first by `lot` among those that fire; `None` where none does.
fn units(
    engine: &Engine,
    trace: &Trace,
    nodes: &[usize],
    lot: impl Fn(usize, usize) -> u64,
) -> Result<Vec<Option<Unit>>> {
    let questions = Questions {
        nodes,
        peaks: Some(1),
        ..Questions::default()
    };
    let answers = engine.ask(trace, &questions)?;
    let of_layer = |layer: usize| {
        let maxima = answers.maps(layer, 0).maximum.iter().enumerate();
        let firing = maxima.filter(|(_, maximum)| **maximum > 0.0);
        let (map, _) = firing.min_by_key(|(map, _)| lot(layer, *map))?;
        let unit = *answers.peaks(layer, 0, &[map]).first()?.first()?;
        Some(Unit {
            activation: 1.0,
            ..unit
        })
    };
    Ok((0..nodes.len()).map(of_layer).collect())
}

fn cosines(
    snapshots: &[Engine],
    (end, trace): (&Engine, &Trace),
    input: &[f32],
    (nodes, units): (&[usize], Vec<Option<Unit>>),
) -> Result<OfPhoto> {
    let active = nodes.iter().zip(&units);
    let active: Vec<(usize, Unit)> = active
        .filter_map(|(&node, unit)| Some((node, (*unit)?)))
        .collect();
    if active.is_empty() {
        return Ok(vec![None; nodes.len()]);
    }
    let at_end = projections(end, trace, &active)?;
    let mut found: Vec<Vec<f64>> = vec![Vec::new(); active.len()];
    for engine in snapshots {
        let projections = projections(engine, &traced(engine, input, nodes)?, &active)?;
        let pairs = projections.iter().zip(&at_end);
        for (cosines, (then, now)) in found.iter_mut().zip(pairs) {
            cosines.push(cosine(then, now));
        }
    }
    let mut found = found.into_iter();
    let layer = |unit: Option<Unit>| Some((unit?, found.next()?));
    Ok(units.into_iter().map(layer).collect())
}

fn traced(engine: &Engine, input: &[f32], nodes: &[usize]) -> Result<Trace> {
    let recording = Recording {
        activations: nodes.to_vec(),
        rule: Some(ReluRule::Deconvnet),
        until: nodes.iter().max().copied(),
    };
    engine.forward(&engine.batch(&[input])?, &recording)
}

/// The projections of units of several nodes, `[C, H, W]` each.
fn projections(engine: &Engine, trace: &Trace, units: &[(usize, Unit)]) -> Result<Vec<Vec<f32>>> {
    let seeds = units.iter().map(|(node, unit)| Seed::unit(0, *node, unit));
    let seeds: Vec<Seed> = seeds.collect();
    let projected = engine.project(trace, &seeds, ReluRule::Deconvnet)?;
    let read = read_back(&[&projected])?;
    let values = match read.first() {
        Some(values) => values.all()?,
        None => Vec::new(),
    };
    let one = (values.len() / units.len()).max(1);
    Ok(values.chunks_exact(one).map(<[f32]>::to_vec).collect())
}

impl Settling {
    /// With what later snapshots say of the same photographs.
    pub(super) fn extend(&mut self, later: Self) {
        if self.photos.is_empty() {
            *self = later;
            return;
        }
        let photos = self.photos.iter_mut().zip(later.photos);
        for (before, later) in photos.flat_map(|(before, later)| before.iter_mut().zip(later)) {
            if let (Some((_, before)), Some((_, later))) = (before, later) {
                before.extend(later);
            }
        }
    }

    /// The rows of the photographs at these epochs.
    pub(super) fn rows(
        &self,
        setting: &Setting<'_>,
        photos: &[&Readable],
        epochs: &[usize],
    ) -> Vec<ConvergencePhotoRow> {
        let mut rows = Vec::new();
        for (known, layers) in photos.iter().zip(&self.photos) {
            for (stage, layer) in setting.stages.iter().zip(layers) {
                let Some((unit, cosines)) = layer else {
                    continue;
                };
                let row = |(&epoch, &cosine): (&usize, &f64)| ConvergencePhotoRow {
                    image_id: setting.dataset.photos[known.photo].id.clone(),
                    layer: stage.name.clone(),
                    map: unit.feature,
                    y: unit.y,
                    x: unit.x,
                    epoch,
                    cosine,
                };
                rows.extend(epochs.iter().zip(cosines).map(row));
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_that_are_looked_at_later_come_behind() {
        let unit = Unit {
            feature: 3,
            y: 0,
            x: 1,
            activation: 1.0,
        };
        let of = |cosines: [f64; 2]| Settling {
            photos: vec![vec![Some((unit, cosines.to_vec())), None]],
        };
        let mut all = Settling::default();
        all.extend(of([0.1, 0.2]));
        all.extend(of([0.9, 1.0]));
        let expected = vec![Some((unit, vec![0.1, 0.2, 0.9, 1.0])), None];
        assert_eq!(all.photos, [expected]);
    }
}
