//! A step of gradient descent, and the bound that holds convolutions' filters.

use base::{Error, Result};
use network::Op;
use tch::{Device, TchError, Tensor};

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

/// Filters that a step scaled back, counted on the device.
#[derive(Debug)]
pub struct Held(pub(super) Tensor);

impl Held {
    /// How many they are.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn count(&self) -> Result<usize> {
        let count = self.0.f_int64_value(&[0]);
        Ok(count.map_err(Error::compute("holding filters"))? as usize)
    }
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
            let value = self.value(learnt.node, learnt.slot)?;
            let values = pieces(value)?.into_iter();
            let velocities = pieces(&learnt.velocity)?.into_iter();
            let mut each = values.zip(velocities).zip(pieces(gradient)?);
            each.try_for_each(|((value, velocity), gradient)| {
                descent.change(value, velocity, &gradient)
            })
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

    /// Scales every convolution filter whose root mean square is above `bound` back to it (ZF §3.1); counts them, on the device.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn hold_filters(&mut self, bound: f64) -> Result<Held> {
        let _no_grad = tch::no_grad_guard();
        let counts = (tch::Kind::Int64, self.engine.device);
        let none = Tensor::f_zeros([1], counts);
        let mut all = none.map_err(Error::compute("holding filters"))?;
        for learnt in &self.learnt {
            let op = &self.engine.network().nodes[learnt.node].op;
            if learnt.slot != Slot::Weight || !matches!(op, Op::Conv { .. }) {
                continue;
            }
            let hold = || -> Result<Tensor, TchError> {
                let mut weight = self.value(learnt.node, Slot::Weight)?.shallow_clone();
                let size = rms(&weight)?;
                let above = size.f_gt(bound)?;
                let factor = size.f_reciprocal()?.f_mul_scalar(bound)?;
                let factor = factor.f_where_self(&above, &size.f_ones_like()?)?;
                let _ = weight.f_mul_(&factor)?;
                all.f_add(&above.f_sum(tch::Kind::Int64)?)
            };
            all = hold().map_err(Error::compute("holding filters"))?;
        }
        Ok(Held(all))
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

impl Descent {
    fn change(
        &self,
        mut value: Tensor,
        mut velocity: Tensor,
        gradient: &Tensor,
    ) -> Result<(), TchError> {
        let decayed = match self.decay {
            0.0 => gradient.shallow_clone(),
            decay => gradient.f_add(&value.f_mul_scalar(decay)?)?,
        };
        let _ = velocity.f_mul_scalar_(self.momentum)?.f_add_(&decayed)?;
        let _ = value.f_sub_(&velocity.f_mul_scalar(self.rate)?)?;
        Ok(())
    }
}

/// A tensor's values in a row, on a CPU in pieces that stay in its cache from one change to the next.
fn pieces(tensor: &Tensor) -> Result<Vec<Tensor>, TchError> {
    const CACHED: i64 = 1 << 15;
    let all = tensor.f_view(-1)?;
    match tensor.device() {
        Device::Cpu => all.f_split(CACHED, 0),
        _ => Ok(vec![all]),
    }
}

/// Root mean square of each filter, `[outputs, 1, 1, 1]`.
fn rms(weight: &Tensor) -> Result<Tensor, TchError> {
    weight
        .f_square()?
        .f_mean_dim([1i64, 2, 3].as_slice(), true, None)?
        .f_sqrt()
}
