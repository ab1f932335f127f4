//! Small ONNX models made on the spot, with seeded weights.

use deconvscope::network::onnx::messages::attribute_proto::AttributeType;
use deconvscope::network::onnx::messages::tensor_proto::DataType;
use deconvscope::network::onnx::messages::tensor_shape_proto::Dimension;
use deconvscope::network::onnx::messages::{
    AttributeProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, ValueInfoProto,
};
use protobuf::Message;

/// A model in the making; each node makes a value of its own name.
pub(crate) struct Onnx {
    pub(crate) model: ModelProto,
    state: u32,
}

impl Onnx {
    /// A graph whose input `image` has these sizes; 0 is one without a fixed size.
    pub(crate) fn new(dims: &[i64]) -> Self {
        let mut model = ModelProto::new();
        model.set_ir_version(8);
        let mut opset = OperatorSetIdProto::new();
        opset.set_version(13);
        model.opset_import.push(opset);
        let mut input = ValueInfoProto::new();
        input.set_name("image".into());
        let kind = input.type_.mut_or_insert_default().mut_tensor_type();
        kind.set_elem_type(DataType::FLOAT as i32);
        let shape = kind.shape.mut_or_insert_default();
        shape.dim = dims
            .iter()
            .map(|&size| {
                let mut dimension = Dimension::new();
                match size {
                    0 => dimension.set_dim_param("open".into()),
                    size => dimension.set_dim_value(size),
                }
                dimension
            })
            .collect();
        model.graph.mut_or_insert_default().input.push(input);
        Self { model, state: 1 }
    }

    /// A node that reads these values and makes the one of its name.
    pub(crate) fn node(&mut self, name: &str, op: &str, inputs: &[&str]) -> &mut NodeProto {
        let mut node = NodeProto::new();
        node.set_name(name.into());
        node.set_op_type(op.into());
        node.input = inputs.iter().map(ToString::to_string).collect();
        node.output = vec![name.into()];
        let nodes = &mut self.model.graph.mut_or_insert_default().node;
        nodes.push(node);
        nodes.last_mut().unwrap()
    }

    /// A constant of small seeded numbers.
    pub(crate) fn constant(&mut self, name: &str, dims: &[i64]) -> &mut TensorProto {
        let mut tensor = TensorProto::new();
        tensor.set_name(name.into());
        tensor.set_data_type(DataType::FLOAT as i32);
        tensor.dims = dims.to_vec();
        let inputs: i64 = dims.iter().skip(1).product();
        let spread = (6.0 / inputs as f32).sqrt();
        let cells: i64 = dims.iter().product();
        for _ in 0..cells {
            self.state = self
                .state
                .wrapping_mul(1_664_525)
                .wrapping_add(1_013_904_223);
            let even = (self.state >> 8) as f32 / (1 << 24) as f32;
            tensor.float_data.push((2.0 * even - 1.0) * spread);
        }
        let constants = &mut self.model.graph.mut_or_insert_default().initializer;
        constants.push(tensor);
        constants.last_mut().unwrap()
    }

    /// A convolution that keeps the size, or halves it, and its rectifier (`<name>_relu`).
    pub(crate) fn conv_relu(
        &mut self,
        name: &str,
        input: &str,
        [from, to]: [i64; 2],
        stride: i64,
    ) -> String {
        let weight = format!("{name}.weight");
        self.constant(&weight, &[to, from, 3, 3]);
        let node = self.node(name, "Conv", &[input, &weight]);
        node.attribute.push(ints("pads", &[1, 1, 1, 1]));
        node.attribute.push(ints("strides", &[stride, stride]));
        let relu = format!("{name}_relu");
        self.node(&relu, "Relu", &[name]);
        relu
    }

    /// Mean of each map and a linear layer (`logits`).
    pub(crate) fn classifier(&mut self, input: &str, [from, to]: [i64; 2]) {
        self.node("mean", "GlobalAveragePool", &[input]);
        self.node("flat", "Flatten", &["mean"]);
        self.constant("fc.weight", &[to, from]);
        let node = self.node("logits", "Gemm", &["flat", "fc.weight"]);
        node.attribute.push(int("transB", 1));
    }

    /// The file's bytes, with the value of that name as the output.
    pub(crate) fn bytes(&self, output: &str) -> Vec<u8> {
        let mut model = self.model.clone();
        let mut value = ValueInfoProto::new();
        value.set_name(output.into());
        model.graph.mut_or_insert_default().output = vec![value];
        model.write_to_bytes().unwrap()
    }
}

pub(crate) fn int(name: &str, value: i64) -> AttributeProto {
    let mut attribute = AttributeProto::new();
    attribute.set_name(name.into());
    attribute.set_type(AttributeType::INT);
    attribute.set_i(value);
    attribute
}

pub(crate) fn ints(name: &str, values: &[i64]) -> AttributeProto {
    let mut attribute = AttributeProto::new();
    attribute.set_name(name.into());
    attribute.set_type(AttributeType::INTS);
    attribute.ints = values.to_vec();
    attribute
}

/// Two convolutions and a classifier of four classes on images of 32 × 32 pixels.
pub(crate) fn plain() -> Onnx {
    let mut net = Onnx::new(&[1, 3, 32, 32]);
    let x = net.conv_relu("conv1", "image", [3, 6], 1);
    let x = net.conv_relu("conv2", &x, [6, 8], 2);
    net.classifier(&x, [8, 4]);
    net
}

/// As [`plain`], with a squeeze-and-excitation gate between the two convolutions.
pub(crate) fn gated() -> Onnx {
    let mut net = Onnx::new(&[1, 3, 32, 32]);
    let x = net.conv_relu("conv1", "image", [3, 6], 1);
    net.node("squeeze", "GlobalAveragePool", &[&x]);
    net.constant("excite.weight", &[6, 6, 1, 1]);
    net.node("excite", "Conv", &["squeeze", "excite.weight"]);
    net.node("gate", "Sigmoid", &["excite"]);
    net.node("gated", "Mul", &[&x, "gate"]);
    let x = net.conv_relu("conv2", "gated", [6, 8], 2);
    net.classifier(&x, [8, 4]);
    net
}
