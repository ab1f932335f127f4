//! Whether a network can be trained at all, told by its graph alone.

use std::collections::BTreeSet;

use base::{Error, Result};
use network::{Anatomy, Network, Node, Op};

use super::Norms;

/// Refuses a network that cannot be trained as a classifier while the nodes that are `frozen` stay as they are.
///
/// # Errors
/// [`Error::Network`] with the node at fault: one without a gradient, an end that is no Softmax; where nothing is left to learn.
pub fn can_learn(anatomy: &Anatomy, norms: Norms, frozen: &BTreeSet<usize>) -> Result<()> {
    let network = anatomy.network();
    for node in &network.nodes {
        node.op
            .learnable()
            .map_err(|why| refused(network, &node.name, format!("cannot be trained: {why}")))?;
    }
    match network.nodes.last() {
        Some(node) if node.op == Op::Softmax => {}
        Some(node) => {
            let problem =
                "is no Softmax over classes, which training as a classifier needs at the end";
            return Err(refused(network, &node.name, problem));
        }
        None => return Err(refused(network, "input", "has no nodes")),
    }
    let parameters = anatomy.parameters();
    let learns = |(index, node): (usize, &Node)| {
        let is_fixed = match node.op {
            Op::Constant { .. } => true,
            Op::BatchNorm { .. } => norms == Norms::Frozen,
            _ => false,
        };
        let of_node = |name: &str| name.rsplit_once('.').is_some_and(|(of, _)| of == node.name);
        let has_any = parameters.iter().any(|parameter| of_node(&parameter.name));
        has_any && !is_fixed && !frozen.contains(&index)
    };
    match network.nodes.iter().enumerate().any(learns) {
        true => Ok(()),
        false => {
            let problem = "has nothing to learn: all its layers are frozen";
            Err(refused(network, "input", problem))
        }
    }
}

fn refused(network: &Network, node: &str, problem: impl Into<String>) -> Error {
    Error::Network {
        network: network.name.clone(),
        node: node.to_owned(),
        problem: problem.into(),
    }
}
