//! Pooling windows in which float32 chooses another cell than float64: only where rounding cannot tell the two apart.

use std::fmt;

use deconvscope::engine::Trace;
use deconvscope::network::{Network, Op};

use super::doubles;
use super::rounding::distance;

/// A window whose switches differ.
#[derive(Debug)]
pub(crate) struct Turned {
    node: String,
    window: usize,
    /// In float64, at the cell that float64 chose and at the one that float32 chose.
    values: [f64; 2],
    /// How far float32's values of the layer are from float64's, at worst.
    rounding: f64,
}

impl Turned {
    /// Whether both values lie within what each may be off by.
    pub(crate) fn is_rounding(&self) -> bool {
        (self.values[0] - self.values[1]).abs() <= 2.0 * self.rounding
    }
}

impl fmt::Display for Turned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            node,
            window,
            values: [first, second],
            rounding,
        } = self;
        write!(f, "window {window} of {node} is turned: {first} against {second}, where float32 is off by {rounding:.1e}")
    }
}

/// The windows of all max poolings whose inputs were recorded.
pub(crate) fn turned(network: &Network, single: &Trace, double: &Trace) -> Vec<Turned> {
    let mut found = Vec::new();
    for (index, node) in network.nodes.iter().enumerate() {
        let Op::MaxPool { .. } = node.op else {
            continue;
        };
        let (Some(ours), Some(exact)) = (single.switches(index), double.switches(index)) else {
            continue;
        };
        let below = [single, double].map(|trace| doubles(&trace.activations[&node.inputs[0]]));
        let rounding = distance(&below[0], &below[1]);
        let size = ours.size();
        let windows = (size[2] * size[3]) as usize;
        let planes = (size[0] * size[1]) as usize;
        let cells = below[1].len() / planes;
        let [ours, exact] = [ours, exact].map(|switches| {
            let flat = switches.contiguous().view([-1]);
            Vec::<i64>::try_from(&flat).unwrap()
        });
        for (window, (ours, exact)) in ours.iter().zip(&exact).enumerate() {
            if ours != exact {
                let plane = window / windows * cells;
                found.push(Turned {
                    node: node.name.clone(),
                    window,
                    values: [*exact, *ours].map(|cell| below[1][plane + cell as usize]),
                    rounding,
                });
            }
        }
    }
    found
}
