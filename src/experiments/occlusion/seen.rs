//! What came of a photograph under the occluder: as it was read back from the device, and what is read off it.

use base::{Error, Result};
use engine::occlude::FeatureMap;
use engine::seeds::Unit;
use engine::Values;

use super::curves::{self, Curve, Piece};

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

/// What the network gave at some positions, read back.
pub(super) struct Given {
    /// `[positions, classes]`; `None` without a classifier.
    pub(super) outputs: Option<Values>,
    pub(super) map_activation: Values,
}

/// What the network says of a photo.
pub(super) struct Clean {
    pub(super) probabilities: Vec<f32>,
    pub(super) followed: Followed,
    pub(super) units: Vec<Unit>,
}

/// What it says under the occluder, read back.
pub(super) struct Slid {
    pub(super) given: Given,
    /// In the fast mode: some positions, and what was given there exactly.
    pub(super) sample: Option<(Vec<usize>, Given)>,
    pub(super) map_clean: Values,
}

/// What is made of that: the order of the photo's pieces, and what becomes of the class while they are hidden and shown;
/// the projection of the map.
pub(super) type Made = (Option<(Vec<Piece>, Values)>, Option<Values>);

/// What came of a photo, as it was read back.
pub(super) struct Found {
    pub(super) clean: Clean,
    pub(super) slid: Slid,
    pub(super) made: Made,
}

/// What the network says of a photo, and what of it under the occluder.
pub(super) struct Told {
    /// Probability of every class; empty without a classifier.
    pub(super) probabilities: Vec<f32>,
    pub(super) followed: Followed,
    pub(super) seen: Seen,
    /// In the fast mode: some positions, and what was seen there exactly.
    pub(super) sample: Option<(Vec<usize>, Seen)>,
    pub(super) map_clean: f32,
    /// The strongest unit of each map.
    pub(super) units: Vec<Unit>,
    /// Deletion and insertion; empty without a classifier.
    pub(super) curves: (Curve, Curve),
    /// Of the map that is followed; `None` where none comes from its layer.
    pub(super) projection: Option<Vec<f32>>,
}

impl Given {
    pub(super) fn of(read: &mut impl Iterator<Item = Values>, classifies: bool) -> Result<Self> {
        Ok(Self {
            outputs: match classifies {
                true => Some(read.next().ok_or_else(missing)?),
                false => None,
            },
            map_activation: read.next().ok_or_else(missing)?,
        })
    }
}

impl Found {
    /// Reads off what the network gave for a photo of so many rows and columns.
    pub(super) fn told(self, size: [usize; 2]) -> Result<Told> {
        let Self {
            clean,
            slid,
            made: (pieces, projection),
        } = self;
        let followed = clean.followed;
        let sample = match &slid.sample {
            Some((places, exact)) => Some((places.clone(), followed.seen(exact)?)),
            None => None,
        };
        let curves = match &pieces {
            Some((order, probabilities)) => curves::curves(order, size, &probabilities.all()?),
            None => Default::default(),
        };
        Ok(Told {
            followed,
            seen: followed.seen(&slid.given)?,
            sample,
            map_clean: slid.map_clean.all()?.first().copied().unwrap_or(0.0),
            probabilities: clean.probabilities,
            units: clean.units,
            curves,
            projection: projection.map(|values| values.all()).transpose()?,
        })
    }
}

impl Followed {
    /// Reads off what is followed.
    fn seen(&self, given: &Given) -> Result<Seen> {
        let mut seen = Seen {
            map_activation: given.map_activation.all()?,
            ..Seen::default()
        };
        if let (Some(class), Some(outputs)) = (self.class, &given.outputs) {
            let outputs: Vec<f32> = outputs.all()?;
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

pub(super) fn missing() -> Error {
    Error::Compute {
        doing: "sliding an occluder".into(),
        message: "less was read back than asked for".into(),
    }
}
