//! A network written down in a TOML, beside weights of any origin.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::names::Names;
use super::shape::{self, Shape};
use super::{Network, Node, Op, Scores, Stage};

/// A network as a file has it: nodes name their inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenNetwork {
    /// Its name.
    name: String,
    /// Its input: channels, rows, columns.
    input: [usize; 3],
    /// In topological order; the network's input is `input` and not listed.
    nodes: Vec<WrittenNode>,
}

/// A node as a file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct WrittenNode {
    name: String,
    inputs: Vec<String>,
    #[serde(flatten)]
    op: Op,
}

/// A stage as a file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenStage {
    /// The name in tables and pages.
    name: String,
    /// The node whose output it is.
    node: String,
    /// Whether a report shows it without being asked.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    default: bool,
}

fn yes() -> bool {
    true
}

impl WrittenNetwork {
    /// Writes a network down.
    pub(super) fn of(network: &Network) -> Self {
        let name = |&node: &usize| network.nodes[node].name.clone();
        let node = |node: &Node| WrittenNode {
            name: node.name.clone(),
            inputs: node.inputs.iter().map(name).collect(),
            op: node.op.clone(),
        };
        Self {
            name: network.name.clone(),
            input: network.input.axes(),
            nodes: network.nodes.iter().skip(1).map(node).collect(),
        }
    }

    /// The network, without stages.
    ///
    /// # Errors
    /// What contradicts itself, with the node's name.
    pub(super) fn network(self) -> Result<Network, String> {
        let mut places: HashMap<String, usize> = HashMap::from([("input".to_owned(), 0)]);
        let mut nodes = vec![Node {
            name: "input".into(),
            op: Op::Input,
            inputs: Vec::new(),
        }];
        for WrittenNode { name, inputs, op } in self.nodes {
            if op == Op::Input {
                return Err(format!("node '{name}': the network's input is not listed"));
            }
            let place = |input: &String| {
                let place = places.get(input).copied();
                place.ok_or_else(|| {
                    format!("node '{name}' reads '{input}', which no node above it is named")
                })
            };
            let inputs = inputs.iter().map(place).collect::<Result<_, _>>()?;
            if places.insert(name.clone(), nodes.len()).is_some() {
                return Err(format!("two nodes are named '{name}'"));
            }
            nodes.push(Node { name, op, inputs });
        }
        let network = Network {
            name: self.name,
            input: Shape::of(self.input),
            scores: Scores::of_end(nodes.last().map(|node| &node.op)),
            nodes,
            stages: Vec::new(),
        };
        shape::shapes(&network).map_err(|error| error.to_string())?;
        Ok(network)
    }
}

impl WrittenStage {
    /// Writes the stages of a network down.
    pub(super) fn all_of(network: &Network) -> Vec<Self> {
        let written = |stage: &Stage| Self {
            name: stage.name.clone(),
            node: network.nodes[stage.node].name.clone(),
            default: stage.default,
        };
        network.stages.iter().map(written).collect()
    }

    /// Gives a network these stages.
    ///
    /// # Errors
    /// A name that is not fit, is there twice, or is no node's.
    pub(super) fn set(stages: &[Self], network: &mut Network) -> Result<(), String> {
        let mut taken = Names::default();
        let mut found = Vec::new();
        for stage in stages {
            if super::stages::plain_name(&stage.name, &mut taken) != stage.name {
                return Err(format!(
                    "stage '{}': expected letters, digits, dots, dashes and underscores, and each name once",
                    stage.name
                ));
            }
            let node = network
                .nodes
                .iter()
                .position(|node| node.name == stage.node);
            found.push(Stage {
                name: stage.name.clone(),
                node: node.ok_or_else(|| {
                    format!("stage '{}': no node is named '{}'", stage.name, stage.node)
                })?,
                default: stage.default,
            });
        }
        found.sort_by_key(|stage| stage.node);
        network.stages = found;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{zoo, Builder, Coordinates, Curve, Filter, Pairing, Reduction, Resampling, Window};

    #[test]
    fn every_network_of_the_zoo_reads_back_as_it_was_written() {
        for entry in zoo::entries() {
            let network = entry.network();
            let text = toml::to_string(&WrittenNetwork::of(&network)).unwrap();
            let written: WrittenNetwork = toml::from_str(&text).unwrap();
            let mut back = written.network().unwrap();
            WrittenStage::set(&WrittenStage::all_of(&network), &mut back).unwrap();
            assert_eq!(back, network, "{text}");
        }
    }

    #[test]
    fn ops_of_todays_networks_read_back_as_they_were_written() {
        let mut net = Builder::of("today", Shape::of([4, 8, 8]));
        let linear = Resampling {
            length: 16,
            scale: 2.0,
            coordinates: Coordinates::Part {
                start: 0.1,
                end: 0.9,
            },
            filter: Filter::Cubic { coefficient: -0.75 },
            ..Resampling::none(16)
        };
        let axes = [linear, Resampling::none(8)];
        let x = net.node("resized", Op::Resample { axes }, &[0]);
        let transposed = Op::ConvTranspose {
            window: Window::square(3, 2, 1),
            left_over: [1, 0],
            channels: 4,
            groups: 2,
            bias: true,
        };
        let x = net.node("transposed", transposed, &[x]);
        let curve = Curve::Elu {
            alpha: 1.0,
            scale: 2.0,
            width: 0.5,
        };
        let x = net.node("elu", Op::Curve(curve), &[x]);
        let x = net.node("gelu", Op::Curve(Curve::Gelu { tanh: true }), &[x]);
        let x = net.node("norm", Op::LayerNorm { epsilon: 1e-6 }, &[x]);
        let groups = Op::GroupNorm {
            groups: 2,
            epsilon: 1e-5,
        };
        let x = net.node("groups", groups, &[x]);
        let x = net.node("prelu", Op::PRelu { shape: [4, 1, 1] }, &[x]);
        let shape = [4, 1, 1];
        let constant = net.node("constant", Op::Constant { shape }, &[x]);
        let by = Pairing::GreaterOrEqual;
        let y = net.node("pair", Op::Pairwise { by }, &[x, constant]);
        let x = net.node("choose", Op::Choose, &[y, x, constant]);
        let by = Reduction::Maximum;
        net.node("largest", Op::ReduceChannels { by }, &[x]);
        let network = net.finish();
        let text = toml::to_string(&WrittenNetwork::of(&network)).unwrap();
        let written: WrittenNetwork = toml::from_str(&text).unwrap();
        assert_eq!(written.network().unwrap(), network, "{text}");
    }

    #[test]
    fn contradictions_are_named() {
        let read = |nodes: &str| {
            let text = format!("name = \"n\"\ninput = [3, 8, 8]\n{nodes}");
            toml::from_str::<WrittenNetwork>(&text)
                .map_err(|error| error.to_string())?
                .network()
        };
        let relu = |name: &str, input: &str| {
            format!("[[nodes]]\nname = \"{name}\"\ninputs = [\"{input}\"]\nop = \"relu\"\n")
        };
        assert!(read(&relu("a", "input")).is_ok());
        assert!(read(&relu("a", "b")).unwrap_err().contains("reads 'b'"));
        assert!(read(&(relu("a", "input") + &relu("a", "a")))
            .unwrap_err()
            .contains("two nodes"));
        assert!(read(
            "[[nodes]]\nname = \"a\"\ninputs = [\"input\"]\nop = \"linear\"\nfeatures = 3\n"
        )
        .unwrap_err()
        .contains("flat input"));
        assert!(
            read("[[nodes]]\nname = \"a\"\ninputs = []\nop = \"relu\"\n")
                .unwrap_err()
                .contains("no input")
        );
    }
}
