//! An ONNX graph turned into a [`Network`] and its weights: each operator into the ops that compute it.

mod activation;
mod arithmetic;
mod axes;
mod finish;
mod input;
mod layout;
mod linear;
mod lowering;
mod pool;
mod space;
mod value;
mod window;

pub use self::finish::Imported;

use self::lowering::Lowering;
use self::value::Value;
use super::fold;
use super::graph::Graph;
use super::node::Node;
use super::tensor::Tensor;

/// Turns a graph into a network for the first of its outputs. `size` binds rows and columns that the graph leaves open.
///
/// # Errors
/// What cannot be computed, with node, operator and opset.
pub(super) fn lower(
    mut graph: Graph,
    name: &str,
    size: Option<[usize; 2]>,
) -> Result<Imported, String> {
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
    let assumed = size.is_none() && input::is_open(&graph);
    let mut lowering = Lowering::begin(graph, &nodes, name, size)?;
    for (number, node) in nodes.iter().enumerate() {
        let last = number + 1 == nodes.len();
        lowering.node(node, last).map_err(|problem| match assumed {
            true => lowering.of_an_assumed_size(problem),
            false => problem,
        })?;
    }
    lowering.notes.splice(0..0, notes);
    lowering.finish(&output)
}

const QUANTISED: &str = "the graph is int8-quantised; export the float model";
const CONTROL_FLOW: &str = "control flow depends on the image; export the graph without it";
const UNKNOWN: &str = "this operator is not known";

fn is_quantised(op: &str) -> bool {
    op.starts_with("QLinear")
        || op.ends_with("QuantizeLinear")
        || op.ends_with("DequantizeLinear")
        || op.ends_with("Integer")
}

impl Lowering {
    /// A problem that may come from the input's size, which was assumed.
    fn of_an_assumed_size(&self, problem: String) -> String {
        let other = [QUANTISED, CONTROL_FLOW, UNKNOWN];
        if other.iter().any(|other| problem.ends_with(other)) {
            return problem;
        }
        let input = self.network.input;
        format!(
            "{problem}; the graph leaves its input's size open and {}×{} was assumed: --crop names another",
            input.height, input.width
        )
    }

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
            let tensor = fold::told_of_shape(node, &maps.dims)?;
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
            "If" | "Loop" | "Scan" => Err(CONTROL_FLOW.into()),
            _ => Err(UNKNOWN.into()),
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
