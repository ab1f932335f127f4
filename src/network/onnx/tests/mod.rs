//! Models made message by message, well-formed and otherwise.

mod external;
mod file;
mod graph;
mod hostile;
mod tensor;

use protobuf::{Message, MessageField};

use super::messages::tensor_proto::DataType;
use super::messages::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    ValueInfoProto,
};
use super::Graph;

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

fn parse(model: &ModelProto) -> Result<Graph, String> {
    Graph::parse(&model.write_to_bytes().unwrap())
}

fn names(graph: &Graph) -> Vec<&str> {
    graph.nodes.iter().map(|node| node.name.as_str()).collect()
}

/// An Add of a constant, with an attribute of its own.
fn small() -> ModelProto {
    let mut add = node("Add", &["x", "w"], &["y"]);
    let mut attribute = AttributeProto::new();
    attribute.set_name("weight".into());
    attribute.set_f(0.5);
    attribute.set_type(super::messages::attribute_proto::AttributeType::FLOAT);
    add.attribute = vec![attribute];
    model(vec![add], vec![floats("w", &[2, 1], &[1.5, -2.0])])
}
