//! The rules by hand and by slow twins, from the operators' specification.

mod axes;
mod broadcast;
mod layout;
mod pick;

use crate::onnx::call::Call;
use crate::onnx::{Attribute, Attributes, Node, Tensor};

/// An operator of an opset, what it says and what it reads behind its first input.
struct Operator {
    node: Node,
    others: Vec<Option<Tensor>>,
}

fn operator<const N: usize>(op: &str, opset: i64, attributes: [(&str, Attribute); N]) -> Operator {
    Operator {
        node: Node {
            name: "n".into(),
            op: op.into(),
            opset,
            domain: String::new(),
            inputs: vec![],
            outputs: vec!["y".into()],
            attributes: Attributes::from(attributes),
        },
        others: vec![],
    }
}

impl Operator {
    fn reads(self, list: &[i64]) -> Self {
        self.reads_tensor(integers(&[list.len()], list))
    }

    fn reads_tensor(mut self, tensor: Tensor) -> Self {
        self.others.push(Some(tensor));
        self
    }

    fn leaves_out(mut self) -> Self {
        self.others.push(None);
        self
    }

    fn makes(mut self, outputs: usize) -> Self {
        self.node.outputs = vec!["y".into(); outputs];
        self
    }

    fn asked<T>(&self, rule: impl FnOnce(&Call<'_>) -> T) -> T {
        let others = self.others.iter().map(Option::as_ref);
        let inputs: Vec<_> = std::iter::once(None).chain(others).collect();
        rule(&Call {
            node: &self.node,
            inputs: &inputs,
        })
    }
}

fn integers(dims: &[usize], values: &[i64]) -> Tensor {
    Tensor::integers(dims.to_vec(), values.to_vec())
}

fn list(values: &[i64]) -> Attribute {
    Attribute::Ints(values.to_vec())
}
