//! The beginning of a graph: the image.

use std::collections::HashMap;

use super::channels_last;
use super::lowering::Lowering;
use super::operators::is_quantised;
use super::upright::CHANNELS_LAST;
use super::value::{as_maps, Batch, Maps, Value};
use crate::names::Names;
use crate::onnx::graph::{Graph, Kind};
use crate::onnx::node::Node;
use crate::onnx::{fold, order, Reading};
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
        reading: &Reading,
    ) -> Result<Self, String> {
        let input = match &graph.inputs[..] {
            [input] => input,
            [] => return Err("has no input: nothing in it depends on an image".into()),
            several => {
                let names: Vec<&str> = several.iter().map(|input| input.name.as_str()).collect();
                return Err(format!(
                    "has {} inputs ({}), expected one image; export the model with constants in place of the others",
                    several.len(),
                    names.join(", ")
                ));
            }
        };
        let whole_numbers = match input.kind {
            Kind::Float => false,
            Kind::Integer => {
                casts_first(nodes, &input.name)?;
                true
            }
            Kind::Other | Kind::Unstated => {
                return Err(format!(
                    "input '{}' is not of numbers; export the float model",
                    input.name
                ))
            }
        };
        let stated = input.dims.clone();
        let stated = stated.unwrap_or_else(|| vec![None; 4]);
        let channels_last = channels_last::is_so(&stated, nodes, &input.name);
        let [rows, columns] = reading.size.unwrap_or([USUAL_SIDE; 2]);
        let is_open = matches!(stated[..], [_, _, _, _]) && {
            let [rows, columns] = if channels_last { [1, 2] } else { [2, 3] };
            stated[rows].is_none() || stated[columns].is_none()
        };
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
        let values: HashMap<String, Value> = graph
            .constants
            .into_iter()
            .map(|(name, tensor)| (name, Value::Constant(tensor)))
            .collect();
        let shape = as_maps(batch.image(&dims)?);
        let shapes = vec![shape::output(shape, &Op::Input, &[])?];
        let mut lowering = Self {
            batch,
            channels_last,
            whole_numbers,
            assumed_size: is_open.then_some([rows, columns]),
            running_batch_norm: reading.running_batch_norm,
            network: Network {
                name: name.to_owned(),
                input: shape,
                nodes: vec![node],
                stages: Vec::new(),
                scores: None,
            },
            shapes,
            weights: Weights::new(),
            values,
            turned: HashMap::new(),
            expanded: Vec::new(),
            channel_means: HashMap::new(),
            uses,
            names: Names::from_iter(["input".to_owned()]),
            spent: 0,
            notes: Vec::new(),
            files: graph.files,
        };
        let image = match (channels_last, &dims[..]) {
            (true, &[n, c, h, w]) => Maps {
                node: lowering.push(
                    "channels_last",
                    Op::Permute {
                        order: CHANNELS_LAST,
                    },
                    &[0],
                )?,
                dims: vec![n, h, w, c],
            },
            _ => Maps { node: 0, dims },
        };
        lowering
            .values
            .insert(input.name.clone(), Value::Maps(image));
        Ok(lowering)
    }
}

/// That an image of whole numbers becomes one of floats before anything is computed with it.
fn casts_first(nodes: &[Node], input: &str) -> Result<(), String> {
    let stays_whole = |node: &Node| {
        matches!(
            node.op.as_str(),
            "Identity"
                | "Transpose"
                | "Reshape"
                | "Flatten"
                | "Squeeze"
                | "Unsqueeze"
                | "Slice"
                | "Gather"
                | "Split"
                | "Concat"
        )
    };
    let casts = |node: &Node| {
        let target = fold::cast_target(node).map(Kind::of);
        node.op == "Cast" && target == Ok(Kind::Float)
    };
    // What is quantised is refused as such, with all that is not known.
    let fits = |node: &Node| {
        stays_whole(node) || casts(node) || node.op == "Shape" || is_quantised(&node.op)
    };
    let mut readers = order::readers(nodes, input, stays_whole);
    match readers.find(|node| !fits(node)) {
        None => Ok(()),
        Some(node) => Err(node.problem(format!(
            "computes with the whole numbers of input '{input}' before they are cast; export the float model"
        ))),
    }
}
