//! A network edited as data: layers removed, made wider or narrower, given another window (ZF tables 2 and 3, fig. 6). Shapes
//! follow, and what does not fit any more is an error.

use std::collections::{BTreeMap, BTreeSet};

use base::{Error, Result};
use serde::{Deserialize, Serialize};

use super::head::Head;
use super::shape::{self, Shape};
use super::width::{Sides, Width};
use super::{Network, Node, Op, Window};

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

/// What a layer becomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LayerEdit {
    /// Feature maps of a convolution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<Width>,
    /// Outputs of a linear layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Width>,
    /// Window of a convolution or pooling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<Sides>,
    /// Its stride.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stride: Option<Sides>,
    /// Its padding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub padding: Option<Sides>,
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

impl LayerEdit {
    fn describe(&self) -> String {
        let width = self.channels.or(self.features);
        let kernel = self
            .kernel
            .map(|Sides([rows, columns])| format!("{rows}×{columns}"));
        let named = |name: &str, sides: Option<Sides>| sides.map(|sides| format!("{name} {sides}"));
        let parts = [
            width.map(|width| width.to_string()),
            kernel,
            named("stride", self.stride),
            named("padding", self.padding),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn apply(&self, op: &mut Op) -> Result<(), String> {
        let kind = op.describe();
        match (self.channels, &mut *op) {
            (None, _) => {}
            (Some(width), Op::Conv { channels, .. } | Op::ConvTranspose { channels, .. }) => {
                *channels = width.of(*channels)?;
            }
            (Some(_), Op::Linear { .. }) => {
                return Err("is a linear layer, whose width is 'features', not 'channels'".into());
            }
            _ => return Err(format!("is {kind}, which has no channels of its own")),
        }
        match (self.features, &mut *op) {
            (None, _) => {}
            (Some(width), Op::Linear { features }) => *features = width.of(*features)?,
            (Some(_), Op::Conv { .. } | Op::ConvTranspose { .. }) => {
                return Err("is a convolution, whose width is 'channels', not 'features'".into());
            }
            _ => return Err(format!("is {kind}, which has no features of its own")),
        }
        let sides = [self.kernel, self.stride, self.padding];
        if sides.iter().all(Option::is_none) {
            return Ok(());
        }
        let Some(window) = window(op) else {
            return Err(format!("is {kind}, which has no window"));
        };
        let places = [&mut window.kernel, &mut window.stride, &mut window.padding];
        for (place, sides) in places.into_iter().zip(sides) {
            if let Some(Sides(sides)) = sides {
                *place = sides;
            }
        }
        Ok(())
    }
}

fn window(op: &mut Op) -> Option<&mut Window> {
    match op {
        Op::Conv { window, .. }
        | Op::ConvTranspose { window, .. }
        | Op::MaxPool { window, .. }
        | Op::AveragePool { window, .. } => Some(window),
        _ => None,
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

    /// Removes a layer with its own norm, rectifier and dropout, in that order.
    fn remove(&mut self, layer: usize) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{zoo, Anatomy, Builder};

    fn edits(text: &str) -> Edits {
        toml::from_str(text).unwrap()
    }

    fn edited(network: &str, text: &str) -> Result<Anatomy> {
        let network = zoo::find(network).unwrap().network();
        network.edited(&edits(text)).and_then(Anatomy::of)
    }

    fn shape(anatomy: &Anatomy, name: &str) -> [usize; 3] {
        let nodes = &anatomy.network().nodes;
        let node = nodes.iter().position(|node| node.name == name).unwrap();
        anatomy.shapes()[node].axes()
    }

    fn parameter(anatomy: &Anatomy, name: &str) -> Vec<usize> {
        let mut parameters = anatomy.parameters().into_iter();
        parameters
            .find(|parameter| parameter.name == name)
            .unwrap()
            .shape
    }

    fn stages(anatomy: &Anatomy) -> Vec<&str> {
        let stages = anatomy.network().stages.iter();
        stages.map(|stage| stage.name.as_str()).collect()
    }

    #[test]
    fn what_follows_a_removed_layer_keeps_its_place() {
        let found = edited("zfnet_small", "remove = ['conv3', 'conv4']").unwrap();
        assert_eq!(found.network().name, "zfnet_small-without_conv3_conv4");
        assert_eq!(stages(&found), ["conv1", "conv2", "conv5", "fc6", "fc7"]);
        // 64 → 30 → 15 → 15 → 7, as before; conv5 reads 64 maps in place of 96.
        assert_eq!(shape(&found, "pool2"), [64, 7, 7]);
        assert_eq!(parameter(&found, "conv5.weight"), [64, 64, 3, 3]);
        assert_eq!(parameter(&found, "fc6.weight"), [256, 64 * 3 * 3]);
        let names = |anatomy: &Anatomy| {
            let nodes = anatomy.network().nodes.iter();
            nodes.map(|node| node.name.clone()).collect::<Vec<_>>()
        };
        let before = names(&edited("zfnet_small", "").unwrap());
        let gone: Vec<String> = names(&found);
        let gone: Vec<&String> = before.iter().filter(|name| !gone.contains(name)).collect();
        assert_eq!(gone, ["conv3", "relu3", "conv4", "relu4"]);
        for stage in &found.network().stages {
            let node = &found.network().nodes[stage.node].name;
            assert_eq!(node[4..], stage.name[stage.name.len() - 1..], "{node}");
        }
    }

    #[test]
    fn a_linear_layer_takes_its_dropout_along() {
        let found = edited("zfnet_small", "remove = ['fc6', 'fc7']").unwrap();
        assert_eq!(parameter(&found, "fc8.weight"), [1000, 576]);
        let nodes = &found.network().nodes;
        assert!(!nodes.iter().any(|node| node.op == Op::Dropout));
        assert_eq!(
            stages(&found),
            ["conv1", "conv2", "conv3", "conv4", "conv5"]
        );
    }

    #[test]
    fn shapes_follow_windows_and_widths() {
        let found = edited(
            "zfnet_small",
            "layers.conv1 = { kernel = 11, stride = 4 }\nlayers.conv3 = { channels = 'x0.5' }\nlayers.fc6 = { features = 100 }",
        )
        .unwrap();
        let name = "zfnet_small-conv1_11x11_stride_4-conv3_x0.5-fc6_100";
        assert_eq!(found.network().name, name);
        // (64 + 2 - 11) / 4 + 1 = 14; pooled 7, 3, 1.
        assert_eq!(shape(&found, "conv1"), [32, 14, 14]);
        assert_eq!(shape(&found, "pool5"), [64, 1, 1]);
        assert_eq!(parameter(&found, "conv1.weight"), [32, 3, 11, 11]);
        assert_eq!(parameter(&found, "conv4.weight"), [96, 48, 3, 3]);
        assert_eq!(parameter(&found, "fc6.weight"), [100, 64]);
        assert_eq!(parameter(&found, "fc7.weight"), [256, 100]);
        let wide = edited("zfnet", "layers.conv3.channels = 'x4/3'").unwrap();
        assert_eq!(shape(&wide, "conv3"), [512, 13, 13]);
        let flat = edited("zfnet_small", "layers.conv1.kernel = [3, 7]").unwrap();
        assert_eq!(parameter(&flat, "conv1.weight"), [32, 3, 3, 7]);
    }

    #[test]
    fn a_layer_may_be_called_by_its_stage() {
        let found = edited("alexnet", "remove = ['conv3', 'fc6']").unwrap();
        assert_eq!(parameter(&found, "features.8.weight"), [256, 192, 3, 3]);
        assert_eq!(parameter(&found, "classifier.4.weight"), [4096, 9216]);
        assert_eq!(stages(&found), ["conv1", "conv2", "conv4", "conv5", "fc7"]);
    }

    #[test]
    fn a_norm_goes_with_its_convolution() {
        let found = edited("resnet18", "remove = ['layer1.0.conv1']").unwrap();
        let nodes = &found.network().nodes;
        let names = ["layer1.0.conv1", "layer1.0.bn1", "layer1.0.relu1"];
        assert!(!nodes.iter().any(|node| names.contains(&&*node.name)));
    }

    #[test]
    fn what_does_not_fit_is_named_with_both_shapes() {
        for (network, text, says) in [
            ("tiny", "remove = ['conv9']", "unknown layer 'conv9'"),
            ("tiny", "remove = ['fc5']", "'fc5': is the last layer"),
            (
                "tiny",
                "layers.fc5.features = 3",
                "'fc5': is the last layer",
            ),
            (
                "tiny",
                "remove = ['pool1']",
                "'pool1': is max pool 3×3 /2 ceil; only",
            ),
            (
                "tiny",
                "remove = ['fc4']\nlayers.fc4.features = 3",
                "'fc4': is edited twice",
            ),
            ("tiny", "remove = ['fc4', 'fc4']", "'fc4': is edited twice"),
            (
                "tiny",
                "layers.fc4.channels = 3",
                "'fc4': is a linear layer, whose width is 'features'",
            ),
            (
                "tiny",
                "layers.conv1.features = 3",
                "'conv1': is a convolution, whose width is 'channels'",
            ),
            (
                "tiny",
                "layers.fc4.kernel = 3",
                "'fc4': is linear, which has no window",
            ),
            (
                "tiny",
                "layers.relu1.channels = 3",
                "'relu1': is relu, which has no channels",
            ),
            (
                "tiny",
                "layers.fc4.features = 'x0.01'",
                "'fc4': would have a width of 0",
            ),
            (
                "tiny",
                "layers.conv1.kernel = 99",
                "'conv1': a window of [99, 99] does not fit into 3×32×32",
            ),
            (
                "tiny",
                "layers.conv1.stride = 0",
                "'conv1': a window cannot be",
            ),
            (
                "tiny",
                "layers.conv2.channels = 16",
                "'add2': 8×8×8 and 16×8×8 do not fit together",
            ),
            (
                "tiny",
                "layers.conv2.stride = 8",
                "'add2': 8×8×8 of 'norm1' and 8×1×1 of 'bn2' do not fit together",
            ),
            (
                "tiny",
                "remove = ['conv1']",
                "'conv2': 3 channels in, 8 out cannot be split into 2 groups",
            ),
        ] {
            let error = edited(network, text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn only_a_layer_of_a_chain_can_be_removed() {
        let mut net = Builder::new("n", 8);
        let x = net.conv("a", 0, 3, Window::square(3, 1, 1));
        let y = net.relu("rectified", x);
        let z = net.node("sum", Op::Add, &[x, y]);
        let z = net.node("flatten", Op::Flatten, &[z]);
        let network = net.classifier("fc", z, 2);
        let error = network.edited(&edits("remove = ['a']")).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("'a': is read by rectified and sum"),
            "{error}"
        );
    }
}
