//! Passes in less than float32: convolutions and linear layers multiply what was rounded, all else is computed as ever.

use network::Op;
use tch::{Kind, TchError, Tensor};

use super::super::precision::Tf32;
use super::super::Precision;
use super::pass::Walk;
use super::Learner;

impl Learner {
    /// What a node reads, as it reads it: rounded where it multiplies, as it comes where it only chooses, in the learner's own kind
    /// else.
    pub(super) fn as_read(&self, op: &Op, x: &Tensor) -> Result<Tensor, TchError> {
        match (self.learning.precision, op) {
            (Precision::Bf16, op) if multiplies(op) => x.f_to_kind(Kind::BFloat16),
            (Precision::Bf16, Op::Relu | Op::MaxPool { .. } | Op::Flatten) => Ok(x.shallow_clone()),
            (Precision::Bf16, _) => x.f_to_kind(self.engine.kind),
            (Precision::Float32 | Precision::Tf32, _) => Ok(x.shallow_clone()),
        }
    }

    /// Rounds the factors of convolutions and linear layers; gradients come back to the parameters that were rounded.
    pub(super) fn round(&self, walk: &mut Walk<'_>) -> Result<(), TchError> {
        if self.learning.precision != Precision::Bf16 {
            return Ok(());
        }
        let nodes = self.engine.network().nodes.iter();
        for (node, parameters) in nodes.zip(&mut walk.engine.parameters) {
            if multiplies(&node.op) {
                *parameters = parameters.each(&|tensor| tensor.f_to_kind(Kind::BFloat16))?;
            }
        }
        Ok(())
    }

    /// Lets a GPU round factors to TF32 as long as the guard lives, where that is the precision.
    pub(super) fn tf32(&self) -> Result<Option<Tf32>, TchError> {
        let is_asked_for = self.learning.precision == Precision::Tf32;
        is_asked_for.then(Tf32::allowed).transpose()
    }
}

fn multiplies(op: &Op) -> bool {
    matches!(
        op,
        Op::Conv { .. } | Op::ConvTranspose { .. } | Op::Linear { .. }
    )
}
