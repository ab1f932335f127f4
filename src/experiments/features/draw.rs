//! A second pass over what was found: the strongest units of the chosen maps, each walked back to the pixels on its own
//! receptive field.

use std::collections::BTreeMap;
use std::path::Path;

use super::tally::{Found, LayerTally};
use super::Features;
use crate::dataset::{self, Geometry};
use crate::engine::patches::{Patch, Place, UnitProjector};
use crate::engine::{Engine, Recording, ReluRule, Trace};
use crate::error::Result;
use crate::experiments::pipeline::Watch;
use crate::experiments::{prepare, record, workers};
use crate::figures::features::{
    patch_tile, projection_tile, write_photo, write_sheet, Half, Layout, Tile,
};
use crate::records::tables::FeatureRow;
use crate::records::NamedArray;

/// Maps whose tiles are in memory at once.
const ROUND: usize = 384;
/// Photos whose units are projected together.
const GROUP: usize = 8;

/// A unit to be projected: the number of its layer, and its rank in its map.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    layer: usize,
    rank: usize,
    found: Found,
}

/// A unit projected.
struct Shown {
    wanted: Wanted,
    row: FeatureRow,
    tiles: [Tile; 2],
}

impl Features<'_> {
    /// Projects and draws the chosen maps of each layer; `arrays` says whether the projections are kept as they are. `None`
    /// where the user stopped it.
    ///
    /// # Errors
    /// [`crate::Error::Compute`], [`crate::Error::Io`].
    pub fn draw(
        &self,
        engine: &Engine,
        tallies: &[LayerTally],
        chosen: &[Vec<usize>],
        (root, arrays): (&Path, bool),
        watch: &dyn Watch,
    ) -> Result<Option<Vec<FeatureRow>>> {
        let projectors = || -> Result<Vec<UnitProjector>> {
            let stages = self.setting.stages.iter();
            stages
                .map(|stage| engine.unit_projector(stage.node))
                .collect()
        };
        let mut features = Vec::new();
        for groups in rounds(tallies, chosen) {
            let project = |engine: &Engine, projectors: &Vec<UnitProjector>, group: &Group| {
                let shown = self.project(engine, projectors, group, (root, arrays))?;
                group.iter().for_each(|_| watch.step());
                Ok(shown)
            };
            let unseen = workers::Unseen(watch);
            let threads = self.setting.threads;
            let shown = workers::equipped(threads, engine, &groups, &unseen, projectors, project)?;
            let Some(shown) = shown else {
                return Ok(None);
            };
            features.extend(self.sheets(root, shown.into_iter().flatten())?);
        }
        Ok(Some(features))
    }

    /// Photos that the second pass looks at; one that it comes back to is counted again.
    pub fn visits(&self, tallies: &[LayerTally], chosen: &[Vec<usize>]) -> usize {
        let groups = rounds(tallies, chosen).flatten();
        groups.map(|group| group.len()).sum()
    }

    fn project(
        &self,
        engine: &Engine,
        projectors: &[UnitProjector],
        group: &Group,
        (root, arrays): (&Path, bool),
    ) -> Result<Vec<Shown>> {
        let layers = group.iter().flat_map(|(_, wanted)| wanted);
        let last = layers.filter_map(|wanted| projectors[wanted.layer].last_switches());
        let recording = last.max().map(|last| Recording {
            rule: Some(ReluRule::Deconvnet),
            until: Some(last),
            ..Recording::default()
        });
        let (mut inputs, mut traces) = (Vec::new(), Vec::new());
        for (photo, _) in group {
            let Some((geometry, input)) = self.seen(*photo)? else {
                inputs.push(None);
                continue;
            };
            let id = &self.setting.dataset.photos[*photo].id;
            write_photo(root, id, &input, self.setting.preprocessing)?;
            if let Some(recording) = &recording {
                traces.push(engine.forward(&engine.batch(&[&input])?, recording)?);
            }
            inputs.push(Some((geometry, input)));
        }
        let trace = match traces.is_empty() {
            true => None,
            false => Some(Trace::together(&traces)?),
        };
        drop(traces);
        let mut shown = Vec::new();
        for (layer, projector) in projectors.iter().enumerate() {
            let (mut places, mut owners) = (Vec::new(), Vec::new());
            let mut image = 0;
            for ((_, wanted), input) in group.iter().zip(&inputs) {
                let Some(input) = input else { continue };
                for wanted in wanted.iter().filter(|wanted| wanted.layer == layer) {
                    places.push(Place {
                        image,
                        unit: wanted.found.unit,
                    });
                    owners.push((*wanted, input));
                }
                image += 1;
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

    fn seen(&self, photo: usize) -> Result<Option<(Geometry, Vec<f32>)>> {
        let preprocessing = self.setting.preprocessing;
        let file = &self.setting.dataset.photos[photo];
        let Ok(read) = prepare::read(self.setting, file)? else {
            return Ok(None);
        };
        let geometry = Geometry::new(read.pixels.dimensions(), preprocessing)?;
        Ok(Some((
            geometry,
            dataset::input(&read.pixels, preprocessing)?,
        )))
    }

    fn show(
        &self,
        wanted: Wanted,
        (geometry, input): &(Geometry, Vec<f32>),
        patch: &Patch,
    ) -> Shown {
        let setting = self.setting;
        let preprocessing = setting.preprocessing;
        let unit = &wanted.found.unit;
        let field = record::unit_record(unit, &setting.fields[wanted.layer], geometry).field;
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
            row: FeatureRow {
                layer: setting.stages[wanted.layer].name.clone(),
                map: unit.feature,
                rank: wanted.rank,
                image_id: setting.dataset.photos[wanted.found.photo].id.clone(),
                y: unit.y,
                x: unit.x,
                activation: unit.activation,
                field_x: field.x,
                field_y: field.y,
                field_width: field.width,
                field_height: field.height,
            },
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

    /// Puts the tiles of a round together and writes them; the rows of the table in its order.
    fn sheets(&self, root: &Path, shown: impl Iterator<Item = Shown>) -> Result<Vec<FeatureRow>> {
        let layout = Layout::of(self.top);
        let mut maps: BTreeMap<(usize, usize), Vec<Shown>> = BTreeMap::new();
        for shown in shown {
            let key = (shown.wanted.layer, shown.wanted.found.unit.feature);
            maps.entry(key).or_default().push(shown);
        }
        let mut rows = Vec::new();
        for ((layer, map), mut shown) in maps {
            shown.sort_by_key(|shown| shown.wanted.rank);
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
            rows.extend(shown.into_iter().map(|shown| shown.row));
        }
        Ok(rows)
    }
}

/// Photos with what is wanted of them.
type Group = Vec<(usize, Vec<Wanted>)>;

/// The chosen maps of all layers, [`ROUND`] at a time, as what is wanted of the photos.
fn rounds<'t>(
    tallies: &'t [LayerTally],
    chosen: &[Vec<usize>],
) -> impl Iterator<Item = Vec<Group>> + 't {
    let layers = chosen.iter().enumerate();
    let maps: Vec<(usize, usize)> = layers
        .flat_map(|(layer, maps)| maps.iter().map(move |&map| (layer, map)))
        .collect();
    let rounds: Vec<Vec<(usize, usize)>> = maps.chunks(ROUND).map(<[_]>::to_vec).collect();
    rounds.into_iter().map(|round| groups(tallies, &round))
}

/// The units of some maps by photo, in groups of [`GROUP`] photos.
fn groups(tallies: &[LayerTally], maps: &[(usize, usize)]) -> Vec<Group> {
    let mut by_photo: BTreeMap<usize, Vec<Wanted>> = BTreeMap::new();
    for &(layer, map) in maps {
        for (at, &found) in tallies[layer].maps[map].strongest.iter().enumerate() {
            by_photo.entry(found.photo).or_default().push(Wanted {
                layer,
                rank: at + 1,
                found,
            });
        }
    }
    let photos: Vec<(usize, Vec<Wanted>)> = by_photo.into_iter().collect();
    photos.chunks(GROUP).map(<[_]>::to_vec).collect()
}
