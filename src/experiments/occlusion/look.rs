//! One photograph under the sliding square.

use std::sync::Arc;

use base::{Error, Result};
use dataset::{self, Geometry};
use engine::occlude::Occluder;
use engine::Give;
use records::maps::{OcclusionMaps, Planes};
use records::occlusion::OccludedClasses;
use records::{ranked, OcclusionRecord, RunFolder};

use super::seen::Found;
use super::similarity::similarity;
use super::slide::Sliders;
use super::{covered, peak, regions, NAME};
use crate::{prepare, Gallery, Setting};

/// What is done with a photo, but for what the network computes.
pub(super) struct Look<'a> {
    pub(super) setting: &'a Setting<'a>,
    pub(super) folder: &'a RunFolder,
    pub(super) gallery: Gallery<'a>,
    pub(super) occluder: &'a Occluder,
}

/// A photo read, or what an interrupted run has found of it.
pub(super) enum Opened {
    Photo(Photo),
    Kept(usize, Box<OcclusionRecord>),
}

/// A photo as the network sees it.
pub(super) struct Photo {
    /// In the data set.
    number: usize,
    sha256: String,
    geometry: Geometry,
    input: Arc<[f32]>,
}

/// What the occluder brought to light.
pub(super) enum Slid {
    Photo(Photo, Box<Found>),
    Kept(usize, Box<OcclusionRecord>),
}

impl Look<'_> {
    /// Reads a photo, or what is kept of it; `None` where it cannot be read.
    pub(super) fn open(&self, number: usize) -> Result<Option<Opened>> {
        let (dataset, preprocessing) = (self.setting.dataset, self.setting.preprocessing);
        let file = &dataset.photos[number];
        if let Some(kept) = self.folder.kept_of::<OcclusionRecord>(NAME, &file.id)? {
            return match dataset.sha256(file) == kept.sha256 {
                true => Ok(Some(Opened::Kept(number, Box::new(kept)))),
                false => Err(Error::photo_changed(dataset.absolute(file))),
            };
        }
        let Ok(read) = prepare::read(self.setting, file)? else {
            return Ok(None);
        };
        Ok(Some(Opened::Photo(Photo {
            number,
            geometry: Geometry::new(read.pixels.dimensions(), preprocessing)?,
            input: dataset::input(&read.pixels, preprocessing)?.into(),
            sha256: read.sha256,
        })))
    }

    /// Slides the occluder over some photos, those that can be read and of which nothing is kept, and hands them all over in
    /// their order.
    pub(super) fn slide(
        &self,
        sliders: &Sliders,
        group: Vec<Option<Opened>>,
        give: &mut Give<'_, Slid>,
    ) -> Result<()> {
        let asked = |opened: &Option<Opened>| match opened {
            Some(Opened::Photo(photo)) => Some((self.label(photo.number), photo.input.clone())),
            _ => None,
        };
        let asked: Vec<(Option<usize>, Arc<[f32]>)> = group.iter().filter_map(asked).collect();
        let mut found = sliders.slide(&asked)?.into_iter();
        for opened in group.into_iter().flatten() {
            match opened {
                Opened::Kept(number, kept) => give(Slid::Kept(number, kept))?,
                Opened::Photo(photo) => {
                    if let Some(found) = found.next() {
                        give(Slid::Photo(photo, Box::new(found)))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Shows a photo's maps and keeps its record.
    pub(super) fn told(&self, slid: Slid) -> Result<(usize, OcclusionRecord)> {
        let (photo, found) = match slid {
            Slid::Photo(photo, found) => (photo, *found),
            Slid::Kept(number, kept) => return Ok((number, *kept)),
        };
        let found = found.told(self.setting.preprocessing.crop.sides())?;
        let file = &self.setting.dataset.photos[photo.number];
        let mut record = OcclusionRecord {
            image_id: file.id.clone(),
            sha256: photo.sha256,
            photo_size: photo.geometry.photo,
            rows: self.occluder.rows.clone(),
            columns: self.occluder.columns.clone(),
            classes: None,
            map: found.followed.map.feature,
            map_clean: found.map_clean,
            fast: found
                .sample
                .map(|(places, exact)| similarity(&found.seen, &places, &exact)),
            map_activation: found.seen.map_activation,
            peaks: found.units.iter().map(peak).collect(),
            regions: Vec::new(),
            projection_correlation: None,
        };
        let predicted = ranked(&found.probabilities).first().copied();
        if let (Some(class), Some(first_clean)) = (found.followed.class, predicted) {
            record.classes = Some(OccludedClasses {
                class,
                is_label: self.label(photo.number).is_some(),
                first_clean,
                clean: found.probabilities[class],
                probability: found.seen.probability,
                first: found.seen.first,
                first_probability: found.seen.first_probability,
                deletion: found.curves.0,
                insertion: found.curves.1,
            });
        }
        let worst = record.position(record.worst());
        let masks = self.setting.masks;
        let masks = masks.for_photo(&file.path, photo.geometry.photo)?.0;
        let classes = record.classes.as_ref();
        record.regions =
            regions::held_against(&masks, &photo.geometry, self.occluder, worst, classes);
        let size = self.setting.preprocessing.crop.sides();
        record.projection_correlation = found.projection.as_deref().and_then(|projection| {
            covered::correlation(&record, projection, self.occluder.size, size)
        });
        self.gallery.show(&OcclusionMaps {
            image_id: file.id.clone(),
            worst: self.hidden(&photo.input, worst),
            input: self.planes(photo.input.to_vec()),
            projection: found.projection.map(|values| self.planes(values)),
        })?;
        self.folder.keep_of(NAME, &file.id, &record)?;
        Ok((photo.number, record))
    }

    /// The photo's own class, where its label is one class of the network.
    fn label(&self, photo: usize) -> Option<usize> {
        let dataset = self.setting.dataset;
        let labels = &dataset.labels;
        let label = dataset.photos[photo].label?;
        match labels.classes[label][..] {
            [class] => Some(class),
            _ => None,
        }
    }

    /// An input with the occluder at a position.
    fn hidden(&self, input: &[f32], (y, x): (usize, usize)) -> Planes {
        let [height, width] = self.setting.preprocessing.crop.sides();
        let Occluder { size, fill, .. } = self.occluder;
        let mut hidden = input.to_vec();
        for (plane, fill) in hidden.chunks_exact_mut(height * width).zip(fill) {
            for row in plane.chunks_exact_mut(width).skip(y).take(*size) {
                row[x..x + size].fill(*fill);
            }
        }
        self.planes(hidden)
    }

    fn planes(&self, values: Vec<f32>) -> Planes {
        Planes::of(self.setting.preprocessing.input().axes(), values)
    }
}
