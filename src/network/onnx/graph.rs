//! An ONNX graph as plain data, checked to be computable in its order.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use base::{Error, Result};
use protobuf::Enum;

use super::external::Folder;
use super::messages::tensor_proto::DataType;
use super::messages::tensor_shape_proto::dimension;
use super::messages::type_proto;
use super::messages::{GraphProto, ModelProto, TensorProto, ValueInfoProto};
use super::node::Node;
use super::size::MAX_TOTAL_ELEMENTS;
use super::tensor::{self, Tensor};
use super::{file, functions, order};

/// So many nodes may a graph have.
pub(super) const MAX_NODES: usize = 100_000;
/// The first opset whose operators are understood.
const OLDEST_OPSET: i64 = 3;

/// An ONNX graph: nodes in topological order and the constants that they read.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// Its name in the file; may be empty.
    pub name: String,
    /// What must be fed; inputs with a default among the constants are left out.
    pub inputs: Vec<Stated>,
    /// The names of the values that it computes.
    pub outputs: Vec<String>,
    /// What the file states of them.
    pub stated: Vec<Stated>,
    /// Each after those whose outputs it reads.
    pub nodes: Vec<Node>,
    /// The values that are in the file, by name.
    pub constants: BTreeMap<String, Tensor>,
    /// Values in the file that are no numbers (texts), and why each cannot be read.
    pub unreadable: BTreeMap<String, String>,
    /// The files beside it that hold some of them, each once.
    pub files: Vec<PathBuf>,
}

/// What the file states of a value that is fed or asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// Its name.
    pub name: String,
    /// Its shape, where one is stated; `None` for a dimension without a fixed size.
    pub dims: Option<Vec<Option<usize>>>,
    /// What it is made of.
    pub kind: Kind,
}

/// What a value is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Floating point of any width.
    Float,
    /// Whole numbers of any width.
    Integer,
    /// Texts, truth values, sequences, maps.
    Other,
    /// The file does not tell.
    Unstated,
}

impl Graph {
    /// Reads an ONNX file and the files beside it that hold its weights.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Onnx`] for a file that is damaged, or whose graph contradicts itself.
    pub fn read(path: &Path) -> Result<Self> {
        let model = file::read(path)?;
        Self::build(model, Folder::of(path)).map_err(|problem| Error::onnx(path, problem))
    }

    /// Reads a model that is in memory and has no files beside it.
    ///
    /// # Errors
    /// As [`Graph::read`], in words.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        Self::build(file::parse(bytes)?, Folder::default())
    }

    fn build(model: ModelProto, folder: Folder) -> Result<Self, String> {
        let opset = opset(&model)?;
        let mut proto = model.graph.into_option().ok_or("holds no graph")?;
        if proto.node.len() > MAX_NODES {
            return Err(format!(
                "has {} nodes; up to {MAX_NODES} are allowed",
                proto.node.len()
            ));
        }
        if !proto.sparse_initializer.is_empty() {
            return Err(
                "has sparse initializers, which are not supported; export dense ones".into(),
            );
        }
        let nodes = functions::inlined(&mut proto, &model.functions, opset)?;
        let GraphProto {
            name,
            initializer,
            input,
            output,
            ..
        } = proto;
        let (constants, unreadable) = constants(initializer, &folder)?;
        let nodes = nodes
            .into_iter()
            .map(|node| Node::from_proto(node, &folder));
        let nodes = nodes.collect::<Result<_, _>>()?;
        let stated: Vec<Stated> = output.into_iter().map(Stated::from_proto).collect();
        let graph = Self {
            name: name.unwrap_or_default(),
            inputs: input
                .into_iter()
                .filter(|input| {
                    let name = input.name();
                    !constants.contains_key(name) && !unreadable.contains_key(name)
                })
                .map(Stated::from_proto)
                .collect(),
            outputs: stated.iter().map(|output| output.name.clone()).collect(),
            stated,
            nodes: order::topological(nodes)?,
            constants,
            unreadable,
            files: folder.used(),
        };
        graph.check()?;
        Ok(graph)
    }

    /// Keeps what the values of these names are computed from, and makes them the outputs.
    ///
    /// # Errors
    /// A name that is no value's; a value that is needed and is no number.
    pub fn needed(&mut self, outputs: &[String]) -> Result<(), String> {
        let makers = order::makers(&self.nodes)?;
        let mut wanted: HashSet<&str> = HashSet::new();
        for output in outputs {
            let known = makers.contains_key(output.as_str())
                || self.constants.contains_key(output)
                || self.unreadable.contains_key(output)
                || self.inputs.iter().any(|input| input.name == *output);
            if !known {
                return Err(format!("no value is named '{output}'"));
            }
            wanted.insert(output);
        }
        let mut keep = vec![false; self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate().rev() {
            if !node
                .outputs
                .iter()
                .any(|output| wanted.contains(output.as_str()))
            {
                continue;
            }
            keep[index] = true;
            let read = node.inputs.iter().map(String::as_str);
            wanted.extend(read.filter(|input| !input.is_empty()));
        }
        for (name, problem) in &self.unreadable {
            if wanted.contains(name.as_str()) {
                return Err(format!("initializer '{name}': {problem}"));
            }
        }
        let wanted: HashSet<String> = wanted.into_iter().map(str::to_owned).collect();
        let mut keep = keep.into_iter();
        self.nodes.retain(|_| keep.next().unwrap_or(false));
        self.constants.retain(|name, _| wanted.contains(name));
        self.inputs.retain(|input| wanted.contains(&input.name));
        self.outputs = outputs.to_vec();
        Ok(())
    }

    /// That each value has one origin and each name that is read is a value's.
    fn check(&self) -> Result<(), String> {
        let makers = order::makers(&self.nodes)?;
        let constants = self.constants.keys().chain(self.unreadable.keys());
        let mut given: HashSet<&str> = constants.map(String::as_str).collect();
        for input in &self.inputs {
            if !given.insert(&input.name) {
                return Err(format!("input '{}' is there twice", input.name));
            }
        }
        for name in &given {
            if let Some(maker) = makers.get(name) {
                let node = &self.nodes[*maker];
                return Err(node.problem(format!(
                    "makes '{name}', which is an input or initializer of the graph"
                )));
            }
        }
        let known = |name: &str| given.contains(name) || makers.contains_key(name);
        for node in &self.nodes {
            if let Some(input) = node
                .inputs
                .iter()
                .find(|input| !input.is_empty() && !known(input))
            {
                return Err(node.problem(format!(
                    "reads '{input}', which no node makes and which is neither input nor initializer"
                )));
            }
        }
        if self.outputs.is_empty() {
            return Err("the graph has no outputs".into());
        }
        match self.outputs.iter().find(|output| !known(output)) {
            Some(output) => Err(format!("output '{output}' is made by no node")),
            None => Ok(()),
        }
    }
}

impl Stated {
    fn from_proto(mut proto: ValueInfoProto) -> Self {
        let name = proto.take_name();
        let told = |kind| Self {
            name: name.clone(),
            dims: None,
            kind,
        };
        let tensor = match proto.type_.take().and_then(|kind| kind.value) {
            Some(type_proto::Value::TensorType(tensor)) => tensor,
            Some(_) => return told(Kind::Other),
            None => return told(Kind::Unstated),
        };
        let fixed = |value: &Option<dimension::Value>| match value {
            Some(dimension::Value::DimValue(size)) => {
                usize::try_from(*size).ok().filter(|size| *size > 0)
            }
            _ => None,
        };
        let shape = tensor.shape.as_ref();
        Self {
            dims: shape.map(|shape| shape.dim.iter().map(|dim| fixed(&dim.value)).collect()),
            ..told(DataType::from_i32(tensor.elem_type()).map_or(Kind::Unstated, Kind::of))
        }
    }
}

impl Kind {
    pub(super) fn of(element: DataType) -> Self {
        match element {
            DataType::UNDEFINED => Self::Unstated,
            DataType::FLOAT | DataType::FLOAT16 | DataType::BFLOAT16 | DataType::DOUBLE => {
                Self::Float
            }
            DataType::UINT8
            | DataType::INT8
            | DataType::UINT16
            | DataType::INT16
            | DataType::UINT32
            | DataType::INT32
            | DataType::UINT64
            | DataType::INT64 => Self::Integer,
            _ => Self::Other,
        }
    }
}

fn opset(model: &ModelProto) -> Result<i64, String> {
    let Some(opset) = functions::own_opset(&model.opset_import) else {
        return Err(match model.opset_import.first() {
            None => "states no opset; was it cut off?".into(),
            Some(other) => format!(
                "states no opset of ONNX's own operators, only one of domain '{}'",
                other.domain()
            ),
        });
    };
    match opset {
        old if old < OLDEST_OPSET => Err(format!(
            "of opset {old}; {OLDEST_OPSET} is the oldest supported: convert it with onnx.version_converter"
        )),
        version => Ok(version),
    }
}

/// The constants by name, and what is wrong with those that are no numbers.
type Constants = (BTreeMap<String, Tensor>, BTreeMap<String, String>);

fn constants(initializers: Vec<TensorProto>, folder: &Folder) -> Result<Constants, String> {
    let (mut constants, mut unreadable) = (BTreeMap::new(), BTreeMap::new());
    let mut total = 0;
    for mut proto in initializers {
        let name = proto.take_name();
        if constants.contains_key(&name) || unreadable.contains_key(&name) {
            return Err(format!("initializer '{name}' is there twice"));
        }
        let kind = DataType::from_i32(proto.data_type());
        let kind = kind.filter(|kind| *kind != DataType::UNDEFINED);
        if let Some(Err(problem)) = kind.map(tensor::size) {
            unreadable.insert(name, problem);
            continue;
        }
        let tensor = Tensor::from_proto(proto, folder)
            .map_err(|problem| format!("initializer '{name}': {problem}"))?;
        total += tensor.values.len();
        if total > MAX_TOTAL_ELEMENTS {
            return Err(format!(
                "its initializers have more than the {MAX_TOTAL_ELEMENTS} elements allowed"
            ));
        }
        constants.insert(name, tensor);
    }
    Ok((constants, unreadable))
}
