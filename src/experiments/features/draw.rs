//! A second pass over what was found: the strongest units of the chosen maps, each walked back to the pixels on its own
//! receptive field.

use std::collections::BTreeMap;
use std::path::Path;

use super::plan::{rounds, Group, Wanted};
use super::tally::LayerTally;
use super::Features;
use crate::engine::patches::{Patch, Place, UnitProjector};
use crate::engine::Engine;
use crate::error::Result;
use crate::experiments::workers;
use crate::figures::features::{
    patch_tile, projection_tile, write_photo, write_sheet, Half, Layout, Tile,
};
use crate::progress::Progress;
use crate::records::NamedArray;

/// A unit projected.
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
        for groups in rounds(tallies, chosen, most) {
            let project = |engine: &Engine, projectors: &Vec<UnitProjector>, group: &Group| {
                let shown = self.project(engine, projectors, group, (root, arrays))?;
                group.iter().for_each(|_| progress.step());
                Ok(shown)
            };
            let threads = self.setting.threads;
            let kit = || Ok(projectors.clone());
            let shown = workers::equipped(threads, engine, &groups, kit, project)?;
            self.sheets(root, layout, shown.into_iter().flatten())?;
        }
        Ok(())
    }

    /// Photos that the second pass looks at; one that it comes back to is counted again.
    pub fn visits(&self, tallies: &[LayerTally], chosen: &[Vec<usize>]) -> usize {
        let groups = rounds(tallies, chosen, most(tallies)).flatten();
        groups.map(|group| group.len()).sum()
    }

    fn project(
        &self,
        engine: &Engine,
        projectors: &[UnitProjector],
        group: &Group,
        (root, arrays): (&Path, bool),
    ) -> Result<Vec<Shown>> {
        let mut inputs = Vec::with_capacity(group.len());
        for (photo, _) in group {
            let input = self.input(self.readable(*photo)?)?;
            let id = &self.setting.dataset.photos[*photo].id;
            write_photo(root, id, &input, self.setting.preprocessing)?;
            inputs.push(input);
        }
        let wanted = group.iter().flat_map(|(_, wanted)| wanted);
        let used = wanted.map(|wanted| &projectors[wanted.layer]);
        let seen: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
        let trace = engine.trace_for(used, &seen)?;
        let mut shown = Vec::new();
        for (layer, projector) in projectors.iter().enumerate() {
            let (mut places, mut owners) = (Vec::new(), Vec::new());
            for (image, ((_, wanted), input)) in group.iter().zip(&inputs).enumerate() {
                for wanted in wanted.iter().filter(|wanted| wanted.layer == layer) {
                    places.push(Place {
                        image: image as i64,
                        unit: wanted.found.unit,
                    });
                    owners.push((*wanted, input));
                }
            }
            if places.is_empty() {
                continue;
            }
            let patches = projector.project(trace.as_ref(), &places)?;
            for ((wanted, input), patch) in owners.into_iter().zip(patches) {
                if arrays {
                    self.keep(root, &wanted, &patch)?;
                }
                shown.push(self.show(wanted, input, &patch));
            }
        }
        Ok(shown)
    }

    fn show(&self, wanted: Wanted, input: &[f32], patch: &Patch) -> Shown {
        let preprocessing = self.setting.preprocessing;
        let side = preprocessing.crop as usize;
        let size = (patch.height, patch.width);
        let rows = input.chunks_exact(side * side).flat_map(|plane| {
            let rows = plane.chunks_exact(side).skip(patch.y).take(patch.height);
            rows.flat_map(|row| &row[patch.x..patch.x + patch.width])
        });
        let seen: Vec<f32> = rows.copied().collect();
        Shown {
            tiles: [
                projection_tile(&patch.values, size, preprocessing.channels),
                patch_tile(&seen, size, preprocessing),
            ],
            wanted,
        }
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

/// Units of the map that has most of them.
fn most(tallies: &[LayerTally]) -> usize {
    let maps = tallies.iter().flat_map(|tally| &tally.maps);
    maps.map(|map| map.strongest.len()).max().unwrap_or(0)
}
