//! What loading an ONNX file costs beside reading it from the page cache and copying it once. `scripts/bench.py --only
//! load` runs it.
//!
//! `load write FILE` writes a network of 240 MB with random weights; `load time FILE` prints the seconds of reading and
//! copying, and of the import; `load memory FILE` imports once and prints the peak memory above the network itself.

use std::fs::File;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use deconvscope::network::onnx::{self, messages};
use messages::attribute_proto::AttributeType;
use messages::tensor_proto::DataType;
use messages::tensor_shape_proto::Dimension;
use messages::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    ValueInfoProto,
};
use protobuf::Message;

#[allow(dead_code, reason = "the tests draw other numbers too")]
#[path = "../tests/common/random.rs"]
mod random;

use random::Random;

type Failure = Box<dyn std::error::Error>;

const ROUNDS: usize = 9;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write", file] => write(Path::new(file)),
        ["time", file] => time(Path::new(file)),
        ["memory", file] => memory(Path::new(file)),
        _ => Err("usage: load write|time|memory FILE".into()),
    }
}

/// The medians of both, in turn.
fn time(path: &Path) -> Result<(), Failure> {
    let (mut copied, mut imported) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let bytes = std::fs::read(path)?;
        let copy = black_box(&bytes).clone();
        copied.push(start.elapsed().as_secs_f64());
        drop((bytes, black_box(copy)));

        let start = Instant::now();
        let network = onnx::import(path, &onnx::Reading::default())?;
        imported.push(start.elapsed().as_secs_f64());
        drop(black_box(network));
    }
    println!("{:.4} {:.4}", median(copied), median(imported));
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// In MB: the peak above what was there before and above the weights.
fn memory(path: &Path) -> Result<(), Failure> {
    let before = peak_bytes()?;
    let imported = onnx::import(path, &onnx::Reading::default())?;
    let after = peak_bytes()?;
    let cells: usize = imported
        .weights
        .values()
        .map(|array| array.data.len())
        .sum();
    let above = after.saturating_sub(before).saturating_sub(4 * cells);
    println!(
        "{:.1} {:.1}",
        above as f64 / 1e6,
        std::fs::metadata(path)?.len() as f64 / 1e6
    );
    Ok(())
}

fn peak_bytes() -> Result<usize, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kilobytes
        .ok_or("no VmHWM in /proc/self/status")?
        .parse::<usize>()?
        * 1024)
}

/// Convolutions and then linear layers, as in AlexNet the larger part; one of them with its matrix the other way round,
/// as Keras' exporters write it.
fn write(path: &Path) -> Result<(), Failure> {
    let mut chain = Chain::default();
    chain.convolution(3, 512);
    for _ in 0..9 {
        chain.convolution(512, 512);
    }
    chain.node("GlobalAveragePool", &[]);
    chain.node("Flatten", &[]);
    chain.linear(512, 4096, true);
    for _ in 0..2 {
        chain.linear(4096, 4096, true);
    }
    chain.linear(4096, 1000, false);
    let mut model = ModelProto::new();
    model.set_ir_version(8);
    let mut opset = OperatorSetIdProto::new();
    opset.set_version(17);
    model.opset_import.push(opset);
    model.graph = Some(chain.finish()).into();
    model.write_to_writer(&mut File::create(path)?)?;
    Ok(())
}

/// A graph whose nodes each read the one before.
struct Chain {
    graph: GraphProto,
    random: Random,
}

impl Default for Chain {
    fn default() -> Self {
        let mut graph = GraphProto::new();
        graph.input.push(value("0", &[1, 3, 224, 224]));
        Self {
            graph,
            random: Random(1),
        }
    }
}

impl Chain {
    fn convolution(&mut self, from: i64, to: i64) {
        let weight = self.weights(&[to, from, 3, 3]);
        let bias = self.weights(&[to]);
        self.node("Conv", &[weight, bias]);
        self.node("Relu", &[]);
    }

    fn linear(&mut self, from: i64, to: i64, by_output: bool) {
        let weight = self.weights(&if by_output { [to, from] } else { [from, to] });
        let bias = self.weights(&[to]);
        self.node("Gemm", &[weight, bias]);
        let mut attribute = AttributeProto::new();
        attribute.set_name("transB".into());
        attribute.set_type(AttributeType::INT);
        attribute.set_i(by_output.into());
        if let Some(node) = self.graph.node.last_mut() {
            node.attribute.push(attribute);
        }
    }

    fn node(&mut self, op: &str, parameters: &[String]) {
        let number = self.graph.node.len();
        let mut node = NodeProto::new();
        node.set_op_type(op.into());
        node.input.push(number.to_string());
        node.input.extend_from_slice(parameters);
        node.output.push((number + 1).to_string());
        self.graph.node.push(node);
    }

    /// Random numbers of that shape, by their name.
    fn weights(&mut self, dims: &[i64]) -> String {
        let name = format!("weights{}", self.graph.initializer.len());
        let count: i64 = dims.iter().product();
        let values = (0..count).map(|_| self.random.normal() as f32);
        let mut tensor = TensorProto::new();
        tensor.set_name(name.clone());
        tensor.set_data_type(DataType::FLOAT as i32);
        tensor.dims = dims.to_vec();
        tensor.set_raw_data(values.flat_map(f32::to_le_bytes).collect());
        self.graph.initializer.push(tensor);
        name
    }

    fn finish(mut self) -> GraphProto {
        let last = self.graph.node.len().to_string();
        self.graph.output.push(value(&last, &[1, 1000]));
        self.graph
    }
}

fn value(name: &str, dims: &[i64]) -> ValueInfoProto {
    let mut value = ValueInfoProto::new();
    value.set_name(name.into());
    let kind = value.type_.mut_or_insert_default().mut_tensor_type();
    kind.set_elem_type(DataType::FLOAT as i32);
    let dimension = |&size: &i64| {
        let mut dimension = Dimension::new();
        dimension.set_dim_value(size);
        dimension
    };
    kind.shape.mut_or_insert_default().dim = dims.iter().map(dimension).collect();
    value
}
