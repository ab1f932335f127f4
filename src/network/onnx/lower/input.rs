//! The beginning of a graph: the image.

use std::collections::HashMap;

use super::lowering::Lowering;
use super::value::{as_maps, Batch, Maps, Value};
use crate::names::Names;
use crate::onnx::graph::Graph;
use crate::onnx::node::Node;
use crate::shape;
use crate::weights::Weights;
use crate::{self as net, Network, Op};

/// A side of the input where neither the graph nor the caller tells it.
const USUAL_SIDE: usize = 224;
/// So many images at once may a graph state.
const MOST_IMAGES: usize = 1 << 16;

impl Lowering {
    /// A network of its input alone.
    pub(super) fn begin(
        graph: Graph,
        nodes: &[Node],
        name: &str,
        size: Option<[usize; 2]>,
    ) -> Result<Self, String> {
        let input = match &graph.inputs[..] {
            [input] => input,
            [] => return Err("has no input: nothing in it depends on an image".into()),
            several => {
                let names: Vec<&str> = several.iter().map(|input| input.name.as_str()).collect();
                return Err(format!(
                    "has {} inputs ({}), expected one image",
                    several.len(),
                    names.join(", ")
                ));
            }
        };
        if !input.float {
            return Err(format!(
                "input '{}' is not of floating point; export the float model",
                input.name
            ));
        }
        let stated = input.dims.clone();
        let stated = stated.unwrap_or_else(|| vec![None; 4]);
        let channels_last =
            matches!(stated[..], [_, _, _, Some(1 | 3)]) && moves_channels(nodes, &input.name);
        let [rows, columns] = size.unwrap_or([USUAL_SIDE; 2]);
        let dims: Vec<usize> = match (&stated[..], channels_last) {
            ([n, c, h, w], false) | ([n, h, w, c], true) => {
                [(n, 1), (c, 3), (h, rows), (w, columns)]
                    .map(|(dim, usual)| dim.unwrap_or(usual))
                    .to_vec()
            }
            ([n, features], _) => vec![n.unwrap_or(1), features.ok_or("its input has no size")?],
            ([.., _], _) if stated.len() <= 3 => {
                let fixed: Option<Vec<usize>> = stated.iter().copied().collect();
                fixed.ok_or("its input has no size")?
            }
            _ => {
                return Err(format!(
                    "input '{}' has {} axes, expected [images, channels, rows, columns]",
                    input.name,
                    stated.len()
                ))
            }
        };
        let batch = Batch(matches!(dims.len(), 2 | 4).then(|| dims[0]));
        if let Some(images) = batch.0.filter(|&images| images > MOST_IMAGES) {
            return Err(format!(
                "takes {images} images at once; up to {MOST_IMAGES} are allowed"
            ));
        }
        let node = net::Node {
            name: "input".into(),
            op: Op::Input,
            inputs: Vec::new(),
        };
        let mut uses = HashMap::new();
        for name in nodes.iter().flat_map(|node| &node.inputs) {
            *uses.entry(name.clone()).or_insert(0) += 1;
        }
        let mut values: HashMap<String, Value> = graph
            .constants
            .into_iter()
            .map(|(name, tensor)| (name, Value::Constant(tensor)))
            .collect();
        let shape = as_maps(batch.image(&dims)?);
        values.insert(input.name.clone(), Value::Maps(Maps { node: 0, dims }));
        let shapes = vec![shape::output(shape, &Op::Input, &[])?];
        Ok(Self {
            opset: graph.opset,
            batch,
            channels_last: channels_last.then(|| input.name.clone()),
            network: Network {
                name: name.to_owned(),
                input: shape,
                nodes: vec![node],
                stages: Vec::new(),
            },
            shapes,
            weights: Weights::new(),
            values,
            uses,
            names: Names::from_iter(["input".to_owned()]),
            spent: 0,
            notes: Vec::new(),
            files: graph.files,
        })
    }
}

/// Whether the graph leaves rows or columns of its image open.
pub(super) fn is_open(graph: &Graph) -> bool {
    let [input] = &graph.inputs[..] else {
        return false;
    };
    match input.dims.as_deref() {
        None => true,
        // Rows and columns come behind the channels or before them.
        Some([_, first, second, third]) => {
            let channels_last = matches!(third, Some(1 | 3));
            second.is_none() || third.is_none() || (channels_last && first.is_none())
        }
        Some(_) => false,
    }
}

/// Whether all that reads a value first moves its last axis, the channels, to the front.
fn moves_channels(nodes: &[Node], input: &str) -> bool {
    let mut readers = nodes
        .iter()
        .filter(|node| node.inputs.iter().any(|name| name == input));
    readers.all(|node| {
        let perm = node.attributes.ints("perm").ok().flatten();
        node.op == "Transpose" && perm == Some(&[0, 3, 1, 2])
    })
}
