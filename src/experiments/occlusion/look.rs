//! One photograph under the sliding square.

use super::similarity::similarity;
use super::{curves, forward, peaks, regions, Occlusions};
use crate::dataset::{self, Geometry};
use crate::engine::occlude::{FeatureMap, Occlusion};
use crate::engine::{to_values, ReluRule, Trace};
use crate::error::{Error, Result};
use crate::experiments::{prepare, Context};
use crate::records::maps::{OcclusionMaps, Planes};
use crate::records::occlusion::OccludedClasses;
use crate::records::{ranked, OcclusionRecord};

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

impl Occlusions<'_> {
    /// Explores one photo; `None` where it cannot be read.
    pub(super) fn look(&self, photo: usize) -> Result<Option<(OcclusionRecord, OcclusionMaps)>> {
        let Context {
            setting, engine, ..
        } = *self.context;
        let file = &setting.dataset.photos[photo];
        let Ok(read) = prepare::read(setting, file)? else {
            return Ok(None);
        };
        let geometry = Geometry::new(read.pixels.dimensions(), setting.preprocessing)?;
        let input = dataset::input(&read.pixels, setting.preprocessing)?;
        let clean = forward(engine, &input)?;
        let probabilities = match engine.network().has_classifier() {
            true => to_values(&clean.output)?,
            false => Vec::new(),
        };
        let label = self.label(photo);
        let predicted = ranked(&probabilities).first().copied();
        let followed = Followed {
            class: predicted.map(|predicted| label.unwrap_or(predicted)),
            map: engine.strongest_map(&clean, 0, self.layer.node)?,
        };
        let (seen, fast) = match &self.fast {
            None => (
                followed.seen(&self.slider.slide(&clean, &[followed.map])?)?,
                None,
            ),
            Some(fast) => {
                let sketch = fast.slide(&clean, &[followed.map])?;
                let (all, exact) = (followed.seen(&sketch.all)?, followed.seen(&sketch.exact)?);
                let told = similarity(&all, &sketch.places, &exact);
                (all, Some(told))
            }
        };
        let mut record = OcclusionRecord {
            image_id: file.id.clone(),
            sha256: read.sha256.clone(),
            photo_size: geometry.photo,
            rows: self.slider.occluder().rows.clone(),
            columns: self.slider.occluder().columns.clone(),
            classes: None,
            map: followed.map.feature,
            map_clean: engine.summed_map(&clean, 0, followed.map)?,
            map_activation: seen.map_activation,
            peaks: peaks(engine, &clean, self.layer.node)?,
            fast,
            regions: Vec::new(),
        };
        if let (Some(class), Some(first_clean)) = (followed.class, predicted) {
            let mut classes = OccludedClasses {
                class,
                is_label: label.is_some(),
                first_clean,
                clean: probabilities[class],
                probability: seen.probability,
                first: seen.first,
                first_probability: seen.first_probability,
                deletion: Vec::new(),
                insertion: Vec::new(),
            };
            let order = curves::order(&classes, self.slider.occluder(), setting.preprocessing.crop);
            let fill = &self.slider.occluder().fill;
            let pieces = curves::Pieces::new(order, setting.preprocessing.crop as usize, fill);
            (classes.deletion, classes.insertion) =
                pieces.curves(engine, setting.threads, &input, class)?;
            record.classes = Some(classes);
        }
        let (y, x) = record.position(record.worst());
        let masks = setting.masks.for_photo(&file.path, geometry.photo)?.0;
        record.regions = regions::held_against(&masks, &geometry, self.slider.occluder(), (y, x));
        let maps = OcclusionMaps {
            image_id: file.id.clone(),
            worst: self.hidden(&input, (y, x)),
            projection: self.projected(&clean, followed.map)?,
            input: self.planes(input),
        };
        Ok(Some((record, maps)))
    }

    /// The photo's own class, where its label is one class of the network.
    fn label(&self, photo: usize) -> Option<usize> {
        let dataset = self.context.setting.dataset;
        let labels = &dataset.labels;
        let label = dataset.photos[photo].label?;
        match labels.classes[label][..] {
            [class] => Some(class),
            _ => None,
        }
    }

    /// An input with the occluder at a position.
    fn hidden(&self, input: &[f32], (y, x): (usize, usize)) -> Planes {
        let side = self.context.setting.preprocessing.crop as usize;
        let occluder = self.slider.occluder();
        let mut hidden = input.to_vec();
        for (plane, fill) in hidden.chunks_exact_mut(side * side).zip(&occluder.fill) {
            for row in plane.chunks_exact_mut(side).skip(y).take(occluder.size) {
                row[x..x + occluder.size].fill(*fill);
            }
        }
        self.planes(hidden)
    }

    /// A map projected; `None` where no projection comes from its layer.
    fn projected(&self, clean: &Trace, map: FeatureMap) -> Result<Option<Planes>> {
        if self.blocked {
            return Ok(None);
        }
        let engine = self.context.engine;
        let seed = engine.map_seed(clean, 0, map.node, map.feature)?;
        let projected = engine.project(clean, &[seed], ReluRule::Deconvnet)?;
        Ok(Some(self.planes(to_values(&projected)?)))
    }

    fn planes(&self, values: Vec<f32>) -> Planes {
        Planes::square(self.context.setting.preprocessing.crop as usize, values)
    }
}
