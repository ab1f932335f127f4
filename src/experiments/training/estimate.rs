//! What a training would cost, before it is begun.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use base::Result;
use engine::learn::{images, Descent, Learner, Learning, MicroBatch};
use engine::Engine;
use network::weights::Weights;
use network::Anatomy;

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
        (engine, threads): (&Engine, usize),
        learning: Learning,
    ) -> Result<Self> {
        let mut learner = Learner::new(
            anatomy,
            weights,
            engine.device(),
            learning,
            &BTreeSet::new(),
        )?;
        let count = recipe.micro_batch.min(recipe.batch);
        let shape = anatomy.network().input;
        let grey = images(&vec![0.5; count * shape.cells()], shape)?;
        let classes: Vec<usize> = (0..count).map(|image| image % 2).collect();
        let pass = |learner: &Learner| {
            let gradients = learner.gradients(&MicroBatch {
                images: &grey,
                classes: &classes,
                draws: &vec![0; count],
                step: count,
            })?;
            gradients.losses().map(|_| gradients)
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
        let beside = match learner.is_on_gpu() {
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
