//! The stages of a network whose author named none: found by the graph.

use std::collections::BTreeSet;

use super::shape::Shape;
use super::{Network, Op, Stage};

/// The last activation before each drop of resolution, and the last one of all. Side branches that are small for a
/// while (the squeeze of a squeeze-and-excitation block) are no stages.
pub(super) fn found(network: &Network, shapes: &[Shape]) -> Vec<Stage> {
    let size = |node: usize| shapes[node].height * shapes[node].width;
    let active = activations(network);
    let mut largest_above = vec![0; network.nodes.len()];
    for (index, node) in network.nodes.iter().enumerate().rev() {
        let here = match active[index] {
            true => size(index).max(largest_above[index]),
            false => largest_above[index],
        };
        for &input in &node.inputs {
            largest_above[input] = here.max(largest_above[input]);
        }
    }
    let mut nodes: Vec<usize> = Vec::new();
    for index in 0..network.nodes.len() {
        if active[index] && largest_above[index] <= size(index) {
            if nodes.last().is_some_and(|&last| size(last) == size(index)) {
                nodes.pop();
            }
            nodes.push(index);
        }
    }
    let mut names = BTreeSet::new();
    let stage = |node: usize| Stage {
        name: plain_name(&network.nodes[node].name, &mut names),
        node,
        default: true,
    };
    nodes.into_iter().map(stage).collect()
}

/// Which nodes give activations: a rectifier or curve, a stack of them, or a product with one.
fn activations(network: &Network) -> Vec<bool> {
    let mut active: Vec<bool> = Vec::with_capacity(network.nodes.len());
    for node in &network.nodes {
        let mut inputs = node.inputs.iter().map(|&input| active[input]);
        let here = match node.op {
            Op::Concat => inputs.all(|active| active),
            Op::Multiply => inputs.any(|active| active),
            _ => node.op.is_activation(),
        };
        active.push(here);
    }
    active
}

/// A name fit for files and keys: letters, digits, dots, dashes and underscores, and no other's.
pub(super) fn plain_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let plain: String = name
        .trim_matches('/')
        .chars()
        .map(|c| if fit(c) { c } else { '_' })
        .collect();
    let plain = match plain.trim_matches('.') {
        "" => "layer".to_owned(),
        rest => rest.to_owned(),
    };
    let mut unique = plain.clone();
    let mut number = 2;
    while !taken.insert(unique.clone()) {
        unique = format!("{plain}_{number}");
        number += 1;
    }
    unique
}
