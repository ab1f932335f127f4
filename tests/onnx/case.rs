//! A case of ONNX' own backend tests: a graph of few nodes, its inputs and what must come out.

use std::path::{Path, PathBuf};

use deconvscope::network::onnx::messages::tensor_proto::DataType;
use deconvscope::network::onnx::messages::{
    ModelProto, OperatorSetIdProto, TensorProto, ValueInfoProto,
};
use deconvscope::network::onnx::{Graph, Tensor};
use protobuf::Message;

/// A model with the inputs and outputs of its first test data set.
pub(crate) struct Case {
    /// The folder's name without `test_`, after its kind.
    pub(crate) name: String,
    /// The model and its operators, or why it cannot be read.
    pub(crate) model: Result<ModelProto, String>,
    operators: Vec<String>,
    /// By the names of the graph's inputs.
    pub(crate) inputs: Vec<TensorProto>,
    /// By the names of the graph's outputs.
    pub(crate) outputs: Vec<TensorProto>,
}

impl Case {
    /// Reads the folder of a case.
    pub(crate) fn read(folder: &Path) -> Self {
        let part = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let name = format!(
            "{}/{}",
            part(folder.parent().unwrap()),
            part(folder).trim_start_matches("test_")
        );
        let bytes = std::fs::read(folder.join("model.onnx")).unwrap();
        let model = ModelProto::parse_from_bytes(&bytes).unwrap();
        let graph = &model.graph;
        let mut operators: Vec<String> = graph
            .node
            .iter()
            .map(|node| node.op_type().to_owned())
            .collect();
        operators.sort();
        operators.dedup();
        let stored: Vec<&str> = graph
            .initializer
            .iter()
            .map(|tensor| tensor.name())
            .collect();
        let fed = graph.input.iter().map(|input| input.name().to_owned());
        let fed: Vec<String> = fed
            .filter(|name| !stored.contains(&name.as_str()))
            .collect();
        let made: Vec<String> = graph
            .output
            .iter()
            .map(|output| output.name().to_owned())
            .collect();
        let data = folder.join("test_data_set_0");
        let bfloat16 = |value: &ValueInfoProto| {
            value.type_.tensor_type().elem_type() == DataType::BFLOAT16 as i32
        };
        let patterns = graph.input.iter().chain(&graph.output).any(bfloat16);
        let read = tensors(&data, "input", &fed)
            .and_then(|inputs| Ok((inputs, tensors(&data, "output", &made)?)));
        let (model, (inputs, outputs)) = match read {
            // The files beside the model say that they are of 16-bit integers.
            _ if patterns => (Err("bit patterns".into()), Default::default()),
            Ok(tensors) => (Ok(model), tensors),
            Err(why) => (Err(why), Default::default()),
        };
        Self {
            name,
            model,
            operators,
            inputs,
            outputs,
        }
    }

    /// The operators of the graph, each once.
    pub(crate) fn operators(&self) -> Vec<String> {
        self.operators.clone()
    }
}

fn tensors(data: &Path, kind: &str, names: &[String]) -> Result<Vec<TensorProto>, String> {
    let read = |(number, name): (usize, &String)| {
        let path: PathBuf = data.join(format!("{kind}_{number}.pb"));
        let bytes = std::fs::read(&path).map_err(|_| format!("no {kind}_{number}.pb"))?;
        let mut tensor =
            TensorProto::parse_from_bytes(&bytes).map_err(|_| format!("{kind} is no tensor"))?;
        // Sequences and optional values read as tensors would have fields that mean something else.
        if !(1..=23).contains(&tensor.data_type())
            || numbers(&tensor)
                .is_err_and(|why| why.contains("claims more") || why.contains("segments"))
        {
            return Err(format!("{kind} is no tensor"));
        }
        tensor.set_name(name.clone());
        Ok(tensor)
    };
    names.iter().enumerate().map(read).collect()
}

/// The numbers of a message, read as the program reads constants.
pub(crate) fn numbers(tensor: &TensorProto) -> Result<Tensor, String> {
    let mut model = ModelProto::new();
    model.set_ir_version(8);
    model.opset_import.push(OperatorSetIdProto {
        version: Some(17),
        ..Default::default()
    });
    let graph = model.graph.mut_or_insert_default();
    graph.initializer.push(tensor.clone());
    let mut output = ValueInfoProto::new();
    output.set_name(tensor.name().to_owned());
    graph.output.push(output);
    let bytes = model.write_to_bytes().unwrap();
    let mut graph = Graph::parse(&bytes)?;
    graph.needed(&[tensor.name().to_owned()])?;
    graph
        .constants
        .into_values()
        .next()
        .ok_or("no constant".into())
}
