//! An ONNX graph turned into a [`Network`] and its weights: each operator into the ops that compute it.

mod activation;
mod arithmetic;
mod axes;
mod finish;
mod input;
mod layout;
mod linear;
mod pool;
mod space;
mod value;
mod window;

use std::collections::HashMap;
use std::path::PathBuf;

use self::value::{as_maps, Batch, Maps, Value};
use super::graph::MAX_NODES;
use super::{fold, Graph, Imported, Node, Tensor, MAX_TOTAL_ELEMENTS};
use crate::network::names::Names;
use crate::network::shape::{self, Shape};
use crate::network::weights::{Array, Weights};
use crate::network::{self as net, Network, Op};

/// Turns a graph into a network for the first of its outputs. `side` binds rows and columns that the graph leaves open.
///
/// # Errors
/// What cannot be computed, with node, operator and opset.
pub(super) fn lower(mut graph: Graph, name: &str, side: Option<usize>) -> Result<Imported, String> {
    let Some(output) = graph.outputs.first().cloned() else {
        return Err("has no output".into());
    };
    let mut notes = Vec::new();
    if graph.outputs.len() > 1 {
        notes.push(format!(
            "the graph has {} outputs; the first, '{output}', is used",
            graph.outputs.len()
        ));
    }
    graph.needed(std::slice::from_ref(&output))?;
    let nodes = std::mem::take(&mut graph.nodes);
    let mut lowering = Lowering::begin(graph, &nodes, name, side)?;
    for (number, node) in nodes.iter().enumerate() {
        let last = number + 1 == nodes.len();
        lowering.node(node, last)?;
    }
    lowering.notes.splice(0..0, notes);
    lowering.finish(&output)
}

const QUANTISED: &str = "the graph is int8-quantised; export the float model";

fn is_quantised(op: &str) -> bool {
    op.starts_with("QLinear")
        || op.ends_with("QuantizeLinear")
        || op.ends_with("DequantizeLinear")
        || op.ends_with("Integer")
}

/// A network in the making.
struct Lowering {
    opset: i64,
    batch: Batch,
    /// The input's name, where its last axis is the channels (TensorFlow's order).
    channels_last: Option<String>,
    network: Network,
    shapes: Vec<Shape>,
    weights: Weights,
    values: HashMap<String, Value>,
    /// How often each value is still read.
    uses: HashMap<String, usize>,
    names: Names,
    /// Elements that were read and made for constants, copies of them and lists of slices.
    spent: usize,
    notes: Vec<String>,
    files: Vec<PathBuf>,
}

impl Lowering {
    /// Computes a node's constants, or adds what computes its maps.
    fn node(&mut self, node: &Node, last: bool) -> Result<(), String> {
        if !node.inputs.is_empty() && node.inputs.first() == self.channels_last.as_ref() {
            return self.pass(node);
        }
        let known = node.inputs.iter().filter(|name| !name.is_empty());
        let all_constant = known
            .clone()
            .all(|name| matches!(self.values.get(name), Some(Value::Constant(_))));
        if all_constant {
            return self.constant(node);
        }
        if matches!(node.op.as_str(), "Shape" | "Size") {
            let maps = self.maps(node, 0)?;
            let tensor = match node.op.as_str() {
                "Shape" => fold::shape_of(&maps.dims, node)?,
                _ => Tensor::integers(vec![], vec![maps.dims.iter().product::<usize>() as i64]),
            };
            return self.give_constants(node, vec![tensor]);
        }
        let named = |problem: String| node.problem(self.opset, problem);
        if let Some(missing) = known.clone().find(|name| !self.values.contains_key(*name)) {
            return Err(named(format!(
                "reads '{missing}', an output that is not computed here (for training, or of indices)"
            )));
        }
        let opset = self.opset;
        self.operator(node, last)
            .map_err(|problem| node.problem(opset, problem))
    }

    fn operator(&mut self, node: &Node, last: bool) -> Result<(), String> {
        match node.op.as_str() {
            "Conv" => self.conv(node),
            "Gemm" => self.gemm(node),
            "MatMul" => self.mat_mul(node),
            "BatchNormalization" => self.batch_norm(node),
            "LRN" => self.contrast_norm(node),
            "MaxPool" => self.max_pool(node),
            "AveragePool" => self.average_pool(node),
            "GlobalAveragePool" => self.global_average(node),
            "GlobalMaxPool" => self.global_max(node),
            "ReduceMean" => self.mean(node),
            "Relu" | "LeakyRelu" | "Clip" | "Sigmoid" | "HardSigmoid" | "HardSwish" | "Tanh" => {
                self.activation(node)
            }
            "Softmax" => self.softmax(node),
            "LogSoftmax" if last => {
                let message =
                    "the graph ends in LogSoftmax, whose exponential is shown: the probabilities";
                self.notes.push(message.into());
                self.pass(node)
            }
            "Add" | "Sub" | "Mul" | "Div" | "Sum" | "Neg" => self.arithmetic(node),
            "Identity" | "Dropout" => self.pass(node),
            "Cast" => self.cast(node),
            "Concat" => self.concat(node),
            "Split" => self.split(node),
            "Slice" => self.slice(node),
            "Gather" => self.gather(node),
            "Pad" => self.pad(node),
            "Flatten" | "Reshape" | "Squeeze" | "Unsqueeze" => self.reshape(node),
            "Transpose" => self.transpose(node),
            op if is_quantised(op) => Err(QUANTISED.into()),
            "If" | "Loop" | "Scan" => {
                Err("control flow depends on the image; export the graph without it".into())
            }
            _ => Err("this operator is not known".into()),
        }
    }

    fn constant(&mut self, node: &Node) -> Result<(), String> {
        let inputs: Vec<Option<&Tensor>> = node
            .inputs
            .iter()
            .map(|name| match self.values.get(name) {
                Some(Value::Constant(tensor)) => Some(tensor),
                _ => None,
            })
            .collect();
        let named = |problem: &str| Err(node.problem(self.opset, problem));
        let read: usize = inputs
            .iter()
            .flatten()
            .map(|tensor| tensor.values.len())
            .sum();
        self.spent = self.spent.saturating_add(read);
        match fold::evaluate(node, &inputs, self.opset)? {
            Some(tensors) => {
                for name in &node.inputs {
                    if self.used(name) {
                        self.values.remove(name);
                    }
                }
                self.give_constants(node, tensors)
            }
            None if is_quantised(&node.op) => named(QUANTISED),
            None => named("this operator is not known where all that it reads is constant"),
        }
    }

    fn give_constants(&mut self, node: &Node, tensors: Vec<Tensor>) -> Result<(), String> {
        for (name, tensor) in node.outputs.iter().zip(tensors) {
            // An operator of many inputs makes as many results on its way to the last.
            let made = tensor.values.len() * node.inputs.len().max(1);
            self.spend(made)
                .map_err(|problem| node.problem(self.opset, problem))?;
            self.values.insert(name.clone(), Value::Constant(tensor));
        }
        Ok(())
    }

    /// Counts elements that are about to be made.
    fn spend(&mut self, elements: usize) -> Result<(), String> {
        self.spent = self.spent.saturating_add(elements);
        match self.spent > MAX_TOTAL_ELEMENTS {
            true => Err(format!(
                "the graph's constants come to more than {MAX_TOTAL_ELEMENTS} elements"
            )),
            false => Ok(()),
        }
    }

    /// Whether a node's input is there.
    fn has(&self, node: &Node, input: usize) -> bool {
        node.inputs.get(input).is_some_and(|name| !name.is_empty())
    }

    /// A node's input that must be maps.
    fn maps(&self, node: &Node, input: usize) -> Result<Maps, String> {
        match node
            .inputs
            .get(input)
            .and_then(|name| self.values.get(name))
        {
            Some(Value::Maps(maps)) => Ok(maps.clone()),
            Some(Value::Constant(_)) => Err(format!(
                "input {input} is a constant, which is not supported there"
            )),
            None => Err(format!("input {input} is missing")),
        }
    }

    /// A node's input where it is computed from the image.
    fn branch(&self, node: &Node, input: usize) -> Option<Maps> {
        match node
            .inputs
            .get(input)
            .and_then(|name| self.values.get(name))
        {
            Some(Value::Maps(maps)) => Some(maps.clone()),
            _ => None,
        }
    }

    /// A node's input that must be `[images, channels, rows, columns]`.
    fn image(&self, node: &Node, input: usize) -> Result<Maps, String> {
        let maps = self.maps(node, input)?;
        match (self.batch.0, maps.dims.len()) {
            (Some(_), 4) => Ok(maps),
            _ => Err(format!(
                "works on shape {:?}, expected [images, channels, rows, columns]",
                maps.dims
            )),
        }
    }

    /// A node's input that must be constant, where it is there; not copied where nothing else reads it.
    fn constant_input(&mut self, node: &Node, input: usize) -> Result<Option<Tensor>, String> {
        if !self.has(node, input) {
            return Ok(None);
        }
        let name = &node.inputs[input];
        let last = self.used(name);
        if let (false, Some(Value::Constant(tensor))) = (last, self.values.get(name)) {
            self.spend(tensor.values.len())?;
        }
        let value = match last {
            true => self.values.remove(name),
            false => self.values.get(name).cloned(),
        };
        match value {
            Some(Value::Constant(tensor)) => Ok(Some(tensor)),
            _ => Err(format!(
                "input {input} ('{name}') is computed from the image; only a constant is supported there"
            )),
        }
    }

    /// Counts one reading of a value; true for the last.
    fn used(&mut self, name: &str) -> bool {
        match self.uses.get_mut(name) {
            Some(uses) => {
                *uses = uses.saturating_sub(1);
                *uses == 0
            }
            None => false,
        }
    }

    /// Adds a node of ours.
    fn push(&mut self, name: &str, op: Op, inputs: &[usize]) -> Result<usize, String> {
        if self.network.nodes.len() >= MAX_NODES {
            return Err(format!("the network comes to more than {MAX_NODES} nodes"));
        }
        let shapes: Vec<Shape> = inputs.iter().map(|&input| self.shapes[input]).collect();
        self.shapes
            .push(shape::output(self.network.input, &op, &shapes)?);
        let name = self.names.unique(name.to_owned(), '#');
        self.network.nodes.push(net::Node {
            name,
            op,
            inputs: inputs.to_vec(),
        });
        Ok(self.network.nodes.len() - 1)
    }

    /// Gives a node of ours a parameter.
    fn parameter(&mut self, node: usize, field: &str, shape: Vec<usize>, data: Vec<f32>) {
        let name = format!("{}.{field}", self.network.nodes[node].name);
        self.weights.insert(name, Array { shape, data });
    }

    /// Says what an output of a node is.
    fn give(&mut self, node: &Node, output: usize, maps: Maps) {
        if let Some(name) = node.outputs.get(output).filter(|name| !name.is_empty()) {
            self.values.insert(name.clone(), Value::Maps(maps));
        }
    }

    /// Adds an op of one input that keeps the shape, as what the node computes.
    fn same_shape(&mut self, node: &Node, op: Op) -> Result<usize, String> {
        let x = self.maps(node, 0)?;
        let at = self.push(&node.name, op, &[x.node])?;
        self.give(
            node,
            0,
            Maps {
                node: at,
                dims: x.dims,
            },
        );
        Ok(at)
    }

    /// A node that changes nothing.
    fn pass(&mut self, node: &Node) -> Result<(), String> {
        if let Some(training) = self
            .has(node, 2)
            .then(|| self.constant_input(node, 2))
            .transpose()?
        {
            let on =
                training.is_some_and(|flag| flag.as_integers().is_ok_and(|flag| flag.contains(&1)));
            if on {
                return Err("is in training mode; export the model for inference".into());
            }
        }
        let x = self.maps(node, 0)?;
        self.give(node, 0, x);
        Ok(())
    }

    fn cast(&mut self, node: &Node) -> Result<(), String> {
        // FLOAT, FLOAT16, DOUBLE and BFLOAT16 of TensorProto.DataType.
        match node.attributes.int("to", 1)? {
            1 | 10 | 11 | 16 => self.pass(node),
            _ => Err("casts maps to integers, which is not supported".into()),
        }
    }
}
