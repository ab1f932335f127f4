//! Training: the network's own walk with gradients, and the steps that change its parameters.

mod contrast;
mod descent;
mod drop;
mod learnable;
mod pass;
mod rounding;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::{Error, Result};
use network::weights::Weights;
use network::{Anatomy, Levels, Op, Preprocessing};
use tch::{Device, Kind, TchError, Tensor};

use super::parameters::{self, Parameters};
use super::{Engine, Precision, View};

pub use descent::{Descent, Held};
pub use drop::Dropped;
pub use learnable::can_learn;
pub use pass::{Gradients, Heard, MicroBatch, Said};

/// What batch norms do while a network is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Norms {
    /// They normalise by the micro-batch and keep running statistics; scale and shift are learnt.
    Trained,
    /// They normalise by the statistics that they have, and nothing of them changes.
    Frozen,
}

/// How a pass differs from one that only looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Learning {
    /// Share of the values that a Dropout leaves out.
    pub dropout: f64,
    /// Share of a label's weight that is spread over all classes.
    pub smoothing: f64,
    /// What batch norms do.
    pub norms: Norms,
    /// Part of a running statistic that a micro-batch's own takes the place of.
    pub norm_momentum: f64,
    /// In which convolutions and linear layers multiply, there and back; parameters, their changes and the loss are float32.
    pub precision: Precision,
}

/// A batch norm's parameters and statistics, `[C]` each.
#[derive(Debug)]
struct Norm {
    scale: Tensor,
    shift: Tensor,
    mean: Tensor,
    variance: Tensor,
    epsilon: f64,
}

/// A parameter that changes, and what its last changes leave to the next one.
#[derive(Debug)]
struct Learnt {
    name: String,
    node: usize,
    slot: Slot,
    velocity: Tensor,
}

/// Which of a node's tensors a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Weight,
    Bias,
    NormScale,
    NormShift,
    NormMean,
    NormVariance,
}

/// A network whose parameters are learnt. Its batch norms are not folded.
#[derive(Debug)]
pub struct Learner {
    /// The network as it is now, but for its batch norms.
    engine: Engine,
    norms: BTreeMap<usize, Norm>,
    learnt: Vec<Learnt>,
    learning: Learning,
}

impl Learner {
    /// Puts a network that ends in a Softmax on a device, to be trained but for the nodes that are `frozen`.
    ///
    /// # Errors
    /// [`Error::Network`] for a network that has no classes or an operator without a gradient, or parameters that do not
    /// fit; [`Error::Compute`] where the device refuses.
    pub fn new(
        anatomy: &Arc<Anatomy>,
        weights: &Weights,
        device: Device,
        learning: Learning,
        frozen: &BTreeSet<usize>,
    ) -> Result<Self> {
        Self::of_kind(anatomy, weights, device, Kind::Float, learning, frozen)
    }

    /// The same in float64 on the CPU: what the rounding of float32 is measured against.
    ///
    /// # Errors
    /// Those of [`Learner::new`].
    pub fn in_double(
        anatomy: &Arc<Anatomy>,
        weights: &Weights,
        learning: Learning,
        frozen: &BTreeSet<usize>,
    ) -> Result<Self> {
        let (device, kind) = (Device::Cpu, Kind::Double);
        Self::of_kind(anatomy, weights, device, kind, learning, frozen)
    }

    fn of_kind(
        anatomy: &Arc<Anatomy>,
        weights: &Weights,
        device: Device,
        kind: Kind,
        learning: Learning,
        frozen: &BTreeSet<usize>,
    ) -> Result<Self> {
        can_learn(anatomy, learning.norms, frozen)?;
        // Those of views are told later, where there are any.
        let levels = Levels::of(&Preprocessing::torchvision());
        let engine = Engine::of_parts(anatomy, weights, levels, device, kind)?;
        let mut learner = Self {
            engine,
            norms: BTreeMap::new(),
            learnt: Vec::new(),
            learning,
        };
        learner.take_norms(weights)?;
        let mut learnt = Vec::new();
        for node in 0..anatomy.network().nodes.len() {
            let of_norm = learner.norms.contains_key(&node);
            if frozen.contains(&node) || (of_norm && learning.norms == Norms::Frozen) {
                continue;
            }
            for (slot, name, value) in learner.slots(node) {
                if slot.is_learnt() {
                    let velocity = value.f_zeros_like();
                    learnt.push(Learnt {
                        name,
                        node,
                        slot,
                        velocity: velocity.map_err(Error::compute("preparing to train"))?,
                    });
                }
            }
        }
        learner.learnt = learnt;
        Ok(learner)
    }

    fn take_norms(&mut self, weights: &Weights) -> Result<()> {
        let (device, kind) = (self.engine.device, self.engine.kind);
        for (index, node) in self.engine.network().nodes.iter().enumerate() {
            let Op::BatchNorm { epsilon } = node.op else {
                continue;
            };
            let field = |name: &str| -> Result<Tensor> {
                let array = weights.get(&format!("{}.{name}", node.name));
                let array = array.ok_or_else(|| Error::Network {
                    network: self.engine.network().name.clone(),
                    node: node.name.clone(),
                    problem: format!("no parameter '{name}'"),
                })?;
                Tensor::f_from_slice(&array.data)
                    .and_then(|tensor| tensor.f_to_kind(kind)?.f_to_device(device))
                    .map_err(Error::compute("moving the weights to the device"))
            };
            let norm = Norm {
                scale: field("weight")?,
                shift: field("bias")?,
                mean: field("running_mean")?,
                variance: field("running_var")?,
                epsilon,
            };
            self.norms.insert(index, norm);
        }
        Ok(())
    }

    /// The same learner for another worker: what the one changes the other sees. Nobody may pass a micro-batch while another
    /// one descends.
    pub fn share(&self) -> Self {
        let norms = self.norms.iter();
        let learnt = self.learnt.iter();
        Self {
            engine: self.engine.clone(),
            norms: norms.map(|(&node, norm)| (node, norm.share())).collect(),
            learnt: learnt.map(Learnt::share).collect(),
            learning: self.learning,
        }
    }

    /// The network as it is now, for looking at it: its parameters change as this learner's do, but those of batch norms.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn engine(&self) -> Result<Engine> {
        let mut engine = self.engine.clone();
        for (&node, norm) in &self.norms {
            engine.parameters[node] = norm.folded().map_err(Error::compute("batch norms"))?;
        }
        Ok(engine)
    }

    /// The same learner, which is shown views as [`Engine::shown`] has it.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn shown(self, preprocessing: &Preprocessing, mean: Option<&[f32]>) -> Result<Self> {
        let engine = self.engine.shown(preprocessing, mean)?;
        Ok(Self { engine, ..self })
    }

    /// The same learner fed as a GPU is ([`Engine::fed_as_a_gpu`]).
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn fed_as_a_gpu(self) -> Result<Self> {
        let engine = self.engine.fed_as_a_gpu()?;
        Ok(Self { engine, ..self })
    }

    /// Network inputs of views, on the learner's device, without waiting for it.
    ///
    /// # Errors
    /// Those of [`Engine::images`].
    pub fn images(&self, views: &[View]) -> Result<Images> {
        self.engine.images(views)
    }

    /// Whether a device that is no processor computes, which is sent what it is shown.
    pub fn is_fed(&self) -> bool {
        !self.engine.feed.is_here()
    }

    /// The network.
    pub fn anatomy(&self) -> &Anatomy {
        self.engine.anatomy()
    }
}

impl Learnt {
    fn share(&self) -> Self {
        Self {
            name: self.name.clone(),
            velocity: self.velocity.shallow_clone(),
            ..*self
        }
    }
}

impl Norm {
    fn share(&self) -> Self {
        Self {
            scale: self.scale.shallow_clone(),
            shift: self.shift.shallow_clone(),
            mean: self.mean.shallow_clone(),
            variance: self.variance.shallow_clone(),
            epsilon: self.epsilon,
        }
    }

    fn folded(&self) -> Result<Parameters, TchError> {
        parameters::scale_and_shift(
            &self.scale,
            &self.shift,
            &self.mean,
            &self.variance,
            self.epsilon,
        )
    }
}

/// Inputs of a micro-batch.
pub type Images = Tensor;
