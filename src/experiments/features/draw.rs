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
use crate::experiments::{workers, Gallery};
use crate::figures::features::{sheet, Layout, Tiles};
use crate::progress::Progress;
use crate::records::maps::{LookedAt, Planes, UnitMap, UnitName};

/// A unit projected.
struct Shown {
    wanted: Wanted,
    tiles: Tiles,
}

impl Features<'_> {
    /// Projects and draws the chosen maps of each layer.
    ///
    /// # Errors
    /// [`crate::Error::Compute`], [`crate::Error::Io`], [`crate::Error::Photo`], [`crate::Error::Stopped`].
    pub fn draw(
        &self,
        engine: &Engine,
        tallies: &[LayerTally],
        chosen: &[Vec<usize>],
        gallery: Gallery<'_>,
        progress: &Progress,
    ) -> Result<()> {
        let nodes: Vec<usize> = self.setting.stages.iter().map(|stage| stage.node).collect();
        let projectors = engine.unit_projectors(&nodes)?;
        let most = most(tallies);
        let layout = Layout::of(most);
        for groups in rounds(tallies, chosen, most) {
            let project = |engine: &Engine, projectors: &Vec<UnitProjector>, group: &Group| {
                let shown = self.project(engine, projectors, group, gallery)?;
                group.iter().for_each(|_| progress.step());
                Ok(shown)
            };
            let threads = self.setting.threads;
            let kit = || Ok(projectors.clone());
            let shown = workers::equipped(threads, engine, &groups, kit, project)?;
            self.sheets(gallery.root, layout, shown.into_iter().flatten())?;
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
        gallery: Gallery<'_>,
    ) -> Result<Vec<Shown>> {
        let mut inputs = Vec::with_capacity(group.len());
        for (photo, _) in group {
            let input = self.input(self.readable(*photo)?)?;
            let looked_at = LookedAt {
                image_id: self.setting.dataset.photos[*photo].id.clone(),
                input: Planes::square(self.setting.preprocessing.crop as usize, input),
            };
            gallery.show(&looked_at)?;
            inputs.push(looked_at.input);
        }
        let wanted = group.iter().flat_map(|(_, wanted)| wanted);
        let used = wanted.map(|wanted| &projectors[wanted.layer]);
        let seen: Vec<&[f32]> = inputs.iter().map(|input| input.values.as_slice()).collect();
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
                let (place, unit) = self.unit(&wanted, patch);
                gallery.keep(&unit)?;
                let seen = input.part(place, unit.projection.size);
                let preprocessing = self.setting.preprocessing;
                let tiles = Tiles::of(wanted.rank, &unit.projection, &seen, preprocessing);
                shown.push(Shown { wanted, tiles });
            }
        }
        Ok(shown)
    }

    /// What was projected of a unit, and where it begins in the network's input.
    fn unit(&self, wanted: &Wanted, patch: Patch) -> ((usize, usize), UnitMap) {
        let unit = UnitMap {
            of: UnitName {
                layer: self.setting.stages[wanted.layer].name.clone(),
                map: wanted.found.unit.feature,
                rank: wanted.rank,
            },
            projection: Planes {
                size: (patch.height, patch.width),
                values: patch.values,
            },
        };
        ((patch.y, patch.x), unit)
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
            let name = &self.setting.stages[layer].name;
            let tiles = shown.iter().map(|shown| &shown.tiles);
            sheet((name, map), layout, tiles).write(root)?;
        }
        Ok(())
    }
}

/// Units of the map that has most of them.
fn most(tallies: &[LayerTally]) -> usize {
    let maps = tallies.iter().flat_map(|tally| &tally.maps);
    maps.map(|map| map.strongest.len()).max().unwrap_or(0)
}
