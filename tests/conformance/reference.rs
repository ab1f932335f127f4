//! The references of `make conformance`, and how a network's values are held against them.

use std::path::{Path, PathBuf};

use deconvscope::engine::{to_values, Engine, Recording, ReluRule, Seed, Trace};
use deconvscope::network::{Changes, Model, ModelSource, Op, Size};
use safetensors::SafeTensors;
use tch::{Device, Kind, Tensor};

use crate::common::rounding::Rounding;

/// Of a value's range: what another program's float32 may be off by from float64 on the network that was imported. The
/// rounding of some hundred layers is a tenth of it; a network that was imported wrongly is another network.
pub(crate) const BOUND: f64 = 1e-4;

/// The files in which one of torchvision's networks has the same weights.
pub(crate) const FORMS: [&str; 3] = ["model.onnx", "weights.pth", "weights.safetensors"];

/// The folder of one network; `None`, with a word about it, where the references have not been made.
pub(crate) fn folder(network: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("DECONVSCOPE_CONFORMANCE") else {
        eprintln!("skipped: DECONVSCOPE_CONFORMANCE is not set; run make conformance");
        return None;
    };
    let root = PathBuf::from(root);
    let folder = root.join(network);
    if !folder.is_dir() && root.join("drawn").is_file() {
        eprintln!("skipped: {network} is not among the networks drawn by lot");
        return None;
    }
    assert!(
        folder.is_dir(),
        "{} is missing: run make conformance",
        folder.display()
    );
    // The tests themselves run side by side.
    tch::set_num_threads(1);
    Some(folder)
}

/// The tensors of an `expected.safetensors`.
pub(crate) struct Expected(Vec<u8>);

impl Expected {
    pub(crate) fn read(folder: &Path) -> Self {
        Self(std::fs::read(folder.join("expected.safetensors")).unwrap())
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let tensors = SafeTensors::deserialize(&self.0).unwrap();
        tensors.names().into_iter().map(str::to_owned).collect()
    }

    pub(crate) fn values(&self, name: &str) -> Vec<f32> {
        let tensors = SafeTensors::deserialize(&self.0).unwrap();
        let tensor = tensors.tensor(name).unwrap();
        assert_eq!(tensor.dtype(), safetensors::Dtype::F32, "{name}");
        let (chunks, rest) = tensor.data().as_chunks();
        assert!(rest.is_empty());
        chunks.iter().copied().map(f32::from_le_bytes).collect()
    }

    /// The network's input for both photographs, `[2, 3, side, side]`.
    pub(crate) fn input(&self) -> Tensor {
        let values = self.values("input");
        let side = (values.len() / 6).isqrt() as i64;
        Tensor::from_slice(&values).view([2, 3, side, side])
    }
}

/// One of torchvision's networks from one of its files; where that names no network it is the zoo's of the folder's
/// name.
pub(crate) fn load(folder: &Path, form: &str) -> Model {
    let path = folder.join(form);
    let side = Expected::read(folder).input().size()[3];
    let preprocessing = Changes {
        crop: Some(Size::square(side as u32)),
        ..Changes::default()
    };
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (name, weights) = match form.ends_with(".onnx") {
        true => (text(&path), None),
        false => (text(Path::new(folder.file_name().unwrap())), Some(path)),
    };
    let source = ModelSource {
        name,
        weights,
        preprocessing,
        ..ModelSource::default()
    };
    Model::load(&source).unwrap_or_else(|error| panic!("{error}"))
}

/// Prints a line of the table: the figure, its bound, what was compared. False, with the line marked, where the figure is
/// not within its bound.
#[must_use]
pub(crate) fn holds(what: &str, figure: f64, bound: f64) -> bool {
    let holds = figure <= bound;
    let verdict = if holds { "" } else { " NOT HELD" };
    println!("{figure:7.1e} of {bound:.0e}  {what}{verdict}");
    holds
}

/// Whether another program's values are those of the network in float64, and ours round no worse; both are told. Sums of so many
/// `terms` are counted where the other adds up in another way; 0 where it is PyTorch, whose ways are ours.
#[must_use]
pub(crate) fn rounds_as(
    what: &str,
    ours: &[f64],
    theirs: &[f64],
    exact: &[f64],
    terms: usize,
) -> bool {
    let rounding = Rounding::of(ours, theirs, exact).of_sums(terms);
    let ends = exact
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
    assert!(ends.0 < ends.1, "nothing to compare with: all the same");
    let other = holds(what, rounding.theirs / (ends.1 - ends.0), BOUND);
    holds(
        &format!("{what}: ours off by {:.1e}, allowed", rounding.ours),
        rounding.part(),
        1.0,
    ) && other
}

/// The largest difference, relative to the range of what is expected.
pub(crate) fn of_range(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let (low, high) = range(expected);
    assert!(low < high, "nothing to compare with: all the same");
    largest_difference(found, expected) / (high - low)
}

pub(crate) fn range(values: &[f32]) -> (f64, f64) {
    let each = values.iter().copied().map(f64::from);
    each.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

/// Infinite where one of them is no number.
pub(crate) fn largest_difference(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let off = |(a, b): (&f32, &f32)| f64::from(*a) - f64::from(*b);
    found
        .iter()
        .zip(expected)
        .map(off)
        .fold(0.0, |most, off| match off.is_nan() {
            true => f64::INFINITY,
            false => most.max(off.abs()),
        })
}

/// Runs photographs through a network and keeps what these nodes give, and what a projection needs.
pub(crate) fn run(engine: &Engine, input: &Tensor, nodes: &[usize]) -> Trace {
    let recording = Recording {
        activations: nodes.to_vec(),
        rule: Some(ReluRule::Deconvnet),
        ..Recording::default()
    };
    engine.forward(input, &recording).unwrap()
}

/// The node whose output the last Softmax is given.
pub(crate) fn logits_node(model: &Model) -> usize {
    let mut nodes = model.network().nodes.iter();
    let last = nodes.next_back().unwrap();
    assert_eq!(last.op, Op::Softmax);
    last.inputs[0]
}

pub(crate) fn node(model: &Model, name: &str) -> usize {
    let mut nodes = model.network().nodes.iter();
    nodes.position(|node| node.name == name).unwrap()
}

pub(crate) fn values(trace: &Trace, node: usize) -> Vec<f32> {
    to_values(&trace.activations[&node].to_kind(Kind::Float)).unwrap()
}

/// A list of the references in float64.
pub(crate) fn in_double(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

/// The deconvnet's picture of one seed.
pub(crate) fn project(engine: &Engine, trace: &Trace, seed: Seed) -> Vec<f64> {
    let pixels = engine.project(trace, &[seed], ReluRule::Deconvnet);
    crate::common::doubles(&pixels.unwrap())
}

pub(crate) fn engine(model: &Model) -> Engine {
    Engine::new(model, Device::Cpu).unwrap()
}
