//! Which nodes a deconvnet can project to the pixels, and what keeps it from the others.

use std::collections::BTreeMap;

use super::{Anatomy, Network};

/// What [`Anatomy::blocked`] tells.
pub(super) fn blocked(network: &Network) -> Vec<Option<usize>> {
    let mut blocked: Vec<Option<usize>> = Vec::with_capacity(network.nodes.len());
    for (index, node) in network.nodes.iter().enumerate() {
        let below = node.inputs.iter().find_map(|&input| blocked[input]);
        blocked.push(below.or(node.op.projectable().is_err().then_some(index)));
    }
    blocked
}

/// A node that no projection goes through, and the stages above it that would be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wall {
    /// The node.
    pub node: usize,
    /// Names of the stages.
    pub stages: Vec<String>,
}

impl Anatomy {
    /// What keeps default stages from being projected, from the input upwards.
    pub fn walls(&self) -> Vec<Wall> {
        let mut above: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for stage in self.network().stages.iter().filter(|stage| stage.default) {
            if let Some(node) = self.blocked()[stage.node] {
                above.entry(node).or_default().push(stage.name.clone());
            }
        }
        let wall = |(node, stages)| Wall { node, stages };
        above.into_iter().map(wall).collect()
    }

    /// Says which stages cannot be projected, and why.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> + '_ {
        self.walls().into_iter().map(|wall| {
            let reason = self.reason(wall.node);
            format!("no projections of {}: {reason}", wall.stages.join(", "))
        })
    }

    /// Why a node cannot be projected, in words.
    pub(super) fn reason(&self, wall: usize) -> String {
        let node = &self.network().nodes[wall];
        let why = node.op.projectable().err().unwrap_or_default();
        format!(
            "node '{}' ({}) is in the way: {why}",
            node.name,
            node.op.describe()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Builder, Curve, Op, Window};

    #[test]
    fn a_gate_blocks_what_is_above_it_and_nothing_else() {
        let mut net = Builder::new("gated", 8);
        let conv = net.conv("conv", 0, 4, Window::square(3, 1, 1));
        let relu = net.relu("relu", conv);
        let mean = net.node("mean", Op::GlobalAveragePool, &[relu]);
        let gate = net.node("gate", Op::Curve(Curve::Sigmoid), &[mean]);
        let product = net.node("product", Op::Multiply, &[relu, gate]);
        let sum = net.node("sum", Op::Add, &[relu, product]);
        let network = net.finish();
        let blocked = blocked(&network);
        assert_eq!(&blocked[..=mean], &[None; 4]);
        assert_eq!(blocked[gate], Some(gate));
        assert_eq!(blocked[product], Some(gate));
        assert_eq!(blocked[sum], Some(gate));
    }
}
