//! What a run computes with.

use base::Result;
use engine::{device, Engine};
use progress::{say, Voice};
use tch::Device;

use super::given::Given;
use crate::cli::NetworkArgs;

/// The network on its device.
#[derive(Debug)]
pub(in crate::commands) struct Machine {
    pub(in crate::commands) device: String,
    /// The processor's instructions in force.
    pub(in crate::commands) instructions: String,
    pub(in crate::commands) engine: Engine,
    /// Inputs in one pass.
    pub(in crate::commands) batch: usize,
    /// Workers.
    pub(in crate::commands) threads: usize,
}

impl Machine {
    /// Puts the network on its device, which has its own copy of the weights from then on.
    pub(in crate::commands) fn open(args: &NetworkArgs, given: &mut Given, voice: Voice) -> Result<Self> {
        let instructions = args.instructions.put_in_force()?;
        device::one_thread_here();
        let (device, note) = device::open(args.device)?;
        if let Some(note) = note {
            say(voice, &note);
        }
        let engine = Engine::new(&given.model, device)?;
        given.model.weights.clear();
        Ok(Self {
            device: device::name(device),
            instructions,
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
