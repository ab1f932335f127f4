//! What a training would take, told before it is begun.

use std::sync::Arc;

use base::words::count;
use base::Result;
use engine::learn::Norms;
use experiments::training::{Estimate, Mean};
use network::weights::Weights;
use network::{Anatomy, Preprocessing};

use super::super::report::machine::Machine;
use super::begin::Begin;

/// Measures a micro-batch and says how long all of them would take, line by line.
///
/// # Errors
/// Those of [`Estimate::measure`].
pub(super) fn told(
    begin: &Begin,
    weights: &Weights,
    preprocessing: &Preprocessing,
    (machine, norms): (&Machine, Norms),
) -> Result<String> {
    let Begin {
        recipe,
        split,
        trainable,
        ..
    } = begin;
    let learning = recipe.learning(norms);
    let on = (&machine.engines[0], machine.threads);
    let anatomy = Arc::new(Anatomy::of(trainable.network.clone())?);
    let estimate = Estimate::measure(&anatomy, weights, recipe, on, learning)?;
    let photos = split.training.len();
    let side = u64::from(recipe.side(preprocessing.crop.height));
    let frames = (photos as u64 * side * side * 3) >> 20;
    let steps = photos.div_ceil(recipe.batch);
    let hours = (recipe.epochs * photos) as f64 / estimate.speed / 3600.0;
    let of_mean = usize::from(recipe.input.mean == Mean::Pixel) * trainable.network.input.cells();
    let one = 4 * (estimate.parameters + of_mean);
    let snapshots = begin.snapshots.epochs(recipe.epochs).len();
    let lines = [
        format!(
            "{:.2} million parameters, {:.1} million multiplications a photograph",
            estimate.parameters as f64 / 1e6,
            estimate.multiply_adds as f64 / 1e6
        ),
        format!("{frames} MiB of decoded photographs"),
        format!(
            "{} of {:.1} MB: {:.1} MB in the run folder",
            count(snapshots, "snapshot"),
            one as f64 / 1e6,
            (snapshots * one) as f64 / 1e6
        ),
        format!(
            "{}, {} each: {} in all",
            count(recipe.epochs, "epoch"),
            count(steps, "step"),
            steps * recipe.epochs
        ),
        format!(
            "about {:.0} photographs/s now, {}",
            estimate.speed,
            match hours < 1.0 {
                true => count((60.0 * hours).ceil() as usize, "minute"),
                false => format!("{hours:.1} hours"),
            }
        ),
    ];
    Ok(format!("{}\n", lines.join("\n")))
}
