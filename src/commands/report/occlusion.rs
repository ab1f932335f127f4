//! The occlusion experiment: which photographs, before or after the others, and what is written of it.

use crate::cli::{MaskSource, ReportArgs, Slid, Voice};
use crate::dataset::{Dataset, Geometry, Masks, Rect};
use crate::digest::draw;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::experiments::occlusion::{arrays, collect, Occlusions, Options};
use crate::experiments::Setting;
use crate::network::classes::Class;
use crate::network::{Model, Stage};
use crate::progress::Progress;
use crate::records::tables::{self, MetricRow};
use crate::records::{add_maps, OcclusionRecord, RunFolder};

use super::experiments::interrupted;

/// The region of a photograph under the most harmful position.
const WORST: &str = "worst";
/// Side of the occluder where none was asked for.
const SIZE: usize = 32;

/// What was asked for.
#[derive(Debug)]
pub(super) struct Occlusion {
    pub(super) options: Options,
    layer: Stage,
    photos: Slid,
}

impl Occlusion {
    /// `None` where it was not asked for or the network has no maps to follow; then with a note.
    pub(super) fn read(args: &ReportArgs, model: &Model) -> Result<(Option<Self>, Vec<String>)> {
        let is_worst = args.masks == Some(MaskSource::Worst);
        if is_worst && matches!(args.occlusion, Slid::None | Slid::Masked | Slid::Some(0)) {
            return Err(Error::Usage(
                "--masks worst hides what the occluder finds: choose its photographs with --occlusion N or all".into(),
            ));
        }
        if args.occlusion == Slid::None {
            return Ok((None, Vec::new()));
        }
        let side = model.preprocessing.crop as usize;
        let size = args.occluder.unwrap_or(match side {
            0..64 => (side / 7).max(1),
            _ => SIZE,
        });
        let options = Options {
            size,
            stride: args.occluder_stride.unwrap_or((size / 4).max(1)),
            fill: args.occluder_fill,
            fast: args.occlusion_fast,
        };
        options.grid(&model.preprocessing)?;
        let Some(layer) = model.network.top_maps()? else {
            let note = "no occlusion: the network has no layer of maps to follow";
            return match is_worst {
                true => Err(Error::Usage(note.into())),
                false => Ok((None, vec![note.into()])),
            };
        };
        let asked = Self {
            options,
            layer,
            photos: args.occlusion,
        };
        Ok((Some(asked), Vec::new()))
    }

    /// Finds the most harmful position on photographs that nothing is known of yet, as regions to hide.
    pub(super) fn worst(
        &self,
        setting: &Setting,
        engine: &Engine,
        folder: &RunFolder,
        voice: Voice,
    ) -> Result<Masks> {
        let wanted = match self.photos {
            Slid::Some(wanted) => wanted,
            _ => usize::MAX,
        };
        let all = 0..setting.dataset.photos.len();
        let photos = drawn(setting, all.map(|photo| (false, photo)), wanted);
        let occlusions = Occlusions::new(setting, engine, &self.options, &self.layer)?;
        let records = self.explore(&occlusions, &photos, folder, voice)?;
        let mut boxes = Vec::with_capacity(records.len());
        for (photo, record) in &records {
            let path = &setting.dataset.photos[*photo].path;
            let geometry = Geometry::new(record.photo_size, setting.preprocessing)?;
            let (y, x) = record.position(record.worst());
            let side = self.options.size as f64;
            let (left, top) = (x as f64, y as f64);
            let square = Rect::between(left, top, left + side, top + side);
            boxes.push((path.clone(), geometry.to_photo(&square)));
        }
        match boxes.is_empty() {
            false => Ok(Masks::found(WORST, boxes)),
            true => Err(Error::Dataset {
                path: setting.dataset.root.clone(),
                problem:
                    "none of the photographs that --masks worst would hide a part of can be read"
                        .into(),
            }),
        }
    }

    /// Slides the occluder over the photographs asked for and writes tables and arrays; the photographs' own must be
    /// there.
    pub(super) fn run(
        &self,
        setting: &Setting,
        engine: &Engine,
        classes: &[Class],
        folder: &RunFolder,
        voice: Voice,
    ) -> Result<Vec<MetricRow>> {
        let photos = self.chosen(setting, folder)?;
        if photos.is_empty() {
            return Ok(Vec::new());
        }
        let occlusions = Occlusions::new(setting, engine, &self.options, &self.layer)?;
        let records = self.explore(&occlusions, &photos, folder, voice)?;
        let root = folder.root();
        let progress = Progress::new(voice, "looking for examples", records.len(), 0);
        let examples = occlusions
            .examples(&records, root, &progress)?
            .ok_or_else(|| interrupted(folder))?;
        for (_, record) in records.iter().filter(|_| setting.arrays) {
            // Others have no arrays; their maps are in the table.
            let photo = folder.record(&record.image_id)?;
            if photo.is_some_and(|photo| photo.detail) {
                add_maps(&folder.arrays(&record.image_id), &arrays(record))?;
            }
        }
        let records = records.iter().map(|(_, record)| record);
        let found = collect(
            records,
            &self.options,
            &self.layer.name,
            classes,
            setting.seed,
        );
        tables::write(root, &found.positions)?;
        tables::write(root, &found.photos)?;
        tables::write(root, &found.classes)?;
        tables::write(root, &found.regions)?;
        tables::write(root, &found.curves)?;
        tables::write(root, &examples)?;
        Ok(found.metrics)
    }

    fn explore(
        &self,
        occlusions: &Occlusions<'_>,
        photos: &[usize],
        folder: &RunFolder,
        voice: Voice,
    ) -> Result<Vec<(usize, OcclusionRecord)>> {
        let progress = Progress::new(voice, "sliding the occluder", photos.len(), 0);
        let found = occlusions.explore(photos, folder, &progress)?;
        found.ok_or_else(|| interrupted(folder))
    }

    /// Photographs with masks, and of the others those in detail before the rest, drawn by seed.
    fn chosen(&self, setting: &Setting, folder: &RunFolder) -> Result<Vec<usize>> {
        let dataset: &Dataset = setting.dataset;
        let masked = |photo: usize| {
            let path = &dataset.photos[photo].path;
            setting.masks.photos().any(|other| other == path)
        };
        let mut chosen = Vec::new();
        let mut others = Vec::new();
        for (at, photo) in dataset.photos.iter().enumerate() {
            let record = folder.record(&photo.id)?;
            let Some(record) = record.filter(|record| record.skipped.is_none()) else {
                continue;
            };
            match masked(at) {
                true => chosen.push(at),
                false => others.push((!record.detail, at)),
            }
        }
        let found_before = setting.masks.is_found();
        let wanted = match self.photos {
            Slid::All => usize::MAX,
            Slid::Some(wanted) if !found_before => wanted,
            _ => 0,
        };
        chosen.extend(drawn(setting, others.into_iter(), wanted));
        chosen.sort_unstable();
        Ok(chosen)
    }
}

/// So many of the photos, in the order of their numbers: those with a lower first value before the others, by seed.
fn drawn<K: Ord>(
    setting: &Setting,
    photos: impl Iterator<Item = (K, usize)>,
    wanted: usize,
) -> Vec<usize> {
    let id = |photo: usize| &setting.dataset.photos[photo].id;
    let mut all: Vec<(K, u64, usize)> = photos
        .map(|(key, photo)| (key, draw(setting.seed, &["occlusion", id(photo)]), photo))
        .collect();
    all.sort_unstable();
    let mut chosen: Vec<usize> = all
        .into_iter()
        .map(|(.., photo)| photo)
        .take(wanted)
        .collect();
    chosen.sort_unstable();
    chosen
}
