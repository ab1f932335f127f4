//! The order in which nodes can be computed.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use super::node::Node;

/// Which node makes each value.
///
/// # Errors
/// A value that two nodes make.
pub(super) fn makers(nodes: &[Node]) -> Result<HashMap<&str, usize>, String> {
    let mut makers = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        for output in node.outputs.iter().filter(|output| !output.is_empty()) {
            if let Some(other) = makers.insert(output.as_str(), index) {
                return Err(format!(
                    "value '{output}' is made twice, by node '{}' ({}) and by node '{}' ({})",
                    nodes[other].name, nodes[other].op, node.name, node.op
                ));
            }
        }
    }
    Ok(makers)
}

/// The nodes that read a value, or what nodes that `pass` make of it.
pub(super) fn readers<'a>(
    nodes: &'a [Node],
    value: &'a str,
    pass: impl Fn(&Node) -> bool + 'a,
) -> impl Iterator<Item = &'a Node> {
    let mut values = HashSet::from([value]);
    nodes.iter().filter(move |node| {
        let reads = node
            .inputs
            .iter()
            .any(|name| values.contains(name.as_str()));
        if reads && pass(node) {
            values.extend(node.outputs.iter().map(String::as_str));
        }
        reads
    })
}

/// The nodes in an order in which each comes after those whose outputs it reads; as far as that allows, as they were.
///
/// # Errors
/// A cycle, by one of its nodes.
pub(super) fn topological(nodes: Vec<Node>) -> Result<Vec<Node>, String> {
    let order = order(&nodes)?;
    let mut nodes: Vec<Option<Node>> = nodes.into_iter().map(Some).collect();
    Ok(order
        .into_iter()
        .filter_map(|index| nodes[index].take())
        .collect())
}

fn order(nodes: &[Node]) -> Result<Vec<usize>, String> {
    let makers = makers(nodes)?;
    let read = |node: &Node| -> Vec<usize> {
        let inputs = node.inputs.iter();
        inputs
            .filter_map(|input| makers.get(input.as_str()).copied())
            .collect()
    };
    let mut waits: Vec<usize> = nodes.iter().map(|node| read(node).len()).collect();
    let mut readers = vec![Vec::new(); nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        for maker in read(node) {
            readers[maker].push(index);
        }
    }
    let ready = (0..nodes.len()).filter(|index| waits[*index] == 0);
    let mut ready: BinaryHeap<_> = ready.map(Reverse).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse(index)) = ready.pop() {
        order.push(index);
        for reader in std::mem::take(&mut readers[index]) {
            waits[reader] -= 1;
            if waits[reader] == 0 {
                ready.push(Reverse(reader));
            }
        }
    }
    let Some(stuck) = waits.iter().position(|waits| *waits > 0) else {
        return Ok(order);
    };
    // Each node that waits reads one that waits: the first that is met again on the way back lies on the cycle.
    let mut on_cycle = stuck;
    let mut met = HashSet::new();
    while met.insert(on_cycle) {
        let waiting = read(&nodes[on_cycle]);
        on_cycle = waiting
            .into_iter()
            .find(|maker| waits[*maker] > 0)
            .unwrap_or(on_cycle);
    }
    Err(format!(
        "node '{}' ({}) reads what is computed from its own output: the graph has a cycle",
        nodes[on_cycle].name, nodes[on_cycle].op
    ))
}
