//! What a training would take, told before it is begun.

use std::fmt;
use std::sync::Arc;

use base::words::count;
use base::Result;
use engine::learn::Learning;
use experiments::training::{Estimate, Mean};
use network::weights::Weights;
use network::{Anatomy, Preprocessing};

use super::super::report::machine::Machine;
use super::begin::Begin;

/// What a training would take.
#[derive(Debug, Clone, Copy)]
pub(in crate::commands) struct Cost {
    estimate: Estimate,
    /// Of decoded photographs.
    mebibytes: u64,
    snapshots: usize,
    /// Of a snapshot.
    bytes: usize,
    epochs: usize,
    /// Of an epoch.
    steps: usize,
    /// Of all epochs.
    hours: f64,
}

impl Cost {
    /// Measures a micro-batch.
    ///
    /// # Errors
    /// Those of [`Estimate::measure`].
    pub(super) fn of(
        begin: &Begin,
        weights: &Weights,
        preprocessing: &Preprocessing,
        (machine, learning): (&Machine, Learning),
    ) -> Result<Self> {
        let recipe = &begin.course.recipe;
        let on = (&machine.engines[0], machine.threads, learning);
        let anatomy = Arc::new(Anatomy::of(begin.course.trainable.network.clone())?);
        let estimate = Estimate::measure(&anatomy, weights, recipe, preprocessing, on)?;
        let photos = begin.photographs.split.training.len();
        let mean = match recipe.input.mean {
            Mean::Pixel => begin.course.trainable.network.input.cells(),
            Mean::Preset => 0,
        };
        let side = u64::from(recipe.side(preprocessing.crop.height));
        Ok(Self {
            mebibytes: (photos as u64 * side * side * 3) >> 20,
            snapshots: begin.course.snapshots.epochs(recipe.epochs).len(),
            bytes: size_of::<f32>() * (estimate.parameters + mean),
            epochs: recipe.epochs,
            steps: photos.div_ceil(recipe.batch),
            hours: (recipe.epochs * photos) as f64 / estimate.speed / 3600.0,
            estimate,
        })
    }

    /// Of all epochs.
    pub(in crate::commands) fn hours(&self) -> f64 {
        self.hours
    }
}

/// Hours as people read them.
pub(in crate::commands) fn time(hours: f64) -> String {
    match hours < 1.0 {
        true => count((60.0 * hours).ceil() as usize, "minute"),
        false => format!("{hours:.1} hours"),
    }
}

impl fmt::Display for Cost {
    /// Line by line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let estimate = &self.estimate;
        writeln!(
            f,
            "{:.2} million parameters, {:.1} million multiplications a photograph",
            estimate.parameters as f64 / 1e6,
            estimate.multiply_adds as f64 / 1e6
        )?;
        writeln!(f, "{} MiB of decoded photographs", self.mebibytes)?;
        writeln!(
            f,
            "{} of {:.1} MB: {:.1} MB in the run folder",
            count(self.snapshots, "snapshot"),
            self.bytes as f64 / 1e6,
            (self.snapshots * self.bytes) as f64 / 1e6
        )?;
        writeln!(
            f,
            "{}, {} each: {} in all",
            count(self.epochs, "epoch"),
            count(self.steps, "step"),
            self.steps * self.epochs
        )?;
        writeln!(
            f,
            "about {:.0} photographs/s now, {}",
            estimate.speed,
            time(self.hours)
        )
    }
}
