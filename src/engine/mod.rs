//! The only place that computes with libtorch: device, workers, forward pass, projection, occlusion.

pub mod device;
mod executor;
mod forward;
pub mod instructions;
mod local_response;
pub mod maps;
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

use tch::{Device, Kind};

use crate::error::Result;
use crate::network::shape::{self, Shape};
use crate::network::{Model, Network};
use parameters::Parameters;

/// A network ready to compute on one device. Workers each hold a clone; the parameters are shared.
#[derive(Debug)]
pub struct Engine {
    network: Network,
    shapes: Vec<Shape>,
    /// For each node the last node that reads it.
    last_reader: Vec<usize>,
    parameters: Vec<Parameters>,
    device: Device,
    /// Of parameters, activations and signals.
    kind: Kind,
}

impl Engine {
    /// Puts a model's parameters on a device.
    ///
    /// # Errors
    /// [`crate::Error::Network`] where shapes do not fit, [`crate::Error::Compute`] where the device refuses.
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
        let network = model.network.clone();
        let shapes = shape::shapes(&network)?;
        let mut last_reader: Vec<usize> = (0..network.nodes.len()).collect();
        for (index, node) in network.nodes.iter().enumerate() {
            for &input in &node.inputs {
                last_reader[input] = index;
            }
        }
        let parameters = parameters::upload(&network, &model.weights, device, kind)?;
        Ok(Self {
            network,
            shapes,
            last_reader,
            parameters,
            device,
            kind,
        })
    }

    /// The network it runs.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Shape of a node's output for one image.
    pub fn shape(&self, node: usize) -> Shape {
        self.shapes[node]
    }

    /// Where it computes.
    pub fn device(&self) -> Device {
        self.device
    }
}

impl Clone for Engine {
    fn clone(&self) -> Self {
        Self {
            network: self.network.clone(),
            shapes: self.shapes.clone(),
            last_reader: self.last_reader.clone(),
            parameters: self.parameters.iter().map(Parameters::share).collect(),
            device: self.device,
            kind: self.kind,
        }
    }
}
