//! One step of an ONNX graph.

use super::attributes::Attributes;
use super::external::Folder;
use super::functions::{self, Versioned};

/// Bytes of a node's name at most; others are made of it.
const LONGEST_NAME: usize = 4096;

/// One step of a graph: an operator with the names of the values that it reads and makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its own name, or its first output's where it has none.
    pub name: String,
    /// The operator (`Conv`).
    pub op: String,
    /// The version of ONNX's own operators that it is of: the model's, or its function's.
    pub opset: i64,
    /// Whose operator it is; empty for ONNX's own.
    pub domain: String,
    /// What it reads; empty where one is left out.
    pub inputs: Vec<String>,
    /// What it makes; empty where one is left out.
    pub outputs: Vec<String>,
    /// What it says beside its inputs.
    pub attributes: Attributes,
}

impl Node {
    pub(super) fn from_proto(
        (mut proto, opset): Versioned,
        folder: &Folder,
    ) -> Result<Self, String> {
        let mut name = proto.take_name();
        if name.is_empty() {
            let made = proto.output.iter().find(|output| !output.is_empty());
            name = made.cloned().unwrap_or_default();
        }
        if name.len() > LONGEST_NAME {
            return Err(format!(
                "a node's name has {} bytes; up to {LONGEST_NAME} are allowed",
                name.len()
            ));
        }
        let op = proto.take_op_type();
        let domain = functions::domain(proto.domain()).to_owned();
        let attributes = Attributes::from_protos(proto.attribute, folder)
            .map_err(|problem| format!("node '{name}' ({op}): {problem}"))?;
        Ok(Self {
            name,
            op,
            opset,
            domain,
            inputs: proto.input,
            outputs: proto.output,
            attributes,
        })
    }

    /// Whether it gives the values of its first input under another shape or type.
    pub(super) fn passes(&self) -> bool {
        matches!(
            self.op.as_str(),
            "Identity" | "Dropout" | "Cast" | "Flatten" | "Reshape" | "Squeeze" | "Unsqueeze"
        )
    }

    /// A problem with the node that it is about.
    pub fn problem(&self, problem: impl std::fmt::Display) -> String {
        format!(
            "node '{}' ({}, opset {}): {problem}",
            self.name, self.op, self.opset
        )
    }
}
