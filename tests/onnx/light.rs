//! The nine whole architectures of ONNX' backend tests, with constant weights.

use std::path::Path;

use deconvscope::network::onnx::messages::{ModelProto, TensorProto};
use deconvscope::network::onnx::Numbers;
use protobuf::Message;

use crate::case::numbers;
use crate::run::{compute, excess};

pub(crate) const NAMES: [&str; 9] = [
    "bvlc_alexnet",
    "densenet121",
    "inception_v1",
    "inception_v2",
    "resnet50",
    "shufflenet",
    "squeezenet",
    "vgg19",
    "zfnet512",
];

/// The largest difference in units of what is allowed.
pub(crate) fn run(folder: &Path, name: &str) -> Result<f64, String> {
    let bytes = std::fs::read(folder.join(format!("light_{name}.onnx"))).unwrap();
    let model = ModelProto::parse_from_bytes(&bytes).unwrap();
    let stored: Vec<&str> = model
        .graph
        .initializer
        .iter()
        .map(|tensor| tensor.name())
        .collect();
    let input = model
        .graph
        .input
        .iter()
        .find(|input| !stored.contains(&input.name()))
        .unwrap();
    let dims = &input.type_.tensor_type().shape.dim;
    let cells: i64 = dims.iter().map(|dim| dim.dim_value()).product();
    // What ONNX' runner feeds.
    let image: Vec<f32> = (0..cells)
        .map(|cell| (cell as f64 / cells as f64) as f32)
        .collect();
    let found = compute(&model, &image, model.graph.output[0].name())?;
    let expected = std::fs::read(folder.join(format!("light_{name}_output_0.pb"))).unwrap();
    let expected = numbers(&TensorProto::parse_from_bytes(&expected).unwrap())?;
    match expected.values {
        Numbers::Floats(values) => Ok(excess(&found, &values)),
        Numbers::Integers(_) => Err("expected integers".into()),
    }
}
