//! One micro-batch forwards, to its loss, and back to the gradients.

use std::collections::BTreeMap;

use base::{Error, Result};
use network::Op;
use tch::{Device, Kind, Reduction, TchError, Tensor};

use super::super::parameters::Parameters;
use super::super::trace::Trace;
use super::super::transfer::sent;
use super::super::Engine;
use super::{contrast, Dropped, Held, Images, Learner, Norm, Norms, Slot};

/// Images that are passed at once, as a part of a step.
#[derive(Debug)]
pub struct MicroBatch<'a> {
    /// `[N, C, H, W]`, network inputs.
    pub images: &'a Images,
    /// The class of each.
    pub classes: &'a [usize],
    /// What is left out of each.
    pub dropped: &'a Dropped,
    /// Images of the whole step, whose mean loss is made smaller.
    pub step: usize,
}

/// What a micro-batch gives to its step.
#[derive(Debug)]
pub struct Gradients {
    /// Of the step's mean loss as far as these images make it, by parameter as the learner has them.
    pub(super) values: Vec<Tensor>,
    /// Mean and unbiased variance of what batch norms met, `[C]` each, with the node: micro-batch after micro-batch.
    pub(super) statistics: Vec<(usize, [Tensor; 2])>,
    /// Loss of each image, `[N]`.
    losses: Tensor,
    /// Logits, `[N, classes]`.
    logits: Tensor,
}

/// What a micro-batch says of its images, on the learner's device.
#[derive(Debug)]
pub struct Said {
    losses: Tensor,
    logits: Tensor,
    /// Filters that the step scaled back.
    held: Option<Held>,
}

/// The same, read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Loss of each image.
    pub losses: Vec<f64>,
    /// The logits of all images, image by image.
    pub logits: Vec<f32>,
    /// Filters that the step scaled back to their bound.
    pub held: usize,
}

impl Said {
    /// The same with the filters that [`Learner::hold_filters`] counted.
    pub fn with(self, held: Held) -> Self {
        Self {
            held: Some(held),
            ..self
        }
    }
}

impl Learner {
    /// Reads what a micro-batch said, in one wait for the device.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn hear(&self, said: &Said) -> Result<Heard> {
        let exact = || -> Result<[Tensor; 2], TchError> {
            let logits = said.logits.f_to_kind(Kind::Float)?;
            Ok([said.losses.f_to_kind(Kind::Double)?, logits])
        };
        let [losses, logits] = exact().map_err(Error::compute("reading losses back"))?;
        let held = said.held.iter().map(|held| &held.0);
        let all: Vec<&Tensor> = [&losses, &logits].into_iter().chain(held).collect();
        let read = self.engine.feed.read_all(&all)?;
        let held = read.get(2).map(|held| held.all::<i64>()).transpose()?;
        Ok(Heard {
            losses: read[0].all()?,
            logits: read[1].all()?,
            held: held.into_iter().flatten().sum::<i64>() as usize,
        })
    }
}

impl Gradients {
    /// What the micro-batch says.
    pub fn said(&self) -> Said {
        Said {
            losses: self.losses.shallow_clone(),
            logits: self.logits.shallow_clone(),
            held: None,
        }
    }

    /// The gradients under the parameters' names.
    pub fn named<'a>(&'a self, learner: &Learner) -> Vec<(String, &'a Tensor)> {
        let names = learner.learnt.iter().map(|learnt| learnt.name.clone());
        names.zip(&self.values).collect()
    }

    /// Adds the next micro-batch of the same step: in which order they are added decides the last bits.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn add(&mut self, other: Self) -> Result<()> {
        let _no_grad = tch::no_grad_guard();
        self.statistics.extend(other.statistics);
        let mut pairs = self.values.iter_mut().zip(&other.values);
        pairs
            .try_for_each(|(sum, value)| sum.f_add_(value).map(|_| ()))
            .map_err(Error::compute("adding up gradients"))
    }
}

impl Learner {
    /// Passes a micro-batch forwards and back. Nothing of the learner changes.
    ///
    /// # Errors
    /// [`Error::Compute`] with the node at fault; for a batch norm that sees a single value of each map.
    pub fn gradients(&self, batch: &MicroBatch<'_>) -> Result<Gradients> {
        let mut statistics = Vec::new();
        let preparing = || Error::compute("preparing to train");
        let _tf32 = self.tf32().map_err(preparing())?;
        let walk = self.leaves().map_err(preparing())?;
        let logits = self.logits(&walk, batch, &mut statistics)?;
        let back = || -> Result<Gradients, TchError> {
            let classes: Vec<i64> = batch.classes.iter().map(|&class| class as i64).collect();
            let classes = sent(&classes, self.engine.device)?;
            let losses = logits.f_cross_entropy_loss(
                &classes,
                None::<&Tensor>,
                Reduction::None,
                -100,
                self.learning.smoothing,
            )?;
            let mean = losses
                .f_sum(self.engine.kind)?
                .f_div_scalar(batch.step as f64)?;
            let values = Tensor::f_run_backward(&[mean], &walk.leaves, false, false)?;
            // As parameters lie, so that they are added value by value.
            let values = values.iter().map(Tensor::f_contiguous);
            Ok(Gradients {
                values: values.collect::<Result<_, _>>()?,
                statistics,
                losses: losses.f_detach()?,
                logits: logits.f_detach()?,
            })
        };
        back().map_err(Error::compute("the way back of the gradients"))
    }

    /// The parameters as leaves of a graph of their own: several micro-batches may be on their way.
    fn leaves(&self) -> Result<Walk<'_>, TchError> {
        let mut engine = self.engine.clone();
        let mut norms: BTreeMap<usize, [Tensor; 2]> = BTreeMap::new();
        for (&node, norm) in &self.norms {
            match self.learning.norms {
                Norms::Frozen => engine.parameters[node] = norm.folded()?,
                Norms::Trained => {
                    norms.insert(node, [norm.scale.f_detach()?, norm.shift.f_detach()?]);
                }
            }
        }
        let mut leaves = Vec::with_capacity(self.learnt.len());
        for learnt in &self.learnt {
            let leaf = self.value(learnt.node, learnt.slot)?.f_detach()?;
            let leaf = leaf.f_set_requires_grad(true)?;
            leaves.push(leaf.shallow_clone());
            match (learnt.slot, &mut engine.parameters[learnt.node]) {
                (Slot::NormScale | Slot::NormShift, _) => {
                    if let Some(pair) = norms.get_mut(&learnt.node) {
                        pair[usize::from(learnt.slot == Slot::NormShift)] = leaf;
                    }
                }
                (Slot::Weight, Parameters::Affine { weight, .. }) => *weight = leaf,
                (Slot::Bias, Parameters::Affine { bias, .. }) => *bias = Some(leaf),
                (Slot::Weight, Parameters::Scale { scale, .. }) => *scale = Some(leaf),
                (Slot::Bias, Parameters::Scale { shift, .. }) => *shift = Some(leaf),
                _ => {}
            }
        }
        let mut walk = Walk {
            engine,
            norms: norms
                .into_iter()
                .filter_map(|(node, pair)| Some((node, (self.norms.get(&node)?, pair))))
                .collect(),
            leaves,
        };
        self.round(&mut walk)?;
        Ok(walk)
    }

    /// Whether a rectifier may take the place of its input: nobody else reads that, nor is its gradient made of it.
    fn may_overwrite(&self, index: usize) -> bool {
        let nodes = &self.engine.network().nodes;
        let (Op::Relu, Some(&below)) = (&nodes[index].op, nodes[index].inputs.first()) else {
            return false;
        };
        let readers = nodes.iter().filter(|node| node.inputs.contains(&below));
        let op = &nodes[below].op;
        matches!(op, Op::Conv { .. } | Op::BatchNorm { .. } | Op::Add) && readers.count() == 1
    }

    /// The input of the Softmax at the end, `[N, classes]`.
    fn logits(
        &self,
        walk: &Walk<'_>,
        batch: &MicroBatch<'_>,
        statistics: &mut Vec<(usize, [Tensor; 2])>,
    ) -> Result<Tensor> {
        let nodes = &self.engine.network().nodes;
        let (readers, on_cpu) = (
            self.anatomy().last_readers(),
            self.engine.device == Device::Cpu,
        );
        let mut trace = Trace::empty(batch.images);
        let mut values: Vec<Option<Tensor>> = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            if self.may_overwrite(index) {
                let below = values[node.inputs[0]].take();
                let value = below.map(|mut below| below.f_relu_()).transpose();
                values.push(value.map_err(Error::compute("a rectifier of the training pass"))?);
                continue;
            }
            let at_node = || {
                format!(
                    "training pass at node '{}' ({})",
                    node.name,
                    node.op.describe()
                )
            };
            let inputs = node.inputs.iter().filter_map(|&at| values[at].as_ref());
            let inputs = inputs.map(|x| self.as_read(&node.op, x));
            let inputs: Vec<Tensor> = inputs
                .collect::<Result<_, _>>()
                .map_err(Error::compute(at_node()))?;
            let inputs: Vec<&Tensor> = inputs.iter().collect();
            let x = inputs.first().copied().unwrap_or(batch.images);
            let compute = || match &node.op {
                Op::Input if on_cpu => channels_last(&batch.images.f_to_kind(self.engine.kind)?),
                Op::Softmax if index + 1 == nodes.len() => x.f_flatten(1, -1),
                Op::Dropout => match batch.dropped.factors(index, x.kind()) {
                    Some(factors) => x.f_mul(&factors?),
                    None => Ok(x.shallow_clone()),
                },
                Op::Lrn {
                    size,
                    alpha,
                    beta,
                    k,
                } => contrast::forward(x, *size, (*alpha, *beta, *k)),
                Op::BatchNorm { .. } if walk.norms.contains_key(&index) => {
                    let (norm, pair) = &walk.norms[&index];
                    let (normed, met) = norm.normalise(x, pair)?;
                    statistics.push((index, met));
                    Ok(normed)
                }
                _ => walk
                    .engine
                    .compute(index, &inputs, batch.images, None, &mut trace),
            };
            let mut compute = compute;
            let value = compute().map_err(Error::compute(at_node()))?;
            values.push(Some(value));
            for &at in &node.inputs {
                if readers[at] == index {
                    values[at] = None;
                }
            }
        }
        let nothing = || Error::compute("the training pass")(TchError::Kind("no output".into()));
        values.pop().flatten().ok_or_else(nothing)
    }
}

/// The same values with those of a cell side by side: what is computed of them lies so too, which convolutions, poolings and
/// batch norms of a CPU take less time for.
fn channels_last(images: &Images) -> Result<Images, TchError> {
    let cells = images.f_permute([0, 2, 3, 1])?.f_contiguous()?;
    cells.f_permute([0, 3, 1, 2])
}

/// A network whose parameters are leaves of a graph.
pub(super) struct Walk<'a> {
    pub(super) engine: Engine,
    /// Scale and shift of the batch norms that normalise by the micro-batch.
    norms: BTreeMap<usize, (&'a Norm, [Tensor; 2])>,
    /// In the order of what is learnt.
    leaves: Vec<Tensor>,
}

impl Norm {
    /// Normalises by the mean and variance of the micro-batch, which it hands on, the variance unbiased.
    fn normalise(
        &self,
        x: &Tensor,
        [scale, shift]: &[Tensor; 2],
    ) -> Result<(Tensor, [Tensor; 2]), TchError> {
        let values = x.numel() as i64 / x.size().get(1).copied().unwrap_or(1).max(1);
        if values < 2 {
            let one = "a batch norm cannot be trained on a single value of each map: take larger micro-batches, or freeze the batch norms";
            return Err(TchError::Shape(one.into()));
        }
        let met = [scale.f_zeros_like()?, scale.f_zeros_like()?];
        // With a momentum of 1 the running statistics become those of the batch.
        let normed = x.f_batch_norm(
            Some(scale),
            Some(shift),
            Some(&met[0]),
            Some(&met[1]),
            true,
            1.0,
            self.epsilon,
            true,
        )?;
        Ok((normed, met))
    }
}
