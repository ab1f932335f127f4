//! Models made message by message, well-formed and otherwise.

mod agreement;
mod exported;
mod external;
mod file;
mod functions;
mod graph;
mod hostile;
mod operators;
mod tensor;
mod today;

use protobuf::{Message, MessageField};

use super::messages::attribute_proto::AttributeType;
use super::messages::tensor_proto::DataType;
use super::messages::tensor_shape_proto::{dimension, Dimension};
use super::messages::{
    type_proto, AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto,
};
use super::{Graph, Imported, Reading};

fn node(op: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    let mut node = NodeProto::new();
    node.set_op_type(op.into());
    node.input = inputs.iter().map(|name| (*name).to_owned()).collect();
    node.output = outputs.iter().map(|name| (*name).to_owned()).collect();
    node
}

fn value(name: &str) -> ValueInfoProto {
    let mut value = ValueInfoProto::new();
    value.set_name(name.into());
    value
}

fn floats(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    let mut tensor = TensorProto::new();
    tensor.set_name(name.into());
    tensor.set_data_type(DataType::FLOAT as i32);
    tensor.dims = dims.to_vec();
    tensor.set_raw_data(
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect(),
    );
    tensor
}

fn integers(name: &str, dims: &[i64], values: &[i64]) -> TensorProto {
    let mut tensor = TensorProto::new();
    tensor.set_name(name.into());
    tensor.set_data_type(DataType::INT64 as i32);
    tensor.dims = dims.to_vec();
    tensor.int64_data = values.to_vec();
    tensor
}

/// From `x` to `y`.
fn model(nodes: Vec<NodeProto>, initializers: Vec<TensorProto>) -> ModelProto {
    let mut graph = GraphProto::new();
    graph.set_name("small".into());
    graph.node = nodes;
    graph.initializer = initializers;
    graph.input = vec![value("x")];
    graph.output = vec![value("y")];
    let mut opset = OperatorSetIdProto::new();
    opset.set_version(13);
    let mut model = ModelProto::new();
    model.set_ir_version(8);
    model.opset_import = vec![opset];
    model.graph = MessageField::some(graph);
    model
}

/// A model whose input has this shape.
fn of_input(dims: &[i64], nodes: Vec<NodeProto>, initializers: Vec<TensorProto>) -> ModelProto {
    let dim = |size: &i64| Dimension {
        value: Some(dimension::Value::DimValue(*size)),
        ..Dimension::default()
    };
    let shape = TensorShapeProto {
        dim: dims.iter().map(dim).collect(),
        ..TensorShapeProto::default()
    };
    let tensor = type_proto::Tensor {
        elem_type: Some(DataType::FLOAT as i32),
        shape: MessageField::some(shape),
        ..type_proto::Tensor::default()
    };
    let mut kind = TypeProto::new();
    kind.value = Some(type_proto::Value::TensorType(tensor));
    let mut model = model(nodes, initializers);
    model.graph.as_mut().unwrap().input[0].type_ = MessageField::some(kind);
    model
}

fn import(model: &ModelProto) -> Result<Imported, String> {
    super::parse(&model.write_to_bytes().unwrap(), &Reading::of_side(8))
}

fn ints(name: &str, values: &[i64]) -> AttributeProto {
    let mut attribute = AttributeProto::new();
    attribute.set_name(name.into());
    attribute.set_type(AttributeType::INTS);
    attribute.ints = values.to_vec();
    attribute
}

fn int(name: &str, value: i64) -> AttributeProto {
    let mut attribute = AttributeProto::new();
    attribute.set_name(name.into());
    attribute.set_type(AttributeType::INT);
    attribute.set_i(value);
    attribute
}

fn number(name: &str, value: f32) -> AttributeProto {
    let mut attribute = AttributeProto::new();
    attribute.set_name(name.into());
    attribute.set_type(AttributeType::FLOAT);
    attribute.set_f(value);
    attribute
}

fn text(name: &str, value: &str) -> AttributeProto {
    let mut attribute = AttributeProto::new();
    attribute.set_name(name.into());
    attribute.set_type(AttributeType::STRING);
    attribute.set_s(value.as_bytes().to_vec());
    attribute
}

fn with(mut node: NodeProto, attributes: Vec<AttributeProto>) -> NodeProto {
    node.attribute = attributes;
    node
}

fn parse(model: &ModelProto) -> Result<Graph, String> {
    Graph::parse(&model.write_to_bytes().unwrap())
}

fn names(graph: &Graph) -> Vec<&str> {
    graph.nodes.iter().map(|node| node.name.as_str()).collect()
}

/// An Add of a constant, with an attribute of its own.
fn small() -> ModelProto {
    let add = node("Add", &["x", "w"], &["y"]);
    let add = with(add, vec![number("weight", 0.5)]);
    model(vec![add], vec![floats("w", &[2, 1], &[1.5, -2.0])])
}
