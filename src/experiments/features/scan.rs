//! One pass over the photographs: every map's strongest units, and what it does over all of them. It can be kept on its way
//! and gone on with.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::tally::LayerTally;
use super::{Features, Readable};
use crate::engine::{Engine, Recording};
use crate::error::{Error, Result};
use crate::experiments::pipeline::Watch;
use crate::experiments::workers;

/// Photographs after which a scan can be kept, rounded up to whole batches.
const STRETCH: usize = 256;

/// A scan works so many times longer than it takes to keep it.
const WORK: u32 = 50;

/// How far a scan has come.
#[derive(Debug, Serialize, Deserialize)]
pub struct Scan {
    /// Photographs that were counted: the first of those that are looked at.
    pub photos: usize,
    layers: Vec<Mutex<LayerTally>>,
}

impl Features<'_> {
    /// A scan that has seen nothing yet.
    pub fn unseen(&self) -> Scan {
        let empty = |shape: &crate::network::shape::Shape| {
            let cells = shape.height * shape.width;
            let labels = self.setting.dataset.labels.names.len();
            Mutex::new(LayerTally::new(shape.channels, cells, self.top, labels))
        };
        Scan {
            photos: 0,
            layers: self.setting.shapes.iter().map(empty).collect(),
        }
    }

    /// Goes on with a scan to its end; `None` where the user stopped it. From time to time, and at the end, it is handed to
    /// `keep`: what was handed over last can be gone on with and leads to the same tallies.
    ///
    /// # Errors
    /// [`Error::Compute`], also where the network gives values that are not finite; [`Error::Photo`]; those of `keep`.
    pub fn scan(
        &self,
        engine: &Engine,
        mut scan: Scan,
        keep: impl Fn(&Scan) -> Result<()>,
        watch: &dyn Watch,
    ) -> Result<Option<Vec<LayerTally>>> {
        let batch = self.setting.batch.max(1);
        let (mut since, mut cost) = (Instant::now(), Duration::ZERO);
        let left = self.photos.get(scan.photos..).unwrap_or_default();
        for stretch in left.chunks(STRETCH.next_multiple_of(batch)) {
            let passes: Vec<&[Readable]> = stretch.chunks(batch).collect();
            let pass = |engine: &Engine, photos: &&[Readable]| {
                self.pass(engine, photos, &scan.layers)?;
                photos.iter().for_each(|_| watch.step());
                Ok(())
            };
            let unseen = workers::Unseen(watch);
            let done = workers::each(self.setting.threads, engine, &passes, &unseen, pass)?;
            if done.is_none() {
                return Ok(None);
            }
            scan.photos += stretch.len();
            if scan.photos == self.photos.len() || since.elapsed() >= cost * WORK {
                let begun = Instant::now();
                keep(&scan)?;
                cost = begun.elapsed();
                since = Instant::now();
            }
        }
        let whole =
            |tally: Mutex<LayerTally>| tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Some(scan.layers.into_iter().map(whole).collect()))
    }

    fn pass(
        &self,
        engine: &Engine,
        photos: &[Readable],
        tallies: &[Mutex<LayerTally>],
    ) -> Result<()> {
        let inputs: Vec<Vec<f32>> = match photos {
            [photo] => vec![self.input(photo)?],
            photos => {
                let inputs = photos.par_iter().map(|photo| self.input(photo));
                inputs.collect::<Result<_>>()?
            }
        };
        let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
        let photos: Vec<usize> = photos.iter().map(|photo| photo.photo).collect();
        self.look(engine, &engine.batch(&inputs)?, &photos, tallies)
    }

    /// Shows a batch `[N, 3, side, side]` of photos, by their numbers in the data set, to the network and counts what it
    /// finds in the tallies of the setting's stages.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn look(
        &self,
        engine: &Engine,
        batch: &tch::Tensor,
        photos: &[usize],
        tallies: &[Mutex<LayerTally>],
    ) -> Result<()> {
        let nodes: Vec<usize> = self.setting.stages.iter().map(|stage| stage.node).collect();
        let recording = Recording {
            until: nodes.iter().copied().max(),
            activations: nodes.clone(),
            rule: None,
        };
        let trace = engine.forward(batch, &recording)?;
        for (stage, tally) in self.setting.stages.iter().zip(tallies) {
            let node = stage.node;
            let facts = engine.map_facts(&trace, node)?;
            let bad = |value: &f32| !value.is_finite();
            if let Some(at) = facts.maximum.iter().position(bad) {
                let photo = photos[at * photos.len() / facts.maximum.len()];
                let path = &self.setting.dataset.photos[photo].path;
                return Err(Error::Compute {
                    doing: format!("scanning feature maps of {} for {path}", stage.name),
                    message: "the network gives values that are not finite (NaN or infinite); are its weights damaged?".into(),
                });
            }
            for (image, &photo) in photos.iter().enumerate() {
                let label = self.setting.dataset.photos[photo].label;
                let candidates = locked(tally).count(&facts, image, photo, label);
                let units =
                    engine.peaks(&trace, image as i64, node, &candidates, self.per_image)?;
                locked(tally).enter(photo, units.into_iter().flatten());
            }
        }
        Ok(())
    }
}

fn locked(tally: &Mutex<LayerTally>) -> std::sync::MutexGuard<'_, LayerTally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}
