//! How the work is cut for a kind of device.

use tch::Device;

use super::Engine;

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
    /// Photographs that the occluder slides over before the device is waited for.
    pub photos: usize,
    /// Bytes that the values of such photographs at all nodes may take.
    pub trace_bytes: usize,
    /// Units in one pass back to the pixels on their receptive fields, and bytes that no node's values of them may take: those
    /// of a processor stay in its cache.
    pub units: usize,
    /// See `units`.
    pub unit_bytes: usize,
    /// Bytes of units' pixels that are waited for at once; 0 for those of one pass.
    pub read_bytes: usize,
    /// Photographs whose units are projected together, and units from which on no further photograph joins them: enough for
    /// dense batches, few enough for all workers of a processor to have some.
    pub gathered: [usize; 2],
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
        photos: 1,
        trace_bytes: usize::MAX,
        units: 256,
        unit_bytes: 8 << 20,
        read_bytes: 0,
        gathered: [8, 96],
    };

    /// A GPU.
    pub const GPU: Self = Self {
        start: 1e10,
        weight: 0.0,
        cell: 300.0,
        pass_bytes: 2 << 30,
        band_bytes: 1 << 30,
        end_positions: 4096,
        images: 256,
        large_steps: true,
        photos: 8,
        trace_bytes: 4 << 30,
        units: 4096,
        unit_bytes: 512 << 20,
        read_bytes: 256 << 20,
        gathered: [64, 1024],
    };

    /// The kind that a device is of.
    pub fn of(device: Device) -> Self {
        match device {
            Device::Cpu => Self::PROCESSOR,
            _ => Self::GPU,
        }
    }
}

impl Engine {
    /// How its work is cut: for its device, unless it was told otherwise.
    pub fn machine(&self) -> Machine {
        self.machine
    }

    /// The same network with its work cut as for another kind of device: how a GPU's way is tried on a processor.
    pub fn cut_for(self, machine: Machine) -> Self {
        Self { machine, ..self }
    }

    /// Images in one pass where each could be alone: as many as [`Machine::pass_bytes`] allow.
    pub fn images_a_pass(&self) -> usize {
        let largest = self.bytes_by_node().max().unwrap_or(0);
        (self.machine.pass_bytes / largest.max(1)).clamp(1, self.machine.images)
    }

    /// Of `most` photographs those whose values at all nodes fit into [`Machine::trace_bytes`], at least one.
    pub fn photos_together(&self, most: usize) -> usize {
        let all: usize = self.bytes_by_node().sum();
        (self.machine.trace_bytes / all.max(1)).clamp(1, most.max(1))
    }

    /// Of one image's values.
    fn bytes_by_node(&self) -> impl Iterator<Item = usize> + '_ {
        let shapes = self.anatomy.shapes().iter();
        shapes.map(|shape| shape.cells() * size_of::<f32>())
    }
}
