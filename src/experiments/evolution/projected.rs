//! The strongest activations at each snapshot, projected by the weights of that time and drawn.

use std::collections::BTreeMap;

use base::Result;
use engine::patches::{Patch, Place, UnitProjector};
use engine::seeds::Unit;
use engine::Engine;
use figures::evolution::picture;
use records::maps::Planes;

use super::steps::Steps;
use super::Strongest;
use crate::features::{at_one_size, Features};
use crate::Context;

/// What is to be projected of a photograph at a snapshot: layers and units.
struct Wanted {
    snapshot: usize,
    photo: usize,
    units: Vec<(usize, Unit)>,
}

/// What a map of a layer shows at a snapshot, and of which photograph.
struct Shown {
    snapshot: usize,
    photo: usize,
    layer: usize,
    map: usize,
    projection: Vec<f32>,
}

/// Projects and draws what was found at these epochs, by snapshot, layer and map; `devices` have the network at each. What the maps
/// show is added to `steps`.
///
/// # Errors
/// [`base::Error::Compute`], [`base::Error::Io`], [`base::Error::Photo`], [`base::Error::Stopped`].
pub(super) fn draw(
    context: &Context<'_>,
    features: &Features<'_>,
    devices: &[Vec<Engine>],
    epochs: &[usize],
    strongest: &[Vec<Vec<Strongest>>],
    steps: &mut Steps,
) -> Result<()> {
    let (setting, root) = (context.setting, context.root());
    let nodes: Vec<usize> = setting.stages.iter().map(|stage| stage.node).collect();
    let of_device = |snapshots: &Vec<Engine>| {
        let projectors = snapshots
            .iter()
            .map(|engine| engine.unit_projectors(&nodes));
        projectors.collect::<Result<Vec<_>>>()
    };
    let projectors = devices.iter().map(of_device).collect::<Result<Vec<_>>>()?;
    let items = wanted(strongest);
    let shape = setting.preprocessing.input().axes();
    let progress = context.progress("projecting feature maps", items.len());
    let workers = context.executor();
    let workers = workers.with(|device| Ok(projectors[device].clone()));
    workers.stream(
        &items,
        |item| {
            let known = features.readable(item.photo)?;
            Ok((item, features.input(known)?))
        },
        |snapshots, (item, input), give| {
            let patches = project(&snapshots[item.snapshot], item, &input)?;
            give((item, input, patches))
        },
        |(item, input, patches)| {
            let input = Planes::of(shape, input);
            let mut shown = Vec::new();
            for ((layer, unit), patch) in item.units.iter().zip(patches) {
                let size = [input.channels, patch.height, patch.width];
                let projection = Planes::of(size, patch.values);
                let seen = input.part((patch.y, patch.x), projection.size);
                let name = &*setting.stages[*layer].name;
                let of = (name, unit.feature, epochs[item.snapshot]);
                picture(of, &projection, &seen, setting.preprocessing).write(root)?;
                shown.push(Shown {
                    snapshot: item.snapshot,
                    photo: item.photo,
                    layer: *layer,
                    map: unit.feature,
                    projection: at_one_size(&projection),
                });
            }
            Ok(shown)
        },
        |left| {
            progress.step();
            for shown in left.into_iter().flatten() {
                let layer = (shown.layer, &*setting.stages[shown.layer].name);
                let of = (shown.map, shown.photo, epochs[shown.snapshot]);
                steps.add(layer, of, shown.projection);
            }
            Ok(())
        },
    )
}

/// Photograph by photograph at each snapshot.
fn wanted(strongest: &[Vec<Vec<Strongest>>]) -> Vec<Wanted> {
    let mut items: BTreeMap<(usize, usize), Vec<(usize, Unit)>> = BTreeMap::new();
    for (snapshot, layers) in strongest.iter().enumerate() {
        for (layer, maps) in layers.iter().enumerate() {
            for found in maps.iter().flatten() {
                let units = items.entry((snapshot, found.photo)).or_default();
                units.push((layer, found.unit));
            }
        }
    }
    let item = |((snapshot, photo), units)| Wanted {
        snapshot,
        photo,
        units,
    };
    items.into_iter().map(item).collect()
}

/// The units' projections, in their order.
fn project(projectors: &[UnitProjector], item: &Wanted, input: &[f32]) -> Result<Vec<Patch>> {
    let used: Vec<&UnitProjector> = item
        .units
        .iter()
        .map(|(layer, _)| &projectors[*layer])
        .collect();
    let Some(first) = used.first() else {
        return Ok(Vec::new());
    };
    let trace = first.engine().trace_for(used.iter().copied(), &[input])?;
    let mut patches = Vec::with_capacity(used.len());
    for (projector, (_, unit)) in used.iter().zip(&item.units) {
        let place = Place {
            image: 0,
            unit: *unit,
        };
        patches.extend(projector.project(trace.as_ref(), &[place])?);
    }
    Ok(patches)
}
