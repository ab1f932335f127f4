//! The end of a graph: its output, and what does not lead there.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use super::lowering::Lowering;
use super::normalised::Normalised;
use super::value::Value;
use crate::weights::Weights;
use crate::{shape, stages, Network, Scores};

/// A network that was read from an ONNX file, batch norms as they are in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The graph, which ends in its scores.
    pub network: Network,
    /// The value of the graph that they come from.
    pub output: String,
    /// Names of the classes, where the graph has them.
    pub class_names: Vec<String>,
    /// What the graph expects its image to be, where it normalises it itself.
    pub normalised: Option<Normalised>,
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
    /// The network up to an output, which ends in scores where it is a classifier, and its stages.
    pub(super) fn finish(
        mut self,
        output: &str,
        scores: Option<Scores>,
    ) -> Result<Imported, String> {
        if self.channels_last {
            self.bring_channels_to_the_front(output)?;
        }
        let Some(Value::Maps(maps)) = self.values.get(output).cloned() else {
            return Err(format!("output '{output}' does not depend on the image"));
        };
        self.unexpand();
        self.recognise();
        let places = self.keep_ancestors(maps.node);
        let normalised = self.normalised();
        let (kept, notes) = self.network.end_in(scores)?;
        self.notes.extend(notes);
        let shapes = shape::shapes(&self.network).map_err(|error| error.to_string())?;
        self.network.stages = stages::found(&self.network, &shapes);
        // What was left out behind the scores without anything in its place is another shape of them.
        let whole = self.network.nodes.len() == kept;
        let place = |(name, value): (&String, &Value)| match value {
            Value::Maps(maps) => match places[maps.node]? {
                place if place < kept => Some((name.clone(), place)),
                _ => whole.then(|| (name.clone(), kept - 1)),
            },
            Value::Constant(_) => None,
        };
        Ok(Imported {
            values: self.values.iter().filter_map(place).collect(),
            output: output.to_owned(),
            class_names: Vec::new(),
            normalised,
            network: self.network,
            weights: self.weights,
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
