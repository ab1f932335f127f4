//! The end of a graph: its output, and what does not lead there.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use super::lowering::Lowering;
use super::value::Value;
use crate::weights::Weights;
use crate::{stages, Network, Op};

/// A network that was read from an ONNX file, batch norms as they are in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The graph, with a Softmax at its end where it is a classifier.
    pub network: Network,
    /// Its parameters.
    pub weights: Weights,
    /// Which node of ours computes a value of the graph: the same cells in the same order, under ONNX's shape.
    pub values: BTreeMap<String, usize>,
    /// What was assumed, to be said aloud.
    pub notes: Vec<String>,
    /// The files beside it that hold weights, each once.
    pub files: Vec<PathBuf>,
}

impl Lowering {
    /// The network up to an output, with a Softmax where it is a classifier without one, and its stages.
    pub(super) fn finish(mut self, output: &str) -> Result<Imported, String> {
        let Some(Value::Maps(maps)) = self.values.get(output).cloned() else {
            return Err(format!("output '{output}' does not depend on the image"));
        };
        self.recognise();
        let places = self.keep_ancestors(maps.node);
        let place = |(name, value): (&String, &Value)| match value {
            Value::Maps(maps) => Some((name.clone(), places[maps.node]?)),
            Value::Constant(_) => None,
        };
        let values: BTreeMap<String, usize> = self.values.iter().filter_map(place).collect();
        let end = self.network.nodes.len() - 1;
        let flat = (self.shapes[end].height, self.shapes[end].width) == (1, 1);
        match self.network.nodes[end].op {
            Op::Curve(_) if flat => self.notes.push(
                "the graph ends in a curve, not in Softmax: its outputs are no probabilities of one class among several, and none are shown".into(),
            ),
            Op::Softmax | Op::Input => {}
            _ if flat => {
                self.push("probability", Op::Softmax, &[end])?;
                self.notes.push("the graph does not end in Softmax: one is added for the probabilities".into());
            }
            _ => {}
        }
        self.network.stages = stages::found(&self.network, &self.shapes);
        Ok(Imported {
            network: self.network,
            weights: self.weights,
            values,
            notes: self.notes,
            files: self.files,
        })
    }

    /// Drops all nodes that a node does not depend on, and tells where each of the others now is.
    fn keep_ancestors(&mut self, end: usize) -> Vec<Option<usize>> {
        let mut kept = vec![false; self.network.nodes.len()];
        (kept[0], kept[end]) = (true, true);
        for (index, node) in self.network.nodes.iter().enumerate().rev() {
            if kept[index] {
                node.inputs.iter().for_each(|&input| kept[input] = true);
            }
        }
        let mut next = 0;
        let places: Vec<Option<usize>> = kept
            .iter()
            .map(|&kept| {
                let place = kept.then_some(next);
                next += usize::from(kept);
                place
            })
            .collect();
        let (nodes, shapes) = (
            std::mem::take(&mut self.network.nodes),
            std::mem::take(&mut self.shapes),
        );
        let mut dropped: HashSet<String> = HashSet::new();
        for ((mut node, shape), kept) in nodes.into_iter().zip(shapes).zip(kept) {
            if !kept {
                dropped.insert(node.name);
                continue;
            }
            let moved = |input: &mut usize| *input = places[*input].unwrap_or(0);
            node.inputs.iter_mut().for_each(moved);
            self.network.nodes.push(node);
            self.shapes.push(shape);
        }
        self.weights.retain(|name, _| {
            let owner = name.rsplit_once('.').map(|(owner, _)| owner);
            owner.is_none_or(|owner| !dropped.contains(owner))
        });
        places
    }
}
