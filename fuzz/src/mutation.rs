//! Changes to an ONNX model that leave it a model, so that more than its outermost shell is reached.

use protobuf::Message;

use network::onnx::messages::attribute_proto::AttributeType;
use network::onnx::messages::tensor_proto::DataType;
use network::onnx::messages::tensor_shape_proto::dimension;
use network::onnx::messages::type_proto;
use network::onnx::messages::{AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto};

const OPERATORS: &str = "Conv Gemm MatMul BatchNormalization LRN MaxPool AveragePool GlobalAveragePool GlobalMaxPool \
    ReduceMean Relu LeakyRelu Clip Sigmoid HardSigmoid HardSwish Tanh Softmax LogSoftmax Add Sub Mul Div Sum Neg Identity \
    Dropout Cast Concat Split Slice Gather Pad Flatten Reshape Squeeze Unsqueeze Transpose Shape Size Constant \
    ArgMax TopK ZipMap CastLike ConstantOfShape Range Expand Pow Min Max Equal Greater Less And Not Where Sqrt Exp Floor Ceil Reciprocal ReduceSum \
    ReduceProd PRelu Elu Selu Celu Softplus Softsign Mish Gelu Swish ThresholdedRelu Abs Log Erf GreaterOrEqual \
    LessOrEqual Or Xor ReduceMax ReduceMin ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum LayerNormalization \
    InstanceNormalization GroupNormalization DequantizeLinear Resize Upsample SpaceToDepth DepthToSpace ConvTranspose";
const WHOLE: &str = "axis group ceil_mode count_include_pad keepdims noop_with_empty_axes num_outputs transA transB to \
    allowzero broadcast training_mode is_test spatial size start end value_int num_groups blocksize block_size antialias exclude_outside";
const LISTS: &str =
    "kernel_shape strides pads dilations axes perm split starts ends steps shape value_ints \
    output_padding output_shape";
const NUMBERS: [i64; 28] = [
    0,
    0,
    0,
    1,
    1,
    1,
    2,
    2,
    3,
    4,
    5,
    6,
    8,
    16,
    32,
    64,
    -1,
    -1,
    -2,
    -3,
    -4,
    255,
    1 << 16,
    1 << 20,
    1 << 31,
    1 << 62,
    i64::MAX,
    i64::MIN,
];

struct Random(u64);

impl Random {
    /// A number below another one (splitmix64).
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % end.max(1) as u64) as usize
    }

    fn one_of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let at = self.below(list.len());
        list.get(at)
    }

    fn word(&mut self, words: &str) -> String {
        let words: Vec<&str> = words.split_whitespace().collect();
        self.one_of(&words)
            .map_or(String::new(), ToString::to_string)
    }

    fn number(&mut self) -> i64 {
        NUMBERS[self.below(NUMBERS.len())]
    }
}

/// Another model, where the bytes are one.
pub fn mutate(bytes: &[u8], seed: u32) -> Option<Vec<u8>> {
    let mut model = ModelProto::parse_from_bytes(bytes).ok()?;
    let mut random = Random(seed.into());
    for _ in 0..=random.below(4) {
        change(&mut model, &mut random)?;
    }
    model.write_to_bytes().ok()
}

fn change(model: &mut ModelProto, random: &mut Random) -> Option<()> {
    if random.below(32) == 0 {
        let version = 1 + random.below(24) as i64;
        model.opset_import.first_mut()?.set_version(version);
    }
    let graph = model.graph.as_mut()?;
    let node = random.below(graph.node.len());
    match random.below(9) {
        0 => graph
            .node
            .get_mut(node)?
            .set_op_type(random.word(OPERATORS)),
        1 => rewire(graph, random),
        2 => insert(graph, random),
        3 => drop((!graph.node.is_empty()).then(|| graph.node.remove(node))),
        4 | 5 => attribute(graph.node.get_mut(node)?, random),
        6 => {
            let at = random.below(graph.initializer.len());
            tensor(graph.initializer.get_mut(at)?, random);
        }
        7 => input(graph, random)?,
        _ => {
            let name = graph.node.get(node)?.output.first()?.clone();
            graph.output.first_mut()?.set_name(name);
        }
    }
    Some(())
}

/// The names of all values.
fn values(graph: &GraphProto) -> Vec<String> {
    let inputs = graph.input.iter().map(|input| input.name().to_owned());
    let constants = graph
        .initializer
        .iter()
        .map(|tensor| tensor.name().to_owned());
    let made = graph.node.iter().flat_map(|node| node.output.clone());
    inputs.chain(constants).chain(made).collect()
}

fn rewire(graph: &mut GraphProto, random: &mut Random) {
    let values = values(graph);
    let at = random.below(graph.node.len());
    let (Some(node), Some(value)) = (graph.node.get_mut(at), random.one_of(&values)) else {
        return;
    };
    let input = random.below(node.input.len() + 1);
    match node.input.get_mut(input) {
        Some(_) if random.below(8) == 0 => drop(node.input.remove(input)),
        Some(name) => name.clone_from(value),
        None => node.input.push(value.clone()),
    }
}

/// Puts a node between a value and one of its readers.
fn insert(graph: &mut GraphProto, random: &mut Random) {
    let values = values(graph);
    let made = format!("n{}", random.below(1 << 16));
    let at = random.below(graph.node.len());
    let mut node = NodeProto::new();
    node.set_op_type(random.word(OPERATORS));
    node.output = vec![made.clone()];
    if let Some(name) = graph
        .node
        .get_mut(at)
        .and_then(|node| node.input.first_mut())
    {
        node.input = vec![std::mem::replace(name, made)];
    }
    for _ in 0..random.below(3) {
        node.input.extend(random.one_of(&values).cloned());
    }
    for _ in 0..random.below(3) {
        attribute(&mut node, random);
    }
    graph.node.insert(at, node);
}

fn attribute(node: &mut NodeProto, random: &mut Random) {
    if random.below(3) == 0 {
        let mut new = AttributeProto::new();
        if random.below(2) == 0 {
            new.set_name(random.word(WHOLE));
            new.set_type(AttributeType::INT);
        } else {
            new.set_name(random.word(LISTS));
            new.set_type(AttributeType::INTS);
            new.ints = vec![1; random.below(9)];
        }
        node.attribute.retain(|old| old.name() != new.name());
        node.attribute.push(new);
    }
    let at = random.below(node.attribute.len());
    let Some(chosen) = node.attribute.get_mut(at) else {
        return;
    };
    match random.below(8) {
        0 => drop(node.attribute.remove(at)),
        _ if chosen.ints.is_empty() => chosen.set_i(random.number()),
        1 => drop(chosen.ints.pop()),
        2 => chosen.ints.push(random.number()),
        _ => {
            let place = random.below(chosen.ints.len());
            chosen.ints[place] = random.number();
        }
    }
}

/// Another shape with as many numbers, or other whole numbers.
fn tensor(tensor: &mut TensorProto, random: &mut Random) {
    const WHOLE: i32 = DataType::INT64 as i32;
    let size = match tensor.data_type() {
        WHOLE => 8,
        data_type if data_type == DataType::FLOAT as i32 => 4,
        _ => return,
    };
    let mut bytes = tensor.take_raw_data();
    if tensor.data_type() == WHOLE && random.below(2) == 0 {
        let place = random.below(bytes.len() / 8) * 8;
        if let Some(number) = bytes.get_mut(place..place + 8) {
            number.copy_from_slice(&random.number().to_le_bytes());
        }
    } else {
        match random.below(4) {
            0 => tensor.dims.push(1 + random.below(3) as i64),
            1 => drop(tensor.dims.pop()),
            _ => {
                let place = random.below(tensor.dims.len());
                if let Some(dim) = tensor.dims.get_mut(place) {
                    *dim = random.number().min(16);
                }
            }
        }
        let count = tensor.dims.iter().try_fold(1_usize, |count, dim| {
            count.checked_mul(usize::try_from(*dim).ok()?)
        });
        bytes.resize(count.unwrap_or(1).min(1 << 10) * size, 1);
    }
    tensor.set_raw_data(bytes);
}

fn input(graph: &mut GraphProto, random: &mut Random) -> Option<()> {
    let type_ = graph.input.first_mut()?.type_.as_mut()?;
    let Some(type_proto::Value::TensorType(tensor)) = &mut type_.value else {
        return None;
    };
    let dims = &mut tensor.shape.as_mut()?.dim;
    let place = random.below(dims.len());
    match random.below(8) {
        0 => drop(dims.pop()),
        1 => dims.push(dims.last().cloned().unwrap_or_default()),
        _ => dims.get_mut(place)?.value = Some(dimension::Value::DimValue(random.number())),
    }
    Some(())
}
