//! What the program makes of a case: as maps of a network, or as constants.

use std::collections::BTreeMap;

use deconvscope::engine::{to_values, Engine, Recording};
use deconvscope::network::onnx::messages::{
    self, AttributeProto, ModelProto, NodeProto, TensorProto, ValueInfoProto,
};
use deconvscope::network::onnx::{fold, parse, Graph, Numbers, Reading, Tensor};
use protobuf::Message;
use tch::Device;

use crate::case::{numbers, Case};
use crate::common::model;

/// A network and what is fed to it.
struct Bound {
    model: ModelProto,
    image: Tensor,
}

/// Outputs in the order of the case's.
pub(crate) type Outputs = Vec<Vec<f32>>;

/// Runs the case as a network: its first input is the image, the others are constants; where all are alike and the
/// operator joins branches, all together are the image and a Split takes them apart.
pub(crate) fn as_maps(case: &Case) -> Result<Outputs, String> {
    let joins = [
        "Add",
        "And",
        "Concat",
        "Div",
        "Equal",
        "Greater",
        "GreaterOrEqual",
        "Less",
        "LessOrEqual",
        "Max",
        "Min",
        "Mul",
        "Or",
        "Pow",
        "Sub",
        "Sum",
        "Where",
        "Xor",
    ];
    let operators = case.operators();
    let stackable = case.inputs.len() > 1
        && operators.iter().all(|op| joins.contains(&op.as_str()))
        && case
            .inputs
            .iter()
            .all(|input| input.dims == case.inputs[0].dims);
    let bound = match stackable {
        true => stacked(case)?,
        false => first_is_the_image(case)?,
    };
    run(case, bound)
}

fn first_is_the_image(case: &Case) -> Result<Bound, String> {
    let (first, others) = case.inputs.split_first().ok_or("no input")?;
    let mut model = case.model.clone()?;
    let graph = model.graph.mut_or_insert_default();
    graph.input.retain(|input| input.name() == first.name());
    for other in others {
        let alike = other.data_type() == first.data_type();
        graph.initializer.push(match alike {
            true => as_floats(other)?,
            false => other.clone(),
        });
    }
    fix_dims(&mut graph.input[0], &first.dims);
    let image = numbers(&as_floats(first)?)?;
    Ok(Bound { model, image })
}

/// Some cases pad and clip integers; small ones are the same as floats.
fn as_floats(tensor: &TensorProto) -> Result<TensorProto, String> {
    let mut floats = TensorProto::new();
    floats.set_name(tensor.name().to_owned());
    floats.set_data_type(messages::tensor_proto::DataType::FLOAT as i32);
    floats.dims.clone_from(&tensor.dims);
    floats.float_data = match numbers(tensor)?.values {
        Numbers::Floats(values) => values,
        Numbers::Integers(values) => values.iter().map(|&value| value as f32).collect(),
    };
    Ok(floats)
}

/// Stacks along the axis behind the batch; along the first where there is no batch.
fn stacked(case: &Case) -> Result<Bound, String> {
    let parts = case.inputs.iter().map(|input| numbers(&as_floats(input)?));
    let parts: Vec<Tensor> = parts.collect::<Result<_, _>>()?;
    let dims = parts[0].dims.clone();
    let axis = usize::from(matches!(dims.len(), 2 | 4));
    let outer: usize = dims[..axis].iter().product();
    let each = dims[axis..].iter().product::<usize>();
    let mut values = Vec::new();
    for row in 0..outer {
        for part in &parts {
            values.extend_from_slice(&part.as_floats()?[row * each..(row + 1) * each]);
        }
    }
    let mut whole = dims.clone();
    whole[axis] *= parts.len();
    let mut model = case.model.clone()?;
    let graph = model.graph.mut_or_insert_default();
    let mut split = NodeProto::new();
    split.set_op_type("Split".into());
    split.input = vec!["all together".into()];
    split.output = case
        .inputs
        .iter()
        .map(|input| input.name().to_owned())
        .collect();
    let mut attribute = AttributeProto::new();
    attribute.set_name("axis".into());
    attribute.set_i(axis as i64);
    attribute.set_type(messages::attribute_proto::AttributeType::INT);
    split.attribute.push(attribute);
    graph.node.insert(0, split);
    graph.input.truncate(1);
    graph.input[0].set_name("all together".into());
    let whole_dims: Vec<i64> = whole.iter().map(|&dim| dim as i64).collect();
    fix_dims(&mut graph.input[0], &whole_dims);
    Ok(Bound {
        model,
        image: Tensor::floats(whole, values),
    })
}

fn fix_dims(input: &mut ValueInfoProto, dims: &[i64]) {
    let kind = input.type_.mut_or_insert_default().mut_tensor_type();
    kind.set_elem_type(messages::tensor_proto::DataType::FLOAT as i32);
    let shape = input
        .type_
        .mut_or_insert_default()
        .mut_tensor_type()
        .shape
        .mut_or_insert_default();
    shape.dim = dims
        .iter()
        .map(|&dim| {
            let mut dimension = messages::tensor_shape_proto::Dimension::new();
            dimension.set_dim_value(dim);
            dimension
        })
        .collect();
}

fn run(case: &Case, bound: Bound) -> Result<Outputs, String> {
    let image = bound.image.as_floats()?.to_vec();
    let mut outputs = Vec::new();
    for output in &case.outputs {
        // The import computes the first output of a graph; each takes its turn.
        let mut proto = bound.model.clone();
        let graph = proto.graph.mut_or_insert_default();
        graph.output.retain(|one| one.name() == output.name());
        outputs.push(compute(&proto, &image, output.name())?);
    }
    Ok(outputs)
}

/// Runs an ONNX model over images laid end to end; gives the value of that name.
pub(crate) fn compute(proto: &ModelProto, image: &[f32], output: &str) -> Result<Vec<f32>, String> {
    let imported = parse(&proto.write_to_bytes().unwrap(), &Reading::default())?;
    let node = *imported
        .values
        .get(output)
        .ok_or_else(|| format!("{output} is not computed"))?;
    let shape = imported.network.input;
    let [channels, height, width] = shape.axes().map(|length| length as i64);
    let engine = Engine::new(&model(imported.network, imported.weights), Device::Cpu)
        .map_err(|e| e.to_string())?;
    let input = tch::Tensor::from_slice(image).view([-1, channels, height, width]);
    let recording = Recording {
        activations: vec![node],
        rule: None,
        ..Recording::default()
    };
    let trace = engine
        .forward(&input, &recording)
        .map_err(|e| e.to_string())?;
    to_values(&trace.activations[&node]).map_err(|e| e.to_string())
}

/// Computes the case from constants alone.
pub(crate) fn as_constants(case: &Case) -> Result<Outputs, String> {
    let mut model = case.model.clone()?;
    let graph = model.graph.mut_or_insert_default();
    graph.input.clear();
    graph.initializer.extend(case.inputs.iter().cloned());
    let mut graph = Graph::parse(&model.write_to_bytes().unwrap())?;
    let outputs = graph.outputs.clone();
    graph.needed(&outputs)?;
    let mut values: BTreeMap<String, Tensor> = graph.constants;
    for node in &graph.nodes {
        let inputs: Vec<Option<&Tensor>> =
            node.inputs.iter().map(|name| values.get(name)).collect();
        let made = fold::evaluate(node, &inputs)?;
        let made = made.ok_or_else(|| format!("{} is not computed from constants", node.op))?;
        let made: Vec<(String, Tensor)> = node.outputs.iter().cloned().zip(made).collect();
        values.extend(made);
    }
    let floats = |name: &str| -> Result<Vec<f32>, String> {
        match &values.get(name).ok_or("an output is missing")?.values {
            Numbers::Floats(values) => Ok(values.clone()),
            Numbers::Integers(values) => Ok(values.iter().map(|&value| value as f32).collect()),
        }
    };
    case.outputs
        .iter()
        .map(|output| floats(output.name()))
        .collect()
}

/// What must come out, as floats.
pub(crate) fn expected(outputs: &[TensorProto]) -> Result<Outputs, String> {
    let floats = |output: &TensorProto| {
        Ok(match numbers(output)?.values {
            Numbers::Floats(values) => values,
            Numbers::Integers(values) => values.iter().map(|&value| value as f32).collect(),
        })
    };
    outputs.iter().map(floats).collect()
}

/// The largest difference in units of what is allowed: 1e-4 of the range, and rounding of small numbers.
pub(crate) fn excess(found: &[f32], expected: &[f32]) -> f64 {
    if found.len() != expected.len() {
        return f64::INFINITY;
    }
    let largest = expected
        .iter()
        .copied()
        .filter(|v| v.is_finite())
        .fold(f32::MIN, f32::max);
    let smallest = expected
        .iter()
        .copied()
        .filter(|v| v.is_finite())
        .fold(f32::MAX, f32::min);
    let range = if largest > smallest {
        f64::from(largest - smallest)
    } else {
        0.0
    };
    let allowed = 1e-4 * range + 1e-6 * f64::from(largest.abs().max(smallest.abs())) + 1e-7;
    let off = |(a, b): (&f32, &f32)| match a == b || (a.is_nan() && b.is_nan()) {
        true => 0.0,
        false => f64::from((a - b).abs()) / allowed,
    };
    found.iter().zip(expected).map(off).fold(
        0.0,
        |a, b| if b.is_nan() { f64::INFINITY } else { a.max(b) },
    )
}
