//! A second pass over what was found: the strongest units of the chosen maps, each walked back to the pixels on its own
//! receptive field.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use base::Result;
use engine::patches::{Patch, Place, Uncut, UnitProjector};
use engine::{Engine, Give};
use figures::features::{sheet, Layout, Tiles};
use progress::Progress;
use records::maps::{LookedAt, Planes, UnitMap, UnitName};
use records::tables::SpreadRow;

use super::plan::{rounds, Looked, Wanted};
use super::spread::{self, Look};
use super::tally::LayerTally;
use super::Features;
use crate::Gallery;

/// A photo as the network sees it.
struct Input<'g> {
    photo: usize,
    seen: Arc<Planes>,
    wanted: &'g [Wanted],
}

/// What comes of a group: its photos as the network sees them, and their units, some at a time.
enum Projected {
    Photo(usize, Arc<Planes>),
    Units(Vec<(Wanted, Arc<Planes>)>, Uncut),
}

/// A unit projected and drawn.
struct Shown {
    wanted: Wanted,
    tiles: Tiles,
    look: Look,
}

impl Features<'_> {
    /// Projects and draws the chosen maps of each layer; gives how much their units differ.
    ///
    /// # Errors
    /// [`base::Error::Compute`], [`base::Error::Io`], [`base::Error::Photo`], [`base::Error::Stopped`].
    pub fn draw(
        &self,
        engines: &[Engine],
        tallies: &[LayerTally],
        chosen: &[Vec<usize>],
        gallery: Gallery<'_>,
        progress: &Progress,
    ) -> Result<Vec<SpreadRow>> {
        let nodes: Vec<usize> = self.setting.stages.iter().map(|stage| stage.node).collect();
        let projectors = engines.iter().map(|engine| engine.unit_projectors(&nodes));
        let projectors = projectors.collect::<Result<Vec<_>>>()?;
        let most = most(tallies);
        let layout = Layout::of(most);
        let gathered = gathered(&engines[0]);
        let workers = self.setting.executor(engines);
        let workers =
            workers.with(|device| Ok((engines[device].clone(), projectors[device].clone())));
        let mut spreads = Vec::new();
        for groups in rounds(tallies, chosen, most, gathered) {
            let groups: Vec<&[Looked]> = groups.iter().map(Vec::as_slice).collect();
            let mut shown = Vec::new();
            workers.stream_groups(
                &groups,
                |looked| self.input_of(looked),
                |(engine, projectors), inputs, give| {
                    project(engine, projectors, &inputs, give)?;
                    inputs.iter().for_each(|_| progress.step());
                    Ok(())
                },
                |projected| self.show(projected, gallery),
                |left| {
                    shown.extend(left.into_iter().flatten());
                    Ok(())
                },
            )?;
            spreads.extend(self.sheets(gallery.root, layout, shown)?);
        }
        Ok(spreads)
    }

    /// Photos that the second pass looks at; one that it comes back to is counted again.
    pub fn visits(&self, engine: &Engine, tallies: &[LayerTally], chosen: &[Vec<usize>]) -> usize {
        let groups = rounds(tallies, chosen, most(tallies), gathered(engine)).flatten();
        groups.map(|group| group.len()).sum()
    }

    /// What the network sees of a photo, and what is wanted of it.
    fn input_of<'g>(&self, (photo, wanted): &'g Looked) -> Result<Input<'g>> {
        let shape = self.setting.preprocessing.input().axes();
        Ok(Input {
            photo: *photo,
            seen: Planes::of(shape, self.input(self.readable(*photo)?)?).into(),
            wanted,
        })
    }

    /// Shows a photo; cuts units' projections out, keeps them and draws their tiles.
    fn show(&self, projected: Projected, gallery: Gallery<'_>) -> Result<Vec<Shown>> {
        match projected {
            Projected::Photo(photo, input) => {
                gallery.show(&LookedAt {
                    image_id: self.setting.dataset.photos[photo].id.clone(),
                    input: (*input).clone(),
                })?;
                Ok(Vec::new())
            }
            Projected::Units(owners, uncut) => {
                let units = owners.into_iter().zip(uncut.cut()?);
                units
                    .map(|((wanted, input), patch)| self.unit(wanted, &input, patch, gallery))
                    .collect()
            }
        }
    }

    /// Keeps a unit's projection and draws its tiles.
    fn unit(
        &self,
        wanted: Wanted,
        input: &Planes,
        patch: Patch,
        gallery: Gallery<'_>,
    ) -> Result<Shown> {
        let Wanted { layer, rank, found } = wanted;
        let unit = UnitMap {
            of: UnitName {
                layer: self.setting.stages[layer].name.clone(),
                map: found.unit.feature,
                rank,
            },
            projection: Planes::of([input.channels, patch.height, patch.width], patch.values),
        };
        gallery.keep(&unit)?;
        let seen = input.part((patch.y, patch.x), unit.projection.size);
        let tiles = Tiles::of(rank, &unit.projection, &seen, self.setting.preprocessing);
        let look = Look::of(&seen, &unit.projection);
        Ok(Shown {
            wanted,
            tiles,
            look,
        })
    }

    /// Puts the tiles of a round together and writes them; gives how much the units of its maps differ.
    fn sheets(&self, root: &Path, layout: Layout, shown: Vec<Shown>) -> Result<Vec<SpreadRow>> {
        let mut maps: BTreeMap<(usize, usize), Vec<Shown>> = BTreeMap::new();
        for shown in shown {
            let key = (shown.wanted.layer, shown.wanted.found.unit.feature);
            maps.entry(key).or_default().push(shown);
        }
        let mut spreads = Vec::new();
        for ((layer, map), mut shown) in maps {
            // A sum in another order is another sum.
            shown.sort_by_key(|shown| shown.wanted.rank);
            let name = &self.setting.stages[layer].name;
            let tiles = shown.iter().map(|shown| &shown.tiles);
            sheet((name, map), layout, tiles).write(root)?;
            let looks: Vec<&Look> = shown.iter().map(|shown| &shown.look).collect();
            spreads.extend(spread::of_map(name, map, &looks));
        }
        Ok(spreads)
    }
}

/// How many photos and units are projected together.
fn gathered(engine: &Engine) -> [usize; 2] {
    let [photos, units] = engine.machine().gathered;
    [engine.photos_together(photos), units]
}

fn project(
    engine: &Engine,
    projectors: &[UnitProjector],
    group: &[Input<'_>],
    give: &mut Give<'_, Projected>,
) -> Result<()> {
    for photo in group {
        give(Projected::Photo(photo.photo, photo.seen.clone()))?;
    }
    let wanted = group.iter().flat_map(|photo| photo.wanted);
    let used = wanted.map(|wanted| &projectors[wanted.layer]);
    let seen: Vec<&[f32]> = group.iter().map(|photo| &*photo.seen.values).collect();
    let trace = engine.trace_for(used, &seen)?;
    let (mut places, mut owners) = (Vec::new(), Vec::new());
    for (layer, projector) in projectors.iter().enumerate() {
        let mut of_layer = Vec::new();
        for (image, photo) in group.iter().enumerate() {
            for wanted in photo.wanted.iter().filter(|wanted| wanted.layer == layer) {
                of_layer.push(Place {
                    image: image as i64,
                    unit: wanted.found.unit,
                });
                owners.push((*wanted, photo.seen.clone()));
            }
        }
        places.push((projector, of_layer));
    }
    let mut owners = owners.into_iter();
    engine.project_units(trace.as_ref(), &places, &mut |uncut| {
        let owners = owners.by_ref().take(uncut.units().len()).collect();
        give(Projected::Units(owners, uncut))
    })
}

/// Units of the map that has most of them.
fn most(tallies: &[LayerTally]) -> usize {
    let maps = tallies.iter().flat_map(|tally| &tally.maps);
    maps.map(|map| map.strongest.len()).max().unwrap_or(0)
}
