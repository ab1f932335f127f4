//! One pass over the photographs: every map's strongest units, and what it does over all of them.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::tally::LayerTally;
use super::Features;
use crate::dataset;
use crate::engine::{Engine, Recording};
use crate::error::{Error, Result};
use crate::experiments::pipeline::Watch;
use crate::experiments::{prepare, workers};

impl Features<'_> {
    /// Scans all photographs that can be read; `None` where the user stopped it.
    ///
    /// # Errors
    /// [`Error::Compute`], also where the network gives values that are not finite.
    pub fn scan(&self, engine: &Engine, watch: &dyn Watch) -> Result<Option<Vec<LayerTally>>> {
        let setting = self.setting;
        let empty = |shape: &crate::network::shape::Shape| {
            let cells = shape.height * shape.width;
            let labels = setting.dataset.labels.names.len();
            Mutex::new(LayerTally::new(shape.channels, cells, self.top, labels))
        };
        let tallies: Vec<Mutex<LayerTally>> = setting.shapes.iter().map(empty).collect();
        let photos: Vec<usize> = (0..setting.dataset.photos.len()).collect();
        let passes: Vec<&[usize]> = photos.chunks(setting.batch.max(1)).collect();
        let pass = |engine: &Engine, photos: &&[usize]| {
            self.pass(engine, photos, &tallies)?;
            photos.iter().for_each(|_| watch.step());
            Ok(())
        };
        let unseen = workers::Unseen(watch);
        let done = workers::each(setting.threads, engine, &passes, &unseen, pass)?;
        let whole =
            |tally: Mutex<LayerTally>| tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(done.map(|_| tallies.into_iter().map(whole).collect()))
    }

    fn pass(&self, engine: &Engine, photos: &[usize], tallies: &[Mutex<LayerTally>]) -> Result<()> {
        let read: Vec<Result<Option<Vec<f32>>>> = match photos {
            [photo] => vec![self.input(*photo)],
            photos => photos.par_iter().map(|&photo| self.input(photo)).collect(),
        };
        let (mut inputs, mut shown) = (Vec::new(), Vec::new());
        for (&photo, input) in photos.iter().zip(read) {
            if let Some(input) = input? {
                inputs.push(input);
                shown.push(photo);
            }
        }
        if inputs.is_empty() {
            return Ok(());
        }
        let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
        self.look(engine, &engine.batch(&inputs)?, &shown, tallies)
    }

    /// Shows a batch of photos to the network and counts what it finds.
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
        for (&node, tally) in nodes.iter().zip(tallies) {
            let facts = engine.map_facts(&trace, node)?;
            if !facts.maximum.iter().all(|value| value.is_finite()) {
                return Err(Error::Compute {
                    doing: "scanning feature maps".into(),
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

    /// What the network sees of a photo; `None` where it cannot be read.
    pub(super) fn input(&self, photo: usize) -> Result<Option<Vec<f32>>> {
        let file = &self.setting.dataset.photos[photo];
        match prepare::read(self.setting, file)? {
            Ok(read) => dataset::input(&read.pixels, self.setting.preprocessing).map(Some),
            Err(_) => Ok(None),
        }
    }
}

fn locked(tally: &Mutex<LayerTally>) -> std::sync::MutexGuard<'_, LayerTally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}
