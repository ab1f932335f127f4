//! A network in the making, and what each operator is lowered with.

use std::collections::HashMap;
use std::path::PathBuf;

use super::value::{Batch, Maps, Value};
use crate::names::Names;
use crate::onnx::call::Call;
use crate::onnx::graph::MAX_NODES;
use crate::onnx::node::Node;
use crate::onnx::size::MAX_TOTAL_ELEMENTS;
use crate::onnx::tensor::Tensor;
use crate::shape::{self, Shape};
use crate::weights::{Array, Weights};
use crate::{self as net, Network, Op};

/// A network in the making.
pub(super) struct Lowering {
    pub(super) batch: Batch,
    /// Whether the graph's image has its channels last (TensorFlow's order).
    pub(super) channels_last: bool,
    /// Whether the graph's image is of whole numbers.
    pub(super) whole_numbers: bool,
    /// Rows and columns of an image whose size the graph leaves open.
    pub(super) assumed_size: Option<[usize; 2]>,
    /// Whether batch norms in training mode use their running statistics.
    pub(super) running_batch_norm: bool,
    pub(super) network: Network,
    pub(super) shapes: Vec<Shape>,
    pub(super) weights: Weights,
    pub(super) values: HashMap<String, Value>,
    /// For nodes whose channels are the last axis, the same maps with the channels first.
    pub(super) turned: HashMap<usize, usize>,
    /// Nodes that do nothing but repeat a value.
    pub(super) expanded: Vec<usize>,
    /// By node the channels that a mean over neighbouring channels is taken of.
    pub(super) channel_means: HashMap<usize, usize>,
    /// How often each value is still read.
    pub(super) uses: HashMap<String, usize>,
    pub(super) names: Names,
    /// Elements that were read and made for constants, copies of them and lists of slices.
    pub(super) spent: usize,
    pub(super) notes: Vec<String>,
    pub(super) files: Vec<PathBuf>,
}

impl Lowering {
    /// Counts elements that are about to be made.
    pub(super) fn spend(&mut self, elements: usize) -> Result<(), String> {
        self.spent = self.spent.saturating_add(elements);
        match self.spent > MAX_TOTAL_ELEMENTS {
            true => Err(format!(
                "the graph's constants come to more than {MAX_TOTAL_ELEMENTS} elements"
            )),
            false => Ok(()),
        }
    }

    /// A problem that another size of the image may solve.
    pub(super) fn of_size(&self, problem: String) -> String {
        match self.assumed_size {
            Some([rows, columns]) => format!(
                "{problem}; the graph leaves the size of its image open and {rows}×{columns} pixels were taken: --crop tells another"
            ),
            None => problem,
        }
    }

    /// Whether a node's input is there.
    pub(super) fn has(&self, node: &Node, input: usize) -> bool {
        node.inputs.get(input).is_some_and(|name| !name.is_empty())
    }

    /// A node's input that must be maps.
    pub(super) fn maps(&self, node: &Node, input: usize) -> Result<Maps, String> {
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

    /// A node's input, whichever it is.
    pub(super) fn value(&mut self, node: &Node, input: usize) -> Result<Value, String> {
        match self.branch(node, input) {
            Some(maps) => Ok(Value::Maps(maps)),
            None => {
                let constant = self.constant_input(node, input)?.map(Value::Constant);
                constant.ok_or_else(|| format!("input {input} is missing"))
            }
        }
    }

    /// A node's input where it is computed from the image.
    pub(super) fn branch(&self, node: &Node, input: usize) -> Option<Maps> {
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
    pub(super) fn image(&self, node: &Node, input: usize) -> Result<Maps, String> {
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
    pub(super) fn constant_input(
        &mut self,
        node: &Node,
        input: usize,
    ) -> Result<Option<Tensor>, String> {
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

    /// A node's operator without its inputs.
    pub(super) fn call<'a>(&self, node: &'a Node, inputs: &'a [Option<&'a Tensor>]) -> Call<'a> {
        Call { node, inputs }
    }

    /// What a rule makes of a node's inputs, of which all but the first must be constant.
    pub(super) fn told<T>(
        &mut self,
        node: &Node,
        rule: impl FnOnce(&Call<'_>) -> Result<T, String>,
    ) -> Result<T, String> {
        let others = 1..node.inputs.len();
        let others = others.map(|input| self.constant_input(node, input));
        let others: Vec<Option<Tensor>> = others.collect::<Result<_, _>>()?;
        let others = others.iter().map(Option::as_ref);
        let inputs: Vec<Option<&Tensor>> = std::iter::once(None).chain(others).collect();
        rule(&self.call(node, &inputs))
    }

    /// Counts one reading of a value; true for the last.
    pub(super) fn used(&mut self, name: &str) -> bool {
        match self.uses.get_mut(name) {
            Some(uses) => {
                *uses = uses.saturating_sub(1);
                *uses == 0
            }
            None => false,
        }
    }

    /// Adds a node of ours.
    pub(super) fn push(&mut self, name: &str, op: Op, inputs: &[usize]) -> Result<usize, String> {
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
    pub(super) fn parameter(
        &mut self,
        node: usize,
        field: &str,
        shape: Vec<usize>,
        data: Vec<f32>,
    ) {
        let name = format!("{}.{field}", self.network.nodes[node].name);
        self.weights.insert(name, Array { shape, data });
    }

    /// Says what an output of a node is.
    pub(super) fn give(&mut self, node: &Node, output: usize, maps: Maps) {
        if let Some(name) = node.outputs.get(output).filter(|name| !name.is_empty()) {
            self.values.insert(name.clone(), Value::Maps(maps));
        }
    }

    /// Adds an op of one input that keeps the shape, as what the node computes.
    pub(super) fn same_shape(&mut self, node: &Node, op: Op) -> Result<usize, String> {
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
}
