//! The strongest activation of every map that is followed, over all photographs and at several snapshots in one go.

use base::Result;
use engine::{Answers, Engine, Questions, Recording};

use super::Strongest;
use crate::features::{Features, FoundUnit};
use crate::Context;

/// What a group of photographs is at one snapshot.
struct Seen {
    snapshot: usize,
    photos: Vec<usize>,
    answers: Answers,
}

/// By snapshot, layer and map that is followed its strongest activation, of equals that of the earlier photograph and the first
/// in (y, x) order. `devices` have the network at each snapshot.
///
/// # Errors
/// [`base::Error::Compute`], [`base::Error::Photo`], [`base::Error::Stopped`].
pub(super) fn find(
    context: &Context<'_>,
    features: &Features<'_>,
    devices: &[Vec<Engine>],
    chosen: &[Vec<usize>],
) -> Result<Vec<Vec<Vec<Strongest>>>> {
    let setting = context.setting;
    let nodes: Vec<usize> = setting.stages.iter().map(|stage| stage.node).collect();
    let recording = Recording {
        activations: nodes.clone(),
        until: nodes.iter().max().copied(),
        rule: None,
    };
    let questions = Questions {
        nodes: &nodes,
        peaks: Some(1),
        ..Questions::default()
    };
    let none: Vec<Vec<Strongest>> = chosen.iter().map(|maps| vec![None; maps.len()]).collect();
    let mut strongest = vec![none; devices.first().map_or(0, Vec::len)];
    let groups: Vec<_> = features.photos.chunks(setting.room.batch()).collect();
    let progress = context.progress("following feature maps", features.photos.len());
    let workers = context.executor();
    let workers = workers.with(|device| Ok(devices[device].clone()));
    workers.stream_groups(
        &groups,
        |known| Ok((known.photo, features.input(known)?)),
        |snapshots, group, give| {
            let (photos, inputs): (Vec<usize>, Vec<Vec<f32>>) = group.into_iter().unzip();
            let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
            for (snapshot, engine) in snapshots.iter().enumerate() {
                let trace = engine.forward(&engine.batch(&inputs)?, &recording)?;
                give(Seen {
                    snapshot,
                    photos: photos.clone(),
                    answers: engine.ask(&trace, &questions)?,
                })?;
            }
            photos.iter().for_each(|_| progress.step());
            Ok(())
        },
        |seen| Ok((seen.snapshot, peaks(&seen, chosen))),
        |left| {
            for (snapshot, units) in left {
                for (layer, at, unit) in units {
                    let best = &mut strongest[snapshot][layer][at];
                    let most = best.map_or(0.0, |best| best.unit.activation);
                    if unit.unit.activation > most {
                        *best = Some(unit);
                    }
                }
            }
            Ok(())
        },
    )?;
    Ok(strongest)
}

/// In the photographs' order the strongest unit of each map: the layer's number, the map's place among those that are followed.
fn peaks(seen: &Seen, chosen: &[Vec<usize>]) -> Vec<(usize, usize, FoundUnit)> {
    let mut found = Vec::new();
    for (image, &photo) in seen.photos.iter().enumerate() {
        for (layer, maps) in chosen.iter().enumerate() {
            let peaks = seen.answers.peaks(layer, image, maps).into_iter();
            let units = peaks.enumerate().filter_map(|(at, units)| {
                let unit = *units.first()?;
                Some((layer, at, FoundUnit { photo, unit }))
            });
            found.extend(units);
        }
    }
    found
}
