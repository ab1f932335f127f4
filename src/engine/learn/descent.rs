//! A step of gradient descent, and the bound that holds convolutions' filters.

use base::{Error, Result};
use network::Op;
use tch::{TchError, Tensor};

use super::pass::Gradients;
use super::{Learner, Slot};

/// How a step changes the parameters: `v ← momentum · v + gradient + decay · w`, `w ← w − rate · v`, as PyTorch's SGD.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Descent {
    /// Learning rate.
    pub rate: f64,
    /// What is left of the velocity.
    pub momentum: f64,
    /// Weight decay.
    pub decay: f64,
}

impl Learner {
    /// Changes the parameters by the gradients of a step, and the running statistics by what batch norms met, micro-batch
    /// after micro-batch.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn descend(&mut self, sum: &Gradients, descent: &Descent) -> Result<()> {
        let _no_grad = tch::no_grad_guard();
        self.keep_statistics(sum)?;
        let mut each = self.learnt.iter().zip(&sum.values);
        let changed = each.try_for_each(|(learnt, gradient)| -> Result<(), TchError> {
            let mut value = self.value(learnt.node, learnt.slot)?.shallow_clone();
            let mut velocity = learnt.velocity.shallow_clone();
            let decayed = match descent.decay {
                0.0 => gradient.shallow_clone(),
                decay => gradient.f_add(&value.f_mul_scalar(decay)?)?,
            };
            let _ = velocity.f_mul_scalar_(descent.momentum)?.f_add_(&decayed)?;
            let _ = value.f_sub_(&velocity.f_mul_scalar(descent.rate)?)?;
            Ok(())
        });
        changed.map_err(Error::compute("changing the parameters"))
    }

    fn keep_statistics(&mut self, sum: &Gradients) -> Result<()> {
        let part = self.learning.norm_momentum;
        for (node, [mean, variance]) in &sum.statistics {
            let Some(norm) = self.norms.get_mut(node) else {
                continue;
            };
            let keep = |kept: &mut Tensor, met: &Tensor| -> Result<(), TchError> {
                let _ = kept
                    .f_mul_scalar_(1.0 - part)?
                    .f_add_(&met.f_mul_scalar(part)?)?;
                Ok(())
            };
            keep(&mut norm.mean, mean)
                .and_then(|()| keep(&mut norm.variance, variance))
                .map_err(Error::compute("running statistics"))?;
        }
        Ok(())
    }

    /// Scales every convolution filter whose root mean square is above `bound` back to it (ZF §3.1); tells how many there were.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn hold_filters(&mut self, bound: f64) -> Result<usize> {
        let _no_grad = tch::no_grad_guard();
        let mut held = 0;
        for learnt in &self.learnt {
            let op = &self.engine.network().nodes[learnt.node].op;
            if learnt.slot != Slot::Weight || !matches!(op, Op::Conv { .. }) {
                continue;
            }
            let hold = || -> Result<i64, TchError> {
                let mut weight = self.value(learnt.node, Slot::Weight)?.shallow_clone();
                let size = rms(&weight)?;
                let above = size.f_gt(bound)?;
                let factor = size.f_reciprocal()?.f_mul_scalar(bound)?;
                let factor = factor.f_where_self(&above, &size.f_ones_like()?)?;
                let _ = weight.f_mul_(&factor)?;
                above.f_sum(tch::Kind::Int64)?.f_int64_value(&[])
            };
            held += hold().map_err(Error::compute("holding filters"))? as usize;
        }
        Ok(held)
    }

    /// Root mean square of every filter of a convolution.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn filter_sizes(&self, node: usize) -> Result<Vec<f32>> {
        let sizes = self.value(node, Slot::Weight).and_then(rms);
        super::super::forward::to_values(&sizes.map_err(Error::compute("measuring filters"))?)
    }
}

/// Root mean square of each filter, `[outputs, 1, 1, 1]`.
fn rms(weight: &Tensor) -> Result<Tensor, TchError> {
    weight
        .f_square()?
        .f_mean_dim([1i64, 2, 3].as_slice(), true, None)?
        .f_sqrt()
}
