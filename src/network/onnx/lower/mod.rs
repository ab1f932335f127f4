//! An ONNX graph turned into a [`Network`] and its weights: each operator into the ops that compute it.

mod activation;
mod arithmetic;
mod axes;
mod blocks;
mod channels_last;
mod contrast;
mod finish;
mod input;
mod layout;
mod linear;
mod lowering;
mod norm;
mod normalised;
mod operators;
mod pairing;
mod pool;
mod reduce;
mod resize;
mod space;
mod spelled;
mod transposed;
mod upright;
mod value;
mod window;

pub use self::finish::Imported;
pub use self::normalised::Normalised;

use self::lowering::Lowering;
use self::operators::{rule, QUANTISED};
use self::value::Value;
use super::fold;
use super::graph::{Graph, Kind};
use super::messages::tensor_proto::DataType;
use super::node::Node;
use super::tensor::Tensor;
use super::{outputs, softmax, Reading};
use crate::Scores;

const TO_INTEGERS: &str = "casts maps to integers, which is not supported";

/// Turns a graph into a network for one of its outputs.
///
/// # Errors
/// What cannot be computed, with node, operator and opset.
pub(super) fn lower(mut graph: Graph, name: &str, reading: &Reading) -> Result<Imported, String> {
    let chosen = outputs::chosen(&graph, reading)?;
    let output = chosen.value;
    graph.needed(std::slice::from_ref(&output))?;
    softmax::gather(&mut graph, &output)?;
    let mut notes = chosen.notes;
    if let Some(sums) = softmax::take_logarithm(&mut graph, &output) {
        if reading.scores == Some(Scores::None) {
            return Err(format!(
                "--scores none: the graph ends in LogSoftmax, the logarithms of probabilities; --output-node {sums} takes the numbers before it, and without --scores the probabilities are shown"
            ));
        }
        notes.push(
            "the graph ends in LogSoftmax, whose exponential is shown: the probabilities".into(),
        );
    }
    let nodes = std::mem::take(&mut graph.nodes);
    let mut lowering = Lowering::begin(graph, &nodes, name, reading)?;
    lowering.notes = notes;
    operators::all_known(&nodes, &lowering)?;
    for node in &nodes {
        lowering.node(node)?;
    }
    let mut imported = lowering.finish(&output, reading.scores)?;
    imported.class_names = chosen.class_names;
    Ok(imported)
}

impl Lowering {
    /// Computes a node's constants, or adds what computes its maps.
    fn node(&mut self, node: &Node) -> Result<(), String> {
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
        let named = |problem: String| node.problem(problem);
        if let Some(missing) = known.clone().find(|name| !self.values.contains_key(*name)) {
            return Err(named(format!(
                "reads '{missing}', an output that is not computed here (for training, or of indices)"
            )));
        }
        let rule = rule(&node.op).ok_or_else(|| named("this operator is not known".into()))?;
        rule(self, node).map_err(|problem| node.problem(problem))
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
        let named = |problem: &str| Err(node.problem(problem));
        let read: usize = inputs
            .iter()
            .flatten()
            .map(|tensor| tensor.values.len())
            .sum();
        self.spent = self.spent.saturating_add(read);
        match fold::evaluate(node, &inputs)? {
            Some(tensors) => {
                for name in &node.inputs {
                    if self.used(name) {
                        self.values.remove(name);
                    }
                }
                self.give_constants(node, tensors)
            }
            None if operators::is_quantised(&node.op) => named(QUANTISED),
            None if node.op == "If" => named(
                "a branch was left open that the shapes decide (TorchScript's exporter does that); torch.onnx.export with dynamo=True decides it",
            ),
            None => named("this operator is not known where all that it reads is constant"),
        }
    }

    fn give_constants(&mut self, node: &Node, tensors: Vec<Tensor>) -> Result<(), String> {
        for (name, tensor) in node.outputs.iter().zip(tensors) {
            // An operator of many inputs makes as many results on its way to the last.
            let made = tensor.values.len() * node.inputs.len().max(1);
            self.spend(made).map_err(|problem| node.problem(problem))?;
            self.values.insert(name.clone(), Value::Constant(tensor));
        }
        Ok(())
    }

    /// A node that changes nothing.
    fn pass(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        self.give(node, 0, x);
        Ok(())
    }

    fn dropout(&mut self, node: &Node) -> Result<(), String> {
        let training = self.constant_input(node, 2)?;
        if training.is_some_and(|flag| flag.as_integers().is_ok_and(|flag| flag.contains(&1))) {
            return Err("is in training mode; export the model for inference".into());
        }
        self.pass(node)
    }

    fn cast_like(&mut self, node: &Node) -> Result<(), String> {
        let like = self.value(node, 1)?;
        if self.branch(node, 0).is_none() {
            let constant = self.constant_input(node, 0)?.ok_or("input 0 is missing")?;
            // Maps are floats.
            let floats = pairing::in_floats(constant);
            return self.give_constants(node, vec![floats]);
        }
        match like {
            Value::Constant(like) if like.as_integers().is_ok() => Err(TO_INTEGERS.into()),
            _ => self.pass(node),
        }
    }

    fn cast(&mut self, node: &Node) -> Result<(), String> {
        match fold::cast_target(node)? {
            DataType::BOOL => self.truth(node),
            target if Kind::of(target) == Kind::Float => self.pass(node),
            _ => Err(TO_INTEGERS.into()),
        }
    }
}
