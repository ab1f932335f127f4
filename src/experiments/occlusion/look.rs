//! One photograph under the sliding square.

use base::{Error, Result};
use dataset::{self, Geometry};
use engine::occlude::{Fast, FeatureMap, Machine, Occluder, Occlusion, Slider};
use engine::{to_values, Engine, Executor, ReluRule};
use network::Stage;
use records::maps::{OcclusionMaps, Planes};
use records::occlusion::{OccludedClasses, Peak};
use records::{ranked, OcclusionRecord, RunFolder};

use super::curves::{self, Curve, Pieces};
use super::similarity::similarity;
use super::{forward, peaks, regions, NAME};
use crate::{prepare, Gallery, Setting};

/// What is followed on a photo.
#[derive(Debug, Clone, Copy)]
pub(super) struct Followed {
    /// `None` without a classifier.
    pub(super) class: Option<usize>,
    pub(super) map: FeatureMap,
}

/// What was seen at some positions, in their order. Without a classifier there are map activations alone.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Seen {
    pub(super) probability: Vec<f32>,
    pub(super) first: Vec<usize>,
    pub(super) first_probability: Vec<f32>,
    pub(super) map_activation: Vec<f32>,
}

impl Followed {
    /// Reads off what is followed.
    fn seen(&self, found: &Occlusion) -> Result<Seen> {
        let mut seen = Seen {
            map_activation: found.sums.iter().flatten().copied().collect(),
            ..Seen::default()
        };
        if let Some(class) = self.class {
            let outputs = to_values(&found.output)?;
            let classes = outputs.len() / seen.map_activation.len().max(1);
            for probabilities in outputs.chunks_exact(classes.max(1)) {
                let first = first(probabilities);
                seen.probability.push(probabilities[class]);
                seen.first.push(first);
                seen.first_probability.push(probabilities[first]);
            }
        }
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        match finite(&seen.map_activation) && finite(&seen.probability) {
            true => Ok(seen),
            false => Err(Error::Compute {
                doing: "sliding an occluder".into(),
                message: "the network gives values that are not finite (NaN or infinite); are its weights damaged?".into(),
            }),
        }
    }
}

/// The first of the largest.
fn first(probabilities: &[f32]) -> usize {
    let mut first = 0;
    for (class, probability) in probabilities.iter().enumerate() {
        if *probability > probabilities[first] {
            first = class;
        }
    }
    first
}

/// What is done with a photo, but for what the network computes.
pub(super) struct Look<'a> {
    pub(super) setting: &'a Setting<'a>,
    pub(super) folder: &'a RunFolder,
    pub(super) gallery: Gallery<'a>,
    /// The one whose strongest map is followed.
    pub(super) layer: &'a Stage,
    pub(super) occluder: &'a Occluder,
    /// Whether no projection comes from the layer.
    pub(super) blocked: bool,
}

/// What computes.
#[derive(Debug, Clone)]
pub(super) struct Sliders {
    pub(super) engine: Engine,
    pub(super) slider: Slider,
    /// Where not all positions are computed.
    pub(super) fast: Option<Fast>,
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
    input: Vec<f32>,
}

/// What the occluder brought to light.
pub(super) enum Slid {
    Photo(Photo, Box<Found>),
    Kept(usize, Box<OcclusionRecord>),
}

/// What the network says of a photo, and what of it under the occluder.
pub(super) struct Found {
    /// Probability of every class; empty without a classifier.
    probabilities: Vec<f32>,
    followed: Followed,
    seen: Seen,
    /// In the fast mode: some positions, and what was seen there exactly.
    sample: Option<(Vec<usize>, Seen)>,
    map_clean: f32,
    peaks: Vec<Peak>,
    /// Deletion and insertion; empty without a classifier.
    curves: (Curve, Curve),
    /// Of the map that is followed; `None` where none comes from its layer.
    projection: Option<Planes>,
}

impl Look<'_> {
    /// Reads a photo, or what is kept of it; `None` where it cannot be read.
    pub(super) fn open(&self, number: usize) -> Result<Option<Opened>> {
        let (dataset, preprocessing) = (self.setting.dataset, self.setting.preprocessing);
        let file = &dataset.photos[number];
        if let Some(kept) = self.folder.kept::<OcclusionRecord>(NAME, &file.id)? {
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
            input: dataset::input(&read.pixels, preprocessing)?,
            sha256: read.sha256,
        })))
    }

    /// Slides the occluder over a photo, and hides and shows it piece by piece, each with all workers.
    pub(super) fn slide(&self, sliders: &Sliders, opened: Opened) -> Result<Slid> {
        let photo = match opened {
            Opened::Photo(photo) => photo,
            Opened::Kept(number, kept) => return Ok(Slid::Kept(number, kept)),
        };
        let Sliders {
            engine,
            slider,
            fast,
        } = sliders;
        let clean = forward(engine, &photo.input)?;
        let probabilities = match engine.network().has_classifier() {
            true => to_values(&clean.output)?,
            false => Vec::new(),
        };
        let predicted = ranked(&probabilities).first().copied();
        let followed = Followed {
            class: predicted.map(|predicted| self.label(photo.number).unwrap_or(predicted)),
            map: engine.strongest_map(&clean, 0, self.layer.node)?,
        };
        let (seen, sample) = match fast {
            None => (
                followed.seen(&slider.slide(&clean, &[followed.map])?)?,
                None,
            ),
            Some(fast) => {
                let sketch = fast.slide(&clean, &[followed.map])?;
                let exact = followed.seen(&sketch.exact)?;
                (followed.seen(&sketch.all)?, Some((sketch.places, exact)))
            }
        };
        let mut curves = (Vec::new(), Vec::new());
        if let Some(class) = followed.class {
            let size = self.setting.preprocessing.crop.sides();
            let probability = (probabilities[class], &*seen.probability);
            let order = curves::order(probability, self.occluder, size);
            let pieces = Pieces::new(order, size, &self.occluder.fill);
            let workers = Executor::new(engine, self.setting.threads);
            let images = Machine::of(engine.device()).images;
            curves = pieces.curves(&workers, images, &photo.input, class)?;
        }
        let projection = match self.blocked {
            true => None,
            false => {
                let FeatureMap { node, feature } = followed.map;
                let seed = engine.map_seed(&clean, 0, node, feature)?;
                let projected = engine.project(&clean, &[seed], ReluRule::Deconvnet)?;
                Some(self.planes(to_values(&projected)?))
            }
        };
        let found = Found {
            map_clean: engine.summed_map(&clean, 0, followed.map)?,
            peaks: peaks(engine, &clean, self.layer.node)?,
            probabilities,
            followed,
            seen,
            sample,
            curves,
            projection,
        };
        Ok(Slid::Photo(photo, Box::new(found)))
    }

    /// Shows a photo's maps and keeps its record.
    pub(super) fn told(&self, slid: Slid) -> Result<(usize, OcclusionRecord)> {
        let (photo, found) = match slid {
            Slid::Photo(photo, found) => (photo, *found),
            Slid::Kept(number, kept) => return Ok((number, *kept)),
        };
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
            peaks: found.peaks,
            regions: Vec::new(),
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
        record.regions = regions::held_against(&masks, &photo.geometry, self.occluder, worst);
        self.gallery.show(&OcclusionMaps {
            image_id: file.id.clone(),
            worst: self.hidden(&photo.input, worst),
            input: self.planes(photo.input),
            projection: found.projection,
        })?;
        self.folder.keep(NAME, &file.id, &record)?;
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
