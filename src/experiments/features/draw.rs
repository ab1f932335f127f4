//! A second pass over what was found: the strongest units of the chosen maps, each walked back to the pixels on its own
//! receptive field.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::plan::{rounds, Group, Wanted};
use super::tally::LayerTally;
use super::Features;
use crate::engine::patches::{Patch, Place, UnitProjector};
use crate::engine::{Engine, Give};
use crate::error::Result;
use crate::figures::features::{
    patch_tile, projection_tile, write_photo, write_sheet, Half, Layout, Tile,
};
use crate::progress::Progress;
use crate::records::NamedArray;

/// A photo of a group.
struct Input<'g> {
    photo: usize,
    /// `[3, side, side]` in network units.
    values: Arc<[f32]>,
    wanted: &'g [Wanted],
}

/// What comes of a group: its photos as the network sees them, and their units one by one.
enum Projected {
    Photo(usize, Arc<[f32]>),
    Unit(Wanted, Arc<[f32]>, Patch),
}

/// A unit projected and drawn.
struct Shown {
    wanted: Wanted,
    tiles: [Tile; 2],
}

impl Features<'_> {
    /// Projects and draws the chosen maps of each layer; `arrays` says whether the projections are kept as they are.
    ///
    /// # Errors
    /// [`crate::Error::Compute`], [`crate::Error::Io`], [`crate::Error::Photo`], [`crate::Error::Stopped`].
    pub fn draw(
        &self,
        engine: &Engine,
        tallies: &[LayerTally],
        chosen: &[Vec<usize>],
        (root, arrays): (&Path, bool),
        progress: &Progress,
    ) -> Result<()> {
        let nodes: Vec<usize> = self.setting.stages.iter().map(|stage| stage.node).collect();
        let projectors = engine.unit_projectors(&nodes)?;
        let most = most(tallies);
        let layout = Layout::of(most);
        let workers = self.setting.executor(engine);
        let workers = workers.with(|| Ok((engine.clone(), projectors.clone())));
        for groups in rounds(tallies, chosen, most) {
            let mut shown = Vec::new();
            workers.stream(
                &groups,
                |group| self.inputs(group),
                |(engine, projectors), inputs, give| {
                    project(engine, projectors, &inputs, give)?;
                    inputs.iter().for_each(|_| progress.step());
                    Ok(())
                },
                |projected| self.show(&projected, (root, arrays)),
                |left| {
                    shown.extend(left.into_iter().flatten());
                    Ok(())
                },
            )?;
            self.sheets(root, layout, shown.into_iter())?;
        }
        Ok(())
    }

    /// Photos that the second pass looks at; one that it comes back to is counted again.
    pub fn visits(&self, tallies: &[LayerTally], chosen: &[Vec<usize>]) -> usize {
        let groups = rounds(tallies, chosen, most(tallies)).flatten();
        groups.map(|group| group.len()).sum()
    }

    /// What the network sees of the photos of a group, and what is wanted of them.
    fn inputs<'g>(&self, group: &'g Group) -> Result<Vec<Input<'g>>> {
        let input = |(photo, wanted): &'g (usize, Vec<Wanted>)| {
            Ok(Input {
                photo: *photo,
                values: self.input(self.readable(*photo)?)?.into(),
                wanted,
            })
        };
        group.iter().map(input).collect()
    }

    /// Draws a photo, or a unit, of which the projection is kept as well where `arrays` are.
    fn show(&self, projected: &Projected, (root, arrays): (&Path, bool)) -> Result<Option<Shown>> {
        let preprocessing = self.setting.preprocessing;
        let (wanted, input, patch) = match projected {
            Projected::Photo(photo, input) => {
                let id = &self.setting.dataset.photos[*photo].id;
                write_photo(root, id, input, preprocessing)?;
                return Ok(None);
            }
            Projected::Unit(wanted, input, patch) => (wanted, input, patch),
        };
        if arrays {
            self.keep(root, wanted, patch)?;
        }
        let side = preprocessing.crop as usize;
        let size = (patch.height, patch.width);
        let rows = input.chunks_exact(side * side).flat_map(|plane| {
            let rows = plane.chunks_exact(side).skip(patch.y).take(patch.height);
            rows.flat_map(|row| &row[patch.x..patch.x + patch.width])
        });
        let seen: Vec<f32> = rows.copied().collect();
        Ok(Some(Shown {
            wanted: *wanted,
            tiles: [
                projection_tile(&patch.values, size, preprocessing.channels),
                patch_tile(&seen, size, preprocessing),
            ],
        }))
    }

    fn keep(&self, root: &Path, wanted: &Wanted, patch: &Patch) -> Result<()> {
        let layer = crate::figures::photo::file_stem(&self.setting.stages[wanted.layer].name);
        let (map, rank) = (wanted.found.unit.feature, wanted.rank);
        let path = root.join(format!("arrays/features/{layer}/{map}-{rank}.safetensors"));
        let projection = NamedArray {
            name: "projection".into(),
            shape: vec![
                patch.values.len() / (patch.height * patch.width).max(1),
                patch.height,
                patch.width,
            ],
            values: patch.values.clone(),
        };
        crate::records::write_arrays(&path, &[projection])
    }

    /// Puts the tiles of a round together and writes them.
    fn sheets(
        &self,
        root: &Path,
        layout: Layout,
        shown: impl Iterator<Item = Shown>,
    ) -> Result<()> {
        let mut maps: BTreeMap<(usize, usize), Vec<Shown>> = BTreeMap::new();
        for shown in shown {
            let key = (shown.wanted.layer, shown.wanted.found.unit.feature);
            maps.entry(key).or_default().push(shown);
        }
        for ((layer, map), shown) in maps {
            let tiles = shown.iter().flat_map(|shown| {
                let rank = shown.wanted.rank;
                let [projection, patch] = &shown.tiles;
                [
                    (Half::Projection, rank, projection),
                    (Half::Patch, rank, patch),
                ]
            });
            let name = &self.setting.stages[layer].name;
            write_sheet(root, name, map, layout, tiles)?;
        }
        Ok(())
    }
}

fn project(
    engine: &Engine,
    projectors: &[UnitProjector],
    group: &[Input<'_>],
    give: &mut Give<'_, Projected>,
) -> Result<()> {
    for photo in group {
        give(Projected::Photo(photo.photo, photo.values.clone()))?;
    }
    let wanted = group.iter().flat_map(|photo| photo.wanted);
    let used = wanted.map(|wanted| &projectors[wanted.layer]);
    let seen: Vec<&[f32]> = group.iter().map(|photo| &*photo.values).collect();
    let trace = engine.trace_for(used, &seen)?;
    for (layer, projector) in projectors.iter().enumerate() {
        let (mut places, mut owners) = (Vec::new(), Vec::new());
        for (image, photo) in group.iter().enumerate() {
            for wanted in photo.wanted.iter().filter(|wanted| wanted.layer == layer) {
                places.push(Place {
                    image: image as i64,
                    unit: wanted.found.unit,
                });
                owners.push((*wanted, &photo.values));
            }
        }
        if places.is_empty() {
            continue;
        }
        let patches = projector.project(trace.as_ref(), &places)?;
        for ((wanted, input), patch) in owners.into_iter().zip(patches) {
            give(Projected::Unit(wanted, input.clone(), patch))?;
        }
    }
    Ok(())
}

/// Units of the map that has most of them.
fn most(tallies: &[LayerTally]) -> usize {
    let maps = tallies.iter().flat_map(|tally| &tally.maps);
    maps.map(|map| map.strongest.len()).max().unwrap_or(0)
}
