//! Receptive fields by looking: one pixel of the input changes at a time, and the units that change with it are those
//! that see it.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod common;

use common::networks::resampling;
use common::random::Random;
use common::{doubles, engine, model, networks, random_input, random_weights};
use deconvscope::engine::Recording;
use deconvscope::network::shape::Shape;
use deconvscope::network::{
    zoo, Anatomy, Axis, Builder, Coordinates, Filter, Nearest, Network, Op, Resampling, Window,
};
use std::collections::BTreeMap;
use tch::Tensor;

/// For each unit, [row, column], the pixels that it sees along both axes, from the first to behind the last.
type Seen = BTreeMap<[usize; 2], [[i64; 2]; 2]>;

/// What the units of each node see. Parameters are above zero and the pixel becomes by far the brightest, so that a
/// change reaches all that can see it, through maxima too.
fn seen(network: &Network) -> Vec<Seen> {
    let mut random = Random(1);
    let mut weights = random_weights(network, &mut random);
    for array in weights.values_mut() {
        array.data.iter_mut().for_each(|v| *v = v.abs() + 0.1);
    }
    let Shape { height, width, .. } = network.input;
    let pixels = (height * width) as i64;
    let image = random_input(network, 1, &mut random).abs();
    let brighter = Tensor::eye(pixels, (tch::Kind::Float, tch::Device::Cpu)) * 1e3;
    let size = [pixels, 1, height as i64, width as i64];
    let input = Tensor::cat(&[&image, &(&image + brighter.view(size))], 0);
    let nodes: Vec<usize> = (0..network.nodes.len()).collect();
    let recording = Recording {
        activations: nodes.clone(),
        rule: None,
        ..Recording::default()
    };
    let engine = engine(&model(network.clone(), weights));
    let trace = engine.forward(&input, &recording).unwrap();
    let outputs = nodes.iter().map(|node| &trace.activations[node]);
    outputs.map(|values| changed(values, width)).collect()
}

/// The first image of the batch is the plain one; the others have one pixel changed each, row by row.
fn changed(values: &Tensor, width: usize) -> Seen {
    let axes = values.size();
    let [images, rows, columns] = [axes[0] - 1, axes[2], axes[3]];
    let differs = values
        .narrow(0, 1, images)
        .ne_tensor(&values.narrow(0, 0, 1));
    let differs = doubles(&differs.any_dim(1, false).to_kind(tch::Kind::Float));
    let mut seen = Seen::new();
    for at in (0..differs.len()).filter(|&at| differs[at] > 0.0) {
        let unit = at % (rows * columns) as usize;
        let unit = [unit / columns as usize, unit % columns as usize];
        let pixel = at / (rows * columns) as usize;
        let pixel = [pixel / width, pixel % width].map(|at| at as i64);
        let field = seen.entry(unit).or_insert(pixel.map(|at| [at, at]));
        for (span, at) in field.iter_mut().zip(pixel) {
            *span = [span[0].min(at), span[1].max(at + 1)];
        }
    }
    seen
}

/// No unit sees more than its field, and it sees the field up to its edges but at the `loose` nodes: those whose fields
/// are the smallest rectangle for all units together, or reach into pixels that were cut off.
fn check(network: &Network, loose: &[&str]) {
    let input = network.input.axes();
    let seen = seen(network);
    let anatomy = Anatomy::of(network.clone()).unwrap();
    let shapes = anatomy.shapes();
    for (index, field) in anatomy.fields().iter().enumerate() {
        let name = &network.nodes[index].name;
        for unit in (0..shapes[index].height)
            .flat_map(|row| (0..shapes[index].width).map(move |column| [row, column]))
        {
            let told = [0, 1].map(|axis| {
                let (first, size) = field.of(unit[axis], axis);
                let within = |at: i64| at.clamp(0, input[axis + 1] as i64);
                [within(first), within(first + size)]
            });
            let place = format!("{} {name} {unit:?}: told {told:?}", network.name);
            let Some(seen) = seen[index].get(&unit) else {
                let empty = told.iter().any(|[first, end]| first == end);
                assert!(empty || loose.contains(&&**name), "{place}, sees nothing");
                continue;
            };
            for (told, seen) in told.iter().zip(seen) {
                assert!(
                    told[0] <= seen[0] && seen[1] <= told[1],
                    "{place}, sees {seen:?}"
                );
            }
            assert!(
                told == *seen || loose.contains(&&**name),
                "{place}, sees only {seen:?}"
            );
        }
    }
}

fn select(axis: Axis, indices: &[usize]) -> Op {
    Op::Select {
        axis,
        indices: indices.to_vec(),
    }
}

#[test]
fn windows_and_branches() {
    check(&zoo::find("tiny").unwrap().network(), &["probability"]);
}

/// Padded cells see nothing, cut ones move the others, slices at even distances spread them.
#[test]
fn padding_and_selection() {
    let mut net = Builder::of("moved", Shape::of([2, 13, 11]));
    let edges = [[0, 0], [1, 2], [3, 1]];
    let x = net.node("pad", Op::Pad { edges, value: 0.5 }, &[0]);
    let x = net.node("shuffle", select(Axis::Channels, &[1, 0, 1]), &[x]);
    let x = net.conv("conv1", x, 2, Window::square(3, 1, 1));
    let x = net.node("spread", select(Axis::Rows, &[1, 4, 7, 10]), &[x]);
    let x = net.node(
        "slice",
        select(Axis::Columns, &[2, 3, 4, 5, 6, 7, 8, 9]),
        &[x],
    );
    let x = net.max_pool("pool", x, Window::square(2, 2, 0), false);
    let y = net.node("one", select(Axis::Columns, &[2]), &[x]);
    let pad = |edges| Op::Pad { edges, value: 0.0 };
    net.node("crop", pad([[0, 1], [-1, 0], [0, 0]]), &[y]);
    net.node("cut", pad([[0, 0], [-1, 2], [-1, 1]]), &[x]);
    let y = net.node("mirror", select(Axis::Columns, &[2, 1, 0]), &[x]);
    let z = net.conv("conv2", y, 2, Window::square(2, 1, 0));
    let y = net.node("twice", select(Axis::Rows, &[0, 0, 1]), &[y]);
    net.node("turn", Op::Permute { order: [1, 0, 2] }, &[y]);
    net.node("flatten", Op::Flatten, &[z]);
    let loose = ["cut", "mirror", "conv2", "twice", "turn", "flatten"];
    check(&net.finish(), &loose);
}

/// A branch that sees all of the image, added to one that does not, sees all of it.
#[test]
fn a_shortcut_with_a_global_branch() {
    let mut net = Builder::of("global", Shape::of([2, 9, 8]));
    let x = net.conv("conv1", 0, 3, Window::square(3, 2, 1));
    let mean = net.node("mean", Op::GlobalAveragePool, &[x]);
    let mean = net.node("scale", Op::Scale { shape: [3, 1, 1] }, &[mean]);
    let gated = net.node("gated", Op::Multiply, &[x, mean]);
    let sum = net.node("sum", Op::Add, &[mean, x]);
    let x = net.node("stack", Op::Concat, &[gated, sum]);
    net.conv("conv2", x, 2, Window::square(3, 1, 1));
    let near = net.conv("near", 0, 2, Window::square(3, 1, 1));
    net.node("shortcut", Op::Add, &[near, 0]);
    check(&net.finish(), &[]);
}

/// Units repeated by broadcasting do not move with their place.
#[test]
fn a_shortcut_with_a_repeated_map() {
    let mut net = Builder::of("repeated", Shape::of([2, 7, 6]));
    let cell = Window {
        kernel: [7, 6],
        ..Window::square(1, 1, 0)
    };
    let row = Window {
        kernel: [7, 1],
        ..cell
    };
    let cell = net.conv("cell", 0, 2, cell);
    let row = net.conv("row", 0, 2, row);
    let x = net.conv("conv", 0, 2, Window::square(3, 1, 1));
    net.node("cell_added", Op::Add, &[x, cell]);
    net.node("row_added", Op::Add, &[row, x]);
    net.node("shift", Op::Shift { shape: [2, 7, 6] }, &[cell]);
    check(&net.finish(), &[]);
}

/// Units at other distances from each other have no field in common but the whole.
#[test]
fn branches_of_another_step() {
    let mut net = Builder::of("steps", Shape::of([1, 10, 8]));
    let pool = net.max_pool("pool", 0, Window::square(2, 2, 0), false);
    let edges = [[0, 0], [-2, -3], [-3, -1]];
    let crop = net.node("crop", Op::Pad { edges, value: 0.0 }, &[0]);
    net.node("sum", Op::Add, &[pool, crop]);
    check(&net.finish(), &["sum"]);
}

#[test]
fn any_ops_one_after_the_other() {
    for network in [networks::varied(), networks::gated()] {
        let all: Vec<&str> = network.nodes.iter().map(|node| &*node.name).collect();
        check(&network, &all);
    }
}

/// Neighbouring units lie less than a pixel apart, at the pixels themselves and above layers that made them few.
#[test]
fn resampled_maps() {
    let nearest = |rounding| Filter::Nearest { rounding };
    let (half, corners) = (Coordinates::HalfPixel, Coordinates::AlignCorners);
    let (floor, usual) = (nearest(Nearest::Floor), nearest(Nearest::PreferFloor));
    let both = |axes| Op::Resample { axes };
    let mut net = Builder::of("resampled", Shape::of([2, 8, 6]));
    let twice = [
        resampling([8, 16], half, usual),
        resampling([6, 12], half, usual),
    ];
    let x = net.node("twice", both(twice), &[0]);
    net.conv("conv1", x, 2, Window::square(3, 1, 1));
    net.conv("conv2", x, 2, Window::square(3, 2, 1));
    let linear = |from, to| resampling([from, to], half, Filter::Linear);
    let x = net.node("linear", both([linear(8, 16), linear(6, 18)]), &[0]);
    let x = net.conv("conv3", x, 2, Window::square(2, 1, 0));
    net.conv("conv4", x, 2, Window::square(3, 3, 1));
    let half_of_it = [linear(8, 4), linear(6, 3)];
    net.node("smaller", both(half_of_it), &[0]);
    let thinned = [
        resampling([8, 2], Coordinates::Asymmetric, floor),
        Resampling::none(6),
    ];
    net.node("thinned", both(thinned), &[0]);
    let aligned = [resampling([8, 15], corners, Filter::Linear), linear(6, 6)];
    net.node("aligned", both(aligned), &[0]);
    let cubic = Filter::Cubic { coefficient: -0.75 };
    net.node(
        "cubic",
        both([resampling([8, 16], half, cubic), linear(6, 7)]),
        &[0],
    );
    let odd = [
        linear(8, 11),
        resampling([6, 10], half, nearest(Nearest::PreferCeil)),
    ];
    net.node("odd", both(odd), &[0]);
    let x = net.conv("stem", 0, 2, Window::square(3, 2, 1));
    let above = [
        resampling([4, 8], half, usual),
        resampling([3, 6], half, usual),
    ];
    let up = net.node("above", both(above), &[x]);
    let x = net.conv("fine", 0, 2, Window::square(3, 1, 1));
    let x = net.node("skip", Op::Concat, &[up, x]);
    let x = net.conv("conv5", x, 2, Window::square(3, 1, 1));
    net.max_pool("pool", x, Window::square(2, 2, 0), false);
    // One rectangle for all units: where a factor is no whole number, and where the filter is wider than some need.
    let loose = ["odd", "cubic", "skip", "conv5", "pool", "above"];
    check(&net.finish(), &loose);
}

#[test]
fn transposed_convolutions() {
    let transposed = |kernel, stride, padding, left_over| Op::ConvTranspose {
        window: Window::square(kernel, stride, padding),
        left_over: [left_over; 2],
        channels: 2,
        groups: 1,
        bias: true,
    };
    let mut net = Builder::of("transposed", Shape::of([2, 5, 4]));
    net.node("same", transposed(3, 1, 1, 0), &[0]);
    let x = net.node("blocks", transposed(2, 2, 0, 0), &[0]);
    net.conv("conv1", x, 2, Window::square(3, 1, 1));
    let x = net.node("four", transposed(4, 2, 1, 0), &[0]);
    net.conv("conv2", x, 2, Window::square(2, 2, 0));
    net.node("left", transposed(3, 2, 1, 1), &[0]);
    net.node("gaps", transposed(1, 3, 0, 0), &[0]);
    let x = net.conv("stem", 0, 2, Window::square(3, 2, 1));
    net.node("above", transposed(2, 2, 0, 0), &[x]);
    // One rectangle for all units that one cell below gave; in the gaps they see nothing.
    check(&net.finish(), &["above", "gaps"]);
}

#[test]
fn ops_of_todays_networks() {
    let network = networks::today();
    let all: Vec<&str> = network.nodes.iter().map(|node| &*node.name).collect();
    check(&network, &all);
}
