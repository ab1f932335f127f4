//! What a run computes with.

use base::Result;
use engine::{allocator, device, Engine};
use experiments::Room;
use progress::{say, Voice};
use tch::Device;

use super::given::Given;
use crate::cli::NetworkArgs;

/// The network on its device.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) device: String,
    /// The processor's instructions in force.
    pub(super) instructions: String,
    pub(super) engine: Engine,
    /// What has room in one pass.
    pub(super) room: Room,
    /// Workers.
    pub(super) threads: usize,
}

impl Machine {
    /// Puts the network on its device, which has its own copy of the weights from then on.
    pub(super) fn open(args: &NetworkArgs, given: &mut Given, voice: Voice) -> Result<Self> {
        let instructions = args.instructions.put_in_force()?;
        allocator::keep_freed_memory();
        device::one_thread_here();
        let (device, note) = device::open(args.device)?;
        if let Some(note) = note {
            say(voice, &note);
        }
        let engine = Engine::new(&given.model, device)?;
        let batch = args.batch.unwrap_or(match device {
            Device::Cpu => 1,
            _ => 256,
        });
        let memory = args.memory.saturating_mul(1_000_000);
        let room = Room::of(engine.anatomy(), &given.stages, memory, batch);
        given.model.weights.clear();
        Ok(Self {
            device: device::name(device),
            instructions,
            engine,
            room,
            threads: args.threads.unwrap_or_else(|| {
                std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
            }),
        })
    }
}
