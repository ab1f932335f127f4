//! The only place that computes with libtorch: device, workers, forward pass, projection, occlusion.

pub mod allocator;
mod answers;
mod curve;
pub mod device;
mod executor;
mod features;
mod forward;
mod host;
mod inputs;
pub mod instructions;
pub mod learn;
mod local_response;
mod machine;
pub mod maps;
mod memory;
mod mixing;
pub mod occlude;
mod parameters;
pub mod patches;
mod peaks;
mod precision;
mod project;
mod randomise;
mod rows;
pub mod seeds;
mod trace;
mod transfer;
mod views;

pub use answers::{Answers, Kept, Questions, Whose};
pub use executor::{Executor, Give};
pub use features::{products, Vectors};
pub use forward::{to_values, Recording};
pub use host::Host;
pub use machine::Machine;
pub use memory::{is_out_of_memory, Needs};
pub use peaks::MapPeaks;
pub use precision::Precision;
pub use project::ReluRule;
pub use randomise::normal;
pub use seeds::{Seed, Start};
pub use trace::Trace;
pub use transfer::{read_back, waits, Values};
pub use views::View;

use std::sync::Arc;

use base::Result;
use network::shape::Shape;
use network::weights::Weights;
use network::{Anatomy, Levels, Model, Network};
use tch::{Device, Kind};

use inputs::Feed;
use parameters::Parameters;

/// A network ready to compute on one device. Workers each hold a clone; the parameters are shared.
#[derive(Debug)]
pub struct Engine {
    anatomy: Arc<Anatomy>,
    parameters: Vec<Parameters>,
    device: Device,
    /// Of parameters, activations and signals.
    kind: Kind,
    machine: Machine,
    /// Whether factors of convolutions and linear layers may be rounded to TF32.
    tf32: bool,
    /// The same network in the precision that photographs are classified in, where that is another.
    classifier: Option<Box<Engine>>,
    feed: Feed,
    /// More images than these a test's device has no memory for, nor more signals than these.
    holds: Option<[usize; 2]>,
}

impl Engine {
    /// Puts a model's parameters on a device.
    ///
    /// # Errors
    /// [`base::Error::Network`] where parameters do not fit, [`base::Error::Compute`] where the device refuses.
    pub fn new(model: &Model, device: Device) -> Result<Self> {
        Self::of_kind(model, device, Kind::Float)
    }

    /// The same network computed in float64 on the CPU: what the rounding of float32 is measured against. Forward pass
    /// and projection only.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn in_double(model: &Model) -> Result<Self> {
        Self::of_kind(model, Device::Cpu, Kind::Double)
    }

    fn of_kind(model: &Model, device: Device, kind: Kind) -> Result<Self> {
        let levels = Levels::of(&model.preprocessing);
        Self::of_parts(&model.anatomy, &model.weights, levels, device, kind)
    }

    fn of_parts(
        anatomy: &Arc<Anatomy>,
        weights: &Weights,
        levels: Levels,
        device: Device,
        kind: Kind,
    ) -> Result<Self> {
        Ok(Self {
            anatomy: Arc::clone(anatomy),
            parameters: parameters::upload(anatomy, weights, device, kind)?,
            device,
            kind,
            machine: Machine::of(device),
            tf32: false,
            classifier: None,
            feed: Feed::new(levels, device)?,
            holds: None,
        })
    }

    /// The network it runs, and what its graph tells.
    pub fn anatomy(&self) -> &Anatomy {
        &self.anatomy
    }

    /// The network itself.
    pub fn network(&self) -> &Network {
        self.anatomy.network()
    }

    /// Shape of a node's output for one image.
    pub fn shape(&self, node: usize) -> Shape {
        self.anatomy.shapes()[node]
    }

    /// Where it computes.
    pub fn device(&self) -> Device {
        self.device
    }
}

impl Clone for Engine {
    fn clone(&self) -> Self {
        Self {
            anatomy: Arc::clone(&self.anatomy),
            parameters: self.parameters.iter().map(Parameters::share).collect(),
            device: self.device,
            kind: self.kind,
            machine: self.machine,
            tf32: self.tf32,
            classifier: self.classifier.clone(),
            feed: self.feed.share(),
            holds: self.holds,
        }
    }
}
