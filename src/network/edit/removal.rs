//! A layer taken out of a chain.

use base::Result;

use super::has_weights;
use crate::{Network, Op};

impl Network {
    /// Removes a layer with its own norm, rectifier and dropout, in that order.
    pub(super) fn remove(&mut self, layer: usize) -> Result<()> {
        let found = &self.nodes[layer];
        let source = match (&found.op, &found.inputs[..]) {
            (op, [source]) if has_weights(op) => *source,
            (op, _) => {
                let problem = format!(
                    "is {}; only convolutions and linear layers can be removed",
                    op.describe()
                );
                return Err(self.refused(&found.name, problem));
            }
        };
        let mut gone = vec![layer];
        let mut order = 0;
        while let [reader] = self.readers(gone[gone.len() - 1])[..] {
            let place = match &self.nodes[reader].op {
                Op::BatchNorm { .. } => 1,
                op if op.is_activation() => 2,
                Op::Dropout => 3,
                _ => break,
            };
            if place <= order || self.nodes[reader].inputs.len() != 1 {
                break;
            }
            gone.push(reader);
            order = place;
        }
        let readers = self.readers(layer);
        if readers.len() > 1 {
            let names = readers.iter().map(|&reader| &*self.nodes[reader].name);
            let problem = format!(
                "is read by {}; only a layer of a chain can be removed",
                names.collect::<Vec<_>>().join(" and ")
            );
            return Err(self.refused(&self.nodes[layer].name, problem));
        }
        self.take_out(&gone, source);
        Ok(())
    }

    fn readers(&self, node: usize) -> Vec<usize> {
        let reads = |at: &usize| self.nodes[*at].inputs.contains(&node);
        (0..self.nodes.len()).filter(reads).collect()
    }

    /// Takes nodes out; who reads the last of them reads `source` from then on.
    fn take_out(&mut self, gone: &[usize], source: usize) {
        let mut places = Vec::with_capacity(self.nodes.len());
        let mut next = 0;
        for node in 0..self.nodes.len() {
            places.push(next);
            next += usize::from(!gone.contains(&node));
        }
        let place = |node: usize| match gone.contains(&node) {
            true => places[source],
            false => places[node],
        };
        let nodes = std::mem::take(&mut self.nodes).into_iter().enumerate();
        let kept = nodes.filter(|(at, _)| !gone.contains(at));
        let moved = kept.map(|(_, mut node)| {
            node.inputs
                .iter_mut()
                .for_each(|input| *input = place(*input));
            node
        });
        self.nodes = moved.collect();
        self.stages.retain(|stage| !gone.contains(&stage.node));
        self.stages
            .iter_mut()
            .for_each(|stage| stage.node = places[stage.node]);
    }
}
