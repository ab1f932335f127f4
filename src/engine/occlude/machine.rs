//! How the work is cut for a kind of device.

use tch::Device;

/// What a device is fed best with: what starting a computation and moving values cost there beside the multiplications
/// themselves, measured (`docs/occlusion.md`, `docs/gpu.md`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Machine {
    /// Starting a node's computation, in multiplications: a few calls of libtorch.
    pub start: f64,
    /// Bringing a weight into the kernel's order, likewise.
    pub weight: f64,
    /// Reading and writing a cell of a map, likewise.
    pub cell: f64,
    /// Bytes that no node's values may take in one pass, by default.
    pub pass_bytes: usize,
    /// Bytes that the values before the network's end may take, for all positions that are held together.
    pub band_bytes: usize,
    /// Positions that go through the network's end in one pass.
    pub end_positions: usize,
    /// Images in one pass where each could be alone. On a processor what else is in a pass changes the last bits.
    pub images: usize,
    /// Whether each step is as large as can be: windows are known by their new values alone, and cells are laid over others
    /// by their numbers, all positions at once. Few calls, where a call costs much and multiplications little.
    pub large_steps: bool,
}

impl Machine {
    /// One core of a processor.
    pub const PROCESSOR: Self = Self {
        start: 1.5e6,
        weight: 30.0,
        cell: 40.0,
        pass_bytes: 16 << 20,
        band_bytes: 64 << 20,
        end_positions: 256,
        images: 1,
        large_steps: false,
    };

    /// A GPU.
    pub const GPU: Self = Self {
        start: 1e10,
        weight: 0.0,
        cell: 300.0,
        pass_bytes: 2 << 30,
        band_bytes: 1 << 30,
        end_positions: 4096,
        images: 64,
        large_steps: true,
    };

    /// The kind that a device is of.
    pub fn of(device: Device) -> Self {
        match device {
            Device::Cpu => Self::PROCESSOR,
            _ => Self::GPU,
        }
    }
}
