//! Small cases by hand from the operators' specification.

mod arithmetic;
mod layout;
mod make;
mod pick;
mod reduce;

use super::evaluate;
use crate::onnx::{Attribute, Attributes, Node, Tensor};

fn floats(dims: &[usize], values: &[f32]) -> Tensor {
    Tensor::floats(dims.to_vec(), values.to_vec())
}

fn integers(dims: &[usize], values: &[i64]) -> Tensor {
    Tensor::integers(dims.to_vec(), values.to_vec())
}

/// 0, 1, 2, … in this shape.
fn counting(dims: &[usize]) -> Tensor {
    let count = dims.iter().product::<usize>();
    floats(dims, &(0..count).map(|i| i as f32).collect::<Vec<_>>())
}

fn list(values: &[i64]) -> Attribute {
    Attribute::Ints(values.to_vec())
}

/// An operator of an opset, with its attributes.
struct Operator {
    node: Node,
}

fn operator<const N: usize>(op: &str, opset: i64, attributes: [(&str, Attribute); N]) -> Operator {
    let node = Node {
        name: "n".into(),
        op: op.into(),
        opset,
        domain: String::new(),
        inputs: vec![],
        outputs: vec!["y".into()],
        attributes: Attributes::from(attributes),
    };
    Operator { node }
}

impl Operator {
    fn with_outputs(mut self, count: usize) -> Self {
        self.node.outputs = vec!["y".into(); count];
        self
    }

    fn all(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>, String> {
        evaluate(&self.node, inputs).map(|outputs| outputs.expect("one of ours"))
    }

    fn of(&self, inputs: &[&Tensor]) -> Result<Tensor, String> {
        let inputs: Vec<_> = inputs.iter().copied().map(Some).collect();
        let mut outputs = self.all(&inputs)?;
        assert_eq!(outputs.len(), 1);
        Ok(outputs.remove(0))
    }

    fn refusal(&self, inputs: &[&Tensor]) -> String {
        self.of(inputs).unwrap_err()
    }
}

#[test]
fn other_operators_are_left_alone() {
    let mut conv = operator("Conv", 13, []);
    assert_eq!(evaluate(&conv.node, &[]), Ok(None));
    conv.node.op = "Identity".into();
    conv.node.domain = "com.example".into();
    assert_eq!(evaluate(&conv.node, &[]), Ok(None));
}

#[test]
fn problems_name_node_operator_and_opset() {
    let problem = operator("Add", 13, []).refusal(&[]);
    assert_eq!(problem, "node 'n' (Add, opset 13): input 0 is missing");
}

#[test]
fn a_tensor_that_contradicts_itself_is_refused() {
    let short = floats(&[3], &[1.0]);
    assert!(operator("Identity", 13, [])
        .refusal(&[&short])
        .contains("has 1 values"));
}
