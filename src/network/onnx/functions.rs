//! A model's own functions, put in place where they are called.

use std::collections::HashMap;

use protobuf::Message;

use super::graph::MAX_NODES;
use super::messages::{AttributeProto, FunctionProto, GraphProto, NodeProto, OperatorSetIdProto};
use crate::names::Names;

/// So deep may functions call each other.
const DEEPEST: usize = 64;
/// So many bytes may the copies of their nodes have.
const MAX_BYTES: u64 = 1 << 30;

/// A node, and the version of ONNX's own operators that it is of.
pub(super) type Versioned = (NodeProto, i64);

/// The version of ONNX's own operators among those that are imported.
pub(super) fn own_opset(imports: &[OperatorSetIdProto]) -> Option<i64> {
    let own = |import: &&OperatorSetIdProto| domain(import.domain()).is_empty();
    imports.iter().find(own).map(OperatorSetIdProto::version)
}

/// The nodes of a graph with every call of a function replaced by the function's nodes, whose names begin with the
/// call's.
///
/// # Errors
/// A function that is there twice, that is given more than it takes, or that calls itself; functions that come to too
/// many nodes or bytes.
pub(super) fn inlined(
    graph: &mut GraphProto,
    functions: &[FunctionProto],
    opset: i64,
) -> Result<Vec<Versioned>, String> {
    let nodes = std::mem::take(&mut graph.node);
    if functions.is_empty() {
        return Ok(nodes.into_iter().map(|node| (node, opset)).collect());
    }
    let mut by_name = HashMap::new();
    for function in functions {
        let key = (
            domain(function.domain()),
            function.name(),
            function.overload(),
        );
        if by_name.insert(key, function).is_some() {
            return Err(format!("function '{}' is there twice", function.name()));
        }
    }
    let given = graph.input.iter().map(|input| input.name().to_owned());
    let constants = graph
        .initializer
        .iter()
        .map(|tensor| tensor.name().to_owned());
    let made = nodes.iter().flat_map(|node| node.output.iter().cloned());
    let mut inliner = Inliner {
        functions: by_name,
        opset,
        values: given.chain(constants).chain(made).collect(),
        nodes: Vec::with_capacity(nodes.len()),
        added: 0,
        bytes: 0,
    };
    for node in nodes {
        inliner.add(node, opset, 0)?;
    }
    Ok(inliner.nodes)
}

/// A domain by its one name: ONNX's own has two.
pub(super) fn domain(name: &str) -> &str {
    match name {
        "ai.onnx" => "",
        other => other,
    }
}

struct Inliner<'a> {
    /// By domain, name and overload.
    functions: HashMap<(&'a str, &'a str, &'a str), &'a FunctionProto>,
    /// The model's.
    opset: i64,
    /// The names of values that are taken.
    values: Names,
    nodes: Vec<Versioned>,
    /// Nodes and calls so far.
    added: usize,
    bytes: u64,
}

impl Inliner<'_> {
    fn add(&mut self, node: NodeProto, opset: i64, depth: usize) -> Result<(), String> {
        let key = (domain(node.domain()), node.op_type(), node.overload());
        // Calls count too: functions of calls alone would double from one to the next.
        self.added += 1;
        if self.added > MAX_NODES {
            return Err(format!(
                "its functions come to more than the {MAX_NODES} nodes allowed"
            ));
        }
        if let Some(function) = self.functions.get(&key).copied() {
            return self.call(&node, function, depth + 1);
        }
        self.nodes.push((node, opset));
        Ok(())
    }

    fn call(
        &mut self,
        call: &NodeProto,
        function: &FunctionProto,
        depth: usize,
    ) -> Result<(), String> {
        let name = function.name();
        if depth > DEEPEST {
            return Err(format!(
                "function '{name}' is called {depth} functions deep; up to {DEEPEST} are allowed, and none may call itself"
            ));
        }
        if call.input.len() > function.input.len() || call.output.len() > function.output.len() {
            return Err(format!(
                "node '{}' gives function '{name}' {} inputs and takes {} outputs; it has {} and {}",
                call.name(),
                call.input.len(),
                call.output.len(),
                function.input.len(),
                function.output.len()
            ));
        }
        let opset = own_opset(&function.opset_import).unwrap_or(self.opset);
        let prefix = match (
            call.name(),
            call.output.iter().find(|name| !name.is_empty()),
        ) {
            ("", Some(output)) => output.clone(),
            ("", None) => name.to_owned(),
            (own, _) => own.to_owned(),
        };
        let inner = |own: &str| format!("{prefix}/{own}");
        let mut actual: HashMap<String, String> = HashMap::new();
        for (at, formal) in function.input.iter().enumerate() {
            let given = call.input.get(at).cloned().unwrap_or_default();
            actual.insert(formal.clone(), given);
        }
        for (formal, taken) in function.output.iter().zip(&call.output) {
            if taken.is_empty() {
                continue;
            }
            // An input that is an output too, or one value that is two outputs.
            if let Some(same) = actual.get(formal.as_str()) {
                let mut identity = NodeProto::new();
                identity.set_op_type("Identity".into());
                identity.input.push(same.clone());
                identity.output.push(taken.clone());
                self.add(identity, opset, depth)?;
                continue;
            }
            actual.insert(formal.clone(), taken.clone());
        }
        for node in &function.node {
            self.bytes = self.bytes.saturating_add(node.compute_size());
            if self.bytes > MAX_BYTES {
                return Err(format!(
                    "its functions come to more than the {MAX_BYTES} bytes allowed"
                ));
            }
            let mut node = node.clone();
            if !node.name().is_empty() {
                node.set_name(inner(node.name()));
            }
            node.attribute = attributes(&node.attribute, call, function);
            let names = node.input.iter_mut().chain(&mut node.output);
            for name in names.filter(|name| !name.is_empty()) {
                if let Some(known) = actual.get(name.as_str()) {
                    name.clone_from(known);
                    continue;
                }
                let fresh = self.values.unique(inner(name), '#');
                actual.insert(std::mem::replace(name, fresh.clone()), fresh);
            }
            self.add(node, opset, depth)?;
        }
        Ok(())
    }
}

/// A node's attributes with the values of those that refer to the call's, or else to the function's defaults.
fn attributes(
    own: &[AttributeProto],
    call: &NodeProto,
    function: &FunctionProto,
) -> Vec<AttributeProto> {
    let told = |attribute: &AttributeProto| {
        let name = attribute.ref_attr_name();
        if name.is_empty() {
            return Some(attribute.clone());
        }
        let all = call.attribute.iter().chain(&function.attribute_proto);
        let mut told = all.clone().find(|told| told.name() == name)?.clone();
        told.set_name(attribute.name().to_owned());
        Some(told)
    };
    own.iter().filter_map(told).collect()
}
