//! A network edited as data: layers removed, made wider or narrower, given another window (ZF tables 2 and 3, fig. 6). Shapes
//! follow, and what does not fit any more is an error.

mod layer;
mod removal;
#[cfg(test)]
mod tests;
mod width;

use std::collections::{BTreeMap, BTreeSet};

use base::{Error, Result};
use serde::{Deserialize, Serialize};

use super::head::Head;
use super::shape::{self, Shape};
use super::{Network, Node, Op};

pub use layer::LayerEdit;
pub use width::{Sides, Width};

/// What is edited of a network.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Edits {
    /// Layers that are removed, each with its own norm, rectifier and dropout; what follows keeps its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// Layers that become others.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub layers: BTreeMap<String, LayerEdit>,
}

impl Edits {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.remove.is_empty() && self.layers.is_empty()
    }

    /// What becomes another, in short: `conv1 11×11 stride 4`; a factor stands as it is told.
    pub fn changes(&self) -> Vec<String> {
        let told = |(layer, edit): (&String, &LayerEdit)| format!("{layer} {}", edit.describe());
        self.layers.iter().map(told).collect()
    }

    /// As part of a network's name: `-without_conv3_conv4`.
    fn suffix(&self) -> String {
        let mut suffix = String::new();
        if !self.remove.is_empty() {
            suffix += &format!("-without_{}", self.remove.join("_"));
        }
        for change in self.changes() {
            let plain = change.replace([' ', '/'], "_").replace('×', "x");
            suffix += &format!("-{plain}");
        }
        suffix
    }
}

fn has_weights(op: &Op) -> bool {
    matches!(
        op,
        Op::Conv { .. } | Op::ConvTranspose { .. } | Op::Linear { .. }
    )
}

impl Network {
    /// The network with these edits, under a name that tells them; its last layer stays as it is. A layer is called by its
    /// node's name, or by that of the stage whose activations are its. Stages that still exist stay.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a layer that is not there; [`Error::Network`] where it is no part of a chain, and where shapes do
    /// not fit any more, with the layer and both shapes.
    pub fn edited(mut self, edits: &Edits) -> Result<Self> {
        let even = self.even(&shape::shapes(&self)?);
        let last = Head::of(&self).map(|head| head.last(&self).to_owned());
        let mut touched = BTreeSet::new();
        for name in edits.layers.keys().chain(&edits.remove) {
            let node = self.layer(name)?;
            let found = self.nodes[node].name.clone();
            if edits.remove.contains(name) && Some(&found) == last.as_ref() {
                return Err(self.refused(
                    &found,
                    "is the last layer, which tells the classes apart; it cannot be removed",
                ));
            }
            if !touched.insert(found.clone()) {
                return Err(self.refused(
                    &found,
                    "is edited twice; a layer is either removed or becomes another, once",
                ));
            }
        }
        for (name, edit) in &edits.layers {
            let node = self.layer(name)?;
            let found = self.nodes[node].name.clone();
            let is_wider = edit.channels.or(edit.features).is_some();
            if is_wider && Some(&found) == last.as_ref() {
                return Err(self.refused(
                    &found,
                    "is the last layer, which is as wide as there are classes",
                ));
            }
            let applied = edit.apply(&mut self.nodes[node].op);
            applied.map_err(|problem| self.refused(&found, problem))?;
        }
        for name in &edits.remove {
            let node = self.layer(name)?;
            self.remove(node)?;
        }
        self.name += &edits.suffix();
        self.fits(&even)?;
        Ok(self)
    }

    /// The node of a layer, by its own name or by that of the stage whose activations are its.
    fn layer(&self, name: &str) -> Result<usize> {
        if let Some(node) = self.nodes.iter().skip(1).position(|node| node.name == name) {
            return Ok(node + 1);
        }
        let stage = self.stages.iter().find(|stage| stage.name == name);
        let mut node = stage.map(|stage| stage.node);
        while let Some(at) = node {
            let found = &self.nodes[at];
            if has_weights(&found.op) {
                return Ok(at);
            }
            let is_its = found.op.is_activation() || matches!(found.op, Op::BatchNorm { .. });
            node = found.inputs.first().copied().filter(|_| is_its);
        }
        let of_weights = self.nodes.iter().filter(|node| has_weights(&node.op));
        let others = self
            .nodes
            .iter()
            .skip(1)
            .filter(|node| !has_weights(&node.op));
        Err(Error::UnknownName {
            kind: "layer",
            name: name.to_owned(),
            known: of_weights.map(|node| node.name.clone()).collect(),
            also: others.map(|node| node.name.clone()).collect(),
            advice: format!(", of {}", self.name),
        })
    }

    fn refused(&self, node: &str, problem: impl Into<String>) -> Error {
        Error::Network {
            network: self.name.clone(),
            node: node.to_owned(),
            problem: problem.into(),
        }
    }

    /// Names of the nodes that broadcast nothing, of those that may.
    fn even(&self, shapes: &[Shape]) -> BTreeSet<String> {
        let is_even = |(node, shape): &(&Node, &Shape)| {
            let inputs = &node.inputs;
            node.op.broadcasts() && inputs.iter().all(|&input| shapes[input] == **shape)
        };
        let even = self.nodes.iter().zip(shapes).filter(is_even);
        even.map(|(node, _)| node.name.clone()).collect()
    }

    /// That these still broadcast nothing: what does not fit would be repeated until it does.
    fn fits(&self, even: &BTreeSet<String>) -> Result<()> {
        let shapes = shape::shapes(self)?;
        let still = self.even(&shapes);
        let other = |node: &&Node| even.contains(&node.name) && !still.contains(&node.name);
        let Some(node) = self.nodes.iter().find(other) else {
            return Ok(());
        };
        let input = |&input: &usize| format!("{} of '{}'", shapes[input], self.nodes[input].name);
        let inputs: Vec<String> = node.inputs.iter().map(input).collect();
        let problem = match node.inputs.len() {
            1 => format!("is made for other maps than {}", inputs[0]),
            _ => format!("{} do not fit together", inputs.join(" and ")),
        };
        Err(self.refused(&node.name, problem))
    }
}
