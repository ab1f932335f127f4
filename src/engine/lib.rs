//! The only place that computes with libtorch: device, workers, forward pass, projection, occlusion.

mod curve;
pub mod device;
mod executor;
mod forward;
pub mod instructions;
pub mod learn;
mod local_response;
pub mod maps;
mod mixing;
pub mod occlude;
mod parameters;
pub mod patches;
mod project;
mod randomise;
mod rows;
pub mod seeds;

pub use executor::{Executor, Give};
pub use forward::{to_values, Recording, Trace};
pub use project::{ReluRule, Seed};
pub use randomise::normal;

use std::sync::Arc;

use base::Result;
use network::shape::Shape;
use network::{Anatomy, Model, Network};
use tch::{Device, Kind};

use parameters::Parameters;

/// A network ready to compute on one device. Workers each hold a clone; the parameters are shared.
#[derive(Debug)]
pub struct Engine {
    anatomy: Arc<Anatomy>,
    parameters: Vec<Parameters>,
    device: Device,
    /// Of parameters, activations and signals.
    kind: Kind,
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
        Ok(Self {
            anatomy: Arc::clone(&model.anatomy),
            parameters: parameters::upload(&model.anatomy, &model.weights, device, kind)?,
            device,
            kind,
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
        }
    }
}
