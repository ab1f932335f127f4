//! Which nodes a deconvnet can project to the pixels, and what keeps it from the others.

use std::collections::BTreeMap;

use super::Network;

/// For each node, the node on one of its ways down to the input that no projection goes through; itself where it is
/// its own op, `None` where all ways are open.
pub fn blocked(network: &Network) -> Vec<Option<usize>> {
    let mut blocked: Vec<Option<usize>> = Vec::with_capacity(network.nodes.len());
    for (index, node) in network.nodes.iter().enumerate() {
        let below = node.inputs.iter().find_map(|&input| blocked[input]);
        blocked.push(below.or(node.op.projectable().is_err().then_some(index)));
    }
    blocked
}

/// Why a node cannot be projected, in words.
pub(super) fn reason(network: &Network, wall: usize) -> String {
    let node = &network.nodes[wall];
    let why = node.op.projectable().err().unwrap_or_default();
    format!(
        "node '{}' ({}) is in the way: {why}",
        node.name,
        node.op.describe()
    )
}

/// Says which layers cannot be projected, and why.
pub(super) fn walls(network: &Network) -> Vec<String> {
    let mut by_reason: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (stage, reason) in network.walled_stages() {
        by_reason.entry(reason).or_default().push(&stage.name);
    }
    by_reason
        .into_iter()
        .map(|(reason, layers)| format!("no projections of {}: {reason}", layers.join(", ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Builder, Curve, Op, Window};

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
