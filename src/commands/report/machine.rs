//! What a run computes with.

use base::Result;
use engine::{device, Engine};
use progress::{say, Voice};
use tch::Device;

use super::given::Given;
use crate::cli::NetworkArgs;

/// The network on its devices.
#[derive(Debug)]
pub(super) struct Machine {
    /// What they are.
    pub(super) device: String,
    /// Each by its name.
    pub(super) devices: Vec<String>,
    /// The processor's instructions in force.
    pub(super) instructions: String,
    /// One for each.
    pub(super) engines: Vec<Engine>,
    /// Inputs in one pass.
    pub(super) batch: usize,
    /// Workers.
    pub(super) threads: usize,
}

impl Machine {
    /// Puts the network on its devices, which have their own copies of the weights from then on.
    pub(super) fn open(args: &NetworkArgs, given: &mut Given, voice: Voice) -> Result<Self> {
        let instructions = args.instructions.put_in_force()?;
        device::one_thread_here();
        let (devices, note) = device::open(&args.device)?;
        if let Some(note) = note {
            say(voice, &note);
        }
        let engine = |&device: &Device| {
            let engine = Engine::new(&given.model, device);
            engine.map_err(|error| error.on(&device::name(device)))
        };
        let engines = devices.iter().map(engine).collect::<Result<_>>()?;
        given.model.weights.clear();
        Ok(Self {
            device: device::kind(&devices),
            devices: device::descriptions(&devices),
            instructions,
            engines,
            batch: args.batch.unwrap_or(match devices[..] {
                [Device::Cpu] => 1,
                _ => 32,
            }),
            threads: args.threads.unwrap_or_else(|| {
                std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
            }),
        })
    }
}
