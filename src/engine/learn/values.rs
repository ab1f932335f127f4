//! A learner's tensors under their names in checkpoints.

use base::{Error, Result};
use network::weights::{Array, Weights};
use network::Op;
use tch::{TchError, Tensor};

use super::super::forward::to_values;
use super::super::parameters::Parameters;
use super::{Learner, Slot};

impl Slot {
    /// Whether it is changed by gradients.
    pub(super) fn is_learnt(self) -> bool {
        !matches!(self, Self::NormMean | Self::NormVariance)
    }
}

impl Learner {
    /// The tensors of a node that are learnt or keep statistics, and their names, in the order of checkpoints.
    pub(super) fn slots(&self, node: usize) -> Vec<(Slot, String, &Tensor)> {
        let (op, name) = {
            let node = &self.engine.network().nodes[node];
            (&node.op, &node.name)
        };
        let named = |field: &str| format!("{name}.{field}");
        if let Some(norm) = self.norms.get(&node) {
            return vec![
                (Slot::NormScale, named("weight"), &norm.scale),
                (Slot::NormShift, named("bias"), &norm.shift),
                (Slot::NormMean, named("running_mean"), &norm.mean),
                (Slot::NormVariance, named("running_var"), &norm.variance),
            ];
        }
        let (weight, bias) = match &self.engine.parameters[node] {
            Parameters::Affine { weight, bias } => (Some(weight), bias.as_ref()),
            Parameters::Scale { scale, shift } if !matches!(op, Op::Constant { .. }) => {
                (scale.as_ref(), shift.as_ref())
            }
            _ => (None, None),
        };
        let weight = weight.map(|weight| {
            let field = if matches!(op, Op::PRelu { .. }) {
                "slope"
            } else {
                "weight"
            };
            (Slot::Weight, named(field), weight)
        });
        let bias = bias.map(|bias| (Slot::Bias, named("bias"), bias));
        weight.into_iter().chain(bias).collect()
    }

    /// The tensor in a slot of a node.
    pub(super) fn value(&self, node: usize, slot: Slot) -> Result<&Tensor, TchError> {
        let slots = self.slots(node);
        let found = slots.into_iter().find(|(at, ..)| *at == slot);
        let missing = || TchError::Kind("the node's parameters were not uploaded".into());
        found.map(|(.., value)| value).ok_or_else(missing)
    }

    /// All that is learnt or kept as statistics, under the names of checkpoints: the learner's own tensors.
    pub fn tensors(&self) -> Vec<(String, &Tensor)> {
        let nodes = 0..self.engine.network().nodes.len();
        let named = nodes.flat_map(|node| self.slots(node));
        named.map(|(_, name, value)| (name, value)).collect()
    }

    /// The same as numbers.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn weights(&self) -> Result<Weights> {
        let shapes = self.anatomy().parameters();
        let mut weights = Weights::new();
        for (name, value) in self.tensors() {
            let shape = shapes.iter().find(|parameter| parameter.name == name);
            let shape = shape.map_or_else(Vec::new, |parameter| parameter.shape.clone());
            let data = to_values(value)?;
            weights.insert(name, Array { shape, data });
        }
        Ok(weights)
    }

    /// What the last changes of each parameter leave to the next one, under the parameters' names.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn velocities(&self) -> Result<Weights> {
        let mut velocities = Weights::new();
        for learnt in &self.learnt {
            let shape = learnt.velocity.size();
            let shape = shape.iter().map(|&length| length as usize).collect();
            let data = to_values(&learnt.velocity)?;
            velocities.insert(learnt.name.clone(), Array { shape, data });
        }
        Ok(velocities)
    }

    /// Goes on with velocities that were kept; a parameter that has none begins at rest.
    ///
    /// # Errors
    /// [`Error::Compute`] where they do not fit.
    pub fn go_on_with(&mut self, velocities: &Weights) -> Result<()> {
        for learnt in &mut self.learnt {
            let Some(kept) = velocities.get(&learnt.name) else {
                continue;
            };
            let velocity = &mut learnt.velocity;
            let mut set = || -> Result<(), TchError> {
                let kept = Tensor::f_from_slice(&kept.data)?.f_view_as(velocity)?;
                velocity.f_copy_(&kept.f_to_device(velocity.device())?)
            };
            set().map_err(Error::compute(format!("the velocity of {}", learnt.name)))?;
        }
        Ok(())
    }
}
