//! One pass over the photographs: every map's strongest units, and what it does over all of them.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::tally::LayerTally;
use super::{Features, Readable};
use crate::engine::{Engine, Recording};
use crate::error::{Error, Result};
use crate::experiments::pipeline::Watch;
use crate::experiments::workers;

impl Features<'_> {
    /// Scans the photographs; `None` where the user stopped it.
    ///
    /// # Errors
    /// [`Error::Compute`], also where the network gives values that are not finite; [`Error::Photo`].
    pub fn scan(&self, engine: &Engine, watch: &dyn Watch) -> Result<Option<Vec<LayerTally>>> {
        let setting = self.setting;
        let empty = |shape: &crate::network::shape::Shape| {
            let cells = shape.height * shape.width;
            let labels = setting.dataset.labels.names.len();
            Mutex::new(LayerTally::new(shape.channels, cells, self.top, labels))
        };
        let tallies: Vec<Mutex<LayerTally>> = setting.shapes.iter().map(empty).collect();
        let passes: Vec<&[Readable]> = self.photos.chunks(setting.batch.max(1)).collect();
        let pass = |engine: &Engine, photos: &&[Readable]| {
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
