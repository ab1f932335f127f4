//! What a training would cost, before it is begun.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use base::Result;
use engine::learn::{Descent, Learner, Learning, MicroBatch};
use engine::{Engine, View};
use network::weights::Weights;
use network::{Anatomy, Preprocessing};

use super::recipe::Recipe;

/// A training's size and what one micro-batch of grey pictures took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Numbers that are learnt or kept as statistics.
    pub parameters: usize,
    /// Multiplications and additions (as pairs) of one photograph's forward pass.
    pub multiply_adds: u64,
    /// Photographs a second, all workers together, forwards and back.
    pub speed: f64,
}

impl Estimate {
    /// Measures a micro-batch and a step on the device, with one worker.
    ///
    /// # Errors
    /// Those of [`Learner::gradients`].
    pub fn measure(
        anatomy: &Arc<Anatomy>,
        weights: &Weights,
        recipe: &Recipe,
        preprocessing: &Preprocessing,
        (engine, threads, learning): (&Engine, usize, Learning),
    ) -> Result<Self> {
        let (device, none) = (engine.device(), BTreeSet::new());
        let learner = Learner::new(anatomy, weights, device, learning, &none)?;
        let mut learner = learner.shown(preprocessing, None)?;
        let count = recipe.micro_batch.min(recipe.batch);
        let [_, height, width] = anatomy.network().input.axes();
        let grey = View {
            pixels: vec![128; 3 * height * width],
            left: 0,
            top: 0,
            mirrored: false,
        };
        let grey = vec![grey; count];
        let classes: Vec<usize> = (0..count).map(|image| image % 2).collect();
        let pass = |learner: &Learner| {
            let gradients = learner.gradients(&MicroBatch {
                images: &learner.images(&grey)?,
                classes: &classes,
                dropped: &learner.sent(learner.dropped(&vec![0; count])?)?,
                step: count,
            })?;
            learner.hear(&gradients.said()).map(|_| gradients)
        };
        pass(&learner)?;
        let began = Instant::now();
        let gradients = pass(&learner)?;
        let passed = began.elapsed().as_secs_f64();
        let began = Instant::now();
        let descent = Descent {
            rate: 0.0,
            momentum: 0.0,
            decay: 0.0,
        };
        learner.descend(&gradients, &descent)?;
        let descended = began.elapsed().as_secs_f64();
        let batches = recipe.batch.div_ceil(recipe.micro_batch);
        let beside = match learner.is_fed() {
            false => threads.min(batches).max(1),
            true => 1,
        };
        let step = passed * batches.div_ceil(beside) as f64 + descended;
        Ok(Self {
            parameters: weights.values().map(|array| array.data.len()).sum(),
            multiply_adds: anatomy.multiply_adds().iter().sum(),
            speed: recipe.batch as f64 / step.max(1e-9),
        })
    }
}
