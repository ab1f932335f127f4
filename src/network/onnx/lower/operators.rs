//! The operators that are known, and what is said of the others: of all of them at once.

use std::collections::{HashMap, HashSet};

use super::lowering::Lowering;
use super::value::Value;
use crate::onnx::node::Node;

/// So many unknown operators are named.
const LISTED: usize = 30;

/// Adds what computes a node.
pub(super) type Rule = fn(&mut Lowering, &Node) -> Result<(), String>;

pub(super) const QUANTISED: &str = "the graph is int8-quantised; export the float model";

/// What an operator is lowered by where something that it reads depends on the image.
pub(super) fn rule(op: &str) -> Option<Rule> {
    Some(match op {
        "Conv" => Lowering::conv,
        "Gemm" => Lowering::gemm,
        "MatMul" => Lowering::mat_mul,
        "BatchNormalization" => Lowering::batch_norm,
        "LRN" => Lowering::contrast_norm,
        "MaxPool" => Lowering::max_pool,
        "AveragePool" => Lowering::average_pool,
        "GlobalAveragePool" => Lowering::global_average,
        "GlobalMaxPool" => Lowering::global_max,
        "ReduceMean" | "ReduceSum" | "ReduceMax" | "ReduceMin" | "ReduceL1" | "ReduceL2"
        | "ReduceSumSquare" | "ReduceLogSum" => Lowering::reduce,
        "Relu" | "LeakyRelu" | "Clip" | "Sigmoid" | "HardSigmoid" | "HardSwish" | "Tanh"
        | "Elu" | "Selu" | "Celu" | "Softplus" | "Softsign" | "Mish" | "Gelu" | "Swish"
        | "ThresholdedRelu" | "Abs" | "Sqrt" | "Exp" | "Log" | "Reciprocal" | "Erf" => {
            Lowering::activation
        }
        "PRelu" => Lowering::prelu,
        "Max" | "Min" => Lowering::extreme,
        "Pow" | "Greater" | "GreaterOrEqual" | "Less" | "LessOrEqual" | "Equal" | "And" | "Or"
        | "Xor" => Lowering::pair,
        "Not" => Lowering::not,
        "Where" => Lowering::choose,
        "LayerNormalization" => Lowering::layer_norm,
        "InstanceNormalization" | "GroupNormalization" => Lowering::group_norm,
        "Resize" | "Upsample" => Lowering::resize,
        "ConvTranspose" => Lowering::conv_transpose,
        "SpaceToDepth" => Lowering::space_to_depth,
        "DepthToSpace" => Lowering::depth_to_space,
        "Softmax" => Lowering::softmax,
        "Add" | "Sub" | "Mul" | "Div" | "Sum" | "Mean" | "Neg" => Lowering::arithmetic,
        "Identity" => Lowering::pass,
        "Dropout" => Lowering::dropout,
        "Cast" => Lowering::cast,
        "CastLike" => Lowering::cast_like,
        "Concat" => Lowering::concat,
        "Split" => Lowering::split,
        "Slice" => Lowering::slice,
        "Gather" => Lowering::gather,
        "Pad" => Lowering::pad,
        "Expand" => Lowering::expand,
        "Flatten" | "Reshape" | "Squeeze" | "Unsqueeze" => Lowering::reshape,
        "Transpose" => Lowering::transpose,
        _ => return None,
    })
}

pub(super) fn is_quantised(op: &str) -> bool {
    op.starts_with("QLinear")
        || op.ends_with("QuantizeLinear")
        || op.ends_with("DequantizeLinear")
        || op.ends_with("Integer")
}

/// That each operator that computes with the image is known.
///
/// # Errors
/// All that are not, each with its nodes' number and the first one's name.
pub(super) fn all_known(nodes: &[Node], lowering: &Lowering) -> Result<(), String> {
    let maps = |(name, value): (_, &Value)| matches!(value, Value::Maps(_)).then_some(name);
    let values = lowering
        .values
        .iter()
        .map(|(name, value)| (name.as_str(), value));
    let mut of_image: HashSet<&str> = values.filter_map(maps).collect();
    let mut unknown: Vec<Unknown<'_>> = Vec::new();
    let mut places = HashMap::new();
    for node in nodes {
        let foreign = !node.domain.is_empty();
        let reads_image = node
            .inputs
            .iter()
            .any(|name| of_image.contains(name.as_str()));
        let told_of_shape = matches!(node.op.as_str(), "Shape" | "Size");
        if !foreign && (!reads_image || told_of_shape) {
            continue;
        }
        of_image.extend(node.outputs.iter().map(String::as_str));
        if !foreign && rule(&node.op).is_some() {
            continue;
        }
        let place = *places
            .entry((&node.domain, &node.op, node.opset))
            .or_insert(unknown.len());
        match unknown.get_mut(place) {
            Some(seen) => seen.nodes += 1,
            None => unknown.push(Unknown {
                first: node,
                nodes: 1,
            }),
        }
    }
    match &unknown[..] {
        [] => Ok(()),
        [one] => Err(one.first.problem(one.told())),
        several => {
            let mut listed: Vec<String> =
                several.iter().take(LISTED).map(Unknown::listed).collect();
            if several.len() > LISTED {
                listed.push(format!("and {} others", several.len() - LISTED));
            }
            let advice = several.iter().find_map(Unknown::advice);
            Err(format!(
                "{} operators are not known: {}{}",
                several.len(),
                listed.join("; "),
                advice.map_or_else(String::new, |advice| format!(" ({advice})")),
            ))
        }
    }
}

/// An operator that is not known.
struct Unknown<'a> {
    /// Its first node.
    first: &'a Node,
    nodes: usize,
}

impl Unknown<'_> {
    /// What there is to say beside its name.
    fn advice(&self) -> Option<&'static str> {
        match self.first.op.as_str() {
            op if is_quantised(op) => Some(QUANTISED),
            "If" | "Loop" | "Scan" => {
                Some("control flow depends on the image; export the graph without it")
            }
            _ => None,
        }
    }

    fn others(&self) -> String {
        match self.nodes {
            1 => String::new(),
            2 => "; one more node is of it".into(),
            nodes => format!("; {} more nodes are of it", nodes - 1),
        }
    }

    fn told(&self) -> String {
        let what = match (self.advice(), self.first.domain.as_str()) {
            (Some(advice), _) => advice.to_owned(),
            (None, "") => "this operator is not known".to_owned(),
            (None, domain) => {
                format!("an operator of domain '{domain}'; only ONNX's own are supported")
            }
        };
        what + &self.others()
    }

    fn listed(&self) -> String {
        let Node {
            op,
            domain,
            name,
            opset,
            ..
        } = self.first;
        let op = match domain.as_str() {
            "" => format!("{op} of opset {opset}"),
            domain => format!("{op} of domain '{domain}'"),
        };
        match self.nodes {
            1 => format!("{op} (node '{name}')"),
            nodes => format!("{op} ({nodes} nodes, the first is '{name}')"),
        }
    }
}
