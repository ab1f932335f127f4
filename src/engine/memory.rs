//! What passes hold on a device, by the network's shapes, and when it is too much.

use base::Error;
use network::{Anatomy, Op};
use tch::TchError;

use super::Engine;

/// Bytes of the network's values at the most crowded node; what libtorch's kernels need for themselves comes on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Of one image on its way forward.
    pub forward: usize,
    /// Of one signal on its way back to the pixels.
    pub projection: usize,
}

/// Of a value of a map.
const VALUE: usize = size_of::<f32>();
/// Of a max pooling's switch.
const SWITCH: usize = size_of::<i64>();

impl Needs {
    /// Those of passes that record these nodes, and project from them.
    pub fn of(anatomy: &Anatomy, nodes: &[usize]) -> Self {
        Self {
            forward: forward(anatomy, nodes),
            projection: projection(anatomy, nodes),
        }
    }
}

/// A node's output, a switch for each value that a max pooling chose, and what is recorded, gates among it, stays to the end.
fn forward(anatomy: &Anatomy, nodes: &[usize]) -> usize {
    let network = anatomy.network();
    let cells: Vec<usize> = anatomy.shapes().iter().map(|shape| shape.cells()).collect();
    let gates: Vec<usize> = (0..network.nodes.len())
        .filter_map(|node| anatomy.held(node))
        .collect();
    let (mut held, mut most) = (0, 0);
    for (index, node) in network.nodes.iter().enumerate() {
        held += cells[index] * VALUE;
        if matches!(node.op, Op::MaxPool { .. }) {
            held += cells[index] * SWITCH;
        }
        most = most.max(held);
        let kept = |at: &usize| nodes.contains(at) || gates.contains(at);
        let read_last = |at: &&usize| anatomy.last_readers()[**at] == index && !kept(at);
        let mut done: Vec<usize> = node.inputs.iter().filter(read_last).copied().collect();
        done.sort_unstable();
        done.dedup();
        held -= done.into_iter().map(|at| cells[at] * VALUE).sum::<usize>();
    }
    // Comparing a layer's values with their maximum: for each value a truth and a place.
    let compared = nodes.iter().map(|&node| cells[node] * (1 + VALUE)).max();
    most.max(held + compared.unwrap_or(0))
}

/// Signals on their way, of which each node's becomes those of its inputs by one more of the same size.
fn projection(anatomy: &Anatomy, nodes: &[usize]) -> usize {
    let network = anatomy.network();
    let cells: Vec<usize> = anatomy.shapes().iter().map(|shape| shape.cells()).collect();
    let mut pending = vec![0; network.nodes.len()];
    let mut most = 0;
    for (index, node) in network.nodes.iter().enumerate().rev() {
        if nodes.contains(&index) {
            pending[index] = cells[index] * VALUE;
        }
        if pending[index] == 0 {
            continue;
        }
        let before: usize = pending.iter().sum();
        let mut new = 0;
        for input in anatomy.signals(index) {
            new += cells[input] * VALUE;
            pending[input] = cells[input] * VALUE;
        }
        if matches!(node.op, Op::MaxPool { .. }) {
            new += cells[index] * SWITCH;
        }
        most = most.max(before + 2 * new);
        if index > 0 {
            pending[index] = 0;
        }
    }
    most
}

impl Engine {
    /// The same engine on a device that has memory for passes of so many images and for so many signals on their way back, and
    /// refuses more as libtorch does: what tests hold the halving of passes by.
    pub fn with_memory_for(&self, images: usize, signals: usize) -> Self {
        Self {
            holds: Some([images, signals]),
            ..self.clone()
        }
    }

    /// Refuses a pass that a test's device has no memory for.
    pub(super) fn has_memory_for(&self, images: usize, signals: usize) -> Result<(), TchError> {
        match self.holds {
            Some([most, back]) if images > most || signals > back => {
                let refused = format!("out of memory: room for {most} images, {back} signals");
                Err(TchError::Torch(refused))
            }
            _ => Ok(()),
        }
    }
}

/// Whether it was for lack of memory that libtorch refused.
pub fn is_out_of_memory(error: &Error) -> bool {
    let Error::Compute { message, .. } = error else {
        return false;
    };
    let told = ["out of memory", "can't allocate memory", "ALLOC_FAILED"];
    told.iter().any(|words| message.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use network::{Builder, Window};

    #[test]
    fn needs_are_those_of_the_most_crowded_node() {
        // 192 bytes of input, 128 after the convolution, 32 of pooled values and 64 of switches.
        let mut net = Builder::new("small", 4);
        let x = net.conv("conv", 0, 2, Window::square(3, 1, 1));
        let x = net.relu("relu", x);
        let pooled = net.max_pool("pool", x, Window::square(2, 2, 0), false);
        let network = net.finish();
        let anatomy = Anatomy::of(network).unwrap();
        // At the convolution input and output, at the end what was pooled.
        let nothing = Needs::of(&anatomy, &[]);
        assert_eq!((nothing.forward, nothing.projection), (320, 0));
        // Recorded, the rectifier's values stay, and are compared with their maximum.
        let needs = Needs::of(&anatomy, &[x]);
        assert_eq!(needs.forward, 128 + 32 + 64 + 32 * 5);
        // A signal at the convolution's output, one at its input, and one more on the way.
        assert_eq!(needs.projection, 128 + 2 * 192);
        // Of the pooling the signal, the pooled one's way with its switches.
        let needs = Needs::of(&anatomy, &[pooled]);
        assert_eq!(needs.projection, 128 + 2 * 192);
    }

    #[test]
    fn lack_of_memory_is_told_from_other_refusals() {
        let error = |message: &str| Error::Compute {
            doing: "forward pass".into(),
            message: message.into(),
        };
        for message in [
            "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of",
            "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 12 bytes",
            "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        ] {
            assert!(is_out_of_memory(&error(message)), "{message}");
        }
        assert!(!is_out_of_memory(&error(
            "an illegal memory access was encountered"
        )));
        assert!(!is_out_of_memory(&Error::Stopped));
    }
}
