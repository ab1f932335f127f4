//! What a run computes with.

use tch::Device;

use crate::cli::NetworkArgs;
use crate::engine::{device, Engine};
use crate::error::Result;
use crate::network::receptive_field::{self, Field};
use crate::network::shape::Shape;
use crate::progress::{say, Voice};

use super::given::Given;

/// The network on its device, and what is known of the layers that are shown.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) device: String,
    /// The processor's instructions in force.
    pub(super) instructions: String,
    pub(super) engine: Engine,
    pub(super) shapes: Vec<Shape>,
    pub(super) fields: Vec<Field>,
    /// Inputs in one pass.
    pub(super) batch: usize,
    /// Workers.
    pub(super) threads: usize,
}

impl Machine {
    /// Puts the network on its device, which has its own copy of the weights from then on.
    pub(super) fn open(args: &NetworkArgs, given: &mut Given, voice: Voice) -> Result<Self> {
        let instructions = args.instructions.put_in_force()?;
        device::one_thread_here();
        let (device, note) = device::open(args.device)?;
        if let Some(note) = note {
            say(voice, &note);
        }
        let engine = Engine::new(&given.model, device)?;
        given.model.weights.clear();
        let fields = receptive_field::fields(&given.model.network)?;
        let stages = given.stages.iter();
        Ok(Self {
            device: device::name(device),
            instructions,
            shapes: stages.clone().map(|it| engine.shape(it.node)).collect(),
            fields: stages.map(|stage| fields[stage.node]).collect(),
            engine,
            batch: args.batch.unwrap_or(match device {
                Device::Cpu => 1,
                _ => 32,
            }),
            threads: args.threads.unwrap_or_else(|| {
                std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
            }),
        })
    }
}
