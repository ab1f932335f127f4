//! A ConvNet as data: nodes in topological order, named stages, shapes and receptive fields. No tensor is computed
//! here.

mod builder;
pub mod checkpoint;
pub mod classes;
mod convert;
mod description;
mod fold;
pub mod model;
mod names;
pub mod onnx;
mod op;
mod origin;
pub mod passage;
mod preprocessing;
pub mod projective_field;
pub mod reach;
pub mod receptive_field;
pub mod shape;
mod stages;
pub mod weights;
mod window;
mod written;
pub mod zoo;

pub use builder::Builder;
pub use convert::convert;
pub use description::Description;
pub use fold::fold_batch_norm;
pub use model::{Model, ModelSource};
pub use op::{Axis, Curve, Op};
pub use origin::outline;
pub use preprocessing::{Changes, Channels, Preprocessing, Preset};
pub use window::Window;

use crate::error::{Error, Result};

/// One step of the network's computation.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The checkpoint's own name: a torchvision state-dict key without its field.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// Indices of the nodes whose outputs it reads, all smaller than its own.
    pub inputs: Vec<usize>,
}

/// A layer that a report shows: an activation after its ReLU, before pooling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The name in tables and pages (`conv1`, `fire3`).
    pub name: String,
    /// Index of the node whose output it is.
    pub node: usize,
    /// Whether a report shows it without being asked.
    pub default: bool,
}

/// A ConvNet as plain data.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Its name in the zoo, or in its file.
    pub name: String,
    /// Its input: channels, rows and columns.
    pub input: shape::Shape,
    /// Nodes in topological order; the first is the input, the last the output.
    pub nodes: Vec<Node>,
    /// The named layers, from the input upwards.
    pub stages: Vec<Stage>,
}

impl Network {
    /// The stages that a report shows: those asked for by stage or node name, or the default ones that can be
    /// projected.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the nearest name, [`Error::Network`] for one that cannot be projected.
    pub fn select_stages(&self, names: Option<&[String]>) -> Result<Vec<Stage>> {
        let blocked = reach::blocked(self);
        let Some(names) = names else {
            let open = |stage: &&Stage| stage.default && blocked[stage.node].is_none();
            return Ok(self.stages.iter().filter(open).cloned().collect());
        };
        let mut taken: names::Names = self.stages.iter().map(|s| s.name.clone()).collect();
        let mut chosen = Vec::new();
        for name in names {
            let stage = self.stages.iter().find(|stage| stage.name == *name);
            let stage = stage.cloned().or_else(|| {
                let node = self.nodes.iter().position(|node| node.name == *name)?;
                let known = self.stages.iter().find(|stage| stage.node == node).cloned();
                let new = || Stage {
                    name: stages::plain_name(name, &mut taken),
                    node,
                    default: false,
                };
                (node > 0).then(|| known.unwrap_or_else(new))
            });
            let stage = stage.ok_or_else(|| {
                let known: Vec<String> = self.stages.iter().map(|s| s.name.clone()).collect();
                let nodes = self.nodes.iter().skip(1).map(|node| &node.name);
                Error::UnknownName {
                    kind: "layer",
                    name: name.clone(),
                    also: nodes.filter(|n| !known.contains(n)).cloned().collect(),
                    known,
                }
            })?;
            if let Some(wall) = blocked[stage.node] {
                return Err(Error::Network {
                    network: self.name.clone(),
                    node: self.nodes[stage.node].name.clone(),
                    problem: format!("cannot be projected: {}", reach::reason(self, wall)),
                });
            }
            chosen.push(stage);
        }
        chosen.sort_by_key(|stage| stage.node);
        chosen.dedup_by_key(|stage| stage.node);
        Ok(chosen)
    }

    /// Two stages far from the input: the last one whose output is a map, and the last of all or, where that is the
    /// same, the map before it. What ZF's layers 5 and 7 are in another network.
    ///
    /// # Errors
    /// Those of [`shape::shapes`].
    pub fn late_stages(&self) -> Result<Vec<Stage>> {
        let shapes = shape::shapes(self)?;
        let blocked = reach::blocked(self);
        let open = self
            .stages
            .iter()
            .filter(|stage| blocked[stage.node].is_none());
        let open: Vec<&Stage> = open.collect();
        let Some((&last, before)) = open.split_last() else {
            return Ok(Vec::new());
        };
        let map = before.iter().rfind(|stage| shapes[stage.node].height > 1);
        Ok(map.copied().into_iter().chain([last]).cloned().collect())
    }

    /// The stage whose maps are looked at where one is to stand for all (ZF's layer 5): the last one that has maps, and not
    /// one for each class.
    ///
    /// # Errors
    /// Those of [`shape::shapes`].
    pub fn top_maps(&self) -> Result<Option<Stage>> {
        let shapes = shape::shapes(self)?;
        let outputs = shapes.last().map_or(0, |shape| shape.channels);
        let maps = |stage: &&Stage| shapes[stage.node].height * shapes[stage.node].width > 1;
        let classes =
            |stage: &&Stage| self.has_classifier() && shapes[stage.node].channels == outputs;
        let mut all = self.stages.iter().filter(maps);
        let features = all.clone().rfind(|stage| !classes(stage));
        Ok(features.or_else(|| all.next_back()).cloned())
    }

    /// Whether the last node gives class probabilities.
    pub fn has_classifier(&self) -> bool {
        matches!(self.nodes.last().map(|node| &node.op), Some(Op::Softmax))
    }

    /// The network up to its last default stage: what is left of it without a classifier.
    pub fn without_classifier(mut self) -> Self {
        let last = self.stages.iter().rfind(|stage| stage.default);
        if let Some(last) = last.map(|stage| stage.node) {
            self.nodes.truncate(last + 1);
            self.stages.retain(|stage| stage.node <= last);
        }
        self
    }
}
