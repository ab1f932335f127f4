//! A case of ONNX' own backend tests: a graph of few nodes, its inputs and what must come out.

use std::path::{Path, PathBuf};

use deconvscope::network::onnx::messages::{
    GraphProto, ModelProto, OperatorSetIdProto, TensorProto, ValueInfoProto,
};
use deconvscope::network::onnx::{Graph, Tensor};
use protobuf::Message;

/// A model with the inputs and outputs of its first test data set.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) model: ModelProto,
    /// By the names of the graph's inputs.
    pub(crate) inputs: Vec<TensorProto>,
    /// By the names of the graph's outputs.
    pub(crate) outputs: Vec<TensorProto>,
}

impl Case {
    /// Reads the folder of a case; `None` in words where its data are no tensors (sequences, optional values).
    pub(crate) fn read(folder: &Path) -> Result<Self, String> {
        let name = folder.file_name().unwrap().to_string_lossy();
        let model = std::fs::read(folder.join("model.onnx")).unwrap();
        let model = ModelProto::parse_from_bytes(&model).map_err(|error| error.to_string())?;
        let data = folder.join("test_data_set_0");
        let fed = |graph: &GraphProto| -> Vec<String> {
            let stored: Vec<&str> = graph
                .initializer
                .iter()
                .map(|tensor| tensor.name())
                .collect();
            let names = graph.input.iter().map(|input| input.name().to_owned());
            names
                .filter(|name| !stored.contains(&name.as_str()))
                .collect()
        };
        let graph = model.graph.as_ref().ok_or("no graph")?;
        let inputs = tensors(&data, "input", &fed(graph))?;
        let names: Vec<String> = graph
            .output
            .iter()
            .map(|output| output.name().to_owned())
            .collect();
        let outputs = tensors(&data, "output", &names)?;
        Ok(Self {
            name: name.trim_start_matches("test_").to_owned(),
            model,
            inputs,
            outputs,
        })
    }

    /// The operators of the graph, each once.
    pub(crate) fn operators(&self) -> Vec<String> {
        let nodes = self.model.graph.node.iter();
        let mut names: Vec<String> = nodes.map(|node| node.op_type().to_owned()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// The version of the operators.
    pub(crate) fn opset(&self) -> i64 {
        let own = |set: &&OperatorSetIdProto| matches!(set.domain(), "" | "ai.onnx");
        self.model
            .opset_import
            .iter()
            .find(own)
            .map_or(0, |set| set.version())
    }
}

fn tensors(data: &Path, kind: &str, names: &[String]) -> Result<Vec<TensorProto>, String> {
    let read = |(number, name): (usize, &String)| {
        let path: PathBuf = data.join(format!("{kind}_{number}.pb"));
        let bytes = std::fs::read(&path).map_err(|_| format!("no {kind}_{number}.pb"))?;
        let mut tensor =
            TensorProto::parse_from_bytes(&bytes).map_err(|_| format!("{kind} is no tensor"))?;
        if tensor.data_type() == 0 {
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
    let graph = Graph::parse(&bytes)?;
    graph
        .constants
        .into_values()
        .next()
        .ok_or("no constant".into())
}
