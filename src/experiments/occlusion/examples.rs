//! The photographs of the folder that a followed map is most active for, and its projections there.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::digest::draw;
use base::Result;
use dataset::{self, Geometry};
use engine::seeds::Unit;
use engine::{read_back, Engine, Give, Recording, ReluRule, Seed, Values};
use network::receptive_field::Field;
use records::maps::{self, ExampleMaps, Planes};
use records::occlusion::Peak;
use records::tables::OcclusionExampleRow;
use records::OcclusionRecord;

use super::slide::Sliders;
use super::{peak, Occlusions};
use crate::{prepare, record, Context, Gallery, Setting};

/// Other photos shown beside each.
const SHOWN: usize = 4;
/// Photos beside the explored ones that are looked through.
const DRAWN: usize = 64;

/// A unit of a photo that is projected for other photos' followed map.
struct Shown {
    unit: Unit,
    /// The photos that it is shown beside, by their numbers, and its rank there.
    beside: Vec<(usize, usize)>,
}

/// The explored photos: the map that each follows, and of every map the photos that excite it most.
#[derive(Default)]
pub(super) struct Explored {
    /// By number in the data set.
    followed: BTreeMap<usize, usize>,
    strongest: Vec<Strongest>,
}

/// The photos that excite a map most, the strongest first: one more than are shown, as a photo is no example for itself.
type Strongest = Vec<(usize, Peak)>;

impl Explored {
    /// Takes an explored photo in.
    pub(super) fn add(&mut self, photo: usize, record: &OcclusionRecord) {
        self.followed.insert(photo, record.map);
        self.take(photo, &record.peaks);
    }

    /// Takes in how much a photo excites each map.
    fn take(&mut self, photo: usize, peaks: &[Peak]) {
        let maps = self.strongest.len().max(peaks.len());
        self.strongest.resize_with(maps, Vec::new);
        for (strongest, peak) in self.strongest.iter_mut().zip(peaks) {
            if peak.activation > 0.0 {
                let is_before = |(other, at): &(usize, Peak)| {
                    let order = peak.activation.total_cmp(&at.activation);
                    order.then(other.cmp(&photo)).is_lt()
                };
                let at = strongest.partition_point(is_before);
                strongest.insert(at, (photo, *peak));
                strongest.truncate(SHOWN + 1);
            }
        }
    }

    /// By photo, the units of it that are shown beside explored photos.
    fn wanted(&self) -> Vec<(usize, Vec<Shown>)> {
        let mut wanted: BTreeMap<usize, BTreeMap<usize, Shown>> = BTreeMap::new();
        for (&own, &map) in &self.followed {
            let strongest = self.strongest.get(map).into_iter().flatten();
            let others = strongest.filter(|(photo, _)| *photo != own);
            for (at, (photo, peak)) in others.take(SHOWN).enumerate() {
                let unit = Unit {
                    feature: map,
                    y: peak.y,
                    x: peak.x,
                    activation: peak.activation,
                };
                let of_photo = wanted.entry(*photo).or_default();
                let shown = of_photo.entry(map).or_insert_with(|| Shown {
                    unit,
                    beside: Vec::new(),
                });
                shown.beside.push((own, at + 1));
            }
        }
        let by_photo = wanted.into_iter();
        by_photo
            .map(|(photo, shown)| (photo, shown.into_values().collect()))
            .collect()
    }
}

impl Occlusions<'_> {
    /// Finds for each explored photo the others that excite its map most, among the explored ones and some drawn by seed,
    /// and draws what the map shows of them.
    pub(super) fn examples(&self, mut explored: Explored) -> Result<Vec<OcclusionExampleRow>> {
        let Context {
            setting, engine, ..
        } = *self.context;
        let &Sliders { node, blocked, .. } = &self.sliders[0];
        if blocked {
            return Ok(Vec::new());
        }
        // A bar that does not move: it is soon over.
        let _progress = self
            .context
            .progress("looking for examples", explored.followed.len());
        let others = drawn(setting, &explored);
        let workers = self.context.executor();
        let groups: Vec<&[usize]> = others.chunks(engine.images_a_pass().max(1)).collect();
        workers.stream_groups(
            &groups,
            |photo| Ok(read(setting, *photo)?.map(|(_, input)| (*photo, input))),
            |engine, group, give| peaks(engine, node, group, give),
            Ok,
            |left| {
                let found = left.iter();
                found.for_each(|(photo, peaks)| explored.take(*photo, peaks));
                Ok(())
            },
        )?;
        let field = &engine.anatomy().signal_fields()[node];
        let gallery = self.context.gallery();
        let wanted = explored.wanted();
        let together = engine.photos_together(engine.machine().photos);
        let groups: Vec<_> = wanted.chunks(together.max(1)).collect();
        let mut rows = Vec::new();
        workers.stream_groups(
            &groups,
            |(photo, shown)| {
                let read = read(setting, *photo)?;
                Ok(read.map(|(geometry, input)| Excited {
                    photo: *photo,
                    geometry,
                    input: input.into(),
                    shown,
                }))
            },
            |engine, group, give| project(engine, node, group, give),
            |example| example.show(setting, gallery, field),
            |left| {
                rows.extend(left.into_iter().flatten());
                Ok(())
            },
        )?;
        rows.sort_by_key(|(beside, row): &(usize, OcclusionExampleRow)| (*beside, row.rank));
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }
}

/// Photos that were not explored, drawn by seed.
fn drawn(setting: &Setting, explored: &Explored) -> Vec<usize> {
    let photos = &setting.dataset.photos;
    let mut others: Vec<usize> = (0..photos.len())
        .filter(|other| !explored.followed.contains_key(other))
        .collect();
    others.sort_by_cached_key(|&at| draw(setting.seed, &["examples", &photos[at].id]));
    others.truncate(DRAWN);
    others.sort_unstable();
    others
}

/// What the network sees of a photo, and where that lies in it; `None` where it cannot be read.
fn read(setting: &Setting, photo: usize) -> Result<Option<(Geometry, Vec<f32>)>> {
    let Ok(read) = prepare::read(setting, &setting.dataset.photos[photo])? else {
        return Ok(None);
    };
    let geometry = Geometry::new(read.pixels.dimensions(), setting.preprocessing)?;
    let input = dataset::input(&read.pixels, setting.preprocessing)?;
    Ok(Some((geometry, input)))
}

/// How much each photo of a group excites each map of a node.
fn peaks(
    engine: &Engine,
    node: usize,
    group: Vec<Option<(usize, Vec<f32>)>>,
    give: &mut Give<'_, (usize, Vec<Peak>)>,
) -> Result<()> {
    let group: Vec<(usize, Vec<f32>)> = group.into_iter().flatten().collect();
    if group.is_empty() {
        return Ok(());
    }
    let inputs: Vec<&[f32]> = group.iter().map(|(_, input)| &input[..]).collect();
    let recording = Recording {
        activations: vec![node],
        until: Some(node),
        rule: None,
    };
    let trace = engine.forward(&engine.batch(&inputs)?, &recording)?;
    let [sums, values, places] = &engine.map_peaks(&trace, node)?;
    let read = read_back(&[sums, values, places])?;
    let peaks = engine.peaks_told(node, &read)?.into_iter();
    group.iter().zip(peaks).try_for_each(|((photo, _), peaks)| {
        let peaks = peaks.units.iter().map(peak).collect();
        give((*photo, peaks))
    })
}

/// A photo with units that are shown beside others.
#[derive(Clone)]
struct Excited<'s> {
    photo: usize,
    geometry: Geometry,
    /// What the network sees of the photo.
    input: Arc<[f32]>,
    shown: &'s [Shown],
}

/// A unit projected.
struct Example<'s> {
    of: Excited<'s>,
    shown: &'s Shown,
    projection: Values,
}

/// Projects the units of a group of photos.
fn project<'s>(
    engine: &Engine,
    node: usize,
    group: Vec<Option<Excited<'s>>>,
    give: &mut Give<'_, Example<'s>>,
) -> Result<()> {
    let group: Vec<Excited<'s>> = group.into_iter().flatten().collect();
    if group.is_empty() {
        return Ok(());
    }
    let inputs: Vec<&[f32]> = group.iter().map(|photo| &*photo.input).collect();
    let recording = Recording {
        rule: Some(ReluRule::Deconvnet),
        until: Some(node),
        ..Recording::default()
    };
    let trace = engine.forward(&engine.batch(&inputs)?, &recording)?;
    let units: Vec<(usize, &Shown)> = group
        .iter()
        .enumerate()
        .flat_map(|(image, photo)| photo.shown.iter().map(move |shown| (image, shown)))
        .collect();
    let mut projected = Vec::new();
    for units in units.chunks(engine.images_a_pass()) {
        let seed = |(image, shown): &(usize, &Shown)| Seed::unit(*image as i64, node, &shown.unit);
        let seeds: Vec<Seed> = units.iter().map(seed).collect();
        projected.push(engine.project(&trace, &seeds, ReluRule::Deconvnet)?);
    }
    let asked: Vec<_> = projected.iter().collect();
    let read = read_back(&asked)?;
    for (units, projections) in units.chunks(engine.images_a_pass()).zip(&read) {
        for (row, (image, shown)) in units.iter().enumerate() {
            give(Example {
                of: group[*image].clone(),
                shown,
                projection: projections.rows(row, 1)?,
            })?;
        }
    }
    Ok(())
}

impl Example<'_> {
    /// Shows it beside its photos; gives their numbers and rows.
    fn show(
        &self,
        setting: &Setting,
        gallery: Gallery<'_>,
        field: &Field,
    ) -> Result<Vec<(usize, OcclusionExampleRow)>> {
        let photos = &setting.dataset.photos;
        let planes =
            |values: &[f32]| Planes::of(setting.preprocessing.input().axes(), values.to_vec());
        let unit = record::unit_record(&self.shown.unit, field, &self.of.geometry);
        let projection: Vec<f32> = self.projection.all()?;
        let mut rows = Vec::new();
        for &(other, rank) in &self.shown.beside {
            let image_id = &photos[other].id;
            gallery.show(&ExampleMaps {
                of: maps::Example {
                    image_id: image_id.clone(),
                    rank,
                },
                input: planes(&self.of.input),
                projection: planes(&projection),
            })?;
            let row = OcclusionExampleRow {
                image_id: image_id.clone(),
                rank,
                example_id: photos[self.of.photo].id.clone(),
                activation: unit.activation,
                field_x: unit.field.x,
                field_y: unit.field.y,
                field_width: unit.field.width,
                field_height: unit.field.height,
            };
            rows.push((other, row));
        }
        Ok(rows)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use engine::{waits, Machine};

    use super::super::slide::tests::{engine, inputs};
    use super::*;

    /// As a GPU is fed: however many photos and units, the device is waited for once for a group, to find them and to project
    /// them.
    #[test]
    fn a_device_is_waited_for_once_a_group() {
        let engine = engine(Machine::GPU);
        let node = engine.anatomy().top_maps().unwrap().node;
        for (photos, units) in [(2, 1), (6, 4)] {
            let group: Vec<Option<(usize, Vec<f32>)>> = inputs(&engine, photos)
                .into_iter()
                .enumerate()
                .map(Some)
                .collect();
            let mut found = Vec::new();
            let before = waits();
            peaks(&engine, node, group, &mut |peaks| {
                found.push(peaks);
                Ok(())
            })
            .unwrap();
            assert_eq!((found.len(), waits() - before), (photos, 1));
            let shown: Vec<Vec<Shown>> = found
                .iter()
                .map(|(_, peaks)| {
                    let firing = peaks
                        .iter()
                        .enumerate()
                        .filter(|(_, peak)| peak.activation > 0.0);
                    let shown = firing.map(|(feature, peak)| Shown {
                        unit: Unit {
                            feature,
                            y: peak.y,
                            x: peak.x,
                            activation: peak.activation,
                        },
                        beside: Vec::new(),
                    });
                    shown.take(units).collect()
                })
                .collect();
            let excited = inputs(&engine, photos).into_iter().zip(&shown).enumerate();
            let excited = excited.map(|(photo, (input, shown))| {
                let preprocessing = network::Preprocessing::torchvision();
                Some(Excited {
                    photo,
                    geometry: Geometry::new((300, 200), &preprocessing).unwrap(),
                    input: input.into(),
                    shown,
                })
            });
            let mut projected = 0;
            let before = waits();
            project(&engine, node, excited.collect(), &mut |example| {
                let values: Vec<f32> = example.projection.all()?;
                assert!(values.iter().any(|value| *value != 0.0));
                projected += 1;
                Ok(())
            })
            .unwrap();
            assert_eq!((projected, waits() - before), (photos * units, 1));
        }
    }
}
