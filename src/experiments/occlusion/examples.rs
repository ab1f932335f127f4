//! The photographs of the folder that a followed map is most active for, and its projections there.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::{forward, peaks, Occlusions};
use crate::dataset::{self, Geometry};
use crate::digest::draw;
use crate::engine::seeds::Unit;
use crate::engine::{to_values, Engine, ReluRule};
use crate::error::Result;
use crate::experiments::{prepare, record, workers, Context, Setting};
use crate::figures::occlusion::{write_input, write_projection, Subject};
use crate::network::receptive_field::{self, Field};
use crate::records::occlusion::Peak;
use crate::records::tables::OcclusionExampleRow;
use crate::records::OcclusionRecord;

/// Other photos shown beside each.
const SHOWN: usize = 4;
/// Photos beside the explored ones that are looked through.
const DRAWN: usize = 64;

/// A unit of a photo that is projected for another photo's followed map.
struct Shown {
    image_id: String,
    rank: usize,
    unit: Unit,
}

impl Occlusions<'_> {
    /// Finds for each explored photo the others that excite its map most, among the explored ones and some drawn by seed,
    /// and draws what the map shows of them.
    pub(super) fn examples(
        &self,
        explored: &[(usize, OcclusionRecord)],
    ) -> Result<Vec<OcclusionExampleRow>> {
        let Context {
            setting, engine, ..
        } = *self.context;
        let (node, threads, root) = (self.layer.node, setting.threads, self.context.root());
        if self.blocked {
            return Ok(Vec::new());
        }
        // A bar that does not move: it is soon over.
        let _progress = self.context.progress("looking for examples", explored.len());
        let others = drawn(setting, explored);
        let look = |engine: &Engine, photo: &usize| -> Result<Vec<Peak>> {
            let Ok(read) = prepare::read(setting, &setting.dataset.photos[*photo])? else {
                return Ok(Vec::new());
            };
            let input = dataset::input(&read.pixels, setting.preprocessing)?;
            peaks(engine, &forward(engine, &input)?, node)
        };
        let found = workers::each(threads, engine, &others, look)?;
        let known = explored
            .iter()
            .map(|(photo, record)| (*photo, &record.peaks));
        let all: Vec<(usize, &Vec<Peak>)> =
            known.chain(others.iter().copied().zip(&found)).collect();
        let wanted = wanted(explored, &all);
        let field = receptive_field::fields(engine.network())?[node];
        let show = |engine: &Engine, (photo, shown): &(usize, Vec<Shown>)| {
            show(setting, engine, (node, &field), *photo, shown, root)
        };
        let rows = workers::each(threads, engine, &wanted, show)?;
        let mut rows: Vec<OcclusionExampleRow> = rows.into_iter().flatten().collect();
        let places = explored.iter().enumerate();
        let places: HashMap<&str, usize> = places
            .map(|(place, (_, record))| (record.image_id.as_str(), place))
            .collect();
        rows.sort_by_key(|row| (places.get(row.image_id.as_str()).copied(), row.rank));
        Ok(rows)
    }
}

/// Photos that were not explored, drawn by seed.
fn drawn(setting: &Setting, explored: &[(usize, OcclusionRecord)]) -> Vec<usize> {
    let photos = &setting.dataset.photos;
    let mut others: Vec<usize> = (0..photos.len())
        .filter(|other| explored.iter().all(|(photo, _)| photo != other))
        .collect();
    others.sort_by_cached_key(|&at| draw(setting.seed, &["examples", &photos[at].id]));
    others.truncate(DRAWN);
    others.sort_unstable();
    others
}

/// By photo, the units of it that are shown beside explored photos.
fn wanted(
    explored: &[(usize, OcclusionRecord)],
    all: &[(usize, &Vec<Peak>)],
) -> Vec<(usize, Vec<Shown>)> {
    let mut wanted: BTreeMap<usize, Vec<Shown>> = BTreeMap::new();
    for (own, record) in explored {
        let mut others: Vec<(usize, Peak)> = all
            .iter()
            .filter(|(photo, _)| photo != own)
            .filter_map(|(photo, peaks)| Some((*photo, *peaks.get(record.map)?)))
            .filter(|(_, peak)| peak.activation > 0.0)
            .collect();
        others.sort_by(|(a, one), (b, other)| {
            let stronger = other.activation.total_cmp(&one.activation);
            stronger.then(a.cmp(b))
        });
        for (rank, (photo, peak)) in others.into_iter().take(SHOWN).enumerate() {
            wanted.entry(photo).or_default().push(Shown {
                image_id: record.image_id.clone(),
                rank: rank + 1,
                unit: Unit {
                    feature: record.map,
                    y: peak.y,
                    x: peak.x,
                    activation: peak.activation,
                },
            });
        }
    }
    wanted.into_iter().collect()
}

/// Projects units of one photo and draws them into the folders of those they are shown beside.
fn show(
    setting: &Setting,
    engine: &Engine,
    (node, field): (usize, &Field),
    photo: usize,
    shown: &[Shown],
    root: &Path,
) -> Result<Vec<OcclusionExampleRow>> {
    let file = &setting.dataset.photos[photo];
    let Ok(read) = prepare::read(setting, file)? else {
        return Ok(Vec::new());
    };
    let preprocessing = setting.preprocessing;
    let geometry = Geometry::new(read.pixels.dimensions(), preprocessing)?;
    let input = dataset::input(&read.pixels, preprocessing)?;
    let trace = forward(engine, &input)?;
    let mut rows = Vec::with_capacity(shown.len());
    for Shown {
        image_id,
        rank,
        unit,
    } in shown
    {
        let seed = engine.unit_seed(0, node, unit)?;
        let projected = to_values(&engine.project(&trace, &[seed], ReluRule::Deconvnet)?)?;
        let (side, channels) = (preprocessing.crop as usize, preprocessing.channels);
        let subject = Subject::Example(*rank);
        write_projection(root, image_id, subject, &projected, (side, channels))?;
        let subject = Subject::ExampleInput(*rank);
        write_input(root, image_id, subject, &input, preprocessing)?;
        let unit = record::unit_record(unit, field, &geometry);
        rows.push(OcclusionExampleRow {
            image_id: image_id.clone(),
            rank: *rank,
            example_id: file.id.clone(),
            activation: unit.activation,
            field_x: unit.field.x,
            field_y: unit.field.y,
            field_width: unit.field.width,
            field_height: unit.field.height,
        });
    }
    Ok(rows)
}
