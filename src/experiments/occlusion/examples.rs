//! The photographs of the folder that a followed map is most active for, and its projections there.

use std::collections::BTreeMap;
use std::path::Path;

use super::{forward, peaks, Occlusions};
use crate::dataset::{self, Geometry};
use crate::digest::draw;
use crate::engine::seeds::Unit;
use crate::engine::{to_values, Engine, ReluRule};
use crate::error::Result;
use crate::experiments::{prepare, record, workers, Context, Setting};
use crate::figures::occlusion::{write_input, write_projection, Subject};
use crate::network::receptive_field::Field;
use crate::records::occlusion::Peak;
use crate::records::tables::OcclusionExampleRow;
use crate::records::OcclusionRecord;

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
        let (node, threads) = (self.layer.node, setting.threads);
        if self.blocked {
            return Ok(Vec::new());
        }
        // A bar that does not move: it is soon over.
        let _progress = self
            .context
            .progress("looking for examples", explored.followed.len());
        let others = drawn(setting, &explored);
        let look = |engine: &Engine, photo: &usize| -> Result<Vec<Peak>> {
            let Ok(read) = prepare::read(setting, &setting.dataset.photos[*photo])? else {
                return Ok(Vec::new());
            };
            let input = dataset::input(&read.pixels, setting.preprocessing)?;
            peaks(engine, &forward(engine, &input)?, node)
        };
        let found = workers::each(threads, engine, &others, look)?;
        for (photo, peaks) in others.iter().zip(&found) {
            explored.take(*photo, peaks);
        }
        let field = &engine.anatomy().fields()[node];
        let of = (setting, self.context.root());
        let show = |engine: &Engine, (photo, shown): &(usize, Vec<Shown>)| {
            show(of, engine, (node, field), *photo, shown)
        };
        let rows = workers::each(threads, engine, &explored.wanted(), show)?;
        let mut rows: Vec<(usize, OcclusionExampleRow)> = rows.into_iter().flatten().collect();
        rows.sort_by_key(|(beside, row)| (*beside, row.rank));
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

/// Projects units of one photo and draws them into the folders of those they are shown beside; gives those photos'
/// numbers and rows.
fn show(
    (setting, root): (&Setting, &Path),
    engine: &Engine,
    (node, field): (usize, &Field),
    photo: usize,
    shown: &[Shown],
) -> Result<Vec<(usize, OcclusionExampleRow)>> {
    let file = &setting.dataset.photos[photo];
    let Ok(read) = prepare::read(setting, file)? else {
        return Ok(Vec::new());
    };
    let preprocessing = setting.preprocessing;
    let geometry = Geometry::new(read.pixels.dimensions(), preprocessing)?;
    let input = dataset::input(&read.pixels, preprocessing)?;
    let trace = forward(engine, &input)?;
    let (side, channels) = (preprocessing.crop as usize, preprocessing.channels);
    let mut rows = Vec::new();
    for Shown { unit, beside } in shown {
        let seed = engine.unit_seed(0, node, unit)?;
        let projected = to_values(&engine.project(&trace, &[seed], ReluRule::Deconvnet)?)?;
        let unit = record::unit_record(unit, field, &geometry);
        for &(other, rank) in beside {
            let image_id = &setting.dataset.photos[other].id;
            let subject = Subject::Example(rank);
            write_projection(root, image_id, subject, &projected, (side, channels))?;
            let subject = Subject::ExampleInput(rank);
            write_input(root, image_id, subject, &input, preprocessing)?;
            let row = OcclusionExampleRow {
                image_id: image_id.clone(),
                rank,
                example_id: file.id.clone(),
                activation: unit.activation,
                field_x: unit.field.x,
                field_y: unit.field.y,
                field_width: unit.field.width,
                field_height: unit.field.height,
            };
            rows.push((other, row));
        }
    }
    Ok(rows)
}
