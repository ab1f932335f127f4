//! Small networks of the ops that the zoo's `tiny` does without.

use deconvscope::network::shape::Shape;
use deconvscope::network::{
    Axis, Builder, Coordinates, Curve, Filter, Nearest, Network, Op, Pairing, Reduction,
    Resampling, Window,
};

/// Other numbers along rows than along columns.
const UNLIKE: Window = Window {
    kernel: [3, 2],
    stride: [2, 1],
    padding: [1, 0],
    dilation: [1, 2],
};

fn transposed(channels: usize) -> Op {
    Op::ConvTranspose {
        window: UNLIKE,
        left_over: [1, 0],
        channels,
        groups: 2,
        bias: true,
    }
}

/// Every op that can be projected and is not in `tiny`, on an input that is neither square nor coloured.
pub(crate) fn varied() -> Network {
    let mut net = Builder::of("varied", Shape::of([2, 13, 10]));
    let pad = |edges, value| Op::Pad { edges, value };
    let scale = |shape| Op::Scale { shape };
    let shift = |shape| Op::Shift { shape };
    let select = |axis, indices: &[usize]| Op::Select {
        axis,
        indices: indices.to_vec(),
    };
    let x = net.node("pad", pad([[0, 0], [0, 1], [2, 1]], 0.5), &[0]);
    let x = net.grouped_conv("conv1", x, 6, UNLIKE, 2);
    let x = net.node("leaky1", Op::LeakyRelu { slope: 0.2 }, &[x]);
    net.stage("conv1", x);
    let x = net.node(
        "shuffle",
        select(Axis::Channels, &[0, 3, 1, 4, 2, 5, 0]),
        &[x],
    );
    let x = net.node("scale", scale([7, 1, 1]), &[x]);
    let x = net.node("shift", shift([1, 7, 11]), &[x]);
    let averages = Op::AveragePool {
        window: Window {
            kernel: [3, 2],
            stride: [2, 2],
            padding: [1, 1],
            dilation: [1; 2],
        },
        ceil: true,
        padding_counts: false,
    };
    let x = net.node("pool", averages, &[x]);
    let clip = Op::Clip { min: 0.0, max: 0.6 };
    let x = net.node("clip", clip, &[x]);
    let mean = net.node("mean", Op::GlobalAveragePool, &[x]);
    let wide = net.node("widen", scale([7, 1, 6]), &[mean]);
    let x = net.node("broadcast", Op::Add, &[wide, x, mean]);
    net.stage("broadcast", x);
    let x = net.node("mirror", select(Axis::Rows, &[1, 0, 1, 2, 3, 2]), &[x]);
    let x = net.node("spread", select(Axis::Columns, &[0, 2, 4]), &[x]);
    let x = net.node("crop", pad([[0, 0], [-1, 0], [1, -1]], -0.3), &[x]);
    let x = net.node("turn", Op::Permute { order: [2, 0, 1] }, &[x]);
    let shape = Shape::of([5, 7, 3]);
    let x = net.node("reshape", Op::Reshape { shape }, &[x]);
    let x = net.conv("conv2", x, 4, Window::square(2, 1, 1));
    let counted = Op::AveragePool {
        window: Window::square(3, 2, 1),
        ceil: true,
        padding_counts: true,
    };
    let x = net.node("pool2", counted, &[x]);
    let x = net.relu("relu2", x);
    net.stage("conv2", x);
    let x = net.node("flatten", Op::Flatten, &[x]);
    let x = net.linear("fc", x, 3);
    net.node("probability", Op::Softmax, &[x]);
    net.finish()
}

/// Saturating curves, gates made of them and a clipping that is no rectifier: nothing above the first and the last can be
/// projected.
pub(crate) fn gated() -> Network {
    let mut net = Builder::of("gated", Shape::of([3, 6, 5]));
    let x = net.conv("conv", 0, 4, Window::square(3, 1, 1));
    let curves = [
        ("sigmoid", Curve::Sigmoid),
        (
            "hard_sigmoid",
            Curve::HardSigmoid {
                slope: 0.3,
                offset: 0.4,
            },
        ),
        ("hard_swish", Curve::HardSwish),
        ("tanh", Curve::Tanh),
    ];
    let curves = curves.map(|(name, curve)| net.node(name, Op::Curve(curve), &[x]));
    let mean = net.node("gate_mean", Op::GlobalAveragePool, &[curves[0]]);
    let gated = net.node("gated", Op::Multiply, &[mean, x]);
    let share = net.node("share", Op::Divide, &[gated, mean]);
    let clip = net.node(
        "clip",
        Op::Clip {
            min: -0.5,
            max: 0.7,
        },
        &[x],
    );
    let all = [&curves[..], &[gated, share, clip]].concat();
    let x = net.node("stack", Op::Concat, &all);
    let x = net.conv("above", x, 3, Window::square(1, 1, 0));
    let x = net.node("average", Op::GlobalAveragePool, &[x]);
    net.node("probability", Op::Softmax, &[x]);
    net.finish()
}

/// What newer networks are made of and a projection goes through, one above the other: smooth rectifiers, gates,
/// normalisations by the image's own statistics, larger and smaller maps.
pub(crate) fn gates() -> Network {
    let mut net = Builder::of("gates", Shape::of([3, 9, 8]));
    let same = Window::square(3, 1, 1);
    let silu = |slope| Op::Curve(Curve::Silu { slope });
    let sigmoid = Op::Curve(Curve::Sigmoid);
    let x = net.conv("conv1", 0, 6, same);
    let x = net.node("silu", silu(1.0), &[x]);
    net.stage("silu", x);
    // Squeeze and excitation.
    let mean = net.node("mean", Op::GlobalAveragePool, &[x]);
    let squeeze = net.conv("squeeze", mean, 2, Window::square(1, 1, 0));
    let squeeze = net.node("swish", silu(1.7), &[squeeze]);
    let gate = net.conv("excite", squeeze, 6, Window::square(1, 1, 0));
    let gate = net.node("gate", sigmoid.clone(), &[gate]);
    let x = net.node("excited", Op::Multiply, &[x, gate]);
    net.stage("excited", x);
    // A block of a ConvNeXt.
    let y = net.grouped_conv("depth", x, 6, same, 6);
    // A layer of normalised values does not change with its input's strength: with a small epsilon its gradient is rounding.
    let y = net.node("layer_norm", Op::LayerNorm { epsilon: 0.5 }, &[y]);
    let y = net.conv("wide", y, 12, Window::square(1, 1, 0));
    let y = net.node("gelu", Op::Curve(Curve::Gelu { tanh: false }), &[y]);
    let y = net.conv("narrow", y, 6, Window::square(1, 1, 0));
    let y = net.node("gamma", Op::Scale { shape: [6, 1, 1] }, &[y]);
    let x = net.node("block", Op::Add, &[x, y]);
    net.stage("block", x);
    // A gated linear unit, the gate in front; a quotient by a map that is repeated over the channels.
    let half = |maps: std::ops::Range<usize>| Op::Select {
        axis: Axis::Channels,
        indices: maps.collect(),
    };
    let y = net.conv("doubled", x, 8, same);
    let gate = net.node("half", half(4..8), &[y]);
    let gate = net.node("gate_linear", sigmoid, &[gate]);
    let y = net.node("other_half", half(0..4), &[y]);
    let y = net.node("linear_unit", Op::Multiply, &[gate, y]);
    let below = net.conv("below", x, 1, same);
    let positive = Op::Clip { min: 0.5, max: 2.0 };
    let below = net.node("positive", positive, &[below]);
    let x = net.node("quotient", Op::Divide, &[y, below]);
    let norm = |groups| Op::GroupNorm {
        groups,
        epsilon: 0.5,
    };
    let x = net.node("group_norm", norm(2), &[x]);
    let x = net.conv("conv2", x, 6, Window::square(3, 2, 1));
    let x = net.node("prelu", Op::PRelu { shape: [6, 1, 1] }, &[x]);
    net.stage("prelu", x);
    let x = net.node("transposed", transposed(4), &[x]);
    let x = net.node("instance_norm", norm(4), &[x]);
    let nearest = Filter::Nearest {
        rounding: Nearest::PreferFloor,
    };
    let resample = Op::Resample {
        axes: [
            resampling([10, 7], Coordinates::HalfPixel, nearest),
            resampling([6, 9], Coordinates::AlignCorners, Filter::Linear),
        ],
    };
    let x = net.node("resampled", resample, &[x]);
    let elu = |alpha, scale, width| Curve::Elu {
        alpha,
        scale,
        width,
    };
    let rectifiers = [
        ("hard_swish", Curve::HardSwish),
        ("elu", elu(0.8, 1.0, 1.0)),
        ("selu", elu(1.67, 1.05, 1.0)),
        ("celu", elu(0.5, 1.0, 0.5)),
        ("softplus", Curve::Softplus),
        ("mish", Curve::Mish),
        ("gelu_tanh", Curve::Gelu { tanh: true }),
        ("threshold", Curve::Threshold { above: 0.05 }),
    ];
    let all = rectifiers.map(|(name, curve)| net.node(name, Op::Curve(curve), &[x]));
    let x = net.node("rectifiers", Op::Concat, &all);
    net.stage("rectifiers", x);
    let x = net.conv("conv3", x, 4, Window::square(2, 1, 0));
    let x = net.node("swish3", silu(0.8), &[x]);
    net.stage("swish3", x);
    let x = net.node("flatten", Op::Flatten, &[x]);
    let x = net.linear("fc", x, 3);
    net.node("probability", Op::Softmax, &[x]);
    net.finish()
}

/// An axis resampled to so many cells.
pub(crate) fn resampling(
    [from, to]: [usize; 2],
    coordinates: Coordinates,
    filter: Filter,
) -> Resampling {
    Resampling {
        length: to,
        scale: to as f64 / from as f64,
        coordinates,
        filter,
        ..Resampling::none(to)
    }
}

/// Every op that came with today's networks, one beside the other; saturating curves, steps of formulas and choices are walls.
pub(crate) fn today() -> Network {
    let mut net = Builder::of("today", Shape::of([3, 6, 5]));
    let x = net.conv("conv", 0, 4, Window::square(3, 1, 1));
    let elu = |alpha, scale, width| Curve::Elu {
        alpha,
        scale,
        width,
    };
    let curves = [
        ("elu", elu(0.8, 1.0, 1.0)),
        ("selu", elu(1.67, 1.05, 1.0)),
        ("celu", elu(0.5, 1.0, 0.5)),
        ("softplus", Curve::Softplus),
        ("softsign", Curve::Softsign),
        ("silu", Curve::Silu { slope: 1.0 }),
        ("swish", Curve::Silu { slope: 1.7 }),
        ("mish", Curve::Mish),
        ("gelu", Curve::Gelu { tanh: false }),
        ("gelu_tanh", Curve::Gelu { tanh: true }),
        ("threshold", Curve::Threshold { above: 0.3 }),
        ("abs", Curve::Abs),
        ("erf", Curve::Erf),
    ];
    let mut all: Vec<usize> = curves
        .into_iter()
        .map(|(name, curve)| net.node(name, Op::Curve(curve), &[x]))
        .collect();
    let threshold = all[10];
    let positive = Op::Clip { min: 0.5, max: 2.0 };
    let positive = net.node("positive", positive, &[x]);
    let power = Curve::Power { exponent: 1.5 };
    for (name, curve) in [
        ("sqrt", Curve::Sqrt),
        ("exp", Curve::Exp),
        ("log", Curve::Log),
        ("reciprocal", Curve::Reciprocal),
        ("power", power),
    ] {
        all.push(net.node(name, Op::Curve(curve), &[positive]));
    }
    all.push(net.node("prelu", Op::PRelu { shape: [4, 1, 1] }, &[x]));
    all.push(net.node("prelu_cells", Op::PRelu { shape: [4, 6, 5] }, &[x]));
    let mean = Op::ReduceChannels {
        by: Reduction::Mean,
    };
    let largest = Op::ReduceChannels {
        by: Reduction::Maximum,
    };
    let mean = net.node("mean", mean, &[x]);
    all.push(mean);
    all.push(net.node("largest", largest, &[x]));
    all.push(net.node("layer_norm", Op::LayerNorm { epsilon: 1e-3 }, &[x]));
    let norm = |groups| Op::GroupNorm {
        groups,
        epsilon: 1e-3,
    };
    all.push(net.node("group_norm", norm(2), &[x]));
    all.push(net.node("instance_norm", norm(4), &[x]));
    let constant = net.node("constant", Op::Constant { shape: [4, 6, 1] }, &[x]);
    for (name, by) in [
        ("maximum", Pairing::Maximum),
        ("minimum", Pairing::Minimum),
        ("greater", Pairing::Greater),
        ("greater_or_equal", Pairing::GreaterOrEqual),
    ] {
        all.push(net.node(name, Op::Pairwise { by }, &[x, constant]));
    }
    let by = Pairing::Equal;
    all.push(net.node("equal", Op::Pairwise { by }, &[x, threshold]));
    let by = Pairing::Power;
    all.push(net.node("powers", Op::Pairwise { by }, &[positive, mean]));
    let condition = all[all.len() - 3];
    all.push(net.node("choose", Op::Choose, &[condition, x, constant]));
    let larger = net.node("transposed", transposed(6), &[x]);
    let nearest = Filter::Nearest {
        rounding: Nearest::PreferFloor,
    };
    let corners = Coordinates::AlignCorners;
    let smaller = Op::Resample {
        axes: [
            resampling([12, 6], Coordinates::HalfPixel, nearest),
            resampling([7, 5], Coordinates::Asymmetric, nearest),
        ],
    };
    all.push(net.node("nearest", smaller, &[larger]));
    let linear = Op::Resample {
        axes: [
            resampling([6, 12], Coordinates::HalfPixel, Filter::Linear),
            resampling([5, 9], corners, Filter::Linear),
        ],
    };
    let linear = net.node("linear", linear, &[x]);
    let pool = Op::AveragePool {
        window: Window::square(2, 2, 0),
        ceil: true,
        padding_counts: false,
    };
    all.push(net.node("pool", pool, &[linear]));
    let x = net.node("stack", Op::Concat, &all);
    let x = net.conv("above", x, 3, Window::square(1, 1, 0));
    let x = net.node("average", Op::GlobalAveragePool, &[x]);
    net.node("probability", Op::Softmax, &[x]);
    net.finish()
}
