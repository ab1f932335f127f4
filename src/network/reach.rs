//! Which nodes a deconvnet can project to the pixels, and what keeps it from the others.

use std::collections::BTreeMap;

use super::{Anatomy, Extension, Network, Node, Op};

/// What [`Anatomy::wall`] tells of every node.
pub(super) fn walls(network: &Network, held: &[Option<usize>]) -> Vec<Option<&'static str>> {
    let nodes = network.nodes.iter().zip(held);
    let wall = |(node, held): (&Node, &Option<usize>)| match node.op {
        Op::Multiply if held.is_none() => Some("neither of the two branches is known for a gate"),
        _ => node.op.projectable().err(),
    };
    nodes.map(wall).collect()
}

/// What [`Anatomy::blocked`] tells.
pub(super) fn blocked(
    network: &Network,
    held: &[Option<usize>],
    walls: &[Option<&str>],
) -> Vec<Option<usize>> {
    let mut blocked: Vec<Option<usize>> = Vec::with_capacity(network.nodes.len());
    for (index, wall) in walls.iter().enumerate() {
        let below = signals(&network.nodes[index], held[index]).find_map(|input| blocked[input]);
        blocked.push(below.or(wall.is_some().then_some(index)));
    }
    blocked
}

/// The inputs of a node that a signal on its way back goes on to: all but what is held constant.
pub(super) fn signals(node: &Node, held: Option<usize>) -> impl Iterator<Item = usize> + '_ {
    let inputs = node.inputs.iter().copied().enumerate();
    inputs
        .filter(move |(place, _)| Some(*place) != held)
        .map(|(_, input)| input)
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

    /// Says which stages cannot be projected, and why, and what others are projected through by rules beyond the papers'.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> + '_ {
        let walls = self.walls().into_iter().map(|wall| {
            let reason = self.reason(wall.node);
            format!("no projections of {}: {reason}", wall.stages.join(", "))
        });
        let stages = self.network().stages.iter();
        let stages = stages.filter(|stage| stage.default).map(|stage| stage.node);
        let beyond = self.extensions(stages);
        let beyond: Vec<String> = beyond.iter().map(Extension::describe).collect();
        let beyond = (!beyond.is_empty()).then(|| {
            let met = beyond.join(", ");
            format!("projections go through {met} by rules that extend the papers'")
        });
        walls.chain(beyond)
    }

    /// Why a node cannot be projected, in words.
    pub(super) fn reason(&self, wall: usize) -> String {
        let node = &self.network().nodes[wall];
        let why = self.wall(wall).unwrap_or_default();
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
    use crate::{Builder, Curve, Window};

    #[test]
    fn a_gate_lets_a_signal_through_and_a_curve_of_its_own_does_not() {
        let mut net = Builder::new("gated", 8);
        let conv = net.conv("conv", 0, 4, Window::square(3, 1, 1));
        let relu = net.relu("relu", conv);
        let mean = net.node("mean", Op::GlobalAveragePool, &[relu]);
        let gate = net.node("gate", Op::Curve(Curve::Sigmoid), &[mean]);
        let product = net.node("product", Op::Multiply, &[relu, gate]);
        let sum = net.node("sum", Op::Add, &[gate, product]);
        let square = net.node("square", Op::Multiply, &[product, product]);
        let anatomy = Anatomy::of(net.finish()).unwrap();
        let blocked = anatomy.blocked();
        assert_eq!(&blocked[..=mean], &[None; 4]);
        assert_eq!(blocked[gate], Some(gate));
        assert_eq!(blocked[product], None);
        assert_eq!(blocked[sum], Some(gate));
        assert_eq!(blocked[square], Some(square));
        assert_eq!(anatomy.held(product), Some(gate));
        assert!(anatomy.signals(product).eq([relu]));
    }
}
