//! A ConvNet as data: nodes in topological order, named stages, shapes and receptive fields. No tensor is computed
//! here.

mod anatomy;
mod builder;
pub mod checkpoint;
mod class_names;
pub mod classes;
mod convert;
mod curve;
mod description;
mod edit;
mod export;
mod extensions;
mod fold;
mod gates;
mod head;
mod hub;
mod layers;
mod little_endian;
pub mod model;
mod names;
pub mod onnx;
mod op;
mod origin;
pub mod passage;
mod preprocessing;
pub mod projective_field;
pub mod reach;
pub mod receptive_field;
mod resampling;
mod scores;
pub mod shape;
mod stages;
mod strided;
mod trainable;
pub mod weights;
mod window;
mod written;
pub mod zoo;

pub use anatomy::Anatomy;
pub use builder::Builder;
pub use convert::Whole;
pub use curve::Curve;
pub use description::{BatchNorm, Description};
pub use edit::{Edits, LayerEdit, Sides, Width};
pub use extensions::{Beyond, Extension};
pub use fold::fold_batch_norm;
pub use model::{Model, ModelSource};
pub use op::{Axis, Op, Pairing, Reduction};
pub use origin::{outline, TRAINED};
pub use preprocessing::{
    Changes, Channels, Interpolation, Levels, PerChannel, Preprocessing, Preset, Resize, Rounding,
    Size,
};
pub use resampling::{Coordinates, Filter, Nearest, Resampling, Tap};
pub use scores::Scores;
pub use trainable::Trainable;
pub use window::Window;

/// One step of the network's computation.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The checkpoint's own name: a torchvision state-dict key without its field.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// Indices of the nodes whose outputs it reads, all smaller than its own.
    pub inputs: Vec<usize>,
}

/// A layer that a report shows: an activation after its ReLU, before pooling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The name in tables and pages (`conv1`, `fire3`).
    pub name: String,
    /// Index of the node whose output it is.
    pub node: usize,
    /// Whether a report shows it without being asked.
    pub default: bool,
}

/// A ConvNet as plain data.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Its name in the zoo, or in its file.
    pub name: String,
    /// Its input: channels, rows and columns.
    pub input: shape::Shape,
    /// Nodes in topological order; the first is the input, the last the output.
    pub nodes: Vec<Node>,
    /// The named layers, from the input upwards.
    pub stages: Vec<Stage>,
    /// What its last node gives; `None` where those are no scores of classes.
    pub scores: Option<Scores>,
}

impl Network {
    /// For each node the last node that reads it; itself where none does.
    fn last_readers(&self) -> Vec<usize> {
        let mut last: Vec<usize> = (0..self.nodes.len()).collect();
        for (index, node) in self.nodes.iter().enumerate() {
            node.inputs.iter().for_each(|&input| last[input] = index);
        }
        last
    }

    /// Whether the last node gives scores of classes.
    pub fn has_classifier(&self) -> bool {
        self.scores.is_some()
    }

    /// The network up to its last default stage: what is left of it without a classifier.
    pub fn without_classifier(mut self) -> Self {
        let last = self.stages.iter().rfind(|stage| stage.default);
        if let Some(last) = last.map(|stage| stage.node) {
            self.nodes.truncate(last + 1);
            self.stages.retain(|stage| stage.node <= last);
            self.scores = None;
        }
        self
    }
}
