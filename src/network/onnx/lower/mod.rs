//! An ONNX graph turned into a [`Network`] and its weights: each operator into the ops that compute it.

mod activation;
mod arithmetic;
mod axes;
mod layout;
mod linear;
mod pool;
mod space;
mod value;
mod window;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use self::value::{as_maps, Batch, Maps, Value};
use super::graph::MAX_NODES;
use super::{fold, Graph, Imported, Node, Tensor, MAX_TOTAL_ELEMENTS};
use crate::network::names::Names;
use crate::network::shape::{self, Shape};
use crate::network::weights::{Array, Weights};
use crate::network::{self as net, stages, Network, Op};

/// A side of the input where neither the graph nor the caller tells it.
const USUAL_SIDE: usize = 224;
/// So many images at once may a graph state.
const MOST_IMAGES: usize = 1 << 16;

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

/// Whether all that reads a value first moves its last axis, the channels, to the front.
fn moves_channels(nodes: &[Node], input: &str) -> bool {
    let mut readers = nodes
        .iter()
        .filter(|node| node.inputs.iter().any(|name| name == input));
    readers.all(|node| {
        let perm = node.attributes.ints("perm").ok().flatten();
        node.op == "Transpose" && perm == Some(&[0, 3, 1, 2])
    })
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
    fn begin(
        graph: Graph,
        nodes: &[Node],
        name: &str,
        side: Option<usize>,
    ) -> Result<Self, String> {
        let input = match &graph.inputs[..] {
            [input] => input,
            [] => return Err("has no input: nothing in it depends on an image".into()),
            several => {
                let names: Vec<&str> = several.iter().map(|input| input.name.as_str()).collect();
                return Err(format!(
                    "has {} inputs ({}), expected one image",
                    several.len(),
                    names.join(", ")
                ));
            }
        };
        if !input.float {
            return Err(format!(
                "input '{}' is not of floating point; export the float model",
                input.name
            ));
        }
        let stated = input.dims.clone();
        let stated = stated.unwrap_or_else(|| vec![None; 4]);
        let channels_last =
            matches!(stated[..], [_, _, _, Some(1 | 3)]) && moves_channels(nodes, &input.name);
        let side = side.unwrap_or(USUAL_SIDE);
        let dims: Vec<usize> = match (&stated[..], channels_last) {
            ([n, c, h, w], false) => [(n, 1), (c, 3), (h, side), (w, side)]
                .map(|(dim, usual)| dim.unwrap_or(usual))
                .to_vec(),
            ([n, h, w, c], true) => [(n, 1), (c, 3), (h, side), (w, side)]
                .map(|(dim, usual)| dim.unwrap_or(usual))
                .to_vec(),
            ([n, features], _) => vec![n.unwrap_or(1), features.ok_or("its input has no size")?],
            ([.., _], _) if stated.len() <= 3 => {
                let fixed: Option<Vec<usize>> = stated.iter().copied().collect();
                fixed.ok_or("its input has no size")?
            }
            _ => {
                return Err(format!(
                    "input '{}' has {} axes, expected [images, channels, rows, columns]",
                    input.name,
                    stated.len()
                ))
            }
        };
        let batch = Batch(matches!(dims.len(), 2 | 4).then(|| dims[0]));
        if let Some(images) = batch.0.filter(|&images| images > MOST_IMAGES) {
            return Err(format!(
                "takes {images} images at once; up to {MOST_IMAGES} are allowed"
            ));
        }
        let node = net::Node {
            name: "input".into(),
            op: Op::Input,
            inputs: Vec::new(),
        };
        let mut uses = HashMap::new();
        for name in nodes.iter().flat_map(|node| &node.inputs) {
            *uses.entry(name.clone()).or_insert(0) += 1;
        }
        let mut values: HashMap<String, Value> = graph
            .constants
            .into_iter()
            .map(|(name, tensor)| (name, Value::Constant(tensor)))
            .collect();
        let dims = match (channels_last, &dims[..]) {
            (true, &[n, h, w, c]) => vec![n, c, h, w],
            _ => dims,
        };
        let shape = as_maps(batch.image(&dims)?);
        values.insert(input.name.clone(), Value::Maps(Maps { node: 0, dims }));
        let shapes = vec![shape::output(shape, &Op::Input, &[])?];
        Ok(Self {
            opset: graph.opset,
            batch,
            channels_last: channels_last.then(|| input.name.clone()),
            network: Network {
                name: name.to_owned(),
                input: shape,
                nodes: vec![node],
                stages: Vec::new(),
            },
            shapes,
            weights: Weights::new(),
            values,
            uses,
            names: Names::from_iter(["input".to_owned()]),
            spent: 0,
            notes: Vec::new(),
            files: graph.files,
        })
    }

    /// Computes a node's constants, or adds what computes its maps.
    fn node(&mut self, node: &Node, last: bool) -> Result<(), String> {
        if node.inputs.first().is_some() && node.inputs.first() == self.channels_last.as_ref() {
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

    fn finish(mut self, output: &str) -> Result<Imported, String> {
        let Some(Value::Maps(maps)) = self.values.get(output).cloned() else {
            return Err(format!("output '{output}' does not depend on the image"));
        };
        let end = maps.node;
        let shape = self.shapes[end];
        let flat = (shape.height, shape.width) == (1, 1);
        let probabilities = matches!(self.network.nodes[end].op, Op::Softmax);
        let places = self.keep_ancestors(end);
        let place = |(name, value): (&String, &Value)| match value {
            Value::Maps(maps) => Some((name.clone(), places[maps.node]?)),
            Value::Constant(_) => None,
        };
        let values: BTreeMap<String, usize> = self.values.iter().filter_map(place).collect();
        if flat && !probabilities && end > 0 {
            let last = self.network.nodes.len() - 1;
            self.push("probability", Op::Softmax, &[last])?;
            self.notes.push(
                "the graph does not end in Softmax: one is added for the probabilities".into(),
            );
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
        for ((mut node, shape), kept) in nodes.into_iter().zip(shapes).zip(kept) {
            if !kept {
                for field in ["weight", "bias", "running_mean", "running_var"] {
                    self.weights.remove(&format!("{}.{field}", node.name));
                }
                continue;
            }
            node.inputs
                .iter_mut()
                .for_each(|input| *input = places[*input].unwrap_or(0));
            self.network.nodes.push(node);
            self.shapes.push(shape);
        }
        places
    }
}
