//! What a run computes with.

use base::{Error, Result};
use engine::{allocator, device, Engine, Precision};
use experiments::Room;
use progress::{say, Voice};
use tch::Device;

use super::given::Given;
use crate::cli::NetworkArgs;

/// The network on its devices.
#[derive(Debug)]
pub(in crate::commands) struct Machine {
    /// What they are.
    pub(in crate::commands) device: String,
    /// Each by its name.
    pub(in crate::commands) devices: Vec<String>,
    /// The processor's instructions in force.
    pub(in crate::commands) instructions: String,
    /// One for each.
    pub(in crate::commands) engines: Vec<Engine>,
    /// In which photographs are classified.
    pub(in crate::commands) precision: Precision,
    /// What has room in one pass.
    pub(in crate::commands) room: Room,
    /// Workers.
    pub(in crate::commands) threads: usize,
}

impl Machine {
    /// Puts the network on its devices, which have their own copies of the weights from then on.
    pub(in crate::commands) fn open(
        args: &NetworkArgs,
        given: &mut Given,
        voice: Voice,
    ) -> Result<Self> {
        Self::for_training(args, args.precision, given, voice)
    }

    /// The same where a training in that precision comes first.
    pub(in crate::commands) fn for_training(
        args: &NetworkArgs,
        precision: Precision,
        given: &mut Given,
        voice: Voice,
    ) -> Result<Self> {
        let instructions = args.machine.instructions.put_in_force()?;
        allocator::keep_freed_memory();
        device::one_thread_here();
        let (devices, note) = device::open(&args.machine.device, precision)?;
        if let Some(note) = note {
            say(voice, &note);
        }
        precision.held_against(&devices)?;
        if args.precision != Precision::Float32 && !given.model.network().has_classifier() {
            return Err(Error::Usage(format!(
                "--precision {}: the network has no classifier, and all else is float32",
                args.precision
            )));
        }
        let engine = |&device: &Device| {
            let engine = Engine::new(&given.model, device)
                .and_then(|engine| engine.classifying_in(args.precision));
            engine.map_err(|error| error.on(&device::name(device)))
        };
        let engines = devices.iter().map(engine).collect::<Result<Vec<_>>>()?;
        let batch = args.batch.unwrap_or(match devices[..] {
            [Device::Cpu] => 1,
            _ => 256,
        });
        let memory = args.memory.saturating_mul(1_000_000);
        let room = Room::of(&given.model.anatomy, &given.stages, memory, batch);
        given.model.weights.clear();
        Ok(Self {
            device: device::kind(&devices),
            devices: device::descriptions(&devices),
            instructions,
            engines,
            precision: args.precision,
            room,
            threads: args.machine.threads.unwrap_or_else(|| {
                std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
            }),
        })
    }
}
